//! Whom evidence is passed on to, once it is sealed: `[[forward]]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use shoseki_messages::{Message, msg};
use shoseki_segment::{OWN_SOURCE, UNKNOWN_SOURCE};
use shoseki_sources::SOURCES;

use super::{Hidden, Length};

/// A target, and what it gets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    /// Its name, for messages; how far it is, is kept under it.
    pub name: String,
    /// Records of these sources; of all but `shoseki` where none is named.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Records of these streams, `*` for anything; of all where none is named.
    #[serde(default)]
    pub streams: Vec<String>,
    /// A condition as after `filter` in a query.
    pub filter: Option<String>,
    /// As what a record goes out.
    #[serde(default)]
    pub format: Form,
    /// Whether secrets and card numbers are masked.
    #[serde(default)]
    pub mask: bool,
    /// Where it begins, the first time; a day also bounds the events' times for good.
    #[serde(default)]
    pub from: Since,
    /// How often it looks for what was sealed; `seal_every` of the file where absent, a minute at most then.
    pub every: Option<Length>,
    /// Grafana Loki.
    pub loki: Option<Loki>,
    /// A log group of CloudWatch Logs.
    #[serde(rename = "cloudwatch-logs")]
    pub cloudwatch_logs: Option<LogGroup>,
    /// A syslog server.
    pub syslog: Option<SyslogTarget>,
    /// A URL.
    pub webhook: Option<Webhook>,
    /// Splunk's HTTP event collector.
    #[serde(rename = "splunk-hec")]
    pub splunk_hec: Option<SplunkHec>,
    /// Elasticsearch or OpenSearch.
    pub elasticsearch: Option<Elasticsearch>,
}

/// As what a record goes out.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The event, byte for byte.
    #[default]
    Original,
    /// An event of OCSF, as `query --ocsf` shows it.
    Ocsf,
    /// A line of the Common Event Format.
    Cef,
}

/// Where a forwarder begins that never ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// With what is sealed from now on.
    #[default]
    Now,
    /// With all that is there.
    Beginning,
    /// With events of this day, in UTC, and later ones.
    Day(NaiveDate),
}

impl<'de> Deserialize<'de> for Since {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(day) => day.to_string(),
            _ => String::new(),
        };
        match text.as_str() {
            "now" => Ok(Self::Now),
            "beginning" => Ok(Self::Beginning),
            day => day
                .parse()
                .map(Self::Day)
                .map_err(|_| D::Error::custom("expected `now`, `beginning` or a day such as `2026-03-05`")),
        }
    }
}

/// What all that is reached by HTTP have.
#[derive(Clone, Debug)]
pub struct Web {
    /// Where it is.
    pub url: Hidden,
    /// A file with that URL, where it is a secret itself.
    pub url_file: Option<PathBuf>,
    /// The authorities of its certificate, in PEM; those of this machine where absent.
    pub ca: Option<PathBuf>,
    /// Whether evidence may go there without TLS, over a network.
    pub plain_text: bool,
    /// The file of a token.
    pub token_file: Option<PathBuf>,
    /// A user, whose password is in a file.
    pub user: Option<(String, Option<PathBuf>)>,
}

/// Grafana Loki.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loki {
    /// Its address, `https://loki.example.com`.
    pub url: Hidden,
    /// See [`Web`].
    pub ca: Option<PathBuf>,
    /// See [`Web`].
    #[serde(default)]
    pub plain_text: bool,
    /// The file of a bearer token.
    pub token_file: Option<PathBuf>,
    /// See [`Web`].
    pub user: Option<String>,
    /// See [`Web`].
    pub password_file: Option<PathBuf>,
    /// The tenant, where there are several.
    pub tenant: Option<String>,
    /// Labels beside `job`, `source` and `stream`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Whether a record's name goes along as structured metadata, which Loki takes from its version 3 on.
    #[serde(default = "yes")]
    pub structured_metadata: bool,
}

/// A log group of CloudWatch Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Its name. It must be there; log streams are created.
    pub group: String,
    /// Its region; that of the file where absent.
    pub region: Option<String>,
    /// The ARN of a role.
    pub role_arn: Option<String>,
    /// What the role's owner asks for.
    pub external_id: Option<String>,
}

