//! Records as events of OCSF: an answer of records becomes JSON Lines, an event a line. What an event looks like
//! `shoseki_sources::ocsf` says; here it is read out of the rows, masked where that is asked for, and written.

use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use serde_json::Value;
use shoseki_event::{Columns, Outcome, RecordId, SegmentId};
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::RowWriter;
use shoseki_segment::{Rows, derive};
use shoseki_sources::ocsf::{Seen, event};

use crate::mask::Mask;

/// Writes the rows of an answer of records (`Options::as_records`) as events of OCSF, a line each.
pub struct OcsfWriter<W> {
    out: W,
    mask: Option<Mask>,
}

impl<W: Write + Send> OcsfWriter<W> {
    /// A writer; with a mask, every text of an event is masked, its raw bytes too.
    pub fn new(out: W, mask: Option<Mask>) -> Self {
        Self { out, mask }
    }

    fn line(&mut self, mut event: Value) -> std::io::Result<()> {
        if let Some(mask) = &self.mask {
            mask.json(&mut event);
        }
        serde_json::to_writer(&mut self.out, &event)?;
        self.out.write_all(b"\n")
    }
}

impl<W: Write + Send> RowWriter for OcsfWriter<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rows = Rows::of(batch)?;
        for row in 0..rows.len() {
            let (segment, ordinal) = rows.id(row);
            let unreadable = || Fault::damage(msg!("segment-column-missing", name = "segment"));
            let id = RecordId {
                segment: SegmentId(segment.try_into().map_err(|_| unreadable())?),
                ordinal: u32::try_from(ordinal).map_err(|_| unreadable())?,
            };
            let (provenance, raw) = (rows.provenance(row)?, rows.raw(row));
            let mut columns = derive(&provenance, raw)?;
            mapped(&mut columns, batch, row);
            let id = id.to_string();
            let event = event(&Seen { id: &id, provenance: &provenance, columns: &columns, raw });
            self.line(event).map_err(|error| Fault::world(msg!("query-output")).because(error))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush().map_err(|error| Fault::world(msg!("query-output")).because(error))
    }
}

/// Puts what the user's mapping says in the place of what was derived: those columns stand beside the sealed ones.
fn mapped(columns: &mut Columns, batch: &RecordBatch, row: usize) {
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let into = match field.name().as_str() {
            "operation" => &mut columns.operation,
            "service" => &mut columns.service,
            "actor" => &mut columns.actor,
            "actor_type" => &mut columns.actor_type,
            "src_ip" => &mut columns.src_ip,
            "account" => &mut columns.account,
            "region" => &mut columns.region,
            "resource" => &mut columns.resource,
            "error" => &mut columns.error,
            "status" => {
                columns.status = match text(column, row) {
                    Some("success") => Outcome::Success,
                    Some("failure") => Outcome::Failure,
                    _ => Outcome::Unknown,
                };
                continue;
            }
            _ => continue,
        };
        *into = text(column, row).map(Into::into);
    }
}

fn text(column: &dyn Array, row: usize) -> Option<&str> {
    column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row))
}
