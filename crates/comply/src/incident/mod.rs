//! Incidents: a fold over sealed records, as findings are ([ADR 21](../../../../docs/adr/0021-findings-and-reviews.md)). What was
//! opened, said, contained, reported and closed is a record each; how an incident stands is worked out from them each time.
//!
//! What those did whom an incident is about is asked of the evidence, hop by hop ([`follow`]); which record is whose, and what came of
//! it, is decided without asking ([`Trail`], [`Scope`]). Nothing here runs anything.

mod deadline;
mod fold;
mod follow;
mod said;
mod scope;
mod seen;
mod subject;
mod trail;

pub use deadline::{Deadline, Duty, Form, deadline, nth_day, working_day_from_nth};
pub use fold::{Incident, Incidents, Owed, standing};
pub use follow::{Span, follow, scope};
pub use said::{
    ADDED, Add, CLOSED, CONTAINED, Close, Contain, MEASURED, Made, Measured, NOTED, Note, OPENED, Open, RECORDS,
    REPORTED, Said, Told,
};
pub use scope::{Line, Other, Scope, folder};
pub use seen::{Deed, Product, Relation, Seen};
pub use subject::{Kind, Subject};
pub use trail::{CANDIDATES, HOPS, IDENTITIES, Identity, Step, Trail};

#[cfg(test)]
mod tests;
