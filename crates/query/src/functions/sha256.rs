//! `sha256`: the SHA-256 of the text's bytes.

use sha2::{Digest, Sha256};

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "sha256",
    aliases: &[],
    title: "query-function-sha256",
    example: ("sha256('証跡')", "fc8ffb1a45297a217cd3573cfb2c87f7d43db068ee48fda61fdf7cbf43863b18"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        row.text(0).map(|text| hex::encode(Sha256::digest(text)))
    })),
};
