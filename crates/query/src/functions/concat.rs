//! `concat`: the texts one after another; missing ones are empty.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "concat",
    aliases: &[],
    title: "query-function-concat",
    example: ("concat(eventName, '-', 1, nothing)", "DeleteTrail-1"),
    least: 1,
    most: None,
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        Some((0..row.len()).filter_map(|at| row.text(at)).collect())
    })),
};
