//! `base64encode`: the bytes of the text in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "base64encode",
    aliases: &[],
    title: "query-function-base64encode",
    example: ("base64encode('証跡')", "6Ki86Leh"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| STANDARD.encode(text))
    })),
};
