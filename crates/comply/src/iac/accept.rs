//! Exceptions in code: a comment that accepts what a check found, with its end and its reason.
//!
//! ```text
//! # shoseki:accept cloudtrail_trail_is_multi_region until=2027-03-31 reason="one region is all that we use"
//! ```
//!
//! It stands within the block that it is about, or in the lines right above it.

use chrono::NaiveDate;
use shoseki_messages::{Message, msg};

use crate::checks;

/// What begins such a comment.
pub(super) const MARK: &str = "shoseki:accept";
/// How many exceptions of one file are looked at.
const MOST: usize = 1_000;
/// How far an end may lie ahead, in days: what never ends is no exception.
const FARTHEST: i64 = 366 * 2;

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The check whose finding is accepted.
    pub check: String,
    /// The last day on which it is.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub line: u32,
}

/// The exceptions of a file, and those that are none, each with its line.
pub(super) fn read(text: &str, today: NaiveDate) -> (Vec<Accepted>, Vec<(u32, Message)>) {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let comments = ["#", "//"].iter().filter_map(|mark| line.split_once(mark));
        let said = comments.map(|(_, comment)| comment.trim_start()).find_map(|comment| comment.strip_prefix(MARK));
        if said.is_some() && all.len() + wrong.len() >= MOST {
            wrong.push((number, msg!("iac-accept-many", most = MOST)));
            break;
        }
        match said.map(|said| one(said, number, today)) {
            Some(Ok(accepted)) => all.push(accepted),
            Some(Err(what)) => wrong.push((number, what)),
            None => (),
        }
    }
    (all, wrong)
}

fn one(said: &str, line: u32, today: NaiveDate) -> Result<Accepted, Message> {
    let check = said.split_whitespace().next().unwrap_or_default();
    if checks::find(check, &[]).is_none_or(|check| !check.is_of_settings()) {
        return Err(msg!("iac-accept-check", check = check));
    }
    let value = |name: &str| said.split_once(name).map(|(_, rest)| rest);
    let until = value(" until=").and_then(|rest| rest.split_whitespace().next());
    let until = until.ok_or_else(|| msg!("iac-accept-until"))?;
    let until = until.parse::<NaiveDate>().map_err(|_| msg!("iac-accept-day", until = until))?;
    let reason = value(" reason=\"").and_then(|rest| rest.split('"').next()).map(str::trim).unwrap_or_default();
    if reason.is_empty() {
        return Err(msg!("iac-accept-reason"));
    }
    if until < today {
        return Err(msg!("iac-accept-ended", check = check, until = until.to_string()));
    }
    if (until - today).num_days() > FARTHEST {
        return Err(msg!("iac-accept-far", until = until.to_string()));
    }
    Ok(Accepted { check: check.to_owned(), until, reason: reason.to_owned(), line })
}

/// The blocks of a file, and where its comments end.
pub(super) struct Places {
    /// By their first lines.
    blocks: Vec<(u32, u32)>,
    /// Of each line, the next that is no comment, itself included.
    below: Vec<u32>,
}

/// How far out of blocks is looked: blocks of a template reach up to the next, those of Terraform do not lie in each other.
const OUTWARDS: usize = 16;

impl Places {
    /// The places of a text.
    pub(super) fn of(blocks: &[(u32, u32)], text: &str) -> Self {
        let mut blocks = blocks.to_vec();
        blocks.sort_unstable();
        blocks.dedup();
        let is_comment = |line: &str| line.trim_start().starts_with('#') || line.trim_start().starts_with("//");
        let comments: Vec<bool> = text.lines().map(is_comment).collect();
        let mut below = Vec::with_capacity(comments.len());
        let mut next = u32::try_from(comments.len() + 1).unwrap_or(u32::MAX);
        for (at, is_comment) in comments.iter().enumerate().rev() {
            if !is_comment {
                next = u32::try_from(at + 1).unwrap_or(u32::MAX);
            }
            below.push(next);
        }
        below.reverse();
        Self { blocks, below }
    }

    /// The first line of the block that an exception is about: the innermost that it stands in, or that begins right below it.
    pub(super) fn block_of(&self, line: u32) -> Option<u32> {
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        let below = self.below.get(at).copied().filter(|below| *below != line);
        // Of templates, a block reaches up to the next: a comment right above that is the next one's.
        let is_it = |below: &u32| self.blocks.binary_search_by_key(below, |(first, _)| *first).is_ok();
        let behind = self.blocks.partition_point(|(first, _)| *first <= line);
        let before = self.blocks.get(..behind).unwrap_or_default().iter().rev().take(OUTWARDS);
        let within = before.copied().find(|(first, last)| (*first..=*last).contains(&line)).map(|(first, _)| first);
        below.filter(is_it).or(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn an_exception_has_a_check_an_end_and_a_reason() {
        let read = |line: &str| {
            let (all, wrong) = read(line, day("2026-06-01"));
            all.first()
                .map(|one| format!("{} {} {}", one.check, one.until, one.reason))
                .ok_or_else(|| wrong.first().map(|(_, what)| what.id()))
        };
        let good = "  # shoseki:accept kms_key_rotates until=2026-06-01 reason=\"the vendor's key\"";
        assert_eq!(read(good), Ok("kms_key_rotates 2026-06-01 the vendor's key".to_owned()));
        assert_eq!(read(&good.replace('#', "//")), read(good));
        for (from, to, id) in [
            ("2026-06-01", "2026-05-31", "iac-accept-ended"),
            ("2026-06-01", "2036-05-31", "iac-accept-far"),
            ("until=2026-06-01 ", "", "iac-accept-until"),
            ("2026-06-01", "2026-13-31", "iac-accept-day"),
            ("the vendor's key", " ", "iac-accept-reason"),
            ("kms_key_rotates", "kms_key_rotate", "iac-accept-check"),
            ("kms_key_rotates", "evidence_is_parsed", "iac-accept-check"),
        ] {
            assert_eq!(read(&good.replace(from, to)), Err(Some(id)), "{to}");
        }
        assert_eq!(read("shoseki:accept kms_key_rotates"), Err(None), "no comment");
    }

    #[test]
    fn it_is_about_the_block_around_it_or_below_it() {
        let text = ["a {", "  # x", "}", "", "# y", "// z", "b {", "}", "# w"];
        let blocks = [(1, 3), (7, 8)];
        let places = Places::of(&blocks, &text.join("\n"));
        let of = |line| places.block_of(line);
        assert_eq!([of(2), of(5), of(6), of(9)], [Some(1), Some(7), Some(7), None]);
        // Where blocks touch, what stands right above the second is the second's.
        assert_eq!(Places::of(&[(1, 6), (7, 8)], &text.join("\n")).block_of(5), Some(7));
    }
}
