//! `floor`: the next whole number downwards.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "floor",
    aliases: &[],
    title: "query-function-floor",
    example: ("floor(2.9)", "2"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::floor)
    })),
};
