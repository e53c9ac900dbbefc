//! `toMillis`: the milliseconds since 1970 of a time.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "toMillis",
    aliases: &[],
    title: "query-function-tomillis",
    example: ("toMillis(@timestamp)", "1772672523000"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Time], Kernel::Number(|row| {
        row.time(0).map(|micros| micros.div_euclid(1_000) as f64)
    })),
};
