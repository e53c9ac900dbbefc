//! How bad it is: of what happens to the doors and of schedules by a table, of findings by their checks, of matches by their rules.
//!
//! What ends something is as severe as what it ends: who hears that a gap opened hears that it was filled.

use serde::Deserialize;
use shoseki_messages::{Message, msg};

use crate::{Happening, detecting, schedule};

/// How bad something is that happened, from the least.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is as it should be.
    Info,
    /// To be known.
    Low,
    /// To be looked at in the next days.
    Medium,
    /// To be looked at today: evidence may be missing, or nobody is told.
    High,
    /// At once: evidence is missing or damaged, or will be.
    Critical,
}

/// What happens to the doors and to the streams, each with how bad it is.
pub(super) const DOORS: &[(&str, Severity)] = &[
    ("gap.opened", Severity::High),
    ("gap.ended", Severity::High),
    ("gap.closed", Severity::High),
    ("gap.lost", Severity::High),
    ("records.conflict", Severity::High),
    ("fetch.missing", Severity::Critical),
    ("fetch.unusable", Severity::Medium),
    ("fetch.vanished", Severity::High),
    ("fetch.damaged", Severity::High),
    ("fetch.cut", Severity::Medium),
    ("fetch.failed", Severity::Medium),
    ("fetch.recovered", Severity::Medium),
    ("forward.failed", Severity::Medium),
    ("forward.recovered", Severity::Medium),
    ("forward.refused", Severity::Medium),
    ("forward.sent", Severity::Info),
    ("seal.failed", Severity::Critical),
    ("seal.recovered", Severity::Critical),
    ("wal.damaged", Severity::Critical),
    ("seal.warning", Severity::Medium),
    ("compact.failed", Severity::Medium),
    ("compact.done", Severity::Info),
    ("gaps.failed", Severity::High),
    ("gaps.recovered", Severity::High),
    ("disk.low", Severity::High),
    ("disk.recovered", Severity::High),
    ("alert.failed", Severity::High),
    ("heartbeat.failed", Severity::High),
    ("heartbeat.withheld", Severity::High),
    ("heartbeat.recovered", Severity::High),
    ("access.damaged", Severity::Critical),
    ("syslog.lost", Severity::High),
    ("files.shortened", Severity::High),
    ("files.unreadable", Severity::Medium),
    ("files.too-many", Severity::Medium),
    ("files.nothing", Severity::Low),
    ("files.start", Severity::Info),
    ("files.waiting", Severity::Medium),
    ("files.died", Severity::Critical),
    ("serve.start", Severity::Info),
    ("serve.stop", Severity::Info),
    ("serve.died", Severity::Critical),
    ("serve.refused", Severity::Low),
];

impl Severity {
    /// That of a happening: what it says itself, else that of its action.
    pub(crate) fn of(happening: &Happening) -> Self {
        let own = happening.details.get("severity").and_then(|name| Self::from_name(name));
        own.unwrap_or_else(|| Self::of_action(happening.action))
    }

    pub(super) fn of_action(action: &str) -> Self {
        match action {
            // Which finding or match it is, these say themselves.
            schedule::FINDING_OPENED | schedule::FINDING_CLOSED | schedule::FAILED | schedule::RECOVERED => Self::High,
            detecting::FAILED | detecting::RECOVERED | detecting::SKIPPED => Self::High,
            detecting::FOUND | detecting::UNASKED => Self::Medium,
            schedule::QUERY_OPENED | schedule::QUERY_CLOSED | schedule::UNSIGNED => Self::Medium,
            _ => DOORS.iter().find(|(name, _)| *name == action).map_or(Self::Info, |(_, severity)| *severity),
        }
    }

    /// That of a name: as it stands in JSON, or as rules of Sigma call their level.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "informational" => Some(Self::Info),
            _ => [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical]
                .into_iter()
                .find(|one| one.name() == name),
        }
    }

    /// Its name in JSON and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// As a word of each language.
    pub fn word(self) -> Message {
        match self {
            Self::Info => msg!("alert-severity-info"),
            Self::Low => msg!("alert-severity-low"),
            Self::Medium => msg!("alert-severity-medium"),
            Self::High => msg!("alert-severity-high"),
            Self::Critical => msg!("alert-severity-critical"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_something_is_as_severe_as_what_it_ends() {
        let ends = [("opened", "closed"), ("failed", "recovered")];
        let mut pairs = 0;
        for action in super::super::actions() {
            for (begun, ended) in ends.iter().filter(|(begun, _)| action.ends_with(begun)) {
                let other = action.replace(begun, ended);
                if super::super::actions().any(|known| known == other) {
                    assert_eq!(Severity::of_action(action), Severity::of_action(&other), "{action}");
                    pairs += 1;
                }
            }
        }
        assert!(pairs >= 7, "{pairs}");
    }

    /// Actions of the doors that stand in the source, outside of tests.
    fn emitted(folder: &std::path::Path, found: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What can be named, and what is usual, stands here: it is no proof that somebody says it.
                if path.file_name().is_some_and(|name| name != "alerts") {
                    emitted(&path, found);
                }
            } else if path.file_stem().is_some_and(|stem| stem != "tests") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                let literals = code.flat_map(|line| line.split('"').skip(1).step_by(2));
                let areas: Vec<&str> = DOORS.iter().filter_map(|(action, _)| action.split('.').next()).collect();
                let is_action = |text: &&str| {
                    text.split_once('.').is_some_and(|(area, what)| {
                        areas.contains(&area)
                            && !what.is_empty()
                            && what.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                    })
                };
                found.extend(literals.filter(is_action).map(str::to_owned));
            }
        }
    }

    #[test]
    fn all_that_is_told_has_a_name_by_which_it_can_be_asked_for() {
        // Shown, and told to nobody: the process ends, or what failed is tried again and counted.
        const UNTOLD: [&str; 2] = ["seal.left", "access.failed"];
        let mut found = std::collections::BTreeSet::new();
        emitted(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let known: std::collections::BTreeSet<String> =
            super::super::actions().chain(UNTOLD).map(str::to_owned).collect();
        let nameless: Vec<&String> = found.difference(&known).collect();
        assert!(nameless.is_empty(), "no `[[alert]] on` can name {nameless:?}");
        let of_doors = DOORS.iter().map(|(action, _)| *action).filter(|action| !found.contains(*action));
        assert_eq!(
            of_doors.collect::<Vec<_>>(),
            ["gap.opened", "gap.ended", "gap.closed", "gap.lost"],
            "the register of gaps has them"
        );
        assert!(found.contains("seal.warning") && found.contains("disk.low") && found.len() > 30, "{found:?}");
    }

    #[test]
    fn what_says_its_severity_itself_has_that_one() {
        let happening = || Happening::new(schedule::QUERY_OPENED, msg!("server-seal-recovered"));
        assert_eq!(Severity::of(&happening()), Severity::Medium);
        assert_eq!(Severity::of(&happening().with("severity", "critical")), Severity::Critical);
        assert_eq!(Severity::of(&happening().with("severity", "informational")), Severity::Info);
    }
}
