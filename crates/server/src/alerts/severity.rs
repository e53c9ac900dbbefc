//! How bad it is: of what happens to the doors and of schedules by a table, of findings by their checks, of matches by their rules.
//!
//! What ends something is as severe as what it ends: who hears that a gap opened hears that it was filled.

use serde::Deserialize;
use shoseki_messages::{Message, msg};

use crate::{Happening, schedule};

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
    ("fetch.missing", Severity::Critical),
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
    ("alert.failed", Severity::High),
    ("heartbeat.failed", Severity::High),
    ("heartbeat.withheld", Severity::High),
    ("heartbeat.recovered", Severity::High),
    ("access.damaged", Severity::Critical),
    ("syslog.lost", Severity::High),
    ("files.shortened", Severity::High),
    ("files.unreadable", Severity::Medium),
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

    fn of_action(action: &str) -> Self {
        match action {
            // Which finding or match it is, these say themselves.
            schedule::FINDING_OPENED | schedule::FINDING_CLOSED | schedule::FAILED | schedule::RECOVERED => Self::High,
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
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// As a word of each language.
    pub(super) fn word(self) -> Message {
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

    #[test]
    fn what_says_its_severity_itself_has_that_one() {
        let happening = || Happening::new(schedule::QUERY_OPENED, msg!("server-seal-recovered"));
        assert_eq!(Severity::of(&happening()), Severity::Medium);
        assert_eq!(Severity::of(&happening().with("severity", "critical")), Severity::Critical);
        assert_eq!(Severity::of(&happening().with("severity", "informational")), Severity::Info);
    }
}
