//! Who could not be told of what. It counts as not told to him, and is told to him at the next run, where it is still so; those who heard
//! it do not hear it again.
//!
//! ```text
//! {"action":"alert.failed", …, "details":{"name":"ops","of":"finding.opened","told":"…","findings":"F-…", …}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;

use super::history::{DIGEST, FAILED, FINDING_CLOSED, FINDING_OPENED, QUERY_CLOSED, QUERY_OPENED, RECOVERED, UNSIGNED};
use crate::alerts::wants;
use crate::config::Alert;
use crate::own::ALERT_FAILED;

/// Who could not be told of what. It depends on the records alone, and not on the order in which they are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Untold {
    /// Of what was to be told, who could not be told, and when it was tried last.
    failed: BTreeMap<String, BTreeMap<String, Timestamp>>,
    /// Of the same, when it was told last: to somebody alone, or to all.
    told: BTreeMap<String, BTreeMap<Option<String>, Timestamp>>,
    /// Who is there to be told, and wants to know: by what is told.
    wanting: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Untold {
    /// Those who are there to be told.
    pub(super) fn people(&mut self, alerts: &[Alert]) {
        let of = |action: &'static str| {
            let names = alerts.iter().filter(|alert| wants(alert, action)).map(|alert| alert.name.clone());
            (action, names.collect())
        };
        self.wanting = super::ACTIONS.into_iter().map(of).collect();
    }

    /// Takes a record.
    pub(super) fn take<'a>(&mut self, action: &str, at: Timestamp, detail: &dyn Fn(&str) -> Option<&'a str>) {
        if action == ALERT_FAILED {
            let (Some(name), Some(of)) = (detail("name"), detail("of")) else { return };
            for key in keys(of, detail) {
                latest(self.failed.entry(key).or_default(), name.to_owned(), at);
            }
            return;
        }
        let to: Vec<&str> = detail("told_to").unwrap_or_default().split(' ').filter(|name| !name.is_empty()).collect();
        // That a run failed once more is kept, and told to nobody.
        if to.is_empty() && (detail("again").is_some() || detail("new_rows").is_some()) {
            return;
        }
        for key in keys(action, detail) {
            let told = self.told.entry(key).or_default();
            match to.is_empty() {
                true => latest(told, None, at),
                false => to.iter().for_each(|name| latest(told, Some((*name).to_owned()), at)),
            }
        }
    }

    /// Who is to be told once more of what is named so.
    pub(super) fn of(&self, action: &str, name: &str) -> BTreeSet<String> {
        let key = format!("{action} {name}");
        let (Some(failed), Some(wanting)) = (self.failed.get(&key), self.wanting.get(action)) else {
            return BTreeSet::new();
        };
        let told = self.told.get(&key);
        let is_told = |name: &str, failed: Timestamp| {
            let at = |whom: &Option<String>| told.and_then(|told| told.get(whom)).is_some_and(|told| *told > failed);
            at(&None) || at(&Some(name.to_owned()))
        };
        let untold = failed.iter().filter(|(name, failed)| wanting.contains(*name) && !is_told(name, **failed));
        untold.map(|(name, _)| name.clone()).collect()
    }
}

fn latest<K: Ord>(all: &mut BTreeMap<K, Timestamp>, name: K, at: Timestamp) {
    let known = all.entry(name).or_insert(at);
    *known = (*known).max(at);
}

/// What is told by a happening, each by its name.
fn keys<'a>(action: &str, detail: &dyn Fn(&str) -> Option<&'a str>) -> Vec<String> {
    let schedule = detail("schedule").unwrap_or_default();
    let each = |name: &str| detail(name).unwrap_or_default().split(' ').filter(|one| !one.is_empty());
    let all: Vec<String> = match action {
        FINDING_OPENED | FINDING_CLOSED => each("findings").map(str::to_owned).collect(),
        QUERY_OPENED if detail("new_rows").is_some() => {
            each("new_rows").map(|row| format!("{schedule} {row}")).collect()
        }
        QUERY_OPENED | QUERY_CLOSED | FAILED | RECOVERED => vec![schedule.to_owned()],
        DIGEST | UNSIGNED => each("day").map(|day| format!("{schedule} {day}")).collect(),
        _ => Vec::new(),
    };
    all.into_iter().map(|one| format!("{action} {one}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp(1_772_668_800_000_000 + second * 1_000_000)
    }

    type Record<'a> = (i64, &'a str, &'a [(&'a str, &'a str)]);

    /// Who is to be told of a finding and of a row, whichever record is read first.
    fn untold(records: &[Record<'_>]) -> [String; 2] {
        let alert =
            |name: &str| toml::from_str::<Alert>(&format!("name = \"{name}\"\nwebhook = \"https://a\"")).unwrap();
        let people = [alert("a"), alert("b")];
        let of = |records: &mut dyn Iterator<Item = &Record<'_>>| {
            let mut untold = Untold::default();
            untold.people(&people);
            for (second, action, details) in records {
                let details: BTreeMap<&str, &str> = details.iter().copied().collect();
                untold.take(action, at(*second), &|name| details.get(name).copied());
            }
            [(FINDING_OPENED, "F-A"), (QUERY_OPENED, "s r1")]
                .map(|(action, name)| untold.of(action, name).into_iter().collect::<Vec<_>>().join(" "))
        };
        let forth = of(&mut records.iter());
        assert_eq!(forth, of(&mut records.iter().rev()));
        forth
    }

    #[test]
    fn who_could_not_be_told_is_told_until_he_was() {
        let opened = |second| (second, FINDING_OPENED, &[("findings", "F-A F-B")][..]);
        let failed = |second, name: &'static [(&'static str, &'static str)]| (second, ALERT_FAILED, name);
        let (to_a, to_gone) = (
            &[("name", "a"), ("of", FINDING_OPENED), ("findings", "F-A F-B")],
            &[("name", "gone"), ("of", FINDING_OPENED), ("findings", "F-A")],
        );
        assert_eq!(untold(&[opened(1)])[0], "");
        assert_eq!(untold(&[opened(1), failed(1, to_a), failed(1, to_gone)])[0], "a", "who is gone is told of nothing");
        let again = (5, FINDING_OPENED, &[("findings", "F-A"), ("told_to", "a")][..]);
        assert_eq!(untold(&[opened(1), failed(1, to_a), again])[0], "", "he was told, or is being told");
        assert_eq!(untold(&[opened(1), failed(1, to_a), again, failed(5, to_a)])[0], "a");
        assert_eq!(untold(&[opened(1), failed(1, to_a), opened(9)])[0], "", "it opened anew, and all were told");
    }

    #[test]
    fn a_row_is_told_again_by_its_name() {
        let opened = (1, QUERY_OPENED, &[("schedule", "s"), ("new_rows", "r1 r2")][..]);
        let failed =
            (1, ALERT_FAILED, &[("name", "b"), ("of", QUERY_OPENED), ("schedule", "s"), ("new_rows", "r1 r2")][..]);
        let other = (2, QUERY_OPENED, &[("schedule", "s"), ("new_rows", "r3")][..]);
        let again = (3, QUERY_OPENED, &[("schedule", "s"), ("new_rows", "r1 r2"), ("told_to", "b")][..]);
        assert_eq!(untold(&[opened, failed, other])[1], "b");
        assert_eq!(untold(&[opened, failed, other, again])[1], "");
    }
}
