//! `trim`: the text without blanks, or these letters, at both ends.
//! Without a second argument blanks are taken away, with one the letters in it.

use crate::values::Row;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "trim",
    aliases: &[],
    title: "query-function-trim",
    example: ("trim('  a ')", "a"),
    least: 1,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| text.trim_matches(|letter| is_trimmed(row, letter)).to_owned())
    })),
};

/// Whether a letter is to be taken away: one of the second argument's, or a blank.
pub(super) fn is_trimmed(row: &Row<'_>, letter: char) -> bool {
    row.text(1).map_or_else(|| letter.is_whitespace(), |letters| letters.contains(letter))
}
