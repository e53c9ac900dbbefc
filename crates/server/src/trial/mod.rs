//! Trials of doors: which a configuration has, and one harmless event to a receiver, in its own protocol and with its sender's token, or to a
//! listener for syslog; and a question to the API server of a cluster. `shoseki setup check` sends them, and waits for what comes of it.

mod login;

use async_recursion::async_recursion;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder};
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_setup::check::{Door, Given, Place};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};

pub use login::log_in;

use crate::config::{Config, Syslog, Transport};
use crate::fetch::pattern_of;
use crate::receivers::RECEIVERS;

/// How long an answer is waited for.
const WAIT: Duration = Duration::from_secs(30);

/// An event that a receiver takes, and that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The path that it is posted to.
    pub path: &'static str,
    /// The type of the body.
    pub kind: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What of a configuration is tried: its doors, its listeners and its watched files. A door is open where one of these tokens is its
/// sender's, and its receiver knows an event that means nothing.
pub fn given(config: &Config, tokens: &[String], url: Option<&str>) -> Given {
    let mut given = Given::default();
    for sender in &config.senders {
        let is_at_hand = token_of(config, &sender.name, tokens).is_some();
        for receiver in RECEIVERS.iter().filter(|one| sender.receivers.iter().any(|name| name == one.id())) {
            let sample = receiver.sample("", Timestamp(0));
            let path = sample.as_ref().map(|sample| sample.path).or_else(|| receiver.paths().first().copied());
            given.doors.push(Door {
                sender: sender.name.clone(),
                receiver: receiver.id().to_owned(),
                path: path.unwrap_or_default().to_owned(),
                is_open: is_at_hand && sample.is_some() && sender.secret_file.is_none(),
            });
        }
    }
    given.syslog = config.syslog.iter().map(|one| (one.name.clone(), may_send(one))).collect();
    given.files = config.files.iter().map(|one| (one.name.clone(), one.paths.join(" "))).collect();
    let listen = at_this_machine(config.http.listen);
    let scheme = if config.http.tls.is_some() { "https" } else { "http" };
    given.url = url.map_or_else(|| format!("{scheme}://{listen}"), str::to_owned);
    given
}

/// The token of a sender, among those that are at hand.
pub fn token_of<'t>(config: &Config, sender: &str, tokens: &'t [String]) -> Option<&'t str> {
    let of = config.senders.iter().find(|one| one.name == sender)?;
    let is_its = |token: &&String| of.token_sha256.as_deref() == Some(hex::encode(Sha256::digest(token)).as_str());
    tokens.iter().find(is_its).map(String::as_str)
}

/// The fetchers that read a place, by their names; of queues it is not known which buckets tell them, so each may.
pub fn fetchers_of(config: &Config, place: &Place) -> Vec<String> {
    let fits = |name: &String, of: &str| pattern_of(name).is_some_and(|pattern| pattern.matches(of));
    let fetch = &config.fetch;
    match place {
        Place::Objects { bucket, .. } => {
            let is_of_bucket =
                |url: &str| url.strip_prefix("s3://").and_then(|rest| rest.split('/').next()) == Some(bucket);
            let s3 = fetch.s3.iter().filter(|one| is_of_bucket(&one.url)).map(|one| one.name.clone());
            s3.chain(fetch.sqs.iter().map(|one| one.name.clone())).collect()
        }
        Place::Group(group) => {
            let is_of_group = |groups: &[String]| groups.iter().any(|name| fits(name, group));
            let logs = fetch.cloudwatch_logs.iter().filter(|one| is_of_group(&one.groups)).map(|one| one.name.clone());
            // A database's log is perhaps read by RDS's API.
            let database = group.strip_prefix("/aws/rds/instance/").and_then(|rest| rest.split('/').next());
            let is_of_database = |names: &[String]| database.is_some_and(|of| names.iter().any(|name| fits(name, of)));
            let rds = fetch.rds.iter().filter(|one| is_of_database(&one.instances)).map(|one| one.name.clone());
            logs.chain(rds).collect()
        }
    }
}

