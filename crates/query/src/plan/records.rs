//! The records that an answer's rows are of, whole, for what is made of records: what was sealed of each, and what the user's
//! mapping makes of it, in the place of the columns that were asked for.

use shoseki_insights::{Command, Pattern};
use shoseki_messages::{Fault, msg};
use shoseki_segment::Rows as Sealed;

use super::{Named, Planner, Rows, Stop, named_column};
use crate::engine::Failure;
use crate::fields;
use crate::mapping::STATUS;
use crate::values::{Kind, Value};

/// The columns with what was sealed, and their kinds.
fn sealed() -> impl Iterator<Item = Named> {
    Sealed::COLUMNS.iter().map(|name| {
        let kind = match *name {
            "segment" | "raw" => Kind::Bytes,
            "ordinal" | "position" => Kind::Number,
            "received" => Kind::Time,
            _ => Kind::Text,
        };
        ((*name).to_owned(), Value::new(named_column(name), kind))
    })
}

impl Planner {
    /// The columns of such an answer.
    pub(super) fn records(&mut self) -> Result<Vec<Named>, Failure> {
        if self.rows != Rows::Events {
            return Err(Fault::caller(msg!("query-rows-no-records")).into());
        }
        let several = self.ground.asked.query.steps.iter().find_map(|step| match &step.command {
            Command::Unnest(_) => Some("unnest"),
            Command::Expand(_) => Some("expand"),
            Command::Join(_) => Some("join"),
            Command::Parse(parse) if matches!(parse.pattern, Pattern::Multi(_)) => Some("parse … multi"),
            _ => None,
        });
        if let Some(command) = several {
            return Err(Fault::caller(msg!("query-rows-several-a-record", command = command)).into());
        }
        let mut columns: Vec<Named> = sealed().collect();
        let Some(mapping) = self.ground.mapping.clone() else { return Ok(columns) };
        let status = (STATUS, STATUS, Kind::Text);
        for (ocsf, column, kind) in fields::OCSF.iter().chain([&status]) {
            if mapping.of(ocsf).next().is_some() {
                let mapped = self.mapped(ocsf, Value::new(named_column(column), *kind));
                // A mapping was checked when it was read: what does not become an expression is the engine's refusal.
                match mapped {
                    Ok(value) => columns.push(((*column).to_owned(), value)),
                    Err(Stop::Engine(error)) => return Err(error.into()),
                    Err(Stop::Noted) => self.refuse_mistakes()?,
                }
            }
        }
        Ok(columns)
    }
}
