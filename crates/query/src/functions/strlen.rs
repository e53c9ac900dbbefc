//! `strlen`: the number of code points.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "strlen",
    aliases: &[],
    title: "query-function-strlen",
    example: ("strlen('証跡')", "2"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        row.text(0).map(|text| text.chars().count() as f64)
    })),
};