/// A syslog server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogTarget {
    /// Its address, `siem.example.com:6514`.
    pub address: String,
    /// How it is reached.
    #[serde(default)]
    pub transport: Way,
    /// The authorities of its certificate, in PEM; those of this machine where absent.
    pub ca: Option<PathBuf>,
    /// Our certificate, where it asks for one.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// What stands as the host's name.
    pub host: Option<String>,
}

/// How a syslog server is reached.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// RFC 5425.
    #[default]
    Tls,
    /// RFC 6587.
    Tcp,
    /// RFC 5426. Nothing says whether it arrived.
    Udp,
}

/// A URL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where it is.
    pub url: Option<Hidden>,
    /// A file with the URL, where it is a secret itself.
    pub url_file: Option<PathBuf>,
    /// See [`Web`].
    pub ca: Option<PathBuf>,
    /// See [`Web`].
    #[serde(default)]
    pub plain_text: bool,
    /// The file of a bearer token.
    pub token_file: Option<PathBuf>,
    /// See [`Web`].
    pub user: Option<String>,
    /// See [`Web`].
    pub password_file: Option<PathBuf>,
    /// The file of a secret that bodies are signed with.
    pub secret_file: Option<PathBuf>,
}

/// Splunk's HTTP event collector.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplunkHec {
    /// Its address, `https://splunk.example.com:8088`.
    pub url: Hidden,
    /// See [`Web`].
    pub ca: Option<PathBuf>,
    /// See [`Web`].
    #[serde(default)]
    pub plain_text: bool,
    /// The file of the token.
    pub token_file: Option<PathBuf>,
    /// The index; the token's own where absent.
    pub index: Option<String>,
}

/// Elasticsearch or OpenSearch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elasticsearch {
    /// Its address, `https://search.example.com:9200`.
    pub url: Hidden,
    /// See [`Web`].
    pub ca: Option<PathBuf>,
    /// See [`Web`].
    #[serde(default)]
    pub plain_text: bool,
    /// The file of an API key, as Elasticsearch encodes it.
    pub api_key_file: Option<PathBuf>,
    /// See [`Web`].
    pub user: Option<String>,
    /// See [`Web`].
    pub password_file: Option<PathBuf>,
    /// The index or data stream.
    pub index: String,
}

fn yes() -> bool {
    true
}

impl Forward {
    /// What is reached by HTTP, of the target where it is.
    pub fn web(&self) -> Option<Web> {
        let user = |user: &Option<String>, file: &Option<PathBuf>| user.clone().map(|user| (user, file.clone()));
        if let Some(Loki { url, ca, plain_text, token_file, user: name, password_file, .. }) = &self.loki {
            let user = user(name, password_file);
            let (url, token_file) = (url.clone(), token_file.clone());
            return Some(Web { url, url_file: None, ca: ca.clone(), plain_text: *plain_text, token_file, user });
        }
        if let Some(Webhook { url, url_file, ca, plain_text, token_file, user: name, password_file, .. }) =
            &self.webhook
        {
            let (url, url_file) = (url.clone().unwrap_or_default(), url_file.clone());
            let (ca, user) = (ca.clone(), user(name, password_file));
            return Some(Web { url, url_file, ca, plain_text: *plain_text, token_file: token_file.clone(), user });
        }
        if let Some(SplunkHec { url, ca, plain_text, token_file, .. }) = &self.splunk_hec {
            let (url, token_file) = (url.clone(), token_file.clone());
            return Some(Web { url, url_file: None, ca: ca.clone(), plain_text: *plain_text, token_file, user: None });
        }
        let Elasticsearch { url, ca, plain_text, api_key_file, user: name, password_file, .. } =
            self.elasticsearch.as_ref()?;
        let (url, token_file, user) = (url.clone(), api_key_file.clone(), user(name, password_file));
        Some(Web { url, url_file: None, ca: ca.clone(), plain_text: *plain_text, token_file, user })
    }

