//! Incidents: a fold over sealed records, as findings are ([ADR 21](../../../../docs/adr/0021-findings-and-reviews.md)). What was
//! opened, said, contained, reported and closed is a record each; how an incident stands is worked out from them each time.
//!
//! It reads no evidence and runs nothing: what a subject did is asked elsewhere.

mod deadline;
mod fold;
mod said;
mod subject;

pub use deadline::{Deadline, Duty, Form, deadline, nth_day};
pub use fold::{Incident, Incidents, Owed, standing};
pub use said::{
    ADDED, Add, CLOSED, CONTAINED, Close, Contain, MEASURED, Made, Measured, NOTED, Note, OPENED, Open, RECORDS,
    REPORTED, Said, Told,
};
pub use subject::{Kind, Subject};

#[cfg(test)]
mod tests;
