//! `sqrt`: the square root.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "sqrt",
    aliases: &[],
    title: "query-function-sqrt",
    example: ("sqrt(16)", "4"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(f64::sqrt).filter(|number| number.is_finite())
    })),
};
