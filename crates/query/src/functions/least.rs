//! `least`: the least of the numbers.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "least",
    aliases: &[],
    title: "query-function-least",
    example: ("least(10, '2', 3)", "2"),
    least: 1,
    most: None,
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        (0..row.len()).filter_map(|at| row.number(at)).reduce(f64::min)
    })),
};
