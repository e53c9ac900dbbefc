//! A syslog server: RFC 5424, octet-counted over TCP (RFC 6587) and TLS (RFC 5425), or a datagram each (RFC 5426).
//!
//! Syslog knows no yes. A batch is a connection: once all is written we say that nothing more comes, and wait for the other side to
//! close; it does when it has read the end, so what was written was read. Of datagrams nothing is known.
//!
//! ```text
//! <109>1 2026-03-05T00:00:00.000000Z shoseki cloudtrail - DeleteTrail [shoseki@32473 record="…" stream="…"] {…}
//! ```
//!
//! 32473 is the number that RFC 5612 keeps for documents: shoseki has none of its own.

use std::fmt::Write;
use std::io::BufReader;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use shoseki_messages::{Fault, Result, msg};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio_rustls::TlsConnector;

use super::line::Line;
use super::{Most, No, Refused, Target};
use crate::config::{SyslogTarget, Way};
use crate::listen::{certificates, open, unreadable};

/// How long a connection, a write or the end may take.
const WAIT: Duration = Duration::from_secs(30);
/// The facility `log audit`.
const FACILITY: u8 = 13;
/// The longest datagram over IPv4.
const DATAGRAM: usize = 65_507;

pub(super) struct Syslog {
    address: String,
    host: String,
    way: Way,
    connector: Option<TlsConnector>,
}

impl Syslog {
    pub(super) fn of(one: &SyslogTarget) -> Result<Self> {
        let connector = match one.transport {
            Way::Tls => Some(connector(one)?),
            Way::Tcp | Way::Udp => None,
        };
        let host = word(one.host.as_deref().unwrap_or("shoseki"), 255);
        Ok(Self { address: one.address.clone(), host, way: one.transport, connector })
    }

    /// A record as a message.
    fn message(&self, line: &Line, text: &mut String) {
        let columns = &line.columns;
        let priority = FACILITY * 8 + severity(columns.severity_id);
        let time = columns.time.to_utc().map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        let (time, app) = (time.as_deref().unwrap_or("-"), word(&line.source, 48));
        let name = word(columns.operation.as_deref().unwrap_or_default(), 32);
        let _ = write!(text, "<{priority}>1 {time} {} {app} - {name} ", self.host); // writing to a text does not fail
        let _ = write!(text, "[shoseki@32473 record=\"{}\" stream=\"", line.id);
        for letter in line.stream.chars() {
            if matches!(letter, '"' | '\\' | ']') {
                text.push('\\');
            }
            text.push(letter);
        }
        text.push_str("\"] ");
        text.push_str(&line.text);
    }

    async fn datagrams(&self, lines: &[Line]) -> std::io::Result<Vec<Refused>> {
        let mut refused = Vec::new();
        let missing = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        let to = lookup_host(&self.address).await?.next().ok_or_else(missing)?;
        let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(to).await?;
        for (at, line) in lines.iter().enumerate() {
            let mut text = String::new();
            self.message(line, &mut text);
            if text.len() > DATAGRAM {
                let why = msg!("server-forward-too-long", most = DATAGRAM).text(shoseki_messages::Lang::En);
                refused.push(Refused { at: Some(at), why });
            } else {
                socket.send(text.as_bytes()).await?;
            }
        }
        Ok(refused)
    }

    async fn frames(&self, lines: &[Line]) -> std::io::Result<()> {
        let (mut frames, mut text) = (String::new(), String::new());
        for line in lines {
            text.clear();
            self.message(line, &mut text);
            let _ = write!(frames, "{} {text}", text.len()); // writing to a text does not fail
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        match &self.connector {
            None => told(stream, frames.as_bytes()).await,
            Some(connector) => {
                let host = self.address.rsplit_once(':').map_or("", |(host, _)| host).trim_matches(['[', ']']);
                let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
                told(connector.connect(name, stream).await?, frames.as_bytes()).await
            }
        }
    }
}

/// Writes, says that this was all, and waits for the other side to have read it.
async fn told<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, frames: &[u8]) -> std::io::Result<()> {
    stream.write_all(frames).await?;
    stream.shutdown().await?;
    let mut rest = [0; 1_024];
    loop {
        match stream.read(&mut rest).await {
            Ok(0) => return Ok(()),
            Ok(_) => {} // it has nothing to say to us
            // It ended TLS without a word of it, as some do, once it had read ours.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// OCSF's severity as syslog's: from informational to alert.
fn severity(id: i32) -> u8 {
    match id {
        2 => 5,
        3 => 4,
        4 => 3,
        5 => 2,
        6 => 1,
        _ => 6,
    }
}

/// A name of the head: printable ASCII without a space; `-` where nothing is left.
fn word(text: &str, most: usize) -> String {
    let word: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if word.is_empty() { "-".to_owned() } else { word }
}

fn connector(one: &SyslogTarget) -> Result<TlsConnector> {
    let broken = |error: rustls::Error| Fault::caller(msg!("server-tls")).because(error);
    let mut roots = RootCertStore::empty();
    match &one.ca {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(broken)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(broken)?;
    let builder = builder.with_root_certificates(roots);
    let config = match (&one.certificate, &one.key) {
        (Some(certificate), Some(path)) => {
            let key = PrivateKeyDer::from_pem_reader(&mut BufReader::new(open(path)?));
            let key = key.map_err(|error| unreadable(path).because(error.to_string()))?;
            builder.with_client_auth_cert(certificates(certificate)?, key).map_err(broken)?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

#[async_trait::async_trait]
impl Target for Syslog {
    fn most(&self) -> Most {
        Most { records: 1_000, bytes: 1 << 20 }
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        let failed = |fault: Fault| No::Later(fault, None);
        let unreachable = || Fault::world(msg!("server-forward-unreachable", at = self.address.as_str()));
        let sending = async {
            match self.way {
                Way::Udp => self.datagrams(lines).await,
                Way::Tcp | Way::Tls => self.frames(lines).await.map(|()| Vec::new()),
            }
        };
        match tokio::time::timeout(WAIT, sending).await {
            Ok(sent) => sent.map_err(|error| failed(unreachable().because(error))),
            Err(_) => Err(failed(Fault::world(msg!("server-forward-no-end", at = self.address.as_str())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Form;
    use crate::forward::line::tests::line_of;

    #[test]
    fn a_message_is_that_of_the_standard() {
        let raw =
            br#"{"eventVersion":"1.08","eventID":"a","eventName":"Delete Trail","eventTime":"2026-03-05T00:00:00Z"}"#;
        let mut line = line_of("cloudtrail", raw, Form::Original);
        line.stream = r#"a"]\b"#.into();
        let one = SyslogTarget {
            address: "localhost:1".to_owned(),
            transport: Way::Tcp,
            ca: None,
            certificate: None,
            key: None,
            host: None,
        };
        let mut text = String::new();
        Syslog::of(&one).unwrap().message(&line, &mut text);
        let head = "1 2026-03-05T00:00:00.000000Z shoseki cloudtrail - DeleteTrail [shoseki@32473 record=\"";
        assert!(text.starts_with('<') && text.contains(head), "{text}");
        assert!(text.contains(r#"stream="a\"\]\\b"] {"#), "{text}");
        assert!(text.ends_with(line.text.as_str()));
        assert_eq!(word("", 5), "-");
    }
}
