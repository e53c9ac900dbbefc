//! `base64decode`: the text whose bytes stand in base64; both alphabets, with or without `=` at its end.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "base64decode",
    aliases: &[],
    title: "query-function-base64decode",
    example: ("base64decode('6Ki86Leh')", "証跡"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Text(|row| {
        let text = row.text(0)?.trim();
        ENGINES.iter().find_map(|engine| String::from_utf8(engine.decode(text).ok()?).ok())
    })),
};

const EITHER_END: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ENGINES: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&STANDARD, EITHER_END), GeneralPurpose::new(&URL_SAFE, EITHER_END)];
