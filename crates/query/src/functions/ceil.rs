//! `ceil`: the next whole number upwards.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "ceil",
    aliases: &[],
    title: "query-function-ceil",
    example: ("ceil(2.1)", "3"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::ceil)
    })),
};
