//! `urldecode`: the text of a part of a URL; `+` is a blank.

use percent_encoding::percent_decode_str;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "urldecode",
    aliases: &[],
    title: "query-function-urldecode",
    example: ("urldecode('a+b%2F%E8%A8%BC')", "a b/証"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        let text = row.text(0)?.replace('+', " ");
        percent_decode_str(&text).decode_utf8().ok().map(String::from)
    })),
};
