//! `toupper`: the text in upper case.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "toupper",
    aliases: &["upper"],
    title: "query-function-toupper",
    example: ("toupper('aé')", "AÉ"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(str::to_uppercase)
    })),
};
