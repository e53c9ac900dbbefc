//! Which names of an application's events stand for what: the names that loggers and applications commonly use, the most
//! telling first. A name with dots is a path of nested objects, or a key that has these dots in itself; ECS writes both. Splunk's
//! envelopes have what the application said in `event`.
//!
//! It is data, and the same everywhere: what is derived must be derived again by whoever verifies. What users add of their own
//! stands in the vault's configuration and is applied when a question is asked (`shoseki mapping`).

use crate::keys::Tree;

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// When it happened.
    Time,
    /// What was done, by a name that says that it is an action.
    Action,
    /// What happened, as structlog names an event.
    Name,
    /// What happened, in words.
    Message,
    /// Who did it.
    Actor,
    /// What kind of user that is.
    ActorType,
    /// Whether it succeeded.
    Outcome,
    /// From where.
    Address,
    /// On what.
    Resource,
    /// What went wrong.
    Error,
    /// Which application says so: its streams are named by it, so that loggers, which are many, do not count.
    Service,
    /// How grave it is.
    Level,
    /// The cloud's account.
    Account,
    /// The cloud's region.
    Region,
}

impl Role {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Region as usize + 1;
}

#[rustfmt::skip] // one role a line
const NAMES: &[(Role, &[&str])] = &[
    (Role::Time, &["@timestamp", "timestamp", "time", "ts", "datetime", "asctime", "event_time", "@t", "Timestamp"]),
    (Role::Action, &["event.action", "action", "event_name", "event_type", "event.name", "event.type", "operation", "activity"]),
    (Role::Name, &["event"]),
    (Role::Message, &["message", "msg", "@m", "@mt", "short_message", "event.message", "event.msg"]),
    (Role::Actor, &[
        "user.name", "user.email", "user.id", "username", "user_name", "userName", "user", "user_id", "userId", "actor.name",
        "actor.id", "actor", "enduser.id", "usr.name", "usr.id", "principal", "subject", "sub", "email", "client_id",
        "event.user.name", "event.user.id", "event.user", "event.username", "event.user_id", "event.actor",
    ]),
    (Role::ActorType, &["user.type", "actor.type", "user_type", "actor_type"]),
    (Role::Outcome, &[
        "event.outcome", "outcome", "result", "success", "http.response.status_code", "http.status_code", "status_code",
        "statusCode", "response.status", "status", "event.result", "event.success", "event.status",
    ]),
    (Role::Address, &[
        "source.ip", "client.ip", "source.address", "client.address", "network.client.ip", "client_ip", "clientIp", "remote_ip",
        "remote_addr", "remoteAddress", "src_ip", "source_ip", "ip_address", "ip", "event.client_ip", "event.src_ip",
        "event.source_ip", "event.ip",
    ]),
    (Role::Resource, &[
        "resource.name", "resource.id", "resource", "target.name", "target.id", "target", "object.name", "object.id", "object",
        "entity", "entity_id", "url.path", "http.route", "path", "uri", "event.resource", "event.target", "event.object",
    ]),
    (Role::Error, &["error.code", "error.type", "error_code", "error.message", "error", "err.message", "exception", "event.error"]),
    (Role::Service, &["service.name", "service", "app", "application"]),
    (Role::Level, &["log.level", "level", "severity", "levelname", "lvl", "@l", "event.level"]),
    (Role::Account, &["cloud.account.id"]),
    (Role::Region, &["cloud.region"]),
];

/// Names and what they stand for, with how many names of the same are more telling.
pub(super) type Mapping = Tree<Option<(Role, usize)>>;

/// The names that are known without being told.
pub(super) fn built_in() -> Mapping {
    let ranked = |(role, names): &(Role, &'static [&'static str])| {
        let role = *role;
        names.iter().enumerate().map(move |(rank, name)| (*name, Some((role, rank))))
    };
    NAMES.iter().flat_map(ranked).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_name_stands_once() {
        let mut seen = HashSet::new();
        for (role, names) in NAMES {
            assert!(!names.is_empty(), "{role:?}");
            for name in *names {
                assert!(seen.insert(name), "`{name}` stands twice");
                let found = built_in().value(name).copied().flatten();
                assert_eq!(found.map(|(found, _)| found), Some(*role), "`{name}`");
            }
        }
        assert_eq!(NAMES.len(), Role::COUNT);
        let mapping = built_in();
        let leads_on = |name| mapping.object(name).is_some();
        assert!(leads_on("http.response") && leads_on("http") && !leads_on("request"));
    }
}
