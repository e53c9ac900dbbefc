//! `tolower`: the text in lower case.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "tolower",
    aliases: &["lower"],
    title: "query-function-tolower",
    example: ("tolower(eventName)", "deletetrail"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(str::to_lowercase)
    })),
};
