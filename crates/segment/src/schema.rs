//! The columns of a segment, in Arrow and in Delta's words.
//!
//! `raw` and the columns from `kind` to `reason` are what was received, and sealed; `segment` and `ordinal` name the
//! record; the rest is derived.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde_json::{Value, json};

/// One column: its name, its type in Arrow and its type in Delta.
pub struct Column {
    /// The name, in Parquet, in Delta and in SQL.
    pub name: &'static str,
    /// What it is, in Arrow.
    pub data_type: fn() -> DataType,
    /// What it is, in Delta's schema.
    pub delta: &'static str,
}

fn text() -> DataType {
    DataType::Utf8
}
fn binary() -> DataType {
    DataType::Binary
}
fn integer() -> DataType {
    DataType::Int32
}
fn long() -> DataType {
    DataType::Int64
}
/// Microseconds, UTC.
fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

const fn column(name: &'static str, data_type: fn() -> DataType, delta: &'static str) -> Column {
    Column { name, data_type, delta }
}

/// The list of columns, in their order in the file. New ones go to the end; an older file then lacks them, and a reader
/// derives them from the raw bytes.
pub const COLUMNS: &[Column] = &[
    column("segment", binary, "binary"),
    column("ordinal", integer, "integer"),
    column("kind", text, "string"),
    column("source", text, "string"),
    column("stream", text, "string"),
    column("origin", text, "string"),
    column("position", long, "long"),
    column("received", instant, "timestamp"),
    column("reason", text, "string"),
    column("time", instant, "timestamp"),
    column("time_origin", text, "string"),
    column("key_hash", long, "long"),
    column("class_uid", integer, "integer"),
    column("activity_id", integer, "integer"),
    column("severity_id", integer, "integer"),
    column("status", text, "string"),
    column("operation", text, "string"),
    column("service", text, "string"),
    column("actor", text, "string"),
    column("actor_type", text, "string"),
    column("src_ip", text, "string"),
    column("account", text, "string"),
    column("region", text, "string"),
    column("resource", text, "string"),
    column("error", text, "string"),
    column("raw", binary, "binary"),
];

/// The partition columns: they stand in the path and in the commit, not in the file.
pub const PARTITIONS: &[(&str, &str)] = &[("class", "string"), ("day", "date")];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields: Vec<Field> = COLUMNS.iter().map(|c| Field::new(c.name, (c.data_type)(), true)).collect();
    Arc::new(Schema::new(fields))
});

/// The schema of a segment's file. All columns may be null for Delta's sake; those that are never null say so above.
pub fn schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// The place of a column in [`COLUMNS`].
pub fn index_of(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// The schema as Delta's `schemaString`.
pub fn delta_schema() -> String {
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind, "nullable": true, "metadata": {}});
    let fields: Vec<Value> = COLUMNS
        .iter()
        .map(|column| field(column.name, column.delta))
        .chain(PARTITIONS.iter().map(|(name, kind)| field(name, kind)))
        .collect();
    json!({"type": "struct", "fields": fields}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|c| c.name).chain(PARTITIONS.iter().map(|p| p.0)).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(schema().fields().len(), COLUMNS.len());
        assert_eq!(index_of("raw"), Some(COLUMNS.len() - 1));
    }
}
