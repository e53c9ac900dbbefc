//! `round`: the nearest whole number.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "round",
    aliases: &[],
    title: "query-function-round",
    example: ("round(2.5)", "3"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::round)
    })),
};
