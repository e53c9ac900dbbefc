//! `toInt`: the value as a whole number, without its decimals.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "toInt",
    aliases: &["toLong"],
    title: "query-function-toint",
    example: ("toInt('-1.9')", "-1"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::trunc)
    })),
};
