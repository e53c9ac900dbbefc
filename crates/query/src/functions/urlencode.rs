//! `urlencode`: the text as a part of a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "urlencode",
    aliases: &[],
    title: "query-function-urlencode",
    example: ("urlencode('a b/証')", "a%20b%2F%E8%A8%BC"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| utf8_percent_encode(text, RESERVED).to_string())
    })),
};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
