//! `log`: the natural logarithm.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "log",
    aliases: &[],
    title: "query-function-log",
    example: ("log(1)", "0"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Number(|row| {
        row.number(0).map(libm::log).filter(|number| number.is_finite())
    })),
};
