//! `isempty`: 1 where the field is missing or empty, else 0.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isempty",
    aliases: &[],
    title: "query-function-isempty",
    example: ("isempty(nothing) + isempty('') + isempty(' ')", "2"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        Some(f64::from(u8::from(row.text(0).is_none_or(str::is_empty))))
    })),
};
