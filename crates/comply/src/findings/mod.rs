//! Findings through time: what runs of checks found, what somebody from outside found, and what people said of it.
//!
//! Nothing is kept but the records: how a finding stands is a fold over them, made anew each time it is asked. `check` seals what it
//! found (`said.rs`), people accept, explain and resolve, and the fold (`fold.rs`) says what follows.

mod case;
mod fold;
mod id;
mod register;
mod run;
mod said;

pub use case::{Case, Happened, Moment, Nature, Origin, Overdue, Resolution, State, Taken, days_allowed};
pub use id::{Id, typed};
pub use register::Register;
pub use run::{About, Known, Stated, state};
pub(crate) use said::stamp_or_none;
pub use said::{
    ACCEPTED, ADDED, Accept, Added, Both, CAUSE, Cause, Due, JudgedCheck, Looking, MEASURE, Measure, NOTED, Note,
    RECORDS, RESOLVED, RUN, Resolve, Run, SEEN, Said, Seen, Teller, Told, by, stamp,
};

#[cfg(test)]
mod tests;
