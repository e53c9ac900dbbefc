//! `isValidIpV6`: whether the text is an IPv6 address.

use std::net::Ipv6Addr;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isValidIpV6",
    aliases: &[],
    title: "query-function-isvalidipv6",
    example: ("isValidIpV6('203.0.113.7')", "false"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).map(|text| text.parse::<Ipv6Addr>().is_ok())
    })),
};
