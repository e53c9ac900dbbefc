//! `isIpv6InSubnet`: whether the IPv6 address lies in the subnet.

use std::net::IpAddr;

use super::isipinsubnet::lies_in;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isIpv6InSubnet",
    aliases: &[],
    title: "query-function-isipv6insubnet",
    example: ("isIpv6InSubnet('2001:db8::1', '2001:db8::/32')", "true"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        lies_in(IpAddr::V6(row.text(0)?.parse().ok()?), row.text(1)?)
    })),
};