/// Whether this machine may send to a listener, and can say what it takes.
fn may_send(one: &Syslog) -> bool {
    let this = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let is_allowed = one.allow.is_empty() || one.allow.iter().any(|net| net.contains(&this));
    is_allowed && one.transport != Transport::Tls
}

/// Where a listener of this machine is reached from it.
fn at_this_machine(listen: SocketAddr) -> SocketAddr {
    match listen.ip().is_unspecified() {
        true => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()),
        false => listen,
    }
}

/// Posts an event with a mark to a receiver below a URL, with a token. `ca` has authorities that are trusted beside this machine's.
///
/// # Errors
/// The caller's mistake where the authorities cannot be read; the world's failure where the door did not say yes.
#[async_recursion]
pub async fn send(url: &str, receiver: &str, (token, ca): (&str, Option<&Path>), mark: &str) -> Result<()> {
    let sample = RECEIVERS.iter().find(|one| one.id() == receiver);
    let sample = sample.and_then(|one| one.sample(mark, Timestamp::now()));
    let Some(sample) = sample else { return Err(Fault::broken(msg!("server-trial-no-sample", receiver = receiver))) };
    let ca = match ca {
        Some(path) => {
            let shown = path.display().to_string();
            Some(std::fs::read(path).map_err(|error| Fault::caller(msg!("server-pem", path = shown)).because(error))?)
        }
        None => None,
    };
    let at = format!("{}{}", url.trim_end_matches('/'), sample.path);
    let request = client(ca.as_deref(), true)?.post(&at).header(CONTENT_TYPE, sample.kind).body(sample.body);
    let (status, said) = answered(request, token, &at).await?;
    match status {
        200..300 => Ok(()),
        _ => Err(Fault::world(msg!("server-forward-answered", at = at, status = status, said = said))),
    }
}

/// Asks the API server of a cluster for a path, with a token. `ca` is its authority as PEM, and no other is trusted. Gives the status:
/// also a refusal leaves an event.
///
/// # Errors
/// The world's failure where nobody answers.
#[async_recursion]
pub async fn ask(endpoint: &str, path: &str, ca: &[u8], token: &str) -> Result<u16> {
    let at = format!("{}{path}", endpoint.trim_end_matches('/'));
    let request = client(Some(ca), false)?.get(&at);
    answered(request, token, &at).await.map(|(status, _)| status)
}

/// Sends a message with a mark to a listener for syslog.
///
/// # Errors
/// The world's failure where it cannot be sent.
#[async_recursion]
pub async fn say(config: &Config, listener: &str, mark: &str) -> Result<()> {
    let one = config.syslog.iter().find(|one| one.name == listener);
    let Some(one) = one else { return Err(Fault::broken(msg!("server-trial-no-sample", receiver = listener))) };
    let at = at_this_machine(one.listen);
    let message = format!("<110>1 {} - shoseki - - - shoseki-check-{mark}", Timestamp::now());
    let unreachable = |error| Fault::world(msg!("server-trial-unreachable", at = at.to_string())).because(error);
    match one.transport {
        Transport::Udp => {
            let local = if at.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(local).await.map_err(unreachable)?;
            socket.send_to(message.as_bytes(), at).await.map_err(unreachable)?;
        }
        Transport::Tcp | Transport::Tls => {
            let mut stream = TcpStream::connect(at).await.map_err(unreachable)?;
            let framed = format!("{} {message}", message.len());
            stream.write_all(framed.as_bytes()).await.map_err(unreachable)?;
            stream.shutdown().await.map_err(unreachable)?;
        }
    }
    Ok(())
}

fn client(ca: Option<&[u8]>, is_of_machine_too: bool) -> Result<Client> {
    let failed = |error: reqwest::Error| Fault::caller(msg!("server-tls")).because(error);
    let mut client = Client::builder().timeout(WAIT).redirect(Policy::none());
    if let Some(pem) = ca {
        client = client.tls_built_in_root_certs(is_of_machine_too);
        client = Certificate::from_pem_bundle(pem)
            .map_err(failed)?
            .into_iter()
            .fold(client, |client, authority| client.add_root_certificate(authority));
    }
    client.build().map_err(failed)
}

