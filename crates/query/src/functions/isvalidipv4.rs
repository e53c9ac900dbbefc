//! `isValidIpV4`: whether the text is an IPv4 address.

use std::net::Ipv4Addr;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isValidIpV4",
    aliases: &[],
    title: "query-function-isvalidipv4",
    example: ("isValidIpV4('203.0.113.7')", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).map(|text| text.parse::<Ipv4Addr>().is_ok())
    })),
};
