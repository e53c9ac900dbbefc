//! `isValidIp`: whether the text is an IPv4 or IPv6 address.

use std::net::IpAddr;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isValidIp",
    aliases: &[],
    title: "query-function-isvalidip",
    example: ("isValidIp('2001:db8::1') and not isValidIp('x')", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).map(|text| text.parse::<IpAddr>().is_ok())
    })),
};
