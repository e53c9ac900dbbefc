//! `secrets`: which kinds of secrets are in a text or an event, each once; missing where there is none.

use shoseki_sources::secrets::Secrets;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "secrets",
    aliases: &[],
    title: "query-function-secrets",
    example: ("secrets('password=hunter2 card=4111111111111111')", "password, card-number"),
    least: 1,
    most: Some(1),
    body: Body::Rows(
        &[Kind::Text],
        Kernel::Text(|row| {
            // Its patterns can always be read: a test makes them.
            let kinds = Secrets::all().ok()?.kinds(row.text(0)?);
            (!kinds.is_empty()).then(|| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "))
        }),
    ),
};
