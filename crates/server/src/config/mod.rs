//! `shoseki.toml`, as `serve` reads it: every key is known, every value is checked before anything is listened on.
//!
//! ```text
//! seal_every = "60s"
//!
//! [http]
//! listen = "127.0.0.1:8484"
//!
//! [[sender]]
//! name = "prod-cluster"
//! token_sha256 = "…"
//! receivers = ["kubernetes-audit"]
//! ```

mod alert;
mod check;
mod detect;
mod disk;
mod fetch;
mod files;
mod forward;
mod heartbeat;
mod quantity;
mod schedule;
mod secret;
mod settings;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::layout::Marker;
use shoseki_setup::Setup;

pub use alert::{Alert, Escalate, Hidden, Quiet, Smtp, SmtpTls};
pub(crate) use alert::{is_url, secret};
pub use detect::Detect;
pub use disk::{Disk, Room};
pub use fetch::{Fetch, LogGroupsFetch, RdsFetch, Reach, S3Fetch, SqsFetch};
pub use files::{Files, Format, Start};
pub(crate) use forward::is_fit;
pub use forward::{Elasticsearch, Form, Forward, LogGroup, Loki, Since, SplunkHec, SyslogTarget, Way, Web, Webhook};
pub use heartbeat::Heartbeat;
pub use quantity::{Length, Size};
pub(crate) use schedule::WEEK;
pub use schedule::{
    At, CheckJob, Days, DetectJob, DigestJob, Names, On, PackageJob, QueryJob, ReplicaJob, ReportJob, RetentionJob,
    Schedule, Telling, UnsignedAfter,
};
pub use secret::Secret;
pub use settings::{Accounts, InventoryJob, Paths, SetupJob};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The vault's URL; else `--vault`, or the environment's.
    pub vault: Option<String>,
    /// The folder of the write-ahead log; else one of the user's.
    pub wal: Option<PathBuf>,
    /// How long an acknowledged event waits for its seal: a commit is a file for ever.
    pub seal_every: SealEvery,
    /// How often small files are put together; `0s` for never.
    pub compact_every: CompactEvery,
    /// The most that waits on the disk for its seal; senders are told to come again when it is reached.
    pub max_waiting: MaxWaiting,
    /// Where HTTP is spoken.
    pub http: Http,
    /// Where health and metrics are told.
    pub status: Status,
    /// The region of AWS that is called where a fetcher names none, and that the vault's bucket is in.
    pub region: Option<String>,
    /// What we fetch ourselves.
    pub fetch: Fetch,
    /// Who is told of what happens.
    #[serde(rename = "alert")]
    pub alerts: Vec<Alert>,
    /// How much room there should be on the disks.
    pub disk: Disk,
    /// Where it is told that `serve` is well.
    pub heartbeat: Option<Heartbeat>,
    /// How often streams should speak, where it is not learned.
    pub expect: Vec<Expect>,
    /// Where syslog is spoken.
    pub syslog: Vec<Syslog>,
    /// Which files are watched.
    pub files: Vec<Files>,
    /// Whom evidence is passed on to.
    #[serde(rename = "forward")]
    pub forwards: Vec<Forward>,
    /// Who may send over HTTP.
    #[serde(rename = "sender")]
    pub senders: Vec<Sender>,
    /// The zone of the times and days of schedules; that of `--tz` where absent.
    pub tz: Option<String>,
    /// Which rules are asked, and which of their matches somebody bears.
    pub detect: Detect,
    /// What `shoseki setup` makes of accounts of AWS.
    pub setup: Option<Setup>,
    /// What is done again and again.
    #[serde(rename = "schedule")]
    pub schedules: Vec<Schedule>,
    /// The SHA-256 of its text, in hexadecimal: another one once anything in it is.
    #[serde(skip)]
    pub sha256: String,
}

/// A minute, unless it is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct SealEvery(pub Length);

impl Default for SealEvery {
    fn default() -> Self {
        Self(Length::seconds(60))
    }
}

/// An hour, unless it is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct CompactEvery(pub Length);

impl Default for CompactEvery {
    fn default() -> Self {
        Self(Length::seconds(3_600))
    }
}

/// Two GiB, unless it is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct MaxWaiting(pub Size);

impl Default for MaxWaiting {
    fn default() -> Self {
        Self(Size(2 << 30))
    }
}

/// The receivers' address and limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where connections are taken.
    pub listen: SocketAddr,
    /// The certificate; without one only this machine may connect, unless `plain_text` says otherwise.
    pub tls: Option<Tls>,
    /// Whether other machines may connect without TLS, because something before us ends it.
    pub plain_text: bool,
    /// The longest body, as it comes and once it is decompressed.
    pub max_body: Size,
    /// The most connections at a time.
    pub max_connections: usize,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8_484)),
            tls: None,
            plain_text: false,
            max_body: Size(64 << 20),
            max_connections: 512,
        }
    }
}

