//! The objects of OCSF that more than one class has: users, endpoints, resources, addresses on the web.

use std::net::IpAddr;

use serde_json::{Value, json};

/// What kind of user a word of a source means: OCSF's `type_id` and its caption.
#[rustfmt::skip] // one kind a line
const USERS: &[(i32, &str, &[&str])] = &[
    (1, "User", &["User", "IAMUser", "IdentityCenterUser", "SAMLUser", "WebIdentityUser", "person", "human"]),
    (2, "Admin", &["Root", "admin"]),
    (3, "System", &["System", "Node"]),
    (4, "Service", &["ServiceAccount", "AWSService", "service"]),
];

/// A user, by the name that is known and by the source's word for its kind.
pub(super) fn user(name: &str, kind: Option<&str>) -> Value {
    let mut user = json!({"name": name});
    if name.starts_with("arn:") {
        user["uid"] = name.into();
    }
    if let Some(kind) = kind.filter(|kind| !kind.is_empty()) {
        let known = USERS.iter().find(|(_, _, words)| words.iter().any(|word| word.eq_ignore_ascii_case(kind)));
        let (id, caption) = known.map_or((99, kind), |(id, caption, _)| (*id, *caption));
        user["type_id"] = id.into();
        user["type"] = caption.into();
    }
    user
}

/// The longest address that the schema takes.
const MAX_ADDRESS: usize = 40;

/// Where a request came from: an address, a host's name, or a service of the cloud that called itself.
pub(super) fn endpoint(address: &str, is_cloud: bool) -> Value {
    let is_host = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    match address.parse::<IpAddr>() {
        Ok(_) if address.len() <= MAX_ADDRESS => json!({"ip": address}),
        Ok(ip) => json!({"ip": ip.to_string()}),
        Err(_) if is_cloud => json!({"svc_name": address}),
        Err(_) if is_host(address) => json!({"hostname": address}),
        Err(_) => json!({"name": address}),
    }
}

/// What was acted on.
pub(super) fn resource(name: &str) -> Value {
    match name.starts_with("arn:") {
        true => json!({"name": name, "uid": name}),
        false => json!({"name": name}),
    }
}

/// A path with what is asked behind its question mark.
pub(super) fn url(text: &str) -> Value {
    match text.split_once('?') {
        Some((path, query)) => json!({"path": path, "query_string": query, "url_string": text}),
        None => json!({"path": text, "url_string": text}),
    }
}

/// The caption of a `severity_id`.
pub(super) fn caption_of_severity(id: i32) -> &'static str {
    match id {
        1 => "Informational",
        2 => "Low",
        3 => "Medium",
        4 => "High",
        5 => "Critical",
        6 => "Fatal",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_address_a_service_or_a_name() {
        assert_eq!(endpoint("198.51.100.7", true), json!({"ip": "198.51.100.7"}));
        assert_eq!(endpoint("2001:db8::7", false), json!({"ip": "2001:db8::7"}));
        let long = "2001:0db8:0000:0000:0000:ffff:198.051.100.007";
        assert_eq!(endpoint(long, false), json!({"name": long}), "no address");
        assert_eq!(
            endpoint("0000:0000:0000:0000:0000:ffff:198.151.100.107", false),
            json!({"ip": "::ffff:198.151.100.107"}),
            "longer than the schema takes"
        );
        assert_eq!(endpoint("ec2.amazonaws.com", true), json!({"svc_name": "ec2.amazonaws.com"}));
        assert_eq!(endpoint("AWS Internal", true), json!({"svc_name": "AWS Internal"}));
        assert_eq!(endpoint("localhost", false), json!({"hostname": "localhost"}));
        assert_eq!(endpoint("[local]", false), json!({"name": "[local]"}));
    }

    #[test]
    fn a_user_has_ocsfs_kind_or_its_own_word() {
        assert_eq!(user("aiko", None), json!({"name": "aiko"}));
        assert_eq!(user("aiko", Some("IAMUser")), json!({"name": "aiko", "type": "User", "type_id": 1}));
        assert_eq!(user("x", Some("AssumedRole")), json!({"name": "x", "type": "AssumedRole", "type_id": 99}));
    }
}
