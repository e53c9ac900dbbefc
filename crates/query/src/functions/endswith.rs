//! `endsWith`: whether the text ends with the other.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "endsWith",
    aliases: &[],
    title: "query-function-endswith",
    example: ("endsWith(eventName, 'Trail')", "true"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        Some(row.text(0)?.ends_with(row.text(1)?))
    })),
};
