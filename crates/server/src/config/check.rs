//! What a configuration of the right form may still have wrong.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use shoseki_messages::{Message, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_sources::SOURCES;

use super::{Config, Files, Sender, Syslog, Transport, alert, fetch, forward, heartbeat, schedule};
use crate::receivers::RECEIVERS;

/// The receivers whose senders sign.
const SIGNED: &[&str] = &["github"];

/// All mistakes.
pub(super) fn mistakes(config: &Config) -> Vec<Message> {
    let mut found = Vec::new();
    let is_open = |listen: &SocketAddr| !listen.ip().is_loopback();
    if is_open(&config.http.listen) && config.http.tls.is_none() && !config.http.plain_text {
        found.push(msg!("server-config-plain-text", listen = config.http.listen.to_string()));
    }
    if config.seal_every.0.0.is_zero() {
        found.push(msg!("server-config-seal-every"));
    }
    if config.http.max_connections == 0 {
        found.push(msg!("server-config-connections"));
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut secrets: HashMap<&str, &str> = HashMap::new();
    let reaches = config.fetch.reaches();
    let senders = config.senders.iter().map(|sender| &sender.name);
    let listeners = config.syslog.iter().map(|syslog| &syslog.name);
    let files = config.files.iter().map(|files| &files.name);
    let forwards = config.forwards.iter().map(|forward| &forward.name);
    let fetchers = reaches.iter().map(|(reach, _)| &reach.name);
    let schedules = config.schedules.iter().map(|schedule| &schedule.name);
    for name in senders.chain(listeners).chain(files).chain(fetchers).chain(forwards).chain(schedules) {
        *names.entry(name).or_default() += 1;
        if names.get(name.as_str()) == Some(&2) {
            found.push(msg!("server-config-sender-twice", name = name));
        }
    }
    config.syslog.iter().for_each(|syslog| of_syslog(syslog, &mut found));
    for (reach, _) in &reaches {
        named(&reach.name, reach.source.as_ref(), reach.stream.as_ref(), &mut found);
    }
    fetch::mistakes(&config.fetch, &mut found);
    config.alerts.iter().for_each(|one| alert::mistakes(one, &mut found));
    config.heartbeat.iter().for_each(|one| heartbeat::mistakes(one, &mut found));
    let mut told: HashSet<&str> = HashSet::new();
    for one in config.alerts.iter().filter(|one| !told.insert(&one.name)) {
        found.push(msg!("server-config-alert-twice", name = one.name.as_str()));
    }
    for one in &config.alerts {
        let is_other = |to: &str| config.alerts.iter().any(|other| other.name == to && other.name != one.name);
        if let Some(escalate) = one.escalate.as_ref().filter(|escalate| !is_other(&escalate.to)) {
            let (name, to) = (one.name.as_str(), escalate.to.as_str());
            found.push(msg!("alert-config-escalate-to", name = name, to = to));
        }
    }
    if let Some(tz) = config.tz.as_ref().filter(|tz| tz.parse::<chrono_tz::Tz>().is_err()) {
        found.push(msg!("schedule-config-zone", zone = tz));
    }
    for one in &config.schedules {
        named(&one.name, None, None, &mut found);
        schedule::mistakes(one, &mut found);
        if one.setup.is_some() && config.setup.is_none() {
            found.push(msg!("schedule-config-no-setup", name = one.name.as_str()));
        }
    }
    for one in &config.forwards {
        named(&one.name, None, None, &mut found);
        forward::mistakes(one, &mut found);
    }
    let groups = config.forwards.iter().filter_map(|one| Some((&one.name, one.cloudwatch_logs.as_ref()?)));
    for (name, to) in groups {
        let is_fetched = |pattern: &String| crate::fetch::pattern_of(pattern).is_some_and(|p| p.matches(&to.group));
        let from = config.fetch.cloudwatch_logs.iter().filter(|from| from.region == to.region);
        for from in from.filter(|from| from.groups.iter().any(is_fetched)) {
            found.push(msg!("server-config-forward-circle", name = name, fetcher = from.name.as_str()));
        }
    }
    found.extend(config.setup.iter().flat_map(shoseki_setup::Setup::mistakes));
    for expect in &config.expect {
        if glob::Pattern::new(&expect.stream).is_err() || expect.at_most.0.as_secs() < 60 {
            found.push(msg!("server-config-expect", stream = expect.stream.as_str()));
        }
    }
    config.files.iter().for_each(|files| of_files(files, &mut found));
    for sender in &config.senders {
        let own = [&sender.token_sha256, &sender.certificate_sha256];
        for secret in own.into_iter().flatten() {
            match secrets.insert(secret, &sender.name) {
                Some(other) if other != sender.name => {
                    found.push(msg!("server-config-same-secret", first = other, second = sender.name.as_str()));
                }
                _ => {}
            }
        }
        of_sender(config, sender, &mut found);
    }
    found
}

fn of_syslog(syslog: &Syslog, found: &mut Vec<Message>) {
    let name = syslog.name.as_str();
    named(name, syslog.source.as_ref(), syslog.stream.as_ref(), found);
    if (syslog.transport == Transport::Tls) != syslog.tls.is_some() {
        found.push(msg!("server-config-syslog-tls", name = name));
    }
    let is_open = !syslog.listen.ip().is_loopback();
    if is_open && syslog.allow.is_empty() && syslog.tls.as_ref().is_none_or(|tls| tls.client_ca.is_none()) {
        found.push(msg!("server-config-syslog-nobody", name = name, listen = syslog.listen.to_string()));
    }
}

fn of_files(files: &Files, found: &mut Vec<Message>) {
    let name = files.name.as_str();
    named(name, files.source.as_ref(), files.stream.as_ref(), found);
    if files.paths.is_empty() {
        found.push(msg!("server-config-files-paths", name = name));
    }
    for pattern in files.paths.iter().chain(&files.exclude) {
        if let Err(error) = glob::Pattern::new(pattern) {
            let why = format!("{} ({})", error.msg, error.pos);
            found.push(msg!("server-config-files-pattern", name = name, pattern = pattern, why = why));
        }
    }
}

/// What stands in streams and in provenance.
fn named(name: &str, source: Option<&String>, stream: Option<&String>, found: &mut Vec<Message>) {
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !name.starts_with(['.', '-', '_'])
        && name != OWN_SOURCE;
    if !is_name {
        found.push(msg!("server-config-sender-name", name = name));
    }
    if let Some(source) = source.filter(|source| SOURCES.iter().all(|known| known.id() != source.as_str())) {
        let nearest = nearest(source, SOURCES.iter().map(|known| known.id()));
        found.push(msg!("server-config-source", name = name, source = source, nearest = nearest));
    }
    let is_stream = |stream: &String| {
        (1..=256).contains(&stream.len()) && !stream.contains(char::is_control) && !stream.starts_with(OWN_SOURCE)
    };
    if stream.is_some_and(|stream| !is_stream(stream)) {
        found.push(msg!("server-config-stream", name = name));
    }
}

fn of_sender(config: &Config, sender: &Sender, found: &mut Vec<Message>) {
    let name = sender.name.as_str();
    named(name, sender.source.as_ref(), sender.stream.as_ref(), found);
    for hash in [&sender.token_sha256, &sender.certificate_sha256].into_iter().flatten() {
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_hash {
            found.push(msg!("server-config-no-hash", name = name)); // the value may be the token itself: it is not said
        }
    }
    if sender.token_sha256.is_none() && sender.certificate_sha256.is_none() {
        found.push(msg!("server-config-no-secret", name = name));
    }
    let has_ca = config.http.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    if sender.certificate_sha256.is_some() && !has_ca {
        found.push(msg!("server-config-no-client-ca", name = name));
    }
    if sender.receivers.is_empty() {
        found.push(msg!("server-config-no-receivers", name = name, known = known(RECEIVERS.iter().map(|r| r.id()))));
    }
    for receiver in &sender.receivers {
        if RECEIVERS.iter().all(|known| known.id() != receiver) {
            let nearest = nearest(receiver, RECEIVERS.iter().map(|known| known.id()));
            found.push(msg!("server-config-receiver", name = name, receiver = receiver, nearest = nearest));
        }
    }
    if sender.secret_file.is_some() && !sender.receivers.iter().any(|receiver| SIGNED.contains(&receiver.as_str())) {
        found.push(msg!("server-config-secret-unused", name = name, known = known(SIGNED.iter().copied())));
    }
    if sender.requests_per_second == Some(0) {
        found.push(msg!("server-config-rate", name = name));
    }
}

fn known<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or_default()
}
