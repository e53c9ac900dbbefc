//! `isNumeric`: whether the value is a number.

use crate::values::read_number;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isNumeric",
    aliases: &[],
    title: "query-function-isnumeric",
    example: ("isNumeric('1.5') and not isNumeric(eventName)", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        Some(row.text(0).is_some_and(|text| read_number(text).is_some()))
    })),
};
