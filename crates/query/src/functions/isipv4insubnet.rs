//! `isIpv4InSubnet`: whether the IPv4 address lies in the subnet.

use std::net::IpAddr;

use super::isipinsubnet::lies_in;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isIpv4InSubnet",
    aliases: &[],
    title: "query-function-isipv4insubnet",
    example: ("isIpv4InSubnet('10.1.2.3', '10.0.0.0/8')", "true"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        lies_in(IpAddr::V4(row.text(0)?.parse().ok()?), row.text(1)?)
    })),
};
