//! `isPublicIP`: whether the address is one of the Internet.

use super::isprivateip::{Use, use_of};
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isPublicIP",
    aliases: &[],
    title: "query-function-ispublicip",
    example: ("isPublicIP('8.8.8.8')", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).and_then(use_of).map(|use_of| use_of == Use::Public)
    })),
};