    /// The kind of the target, and where it is: what may be shown.
    pub fn target(&self) -> (&'static str, String) {
        let kind = match self {
            Self { loki: Some(_), .. } => "loki",
            Self { splunk_hec: Some(_), .. } => "splunk-hec",
            Self { elasticsearch: Some(_), .. } => "elasticsearch",
            Self { cloudwatch_logs: Some(one), .. } => return ("cloudwatch-logs", one.group.clone()),
            Self { syslog: Some(one), .. } => return ("syslog", one.address.clone()),
            _ => "webhook",
        };
        let url = self.web().and_then(|web| url::Url::parse(web.url.expose()).ok());
        let at = url.and_then(|url| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
        });
        (kind, at.unwrap_or_else(|| "…".to_owned()))
    }

    /// Makes paths relative to the configuration's folder.
    pub(super) fn below(&mut self, folder: &Path) {
        let mut paths: Vec<&mut Option<PathBuf>> = Vec::new();
        if let Some(one) = &mut self.loki {
            paths.extend([&mut one.ca, &mut one.token_file, &mut one.password_file]);
        }
        if let Some(one) = &mut self.syslog {
            paths.extend([&mut one.ca, &mut one.certificate, &mut one.key]);
        }
        if let Some(one) = &mut self.webhook {
            let secret = [&mut one.url_file, &mut one.secret_file];
            paths.extend([&mut one.ca, &mut one.token_file, &mut one.password_file].into_iter().chain(secret));
        }
        if let Some(one) = &mut self.splunk_hec {
            paths.extend([&mut one.ca, &mut one.token_file]);
        }
        if let Some(one) = &mut self.elasticsearch {
            paths.extend([&mut one.ca, &mut one.api_key_file, &mut one.password_file]);
        }
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// Gives the region of the whole file to what names none.
    pub(super) fn in_region(&mut self, region: Option<&String>) {
        if let Some(group) = self.cloudwatch_logs.as_mut().filter(|group| group.region.is_none()) {
            group.region = region.cloned();
        }
    }
}

/// What is wrong with one.
pub(super) fn mistakes(forward: &Forward, found: &mut Vec<Message>) {
    let name = forward.name.as_str();
    let targets = [
        forward.loki.is_some(),
        forward.cloudwatch_logs.is_some(),
        forward.syslog.is_some(),
        forward.webhook.is_some(),
        forward.splunk_hec.is_some(),
        forward.elasticsearch.is_some(),
    ];
    if targets.into_iter().filter(|is_one| *is_one).count() != 1 {
        found.push(msg!("server-config-forward-targets", name = name));
    }
    let known = || SOURCES.iter().map(|known| known.id()).chain([OWN_SOURCE, UNKNOWN_SOURCE]);
    for source in forward.sources.iter().filter(|source| known().all(|known| known != source.as_str())) {
        let nearest = super::check::nearest(source, known());
        found.push(msg!("server-config-forward-source", name = name, source = source, nearest = nearest));
    }
    let is_label = |label: &str| {
        let mut letters = label.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !["job", "source", "stream"].contains(&label)
    };
    let labels = forward.loki.iter().flat_map(|loki| loki.labels.keys());
    for label in labels.filter(|label| !is_label(label)) {
        found.push(msg!("server-config-forward-label", name = name, label = label));
    }
    for stream in forward.streams.iter().filter(|stream| glob::Pattern::new(stream).is_err()) {
        found.push(msg!("server-config-forward-stream", name = name, stream = stream));
    }
    if let Some(filter) = &forward.filter
        && let Err(why) = crate::forward::condition(filter)
    {
        found.push(msg!("server-config-forward-filter", name = name, why = why));
    }
    if forward.every.is_some_and(|every| every.0.is_zero()) {
        found.push(msg!("server-config-forward-every", name = name));
    }
    if let Some(web) = forward.web() {
        of_web(name, &web, found);
    }
    if forward.splunk_hec.as_ref().is_some_and(|one| one.token_file.is_none()) {
        found.push(msg!("server-config-forward-token", name = name));
    }
    if let Some(one) = &forward.cloudwatch_logs {
        if one.region.as_ref().is_none_or(String::is_empty) {
            found.push(msg!("server-config-forward-region", name = name));
        }
        if one.external_id.is_some() && one.role_arn.is_none() {
            found.push(msg!("server-config-forward-external-id", name = name));
        }
    }
    if let Some(one) = &forward.syslog {
        let is_tls = one.transport == Way::Tls;
        let has_tls = [&one.ca, &one.certificate, &one.key].into_iter().any(Option::is_some);
        if (has_tls && !is_tls) || one.certificate.is_some() != one.key.is_some() {
            found.push(msg!("server-config-forward-syslog-tls", name = name));
        }
        let port =
            one.address.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>()));
        if !matches!(port, Some(Ok(_))) {
            found.push(msg!("server-config-forward-address", name = name, address = one.address.as_str()));
        }
    }
}

