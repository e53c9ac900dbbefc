//! What a file's footer says of its columns without their being read. A reader may pass over a file for it, so a range that
//! is too narrow hides records; one that is too wide only costs time.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, Scalar};
use arrow::compute::kernels::cmp::{gt_eq, lt_eq};
use bytes::Bytes;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::decryption;
use shoseki_segment::keys::Secret;
use shoseki_segment::schema::COLUMNS;

/// The bounds that a footer states, by column; `None` where it states none.
pub(crate) struct Statistics {
    bounds: Vec<Bounds>,
}

struct Bounds {
    name: &'static str,
    min: Option<ArrayRef>,
    max: Option<ArrayRef>,
    nulls: Option<u64>,
    seen_nulls: u64,
}

fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::damage(msg!("segment-file-unreadable")).because(error)
}

/// A bound of the only row group, where one is stated.
fn stated(bound: ArrayRef) -> Option<ArrayRef> {
    (bound.len() == 1 && bound.is_valid(0)).then_some(bound)
}

fn all(holds: &BooleanArray) -> bool {
    holds.false_count() == 0 // a null is neither in nor out of a range
}

impl Statistics {
    /// Reads a file's footer.
    ///
    /// # Errors
    /// Damage where the file has more than the one row group of the format, or an index or a bloom filter, which a
    /// reader would believe and nobody checks.
    pub(crate) fn of(file: Bytes, key: Option<&Secret>) -> Result<Self> {
        let mut options = ArrowReaderOptions::new();
        if let Some(key) = key {
            options = options.with_file_decryption_properties(decryption(key)?);
        }
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(unreadable)?;
        let groups = builder.metadata().row_groups();
        let has_more = groups.len() != 1
            || groups
                .iter()
                .flat_map(|group| group.columns())
                .any(|column| column.column_index_offset().is_some() || column.bloom_filter_offset().is_some());
        if has_more {
            return Err(Fault::damage(msg!("verify-file-says-more")));
        }
        let schema = Arc::clone(builder.schema());
        let mut bounds = Vec::new();
        for column in COLUMNS {
            let converter = StatisticsConverter::try_new(column.name, &schema, builder.parquet_schema());
            let converter = converter.map_err(unreadable)?;
            let nulls = converter.row_group_null_counts(groups).map_err(unreadable)?;
            bounds.push(Bounds {
                name: column.name,
                min: stated(converter.row_group_mins(groups).map_err(unreadable)?),
                max: stated(converter.row_group_maxes(groups).map_err(unreadable)?),
                nulls: nulls.is_valid(0).then(|| nulls.value(0)),
                seen_nulls: 0,
            });
        }
        Ok(Self { bounds })
    }

    /// Checks the next rows; gives the first column with a value outside its bounds.
    ///
    /// # Errors
    /// Damage where a column is missing or cannot be compared.
    pub(crate) fn check(&mut self, batch: &RecordBatch) -> Result<Option<&'static str>> {
        for bounds in &mut self.bounds {
            let missing = || Fault::damage(msg!("segment-column-missing", name = bounds.name));
            let column = batch.column_by_name(bounds.name).ok_or_else(missing)?;
            bounds.seen_nulls += column.null_count() as u64;
            let above = match &bounds.min {
                Some(min) => all(&gt_eq(column, &Scalar::new(Arc::clone(min))).map_err(unreadable)?),
                None => true,
            };
            let below = match &bounds.max {
                Some(max) => all(&lt_eq(column, &Scalar::new(Arc::clone(max))).map_err(unreadable)?),
                None => true,
            };
            if !above || !below {
                return Ok(Some(bounds.name));
            }
        }
        Ok(None)
    }

    /// After all rows: the first column with more or fewer nulls than stated.
    pub(crate) fn wrong_nulls(&self) -> Option<&'static str> {
        let wrong = |bounds: &&Bounds| bounds.nulls.is_some_and(|nulls| nulls != bounds.seen_nulls);
        self.bounds.iter().find(wrong).map(|bounds| bounds.name)
    }
}

#[cfg(test)]
mod tests {
    use shoseki_segment::{records, write};

    use super::*;
    use crate::tests::fixture::events;

    /// What one file's footer says, held against the rows of another.
    fn judge(footer: &Bytes, rows: &Bytes) -> Option<&'static str> {
        let mut statistics = Statistics::of(footer.clone(), None).unwrap();
        let (_, reader) = records(rows.clone(), None, &[]).unwrap();
        for batch in reader {
            if let Some(wrong) = statistics.check(&batch.unwrap()).unwrap() {
                return Some(wrong);
            }
        }
        statistics.wrong_nulls()
    }

    #[test]
    fn bounds_that_are_too_narrow_are_seen() {
        let file = |change: fn(&mut shoseki_segment::Draft)| {
            let mut draft = events("GetObject", 4, 9);
            draft.id = shoseki_event::SegmentId([1; 16]);
            change(&mut draft);
            write(&draft, None, shoseki_event::Timestamp(0)).unwrap().bytes
        };
        let good = file(|_| {});
        assert_eq!(judge(&good, &good), None);
        let later = file(|draft| draft.records[8].columns.time.0 += 1);
        assert_eq!(judge(&good, &later), Some("time"));
        assert_eq!(judge(&later, &good), None, "too wide is no lie");
        let other = file(|draft| draft.records[3].columns.operation = Some("ZObject".into()));
        assert_eq!(judge(&good, &other), Some("operation"));
        let null = file(|draft| draft.records[3].columns.actor = None);
        assert_eq!(judge(&good, &null), Some("actor"));
        let numbers = file(|draft| draft.records[3].columns.class_uid = -1);
        assert_eq!(judge(&good, &numbers), Some("class_uid"));
    }
}
