//! `greatest`: the greatest of the numbers.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "greatest",
    aliases: &[],
    title: "query-function-greatest",
    example: ("greatest(1, '20', 3)", "20"),
    least: 1,
    most: None,
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        (0..row.len()).filter_map(|at| row.number(at)).reduce(f64::max)
    })),
};
