//! Values and how one kind is read as another, as AWS has it: strings are coerced to numbers where the operator needs
//! them; what is missing or cannot be coerced is null.

mod calendar;
mod dates;
mod floor;
mod json_text;
mod lists;
mod natural;
mod part;
mod parts;
mod rows;
mod structure;
mod whole;

pub(crate) use calendar::{bin, ceiling, mean_micros, moved, moved_from, read_time};
pub(crate) use dates::{DateFormat, known_letters, zone_named, zones};
pub(crate) use floor::floored;
pub(crate) use lists::{CHUNK, Elements, lists};
pub(crate) use natural::{natural_key, number_key, number_of_key};
pub(crate) use part::part;
pub(crate) use parts::parts;
pub(crate) use rows::{Kernel, Row, per_row, per_row_in};
pub(crate) use structure::{compact, elements, plain_text, structure};
pub(crate) use whole::{is_beyond_doubles, without_decimals};

use structure::{part_of, shown_text};

use arrow::datatypes::{DataType, TimeUnit};
use chrono_tz::Tz;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::scalar::ScalarValue;
use shoseki_insights::Part;

/// What an expression gives, as far as the language tells kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// The raw event.
    Bytes,
    /// A number.
    Number,
    /// A number in its digits, as text: perhaps a whole one that a double does not hold.
    Digits,
    /// An instant.
    Time,
    /// True or false.
    Boolean,
    /// A map or a list, as its JSON text.
    Structure,
    /// A part of a map or of a list, as its JSON text: it may be anything, another map or list too.
    Json,
}

/// An expression and what it gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) expr: Expr,
    pub(crate) kind: Kind,
}

/// Instants: microseconds, UTC.
pub(crate) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

impl Value {
    pub(crate) fn new(expr: Expr, kind: Kind) -> Self {
        Self { expr, kind }
    }

    pub(crate) fn text(expr: Expr) -> Self {
        Self::new(expr, Kind::Text)
    }

    pub(crate) fn number(expr: Expr) -> Self {
        Self::new(expr, Kind::Number)
    }

    pub(crate) fn digits(expr: Expr) -> Self {
        Self::new(expr, Kind::Digits)
    }

