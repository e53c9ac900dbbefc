//! `startsWith`: whether the text begins with the other.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "startsWith",
    aliases: &[],
    title: "query-function-startswith",
    example: ("startsWith(eventName, 'Delete')", "true"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        Some(row.text(0)?.starts_with(row.text(1)?))
    })),
};
