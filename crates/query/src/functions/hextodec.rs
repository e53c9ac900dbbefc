//! `hexToDec`: the number that stands in hexadecimal, with or without `0x`.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "hexToDec",
    aliases: &[],
    title: "query-function-hextodec",
    example: ("hexToDec('0x1f')", "31"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        let text = row.text(0)?;
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let is_plain = !digits.starts_with(['+', '-']);
        u64::from_str_radix(digits, 16).ok().filter(|_| is_plain).map(|number| number as f64)
    })),
};