    /// Whether it is a number and not the text of one.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number | Kind::Digits)
    }

    pub(crate) fn time(expr: Expr) -> Self {
        Self::new(expr, Kind::Time)
    }

    pub(crate) fn boolean(expr: Expr) -> Self {
        Self::new(expr, Kind::Boolean)
    }

    /// A map or a list, given its JSON text.
    pub(crate) fn structure(expr: Expr) -> Self {
        Self::new(expr, Kind::Structure)
    }

    /// A part of a map or of a list, given its JSON text.
    pub(crate) fn json(expr: Expr) -> Self {
        Self::new(expr, Kind::Json)
    }

    /// Whether it can be gone into.
    pub(crate) fn has_parts(&self) -> bool {
        matches!(self.kind, Kind::Structure | Kind::Json)
    }

    /// The map or the list that it is as a text; null where it is none.
    pub(crate) fn parsed(&self) -> Self {
        if self.kind == Kind::Structure {
            return self.clone();
        }
        let kernel = Kernel::Text(|row| row.text(0).and_then(structure).map(str::to_owned));
        Self::structure(per_row("jsonParse", kernel, vec![self.shown().as_text()]))
    }

    /// A part of it. What is no map or list is read as the text of one.
    pub(crate) fn part(&self, path: Vec<Part>) -> Self {
        let whole = if self.has_parts() { self.expr.clone() } else { self.parsed().expr };
        Self::json(part_of(whole, path))
    }

    /// An instant that is known already.
    pub(crate) fn at(time: Option<shoseki_event::Timestamp>) -> Self {
        let micros = time.map(|time| time.0);
        Self::time(lit(ScalarValue::TimestampMicrosecond(micros, Some("UTC".into()))))
    }

    /// What is never there.
    pub(crate) fn missing() -> Self {
        Self::text(lit(ScalarValue::Utf8(None)))
    }

    /// As text: times in RFC 3339 and UTC, numbers without needless decimals.
    pub(crate) fn as_text(&self) -> Expr {
        let expr = self.expr.clone();
        match self.kind {
            Kind::Text | Kind::Digits => expr,
            Kind::Boolean => cast(expr, DataType::Utf8),
            Kind::Bytes => per_row("text", Kernel::Text(|row| row.text(0).map(str::to_owned)), vec![expr]),
            Kind::Number => per_row("text", Kernel::Text(|row| row.number(0).map(show_number)), vec![self.as_number()]),
            Kind::Time => per_row("text", Kernel::Text(|row| row.time(0).map(show_time)), vec![expr]),
            Kind::Structure => Self::missing().expr,
            Kind::Json => per_row("plain", Kernel::Text(|row| row.text(0).and_then(plain_text)), vec![expr]),
        }
    }

    /// As a number: a time is its milliseconds since 1970, true is 1.
    pub(crate) fn as_number(&self) -> Expr {
        let expr = self.expr.clone();
        match self.kind {
            Kind::Number => cast(expr, DataType::Float64),
            Kind::Boolean => cast(cast(expr, DataType::Int32), DataType::Float64),
            Kind::Time => cast(cast(expr, DataType::Int64), DataType::Float64) / lit(1_000.0),
            Kind::Bytes | Kind::Structure | Kind::Json => Self::text(self.as_text()).as_number(),
            Kind::Text | Kind::Digits => {
                per_row("number", Kernel::Number(|row| row.text(0).and_then(read_number)), vec![expr])
            }
        }
    }

    /// As an instant: a number is milliseconds since 1970; a text is RFC 3339, a date in the zone, or such a number.
    pub(crate) fn as_time(&self, zone: Tz) -> Expr {
        match self.kind {
            Kind::Time => self.expr.clone(),
            Kind::Text | Kind::Bytes | Kind::Structure | Kind::Json => {
                let kernel = Kernel::Time(|row| row.text(0).and_then(|text| read_time(text, row.zone())));
                per_row_in("time", kernel, vec![self.as_text()], zone)
            }
            Kind::Number | Kind::Digits | Kind::Boolean => {
                let kernel = Kernel::Time(|row| row.number(0).and_then(time_of_millis));
                per_row("time", kernel, vec![self.as_number()])
            }
        }
    }

    /// As a condition: a number holds where it is not 0, a text where it says `true` or is such a number.
    pub(crate) fn as_condition(&self) -> Expr {
        match self.kind {
            Kind::Boolean => self.expr.clone(),
            Kind::Number | Kind::Digits => self.as_number().not_eq(lit(0.0)),
            Kind::Time => self.expr.clone().is_not_null(),
            Kind::Text | Kind::Bytes | Kind::Structure | Kind::Json => {
                let kernel = Kernel::Boolean(|row| {
                    row.text(0).map(|text| match read_number(text) {
                        Some(number) => number != 0.0,
                        None => text.eq_ignore_ascii_case("true"),
                    })
                });
                per_row("condition", kernel, vec![self.as_text()])
            }
        }
    }

    /// As what a function's parameter wants.
    pub(crate) fn as_kind(&self, kind: Kind, zone: Tz) -> Expr {
        match kind {
            Kind::Text | Kind::Digits => self.as_text(),
            Kind::Number => self.as_number(),
            Kind::Time => self.as_time(zone),
            Kind::Boolean => self.as_condition(),
            Kind::Bytes | Kind::Structure | Kind::Json => self.expr.clone(),
        }
    }

    /// As what can be shown and grouped: raw bytes become text, and so do maps, lists and their parts.
    pub(crate) fn shown(&self) -> Self {
        match self.kind {
            Kind::Bytes => Self::text(self.as_text()),
            Kind::Structure => Self::text(self.expr.clone()),
            Kind::Json => {
                let kernel = Kernel::Text(|row| row.text(0).and_then(shown_text));
                Self::text(per_row("shown", kernel, vec![self.expr.clone()]))
            }
            _ => self.clone(),
        }
    }
}

/// The number that a text is: decimal, perhaps with an exponent; not `inf`, `nan` or hexadecimal digits.
pub(crate) fn read_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let begins = text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|number: &f64| begins && number.is_finite())
}

/// A number as people write it: `5`, not `5.0`.
pub(crate) fn show_number(number: f64) -> String {
    // `Display` writes the shortest text that reads back as the same number, and `-0` for what is 0.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// RFC 3339 in UTC.
pub(crate) fn show_time(micros: i64) -> String {
    shoseki_event::Timestamp(micros).to_string()
}

/// The instant of milliseconds since 1970.
pub(crate) fn time_of_millis(millis: f64) -> Option<i64> {
    let micros = (millis * 1_000.0).round();
    (micros.abs() < 9.0e18).then_some(micros as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_shown() {
        for (text, number) in [("5", 5.0), (" -1.50 ", -1.5), ("1e3", 1000.0), ("+2", 2.0), (".5", 0.5)] {
            assert_eq!(read_number(text), Some(number), "{text}");
        }
        for text in ["", "inf", "nan", "-infinity", "0x1", "1,000", "1e999", "五"] {
            assert_eq!(read_number(text), None, "{text}");
        }
        assert_eq!(
            [5.0, -0.0, 0.1 + 0.2, 1e21].map(show_number),
            ["5", "0", "0.30000000000000004", "1000000000000000000000"]
        );
    }
}
