//! `ltrim`: the text without blanks, or these letters, at its beginning.
//! Without a second argument blanks are taken away, with one the letters in it.

use super::trim::is_trimmed;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "ltrim",
    aliases: &[],
    title: "query-function-ltrim",
    example: ("ltrim('xyab', 'yx')", "ab"),
    least: 1,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| text.trim_start_matches(|letter| is_trimmed(row, letter)).to_owned())
    })),
};