/// A certificate and its key, in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
    /// The authorities of senders' certificates; senders may then be known by `certificate_sha256`.
    pub client_ca: Option<PathBuf>,
}

/// Where health and metrics are told: without a token, so by default to this machine alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Status {
    /// Where connections are taken.
    pub listen: SocketAddr,
}

impl Default for Status {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8_485)) }
    }
}

/// A listener for syslog. Its senders have no tokens: who they are, their network says, or a certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Syslog {
    /// The name of its senders: it stands in streams and in provenance.
    pub name: String,
    /// Where messages are taken.
    pub listen: SocketAddr,
    /// How they come.
    pub transport: Transport,
    /// The networks that may send; this machine alone where none is named.
    #[serde(default)]
    pub allow: Vec<IpNet>,
    /// The certificate, for TLS. With `client_ca`, who shows no certificate of one is refused.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// The source of what is no syslog and known by nothing.
    #[serde(default)]
    pub source: Option<String>,
    /// The stream of all that comes; `<source>/<name>/<host>` where absent.
    #[serde(default)]
    pub stream: Option<String>,
}

/// How often streams should speak.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The streams, `*` for anything.
    pub stream: String,
    /// The longest silence that is no gap.
    pub at_most: Length,
}

impl Expect {
    /// The streams as a pattern.
    pub fn pattern(&self) -> Option<glob::Pattern> {
        glob::Pattern::new(&self.stream).ok()
    }
}

/// How syslog travels.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// RFC 6587.
    Tcp,
    /// RFC 5425.
    Tls,
    /// RFC 5426.
    Udp,
}

/// Who may send.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Its name: it stands in streams and in provenance.
    pub name: String,
    /// The SHA-256 of its token, in hexadecimal: the token itself is known to the sender alone.
    #[serde(default)]
    pub token_sha256: Option<String>,
    /// The SHA-256 of its certificate (DER), in hexadecimal.
    #[serde(default)]
    pub certificate_sha256: Option<String>,
    /// The receivers that it may use.
    pub receivers: Vec<String>,
    /// The source of all that it sends; known by its content where absent.
    #[serde(default)]
    pub source: Option<String>,
    /// The stream of all that it sends; `<source>/<name>` where absent.
    #[serde(default)]
    pub stream: Option<String>,
    /// The most requests a second, on average over ten seconds; no bound where absent.
    #[serde(default)]
    pub requests_per_second: Option<u32>,
    /// The file of the secret that it signs with, where its protocol signs: `github`. What is not signed is then refused.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// What is in that file.
    #[serde(skip)]
    pub secret: Option<Secret>,
}

impl Config {
    /// Reads and checks a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// The caller's mistakes, all of them, with lines where they are of the file's form.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Fault::caller(msg!("server-config-unreadable", path = shown.as_str())).because(error))?;
        let mut config = Self::parse(&text, &shown)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let mut anchored = |path: &mut PathBuf| *path = folder.join(&*path);
        config.alerts.iter_mut().for_each(|alert| alert.below(folder));
        config.heartbeat.iter_mut().for_each(|heartbeat| heartbeat.below(folder));
        config.forwards.iter_mut().for_each(|forward| forward.below(folder));
        config.schedules.iter_mut().for_each(|schedule| schedule.below(folder));
        config.wal.as_mut().map(&mut anchored);
        config.detect.rules.0.iter_mut().for_each(&mut anchored);
        if let Some(vault) = config.vault.as_mut().filter(|vault| !vault.contains("://")) {
            *vault = folder.join(&*vault).display().to_string();
        }
        config.files.iter_mut().for_each(|files| files.anchor(folder));
        let of_syslog = config.syslog.iter_mut().filter_map(|syslog| syslog.tls.as_mut());
        for tls in config.http.tls.iter_mut().chain(of_syslog) {
            anchored(&mut tls.certificate);
            anchored(&mut tls.key);
            tls.client_ca.as_mut().map(&mut anchored);
        }
        for sender in &mut config.senders {
            sender.secret_file.as_mut().map(&mut anchored);
            sender.secret = sender.secret_file.as_deref().map(Secret::read).transpose()?;
        }
        Ok(config)
    }

    /// The regions of AWS that it names, each once.
    pub fn regions(&self) -> Vec<String> {
        let fetchers = self.fetch.reaches().into_iter().filter_map(|(reach, _)| reach.region);
        let targets = self.forwards.iter().filter_map(|one| one.cloudwatch_logs.as_ref()?.region.clone());
        let all: std::collections::BTreeSet<String> =
            self.region.clone().into_iter().chain(fetchers).chain(targets).collect();
        all.into_iter().collect()
    }

    /// Reads and checks the text of a file of this name.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &str) -> Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            if Marker::parse(text).is_ok() {
                return Fault::caller(msg!("server-config-marker", path = path));
            }
            let fault = |why: &str| Fault::caller(msg!("server-config-form", path = path, why = why.trim_end()));
            match nearest_key(error.message()) {
                Some((key, near)) => {
                    fault(&error.to_string()).because(Fault::caller(msg!("server-config-near", key = key, near = near)))
                }
                None => fault(&error.to_string()),
            }
        })?;
        config.fetch.in_region(config.region.as_ref());
        config.forwards.iter_mut().for_each(|forward| forward.in_region(config.region.as_ref()));
        config.sha256 = hex::encode(Sha256::digest(text));
        let mistakes = check::mistakes(&config);
        if mistakes.is_empty() {
            return Ok(config);
        }
        Err(Fault::caller(msg!("server-config-mistakes", path = path, why = mistakes)))
    }
}

