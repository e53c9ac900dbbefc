//! Records with the key of another and other bytes: one of the two was changed or made up, or its sender says two things of one event.
//! Both are kept. Each of the first is evidence of its own, and people are told once an hour for each source: who can send can make
//! any number of them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use shoseki_event::Timestamp;
use shoseki_messages::msg;
use shoseki_vault::ingest::{Conflict, Summary};

use crate::Happening;

/// The action of such a record.
pub(crate) const CONFLICT: &str = "records.conflict";
/// For how long people are told no more of a source.
const QUIET: i64 = 3_600 * 1_000_000;

/// When people were last told, by source.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    told: Mutex<BTreeMap<String, Timestamp>>,
}

impl Conflicts {
    /// What there is to keep of what was sealed, and of which people are told.
    pub(crate) fn of(&self, summary: &Summary, now: Timestamp) -> Vec<(Happening, bool)> {
        let all = summary.conflicting.iter().enumerate();
        let happenings = all.map(|(number, conflict)| {
            let happening = happening(conflict);
            // The first says how many there are: not all are named.
            let happening = if number == 0 { happening.with("count", summary.conflicts) } else { happening };
            (happening, self.is_due(&conflict.source, now))
        });
        happenings.collect()
    }

    fn is_due(&self, source: &str, now: Timestamp) -> bool {
        let Ok(mut told) = self.told.lock() else { return true };
        let is_due = told.get(source).is_none_or(|last| now.0.saturating_sub(last.0) >= QUIET);
        if is_due {
            told.insert(source.to_owned(), now);
        }
        is_due
    }
}

fn happening(conflict: &Conflict) -> Happening {
    let Conflict { source, key, time, place, other, .. } = conflict;
    let message = msg!(
        "conflict-found",
        source = source.as_str(),
        key = key.as_str(),
        place = place.as_str(),
        other = other.as_str()
    );
    let happening = Happening::failure(CONFLICT, message).mended_by(msg!("conflict-mend"));
    let happening = happening.with("source", source).with("key", key).with("of", time);
    happening.with("place", place).with("other", other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(sources: &[&str]) -> Summary {
        let conflict = |source: &&str| Conflict {
            file: "kubernetes-audit:prod:1".to_owned(),
            source: (*source).to_owned(),
            key: "4d1f/ResponseComplete".to_owned(),
            time: "2026-03-05T00:00:00Z".to_owned(),
            place: "kubernetes-audit:prod:2#0".to_owned(),
            other: "kubernetes-audit:prod:1#0".to_owned(),
        };
        Summary { conflicts: 70, conflicting: sources.iter().map(conflict).collect(), ..Summary::default() }
    }

    #[test]
    fn each_is_kept_and_people_are_told_once_an_hour_of_a_source() {
        let conflicts = Conflicts::default();
        let at = |minute: i64, sources: &[&str]| -> Vec<bool> {
            let all = conflicts.of(&summary(sources), Timestamp(minute * 60_000_000));
            assert!(all.iter().all(|(happening, _)| happening.details["other"] == "kubernetes-audit:prod:1#0"));
            assert_eq!(all.first().map(|(happening, _)| happening.details["count"].as_str()), Some("70"));
            all.into_iter().map(|(_, is_told)| is_told).collect()
        };
        assert_eq!(at(0, &["k8s-audit", "k8s-audit", "falco"]), [true, false, true]);
        assert_eq!(at(59, &["k8s-audit"]), [false]);
        assert_eq!(at(60, &["k8s-audit", "k8s-audit"]), [true, false]);
        assert!(conflicts.of(&Summary::default(), Timestamp(0)).is_empty());
    }
}
