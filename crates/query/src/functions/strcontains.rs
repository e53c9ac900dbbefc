//! `strcontains`: 1 where the text holds the other, else 0.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "strcontains",
    aliases: &[],
    title: "query-function-strcontains",
    example: ("strcontains(eventName, 'Trail')", "1"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        Some(f64::from(u8::from(row.text(0)?.contains(row.text(1)?))))
    })),
};
