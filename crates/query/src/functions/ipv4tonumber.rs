//! `ipv4ToNumber`: the IPv4 address as a number.

use std::net::Ipv4Addr;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "ipv4ToNumber",
    aliases: &[],
    title: "query-function-ipv4tonumber",
    example: ("ipv4ToNumber('203.0.113.7')", "3405803783"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Number(|row| {
        row.text(0)?.parse::<Ipv4Addr>().ok().map(|address| f64::from(address.to_bits()))
    })),
};
