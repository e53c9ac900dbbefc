//! `abs`: the value without its sign.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "abs",
    aliases: &[],
    title: "query-function-abs",
    example: ("abs(-2.5)", "2.5"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::abs)
    })),
};
