//! What is known of a file that was received, by its receipt or since it was read in this run.

use shoseki_segment::receipt::{Receipt, Step};

/// What is known of a file that was received.
#[derive(Clone, Debug)]
pub(in super::super) struct Received {
    /// How many events and unparsed pieces it holds.
    pub(super) events: u64,
    /// Whether it holds something, and no event.
    pub(super) is_unread: bool,
    /// Whether there is nothing in it but white space: not even a list that says that nothing happened.
    pub(super) is_blank: bool,
    /// Why it could not be read to its end, in English, as its receipt says.
    pub(super) damage: Option<String>,
}

impl Received {
    /// As its receipt says.
    pub(super) fn of(receipt: &Receipt) -> Self {
        let is_space = |step: &Step| matches!(step, Step::Text { text } if text.trim_ascii().is_empty());
        let is_blank = receipt.recipe.as_ref().is_some_and(|steps| steps.iter().all(is_space));
        Self::counted((receipt.events, receipt.unparsed), is_blank, receipt.damage.clone())
    }

    /// Of so many events and unparsed pieces.
    pub(super) fn counted((events, unparsed): (u64, u64), is_blank: bool, damage: Option<String>) -> Self {
        let all = events + unparsed;
        Self { events: all, is_unread: events == 0 && unparsed > 0, is_blank: all == 0 && is_blank, damage }
    }
}
