//! `hexToAscii`: the text whose bytes stand in hexadecimal, such as a process title of `auditd`.

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "hexToAscii",
    aliases: &[],
    title: "query-function-hextoascii",
    example: ("hexToAscii('2f62696e2f7368')", "/bin/sh"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        String::from_utf8(hex::decode(row.text(0)?).ok()?).ok()
    })),
};
