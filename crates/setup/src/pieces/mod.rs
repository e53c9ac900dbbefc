//! The pieces of a set-up, one file each. A new one is a file and a word in [`PIECES`].

mod buckets;
mod config;
mod databases;
pub(crate) mod eks;
mod eks_delivery;
mod evidence_key;
mod queue;
mod replication;
pub(crate) mod roles;
pub(crate) mod trail;
mod trail_log_group;

use crate::found::Seen;
use crate::plan::{Item, Plan, State};
use crate::site::Site;

/// A piece: what it is called, and what of a site it puts into a plan.
pub(crate) struct Piece {
    /// Its name in a plan.
    pub(crate) name: &'static str,
    /// Looks at a site, and adds its things.
    pub(crate) of: fn(&Site<'_>, &mut Plan),
}

/// The list, in the order in which things are made: what others need comes first.
#[rustfmt::skip] // one a line, so that a new one is one line
pub(crate) const PIECES: &[Piece] = &[
    evidence_key::PIECE,
    evidence_key::REPLICA,
    buckets::ACCESS_LOGS,
    buckets::EVIDENCE,
    buckets::CONFIG,
    buckets::REPLICA,
    trail::PIECE,
    queue::PIECE,
    config::RECORDER,
    config::RULES,
    eks::PIECE,
    databases::PIECE,
    roles::COLLECTOR,
    roles::AUDITOR,
    roles::BREAK_GLASS,
    replication::ROLE,
    replication::PIECE,
    trail_log_group::ROLE,
    trail_log_group::PIECE,
    eks_delivery::FIREHOSE,
    eks_delivery::LOGS,
    eks_delivery::PIECE,
    eks_delivery::SUBSCRIPTION,
];

/// Puts the things of all pieces into a plan.
pub(crate) fn all(site: &Site<'_>, plan: &mut Plan) {
    for piece in PIECES {
        (piece.of)(site, plan);
    }
}

/// Whether nothing of a thing is ours to change; then it says whose it is, once.
fn is_elsewhere(item: &mut Item, why: shoseki_messages::Message) -> bool {
    let is = item.state == State::Elsewhere;
    if is {
        item.cannot("owner", why);
    }
    is
}

/// What was answered; of what is not there yet, nothing.
fn seen<'a>(item: &Item, answer: Seen<'a>) -> Seen<'a> {
    match item.state {
        State::New => Seen::Absent,
        State::There | State::Elsewhere => answer,
    }
}
