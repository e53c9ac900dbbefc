//! `fromMillis`: the time of milliseconds since 1970.

use crate::values::time_of_millis;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "fromMillis",
    aliases: &[],
    title: "query-function-frommillis",
    example: ("fromMillis('1772672523000')", "2026-03-05T01:02:03Z"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Time(|row| {
        row.number(0).and_then(time_of_millis)
    })),
};
