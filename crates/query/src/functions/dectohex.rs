//! `decToHex`: the whole number in hexadecimal.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "decToHex",
    aliases: &[],
    title: "query-function-dectohex",
    example: ("decToHex(31)", "1f"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Number], Kernel::Text(|row| {
        let number = row.number(0)?;
        let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        is_whole.then(|| format!("{:x}", number as u64))
    })),
};

/// Up to here a number holds every whole number: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;
