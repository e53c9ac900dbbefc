//! `isReservedIP`: whether the address is set apart, such as for this machine, links or examples.

use super::isprivateip::{Use, use_of};
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isReservedIP",
    aliases: &[],
    title: "query-function-isreservedip",
    example: ("isReservedIP('203.0.113.7')", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).and_then(use_of).map(|use_of| use_of == Use::Reserved)
    })),
};
