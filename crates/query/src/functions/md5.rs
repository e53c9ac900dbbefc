//! `md5`: the MD5 of the text's bytes, to compare with what others state; it protects nothing.

use md5::{Digest, Md5};

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "md5",
    aliases: &[],
    title: "query-function-md5",
    example: ("md5('証跡')", "a09110066d3ef843cf18cd2404164131"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| hex::encode(Md5::digest(text)))
    })),
};
