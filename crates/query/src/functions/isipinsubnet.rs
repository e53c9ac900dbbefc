//! `isIpInSubnet`: whether the address lies in the subnet.

use std::net::IpAddr;

use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isIpInSubnet",
    aliases: &[],
    title: "query-function-isipinsubnet",
    example: ("isIpInSubnet(sourceIPAddress, '203.0.113.0/24')", "true"),
    least: 2,
    most: Some(2),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        lies_in(row.text(0)?.parse().ok()?, row.text(1)?)
    })),
};

/// Whether an address lies in a subnet, `203.0.113.0/24`; `None` where either is no such thing.
pub(super) fn lies_in(address: IpAddr, subnet: &str) -> Option<bool> {
    let (network, length) = subnet.split_once('/')?;
    let (network, length): (IpAddr, u32) = (network.parse().ok()?, length.parse().ok()?);
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return Some(false),
    };
    let host = u32::checked_sub(width, length)?;
    Some(address.checked_shr(host).unwrap_or(0) == network.checked_shr(host).unwrap_or(0))
}
