//! Matches that somebody bears for a time: they are found and kept, and alert nobody.

use serde::{Deserialize, Serialize};
use shoseki_event::Day;

use crate::found::Match;

/// What is borne, by whom, why and until when. What is absent holds of every match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// Who: the whole name, or one with `*` at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// From where, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The stream, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// To what, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Who decided it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The first day on which it no longer holds, in UTC: `2027-03-31`.
    pub until: String,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Suppressions(pub Vec<Suppression>);

impl Suppressions {
    /// The first that holds of a match. It holds of events before its end.
    pub(crate) fn of(&self, one: &Match) -> Option<&Suppression> {
        self.0.iter().find(|known| {
            let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| agrees(wanted, has));
            known.rule == one.rule
                && is(&known.actor, &one.about.actor)
                && is(&known.address, &one.about.address)
                && is(&known.stream, &one.about.stream)
                && is(&known.resource, &one.about.resource)
                && Day::parse(&known.until).is_ok_and(|until| one.last < until.start())
        })
    }
}

fn agrees(wanted: &str, has: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => has.starts_with(beginning),
        None => wanted == has,
    }
}
