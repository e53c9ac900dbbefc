//! What ends a gap beside events that come: a file that was missing and is here, and a person who says why and what was done.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::Engine;

use super::read::{rows, texts, times};
use super::{Gap, Kind, State};

/// The action of a person who settles a gap.
pub const SETTLED: &str = "gap.settle";

/// The receipts of files: what was received, and when for the last time.
const RECEIVED: &str = "select origin, max(received) as received from events where kind = 'receipt' group by 1";

/// What a person said of a gap: it stays one, and nothing more is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// When it was said.
    pub at: Timestamp,
    /// Who said it, as the machine knows the person.
    pub by: Option<String>,
    /// Why events are missing.
    pub cause: String,
    /// What was done about it, so that it does not come again.
    pub answer: Option<String>,
}

/// Which gap it was said of: the stream, its beginning, and its end where it had one.
pub(super) type Said = (String, Timestamp, Option<Timestamp>, Settled);

/// Applies what was said. A gap that became shorter since, at either end, is the same gap.
pub(super) fn settle(gaps: &mut [Gap], said: &[Said]) {
    for gap in gaps.iter_mut().filter(|gap| gap.state != State::Closed) {
        let is_of = |(stream, from, to, _): &&Said| {
            let is_within = to.is_some_and(|to| gap.from >= *from && gap.to.is_some_and(|end| end <= to));
            *stream == gap.stream && (gap.from == *from || is_within)
        };
        if let Some((.., settled)) = said.iter().rev().find(is_of) {
            gap.state = State::Settled;
            gap.closed = Some(settled.at);
            gap.settled = Some(settled.clone());
        }
    }
}

/// Closes gaps of files that were received since.
///
/// # Errors
/// What the question says.
pub(super) async fn found(engine: &Engine, gaps: &mut [Gap]) -> Result<()> {
    if gaps.iter().all(|gap| gap.kind != Kind::Missing) {
        return Ok(());
    }
    let mut received: BTreeMap<String, Timestamp> = BTreeMap::new();
    for batch in rows(engine, RECEIVED).await? {
        let (origins, at) = (texts(&batch, 0)?, times(&batch, 1)?);
        for row in 0..batch.num_rows() {
            received.insert(origins.value(row).to_owned(), Timestamp(at.value(row)));
        }
    }
    for gap in gaps.iter_mut().filter(|gap| gap.kind == Kind::Missing) {
        let at = gap.detail.as_ref().and_then(|file| received.get(file)).filter(|at| **at >= gap.from);
        if let Some(at) = at {
            gap.state = State::Closed;
            gap.closed = Some(*at);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{silent, time};
    use super::*;

    fn said(stream: &str, from: i64, to: Option<i64>) -> Said {
        let settled = Settled { at: time(900), by: Some("aiko".to_owned()), cause: "a move".to_owned(), answer: None };
        (stream.to_owned(), time(from), to.map(time), settled)
    }

    fn states(said: &[Said]) -> Vec<State> {
        let mut gaps = vec![
            silent("a", (10, 20), 5, false),
            silent("a", (30, 40), 5, false),
            silent("b", (10, 20), 5, false),
            Gap { to: None, state: State::Ongoing, ..silent("c", (50, 60), 5, false) },
        ];
        settle(&mut gaps, said);
        gaps.iter().map(|gap| gap.state).collect()
    }

    #[test]
    fn what_is_said_holds_for_that_gap_alone() {
        let (open, settled) = (State::Open, State::Settled);
        assert_eq!(states(&[]), [open, open, open, State::Ongoing]);
        assert_eq!(states(&[said("a", 10, Some(20))]), [settled, open, open, State::Ongoing]);
        assert_eq!(states(&[said("a", 8, Some(22))]), [settled, open, open, State::Ongoing], "it became shorter");
        assert_eq!(
            states(&[said("a", 8, Some(15))]),
            [open, open, open, State::Ongoing],
            "it is longer than what was said"
        );
        assert_eq!(states(&[said("c", 50, None)]), [open, open, open, settled]);
    }
}
