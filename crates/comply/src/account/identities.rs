//! Users, roles and policies of IAM. Documents stand in them as texts, which IAM escapes as in a URL.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

use super::read::{entries, plain};
use crate::settings::{Fact, IamPolicy, IamRole, IamUser, Origin, Policy, Resource, Value};

/// All that a page of the details of an account's authorization has.
pub(super) fn of_details(page: &Value, origin: &Origin, resources: &mut Vec<Resource>) {
    let page = plain(page);
    for (list, inline) in [
        ("userdetaillist", "userpolicylist"),
        ("groupdetaillist", "grouppolicylist"),
        ("roledetaillist", "rolepolicylist"),
    ] {
        for one in entries(page.at(list), "member") {
            holder(one, inline, origin, resources);
        }
    }
    for one in entries(page.at("policies"), "member") {
        resources.push(managed(one, origin));
    }
}

/// A user, a group or a role, with the policies that stand in it.
pub(super) fn holder(one: &Value, inline: &str, origin: &Origin, resources: &mut Vec<Resource>) {
    let arn = text(one, "arn");
    for policy in entries(one.at(inline), "member") {
        let name = text(policy, "policyname");
        let facts = IamPolicy {
            name: Fact::Known(name.clone()),
            document: document(policy.at("policydocument")),
            is_of_aws: false,
        };
        resources.push(Resource::new(format!("{arn}/{name}"), origin.clone(), facts));
    }
    if inline != "rolepolicylist" {
        return;
    }
    let attached = entries(one.at("attachedmanagedpolicies"), "member");
    let role = IamRole {
        name: one.at("rolename").to_text(),
        trust: document(one.at("assumerolepolicydocument")),
        managed: Fact::Known(attached.iter().map(|one| text(one, "policyarn")).collect()),
    };
    resources.push(Resource::new(arn, origin.clone(), role).called(&one.at("rolename").to_text()));
}

/// A managed policy, by the version that holds.
pub(super) fn managed(one: &Value, origin: &Origin) -> Resource {
    let versions = entries(one.at("policyversionlist"), "member");
    let holds = versions.iter().find(|one| one.at("isdefaultversion").is() == Fact::Known(true));
    let name = one.at("policyname").to_text();
    let (arn, nothing) = (text(one, "arn"), Value::Null);
    let facts = IamPolicy {
        name: name.clone(),
        document: document(holds.map_or(&nothing, |holds| holds.at("document"))),
        is_of_aws: arn.split(':').nth(4) == Some("aws"),
    };
    Resource::new(arn, origin.clone(), facts).called(&name)
}

/// A document; where none is told, what it says is not known.
fn document(value: &Value) -> Fact<Policy> {
    match value.to_text() {
        Fact::Known(text) if !text.trim_start().starts_with('{') => Policy::of(&Value::Text(unescaped(&text))),
        Fact::Absent => Fact::Unknown(msg!("settings-not-recorded", what = "PolicyDocument")),
        _ => Policy::of(value),
    }
}

fn text(value: &Value, name: &str) -> String {
    value.at(name).to_text().known().cloned().unwrap_or_default()
}

/// A text without the escapes of a URL; what is no escape stays.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether it is a report of credentials: lines under heads, which name users and what they are called.
pub(super) fn is_report(value: &Value) -> bool {
    let content = value.at("Content").to_text();
    let heads: Vec<&str> =
        content.known().and_then(|text| text.lines().next()).unwrap_or_default().split(',').collect();
    ["user", "arn", "password_enabled", "mfa_active"].iter().all(|head| heads.contains(head))
}

/// The users of a report of credentials, and root as the account's summary has it: the report may be four hours old, the summary is
/// of now.
pub(super) fn users(
    report: &Fact<Value>,
    summary: &Fact<Value>,
    origins: [&Origin; 2],
    account: &str,
) -> Vec<Resource> {
    let mut all = vec![root(summary, origins[1], account)];
    let Some(content) = report.known().and_then(|value| value.at("Content").to_text().known().cloned()) else {
        return all;
    };
    let made = report.known().map(|value| day(&text(value, "GeneratedTime"))).unwrap_or_default();
    let mut lines = content.lines();
    let heads: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    for line in lines {
        let row: BTreeMap<&str, &str> = heads.iter().copied().zip(line.split(',')).collect();
        let cell = |name: &str| row.get(name).copied().unwrap_or_default();
        let (name, arn) = (cell("user"), cell("arn"));
        if name == "<root_account>" || arn.is_empty() {
            continue;
        }
        let is = |name: &str| match cell(name) {
            "true" => Fact::Known(true),
            "false" => Fact::Known(false),
            _ => Fact::Unknown(msg!("settings-unreadable")),
        };
        let keys: Vec<&str> =
            ["1", "2"].into_iter().filter(|key| cell(&format!("access_key_{key}_active")) == "true").collect();
        // What a key has no date of, no line says: then nothing is known of the user.
        let of_keys = |what: &str| -> Vec<Option<i64>> {
            keys.iter().map(|key| day(cell(&format!("access_key_{key}_{what}")))).collect()
        };
        let newest = |names: &[&str], of_keys: Vec<Option<i64>>| {
            names.iter().map(|name| day(cell(name))).chain(of_keys).flatten().max()
        };
        let used = newest(&["password_last_used"], of_keys("last_used_date"))
            .or_else(|| newest(&["user_creation_time", "password_last_changed"], of_keys("last_rotated")));
        let oldest = of_keys("last_rotated").into_iter().collect::<Option<Vec<i64>>>();
        let days = |since: Option<i64>| match made.zip(since) {
            Some((made, since)) => Fact::Known(made.saturating_sub(since).max(0).unsigned_abs()),
            None => Fact::Unknown(msg!("settings-unreadable")),
        };
        let user = IamUser {
            name: Fact::Known(name.to_owned()),
            is_root: false,
            has_password: is("password_enabled"),
            has_mfa: is("mfa_active"),
            active_keys: Fact::Known(keys.len() as u64),
            idle_days: days(used),
            key_days: days(oldest.and_then(|all| all.into_iter().min())),
            managed: Fact::Absent,
        };
        all.push(Resource::new(arn, origins[0].clone(), user));
    }
    all
}

fn root(summary: &Fact<Value>, origin: &Origin, account: &str) -> Resource {
    let of = |name: &str| -> Fact<u64> {
        summary.clone().and_then(|value| {
            let entry = |one: &Value| text(one, "key").eq_ignore_ascii_case(name);
            let value = plain(&value);
            let found = entries(value.at("summarymap"), "entry").iter().find(|one| entry(one));
            found.map_or(Fact::Unknown(unreadable()), |one| one.at("value").to_number())
        })
    };
    let user = IamUser {
        name: Fact::Known("root".to_owned()),
        is_root: true,
        has_password: Fact::Known(true),
        has_mfa: of("AccountMFAEnabled").map(|count| count > 0),
        active_keys: of("AccountAccessKeysPresent"),
        ..IamUser::default()
    };
    Resource::new(format!("arn:aws:iam::{account}:root"), origin.clone(), user)
}

/// The day (since 1970, UTC) of a time; what is none, such as `N/A` or `no_information`, has none.
fn day(text: &str) -> Option<i64> {
    const DAY: i64 = 86_400_000_000;
    Timestamp::parse(text).ok().map(|time| time.0.div_euclid(DAY))
}

fn unreadable() -> Message {
    msg!("settings-unreadable")
}