/// The status of an answer, and the beginning of what it says.
async fn answered(request: RequestBuilder, token: &str, at: &str) -> Result<(u16, String)> {
    let unreachable =
        |error: reqwest::Error| Fault::world(msg!("server-trial-unreachable", at = at)).because(error.without_url());
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut value = value.map_err(|_| Fault::caller(msg!("server-forward-token")))?;
    value.set_sensitive(true);
    let mut answer = request.header(AUTHORIZATION, value).send().await.map_err(unreachable)?;
    let status = answer.status().as_u16();
    let said = answer.chunk().await.ok().flatten().unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Ok((status, said.chars().filter(|c| !c.is_control()).take(300).collect()))
}

#[cfg(test)]
mod tests {
    use shoseki_sources::auto;

    use super::*;
    use crate::receivers::tests::{post, taken};

    #[test]
    fn each_receiver_takes_its_own_sample_with_the_mark_in_it_once() {
        let mut without = Vec::new();
        for receiver in RECEIVERS {
            let Some(sample) = receiver.sample("69a8d60b1f3c7b20e5", Timestamp(1_772_672_523_000_000)) else {
                without.push(receiver.id());
                continue;
            };
            let request = post(sample.path, &[("content-type", sample.kind)], &sample.body);
            let (parts, yes) = taken(*receiver, &request);
            assert!(yes.status.is_success(), "{}", receiver.id());
            let events: Vec<_> = parts.iter().flat_map(|part| &part.events).collect();
            let has_mark = |event: &[u8]| String::from_utf8_lossy(event).contains("69a8d60b1f3c7b20e5");
            assert!(events.len() == 1 && has_mark(events[0]), "{}: {events:?}", receiver.id());
            let source = parts[0].source.or_else(|| auto(events[0]).map(|source| source.id()));
            assert!(matches!(source, Some("app" | "falco" | "k8s-audit") | None), "{}: {source:?}", receiver.id());
        }
        // GitHub signs what it sends.
        assert_eq!(without, ["github"]);
    }

    #[test]
    fn a_door_is_open_where_its_token_is_at_hand() {
        let hash = hex::encode(Sha256::digest("secret"));
        let text = format!(
            "[http]\nlisten = \"0.0.0.0:8484\"\nplain_text = true\n\
             [[sender]]\nname = \"a\"\ntoken_sha256 = \"{hash}\"\nreceivers = [\"ndjson\", \"github\"]\n\
             [[sender]]\nname = \"b\"\ntoken_sha256 = \"{}\"\nreceivers = [\"falco\"]\n\
             [[syslog]]\nname = \"s\"\nlisten = \"127.0.0.1:6514\"\ntransport = \"udp\"\n\
             [[syslog]]\nname = \"far\"\nlisten = \"127.0.0.1:6515\"\ntransport = \"tcp\"\nallow = [\"192.0.2.0/24\"]\n\
             [[files]]\nname = \"web\"\npaths = [\"web.log\"]\n",
            "0".repeat(64)
        );
        let config = Config::parse(&text, "shoseki.toml").unwrap();
        let tokens = ["other".to_owned(), "secret".to_owned()];
        let given = given(&config, &tokens, None);
        let doors: Vec<(&str, &str, bool)> =
            given.doors.iter().map(|one| (one.sender.as_str(), one.receiver.as_str(), one.is_open)).collect();
        assert_eq!(doors, [("a", "github", false), ("a", "ndjson", true), ("b", "falco", false)]);
        assert_eq!(given.syslog, [("s".to_owned(), true), ("far".to_owned(), false)]);
        assert_eq!((given.files[0].0.as_str(), given.url.as_str()), ("web", "http://127.0.0.1:8484"));
        assert_eq!((token_of(&config, "a", &tokens), token_of(&config, "b", &tokens)), (Some("secret"), None));
    }
}
