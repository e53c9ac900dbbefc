//! The items of AWS Config in a vault, as of a moment, by a question that anybody can ask.

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Engine, Failure, Options};

use super::Newest;
use crate::checks::Rows;

/// What is asked, up to the moment.
const QUERY: &str = "select \"@ptr\" as record, time, raw from config";

/// The newest item of each resource before a moment. Rows are read a batch at a time: what is kept is one item a resource.
///
/// # Errors
/// What the engine says.
pub async fn newest(engine: impl Fn(Options) -> Engine, before: Timestamp) -> Result<Newest> {
    let asked = engine(Options { to: Some(before), now: before, ..Options::default() }).sql(QUERY).await;
    let mut answer = asked.map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(_) => Fault::broken(msg!("comply-question")),
    })?;
    let mut newest = Newest::default();
    while let Some(batch) = answer.next().await? {
        let mut rows = Rows::default();
        rows.add(&batch)?;
        for row in rows.iter() {
            if let Some(time) = row.time("time") {
                newest.add(row.text("record"), time, row.text("raw").as_bytes());
            }
        }
    }
    Ok(newest)
}
