//! One value of an answer.

use std::borrow::Cow;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;

use crate::values::{show_number, show_time};

/// One value, as far as formats tell kinds apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// There is none.
    Null,
    /// Text, or what is shown as text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Microseconds since 1970, UTC.
    Time(i64),
}

impl<'a> Cell<'a> {
    /// The value of a column in a row.
    pub fn of(array: &'a dyn Array, row: usize) -> Self {
        if array.is_null(row) {
            return Self::Null;
        }
        match array.data_type() {
            DataType::Utf8 => Self::Text(Cow::Borrowed(array.as_string::<i32>().value(row))),
            DataType::Boolean => Self::Boolean(array.as_boolean().value(row)),
            DataType::Float64 => Self::Number(array.as_primitive::<Float64Type>().value(row)),
            DataType::Float32 => Self::Number(f64::from(array.as_primitive::<Float32Type>().value(row))),
            DataType::Int64 => Self::Integer(array.as_primitive::<Int64Type>().value(row)),
            DataType::Int32 => Self::Integer(i64::from(array.as_primitive::<Int32Type>().value(row))),
            DataType::Int16 => Self::Integer(i64::from(array.as_primitive::<Int16Type>().value(row))),
            DataType::Int8 => Self::Integer(i64::from(array.as_primitive::<Int8Type>().value(row))),
            DataType::UInt32 => Self::Integer(i64::from(array.as_primitive::<UInt32Type>().value(row))),
            DataType::UInt16 => Self::Integer(i64::from(array.as_primitive::<UInt16Type>().value(row))),
            DataType::UInt8 => Self::Integer(i64::from(array.as_primitive::<UInt8Type>().value(row))),
            DataType::UInt64 => {
                let number = array.as_primitive::<UInt64Type>().value(row);
                i64::try_from(number).map_or_else(|_| Self::Text(Cow::Owned(number.to_string())), Self::Integer)
            }
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                Self::Time(array.as_primitive::<TimestampMicrosecondType>().value(row))
            }
            _ => Self::Text(Cow::Owned(displayed(array, row))),
        }
    }

    /// As text; times in RFC 3339 with the zone's offset, null as nothing.
    pub fn text(self, zone: Tz) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Text(text) => text,
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Number(number) => Cow::Owned(show_number(number)),
            Self::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Self::Time(micros) => Cow::Owned(local(micros, zone)),
        }
    }
}

fn local(micros: i64, zone: Tz) -> String {
    match DateTime::from_timestamp_micros(micros) {
        Some(time) if zone != Tz::UTC => time.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, true),
        _ => show_time(micros),
    }
}

/// What SQL can give besides: lists, structures, decimals, dates.
fn displayed(array: &dyn Array, row: usize) -> String {
    ArrayFormatter::try_new(array, &FormatOptions::default())
        .and_then(|formatter| formatter.value(row).try_to_string())
        .unwrap_or_default()
}

/// A row as texts, for a table on a terminal.
pub fn row_texts(batch: &RecordBatch, row: usize, zone: Tz) -> Vec<String> {
    batch.columns().iter().map(|column| Cell::of(column, row).text(zone).into_owned()).collect()
}
