//! `isPrivateIP`: whether the address is one of private networks.

use std::net::IpAddr;

use super::isipinsubnet::lies_in;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "isPrivateIP",
    aliases: &[],
    title: "query-function-isprivateip",
    example: ("isPrivateIP('10.0.0.5')", "true"),
    least: 1,
    most: Some(1),
    body: Body::Rows(&[Kind::Text], Kernel::Boolean(|row| {
        row.text(0).and_then(use_of).map(|use_of| use_of == Use::Private)
    })),
};

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// In networks of one's own: RFC 1918, and RFC 4193 for IPv6.
    Private,
    /// Set apart by IANA: this machine, links, examples, groups, carriers' translation, the future.
    Reserved,
    /// On the Internet.
    Public,
}

const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
/// Of IANA's special-purpose registries what is not reachable from everywhere, and the groups of multicast.
const RESERVED: [&str; 20] = [
    "0.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:db8::/32",
    "3fff::/20",
    "fe80::/10",
    "ff00::/8",
];

/// What the address in a text is for; `None` where there is none. An IPv4 address inside IPv6 is taken as itself.
pub(super) fn use_of(text: &str) -> Option<Use> {
    let address = text.parse::<IpAddr>().ok()?.to_canonical();
    let lies_in_any = |all: &[&str]| all.iter().any(|subnet| lies_in(address, subnet) == Some(true));
    Some(match () {
        () if lies_in_any(&PRIVATE) => Use::Private,
        () if lies_in_any(&RESERVED) => Use::Reserved,
        () => Use::Public,
    })
}
