//! `isblank`: 1 where the field is missing, empty or only blanks, else 0.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isblank",
    aliases: &[],
    title: "query-function-isblank",
    example: ("isblank(nothing) + isblank(' ') + isblank('a')", "2"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        Some(f64::from(u8::from(row.text(0).is_none_or(|text| text.trim().is_empty()))))
    })),
};
