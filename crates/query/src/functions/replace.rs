//! `replace`: the text with every occurrence replaced.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "replace",
    aliases: &[],
    title: "query-function-replace",
    example: ("replace('a.b.c', '.', '/')", "a/b/c"),
    least: 3,
    most: Some(3),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        Some(row.text(0)?.replace(row.text(1)?, row.text(2)?))
    })),
};
