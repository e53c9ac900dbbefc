//! `toNumber`: the value as a number.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "toNumber",
    aliases: &["toDouble"],
    title: "query-function-tonumber",
    example: ("toNumber('1e3')", "1000"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0)
    })),
};
