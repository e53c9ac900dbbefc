//! `SOURCE`: which events are read was settled before; here is said what is wrong with it, and what it does not find.

use shoseki_insights::Source;

use crate::plan::{Planned, Planner};
use crate::source::narrow;

pub(super) fn plan(planner: &mut Planner, command: &Source) -> Planned<()> {
    let (now, zone, ground) = (planner.now, planner.zone, planner.ground.clone());
    match narrow(&ground.asked.base, command, &ground.asked.streams, (now, zone)) {
        Ok(narrowed) => narrowed.hints.into_iter().for_each(|hint| planner.hint(hint)),
        Err((span, message)) => {
            let span = span.unwrap_or(planner.span());
            return Err(planner.note(span, message));
        }
    }
    Ok(())
}