fn of_web(name: &str, web: &Web, found: &mut Vec<Message>) {
    let is_given = !web.url.expose().is_empty();
    if is_given == web.url_file.is_some() {
        found.push(msg!("server-config-forward-url", name = name));
    }
    if is_given && !is_fit(web.url.expose(), web.plain_text) {
        found.push(msg!("server-config-forward-plain", name = name));
    }
    if web.user.as_ref().is_some_and(|(_, file)| file.is_none()) || (web.user.is_some() && web.token_file.is_some()) {
        found.push(msg!("server-config-forward-user", name = name));
    }
}

/// Whether evidence may go to a URL: by TLS, to this machine, or where it was said that it may.
pub(crate) fn is_fit(url: &str, may_be_plain: bool) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let is_here = match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    match url.scheme() {
        "https" => true,
        "http" => may_be_plain || is_here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use crate::Config;

    fn refused(text: &str) -> String {
        Config::parse(text, "shoseki.toml").unwrap_err().chain(Lang::En)
    }

    #[test]
    fn a_target_of_each_kind_is_read() {
        let text = r#"
            region = "ap-northeast-1"
            [[forward]]
            name = "grafana"
            sources = ["cloudtrail"]
            streams = ["cloudtrail/*"]
            filter = "eventName like /Delete/ and errorCode = 'AccessDenied'"
            from = "beginning"
            [forward.loki]
            url = "https://loki.example.com"
            labels = { env = "prod" }
            [[forward]]
            name = "group"
            from = 2026-03-05
            [forward.cloudwatch-logs]
            group = "/evidence"
            [[forward]]
            name = "siem"
            format = "cef"
            [forward.syslog]
            address = "siem.example.com:6514"
            [[forward]]
            name = "hook"
            [forward.webhook]
            url_file = "hook.url"
            secret_file = "hook.secret"
            [[forward]]
            name = "splunk"
            [forward.splunk-hec]
            url = "https://splunk.example.com:8088"
            token_file = "splunk.token"
            [[forward]]
            name = "search"
            [forward.elasticsearch]
            url = "http://127.0.0.1:9200"
            index = "evidence"
        "#;
        let config = Config::parse(text, "shoseki.toml").unwrap();
        let targets: Vec<_> = config.forwards.iter().map(super::Forward::target).collect();
        let kinds: Vec<_> = targets.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, ["loki", "cloudwatch-logs", "syslog", "webhook", "splunk-hec", "elasticsearch"]);
        assert_eq!(targets[0].1, "https://loki.example.com");
        assert_eq!(targets[3].1, "…", "the URL is a secret");
        assert_eq!(config.forwards[1].cloudwatch_logs.as_ref().unwrap().region.as_deref(), Some("ap-northeast-1"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = |rest: &str| format!("[[forward]]\nname = \"a\"\n{rest}\n");
        for (text, part) in [
            (one(""), "exactly one of"),
            (one("[forward.loki]\nurl = \"https://a\"\n[forward.webhook]\nurl = \"https://a\""), "exactly one of"),
            (one("[forward.loki]\nurl = \"http://loki.example.com\""), "plain_text"),
            (one("[forward.loki]\nurl = \"ftp://loki.example.com\""), "plain_text"),
            (one("sources = [\"cloudtrial\"]\n[forward.webhook]\nurl = \"https://a\""), "`cloudtrail`"),
            (one("filter = \"eventName = \"\n[forward.webhook]\nurl = \"https://a\""), "expected"),
            (one("filter = \"a = 1 | stats count(*)\"\n[forward.webhook]\nurl = \"https://a\""), "filter"),
            (one("[forward.splunk-hec]\nurl = \"https://a\""), "token_file"),
            (one("[forward.cloudwatch-logs]\ngroup = \"/a\""), "region"),
            (one("[forward.syslog]\naddress = \"siem\""), "`siem`"),
            (one("[forward.syslog]\naddress = \"siem:1\"\ntransport = \"udp\"\nca = \"a\""), "tls"),
            (one("[forward.loki]\nurl = \"https://a\"\nlabels = { stream = \"x\" }"), "`stream`"),
            (one("from = \"yesterday\"\n[forward.webhook]\nurl = \"https://a\""), "`beginning`"),
            (one("[forward.webhook]\nurl = \"https://a\"\nindex = \"b\""), "index"),
            (one("[forward.webhook]"), "url_file"),
        ] {
            let said = refused(&text);
            assert!(said.contains(part), "{part} in {said}, of {text}");
        }
    }
}