/// The key that is not known, and the nearest of those that are: serde's error names them all.
fn nearest_key(error: &str) -> Option<(String, String)> {
    let mut names = error.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let key = names.next()?;
    let near = shoseki_insights::nearest(key, names)?;
    Some((key.to_owned(), near.to_owned()))
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use super::*;

    fn refused(text: &str) -> String {
        Config::parse(text, "shoseki.toml").unwrap_err().chain(Lang::En)
    }

    #[test]
    fn nothing_said_is_this_machine_alone_and_nobody() {
        let config = Config::parse("", "shoseki.toml").unwrap();
        assert!(config.http.listen.ip().is_loopback() && config.status.listen.ip().is_loopback());
        assert!(config.senders.is_empty());
        assert_eq!(config.seal_every.0.0.as_secs(), 60);
    }

    #[test]
    fn a_mistake_of_form_has_its_line_and_what_was_expected() {
        let said = refused("[http]\nlisten = \"127.0.0.1:1\"\nmax_bodies = \"1MiB\"\n");
        assert!(said.contains("line 3") && said.contains("max_bodies") && said.contains("`max_body`"), "{said}");
        assert!(said.contains("did you mean `max_body`"), "{said}");
        let said = refused("seal_every = \"soon\"\n");
        assert!(said.contains("line 1") && said.contains("`60s`"), "{said}");
    }

    #[test]
    fn a_set_up_has_its_line_its_key_and_what_was_expected() {
        assert!(Config::parse("[setup]\n", "shoseki.toml").unwrap().setup.is_some());
        let said = refused("[setup]\nname = \"shop\"\nhome_regions = \"x\"\n");
        assert!(said.contains("line 3") && said.contains("did you mean `home_region`"), "{said}");
        let said = refused("[setup]\nobject_lock = \"complience\"\n");
        assert!(said.contains("line 2") && said.contains("`\"compliance\"`"), "{said}");
        let said = refused("[setup]\nframeworks = [\"pci-ds\"]\nkeep_months = 3\n");
        assert!(said.contains("`pci-dss`") && said.contains("12 months"), "{said}");
    }

    #[test]
    fn every_mistake_of_meaning_is_named_at_once() {
        let said = refused(
            "[http]\nlisten = \"0.0.0.0:8484\"\n\
             [[sender]]\nname = \"a b\"\nreceivers = [\"falko\"]\nsource = \"falkon\"\ntoken_sha256 = \"secret\"\n\
             [[sender]]\nname = \"a b\"\nreceivers = []\n",
        );
        for part in ["0.0.0.0:8484", "`falko`", "`falco`", "`falkon`", "64 hexadecimal digits", "`a b`", "twice"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn alerts_are_told_apart_by_names_without_spaces() {
        let alert = |name: &str| format!("[[alert]]\nname = \"{name}\"\nwebhook = \"https://example.com/\"\n");
        let said = refused(&alert("on call"));
        assert!(said.contains("`on call` cannot be the name"), "{said}");
        let said = refused(&[alert("on-call"), alert("当番"), alert("on-call")].concat());
        assert!(said.contains("two [[alert]] are called `on-call`") && !said.contains("当番"), "{said}");
    }

    #[test]
    fn two_senders_have_two_tokens() {
        let hash = "0".repeat(64);
        let one =
            |name: &str| format!("[[sender]]\nname = \"{name}\"\nreceivers = [\"falco\"]\ntoken_sha256 = \"{hash}\"\n");
        assert!(Config::parse(&one("a"), "shoseki.toml").is_ok());
        let said = refused(&(one("a") + &one("b")));
        assert!(said.contains("`a`") && said.contains("`b`"), "{said}");
    }
}
