//! `substr`: the part from a place (the first is 0), of a length.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "substr",
    aliases: &[],
    title: "query-function-substr",
    example: ("substr('証跡とは', 2, 1)", "と"),
    least: 2,
    most: Some(3),
    body: Body::Rows(&[Kind::Text, Kind::Number], Kernel::Text(|row| {
        let (text, start) = (row.text(0)?, place(row.number(1)?));
        let rest = text.chars().skip(start);
        Some(match row.number(2) {
            Some(length) => rest.take(place(length)).collect(),
            None if row.len() > 2 => return None,
            None => rest.collect(),
        })
    })),
};

/// A place in a text: below 0 is 0.
fn place(number: f64) -> usize {
    number.max(0.0) as usize // saturates
}
