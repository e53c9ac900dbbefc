//! What is new in an answer: rows that were not there the last time, by the columns that name them, or that there are none any more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

use super::history::{History, QUERY_CLOSED, QUERY_OPENED};
use super::{News, Ran, Run};
use crate::Happening;
use crate::config::{QueryJob, Telling};

/// How many rows are told apart. An answer of more is no alert, and that is said.
const MOST: usize = 1_000;
/// How many new rows are shown to people.
const SHOWN: usize = 5;
/// How many letters of one.
const LONGEST: usize = 300;
/// What names a record, and changes when it is sealed: it tells no row from another.
const NAMES: [&str; 2] = ["@ptr", "record"];

/// What is new in the answer of a run.
pub(super) fn news(run: &Run<'_>, job: &QueryJob, ran: &Ran, history: &History) -> Result<News> {
    let name = run.schedule.name.as_str();
    let empty = Vec::new();
    let rows = ran.report.as_array().unwrap_or(&empty);
    let mut news = News { verdict: if rows.is_empty() { "no_rows" } else { "rows" }.to_owned(), ..News::default() };
    news.details.push(("rows", rows.len().to_string()));
    let was = history.is_matched(name);
    match job.alert {
        Telling::None => {}
        Telling::NoRows => {
            let is = rows.is_empty();
            news.details.push(("matched", is.to_string()));
            if is && !was {
                news.tell.push(opened(
                    run,
                    ran,
                    Happening::failure(QUERY_OPENED, msg!("schedule-query-empty", name = name)),
                ));
            }
            if was && !is {
                news.tell.push(closed(run, msg!("schedule-query-filled", name = name)));
            }
        }
        Telling::Rows => {
            let now = hashes(rows, &job.key.0)?;
            let none = BTreeSet::new();
            let known = history.rows(name).unwrap_or(&none);
            let new: Vec<&Value> = now.iter().filter(|(hash, _)| !known.contains(*hash)).map(|(_, row)| *row).collect();
            news.details.push(("matched", (!now.is_empty()).to_string()));
            if now.len() != known.len() || !new.is_empty() {
                let all: Vec<&str> = now.keys().map(String::as_str).collect();
                news.details.push(("known", all.join(" ")));
            }
            if !new.is_empty() {
                let (count, all) = (new.len(), rows.len());
                let message = msg!("schedule-query-matched", name = name, count = count, all = all);
                let mut happening = opened(run, ran, Happening::failure(QUERY_OPENED, message)).with("new", count);
                happening.beside.extend(new.iter().take(SHOWN).map(|row| msg!("schedule-query-row", row = shown(row))));
                if count > SHOWN {
                    happening.beside.push(msg!("schedule-query-more", count = count - SHOWN));
                }
                if now.len() >= MOST {
                    happening.beside.push(msg!("schedule-query-many", most = MOST));
                }
                news.tell.push(happening);
            }
            if was && now.is_empty() {
                news.tell.push(closed(run, msg!("schedule-query-over", name = name)));
            }
        }
    }
    Ok(news)
}

fn opened(run: &Run<'_>, ran: &Ran, happening: Happening) -> Happening {
    run.named(happening)
        .with("command", ran.command.as_str())
        .mended_by(msg!("schedule-query-look", command = ran.command.as_str()))
}

fn closed(run: &Run<'_>, message: shoseki_messages::Message) -> Happening {
    run.named(Happening::new(QUERY_CLOSED, message))
}

/// The rows, each by the hash of what names it.
fn hashes<'a>(rows: &'a [Value], key: &[String]) -> Result<BTreeMap<String, &'a Value>> {
    let mut all = BTreeMap::new();
    for row in rows {
        let named: Vec<(&str, &Value)> = match (row.as_object(), key.is_empty()) {
            (Some(row), true) => {
                let columns = row.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
                columns.map(|(name, value)| (name.as_str(), value)).collect()
            }
            (Some(row), false) => {
                let column = |name: &String| {
                    let missing = || Fault::caller(msg!("schedule-query-key", column = name));
                    row.get_key_value(name).map(|(name, value)| (name.as_str(), value)).ok_or_else(missing)
                };
                key.iter().map(column).collect::<Result<_>>()?
            }
            (None, _) => Vec::new(),
        };
        let hash = Sha256::digest(serde_json::to_vec(&named).unwrap_or_default());
        all.entry(hex::encode(&hash[..8])).or_insert(row);
    }
    // By their hashes, and not by where they stand: the same ones the next time.
    Ok(all.into_iter().take(MOST).collect())
}

/// A row as people read it in a line.
fn shown(row: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let columns = row.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let all = columns.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(", ");
    let all = all.replace(char::is_control, " ");
    match all.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", all.get(..at).unwrap_or_default()),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(rows: &[Value], key: &[&str]) -> Vec<String> {
        let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
        hashes(rows, &key).map_or_else(|fault| vec![fault.id().to_owned()], |all| all.into_keys().collect())
    }

    #[test]
    fn a_row_is_known_by_its_columns_and_not_by_where_it_lies() {
        let row = |user: &str, n: u32, place: &str| json!({"user": user, "n": n, "@ptr": place});
        let (before, after) = ([row("a", 1, "0:1")], [row("a", 1, "seg:7")]);
        assert_eq!(keys(&before, &[]), keys(&after, &[]));
        assert_ne!(keys(&before, &[]), keys(&[row("a", 2, "0:1")], &[]));
        assert_eq!(keys(&before, &["user"]), keys(&[row("a", 2, "0:1")], &["user"]));
        assert_ne!(keys(&before, &["user"]), keys(&[row("b", 1, "0:1")], &["user"]));
        assert_eq!(keys(&before, &["usr"]), ["schedule-query-key"]);
        assert_eq!(keys(&[before, after].concat(), &[]).len(), 1);
        let many: Vec<Value> = (0..2 * MOST).map(|n| json!({"n": n})).collect();
        let turned: Vec<Value> = many.iter().rev().cloned().collect();
        assert_eq!((keys(&many, &[]).len(), keys(&many, &[])), (MOST, keys(&turned, &[])));
    }

    #[test]
    fn a_row_is_a_line() {
        assert_eq!(shown(&json!({"user": "ai\nko", "n": 3, "x": null})), "n=3, user=ai ko");
        assert_eq!(shown(&json!({"a": "é".repeat(400)})).chars().count(), LONGEST + 1);
    }
}
