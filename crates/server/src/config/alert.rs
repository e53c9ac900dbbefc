//! Who is told of what happens: `[[alert]]`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use shoseki_messages::{Fault, Lang, Message, Result, msg};

use super::{At, Length};
use crate::alerts::Severity;

/// What must not be shown: the URLs of web hooks are secrets.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// What it hides.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Somebody who is told, by one of the ways.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name, for messages.
    pub name: String,
    /// The language of what is told: `ja` or `en`.
    #[serde(default = "english")]
    pub lang: String,
    /// The actions that are told; gaps, missing files and failures to seal where absent.
    pub on: Option<Vec<String>>,
    /// How bad it is at least of which is told; all of that is, where `on` is absent.
    pub severity: Option<Severity>,
    /// The hours in which he is told nothing: it is told after them, as one.
    pub quiet: Option<Quiet>,
    /// How long it is waited for more, so that it is told as one.
    pub group: Option<Length>,
    /// Who is told where nobody says that he looks after it.
    pub escalate: Option<Escalate>,
    /// A URL that JSON is posted to.
    pub webhook: Option<Hidden>,
    /// A file that holds such a URL.
    pub webhook_file: Option<PathBuf>,
    /// The URL of one of Slack's incoming web hooks.
    pub slack: Option<Hidden>,
    /// A file that holds such a URL.
    pub slack_file: Option<PathBuf>,
    /// A file with the key of an integration of PagerDuty, of its Events API v2.
    pub pagerduty_key_file: Option<PathBuf>,
    /// Where its events go: another region's URL.
    pub pagerduty_url: Option<Hidden>,
    /// The ARN of a topic of SNS.
    pub sns: Option<String>,
    /// The role by which the topic is published to.
    pub role_arn: Option<String>,
    /// What the role's owner asks for.
    pub external_id: Option<String>,
    /// A mail server, and who gets mail.
    pub smtp: Option<Smtp>,
}

/// The hours of each day in which somebody is told nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// When they begin.
    pub from: At,
    /// When they end; on the next day, where that is earlier.
    pub to: At,
    /// The zone of both, as the IANA calls it: `Asia/Tokyo`.
    pub zone: String,
    /// How bad it is at least of which he is told all the same.
    pub but: Option<Severity>,
}

/// Who is told where nobody says that he looks after it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// How long after it was told.
    pub after: Length,
    /// The name of another alert.
    pub to: String,
}

/// A mail server, and who gets mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name, `smtp.example.com`.
    pub host: String,
    /// Its port; the usual one of `tls` where absent.
    pub port: Option<u16>,
    /// How it is encrypted.
    #[serde(default)]
    pub tls: SmtpTls,
    /// The name by which we log in.
    pub user: Option<String>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// Who it is from.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
}

/// How mail is encrypted on its way to the server.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// It begins in the clear, and does not go on without TLS.
    #[default]
    Starttls,
    /// From the first byte on.
    Tls,
    /// Not at all: to this machine alone.
    None,
}

/// The longest that it is waited for more.
const LONGEST_GROUP: Duration = Duration::from_secs(86_400);

fn english() -> String {
    "en".to_owned()
}

impl Alert {
    /// The language of what is told.
    pub fn lang(&self) -> Lang {
        Lang::from_name(&self.lang).unwrap_or_default()
    }

    /// Makes paths relative to the configuration's folder.
    pub(super) fn below(&mut self, folder: &Path) {
        let password = self.smtp.as_mut().and_then(|smtp| smtp.password_file.as_mut());
        let pager = self.pagerduty_key_file.as_mut();
        for path in [self.webhook_file.as_mut(), self.slack_file.as_mut(), pager, password].into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }
}

/// A secret, given or in a file; nothing where it is neither.
///
/// # Errors
/// The caller's mistake where the file cannot be read.
pub(crate) fn secret(given: Option<&Hidden>, file: Option<&PathBuf>) -> Result<Option<Hidden>> {
    let Some(path) = file else { return Ok(given.cloned()) };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::caller(msg!("server-config-secret-file", path = shown)).because(error))?;
    Ok(Some(Hidden(text.trim().to_owned())))
}

/// Whether it is a URL that can be posted to.
pub(crate) fn is_url(hook: &Hidden) -> bool {
    url::Url::parse(hook.expose()).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// Whether what is posted there is read by nobody on the way: by TLS, or to this machine.
fn is_private(hook: &Hidden) -> bool {
    let Ok(url) = url::Url::parse(hook.expose()) else { return false };
    let is_local = url.host_str().is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host));
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

/// What is wrong with one.
pub(super) fn mistakes(alert: &Alert, found: &mut Vec<Message>) {
    let name = alert.name.as_str();
    // Records say to whom something was told by these names, with spaces between.
    if !(1..=64).contains(&name.chars().count())
        || name.chars().any(|letter| letter.is_whitespace() || letter.is_control())
    {
        found.push(msg!("server-config-alert-name", name = name));
    }
    let hooks =
        [alert.webhook.is_some(), alert.webhook_file.is_some(), alert.slack.is_some(), alert.slack_file.is_some()];
    let ways = hooks.into_iter().chain([alert.sns.is_some(), alert.smtp.is_some()]);
    let ways = ways.chain([alert.pagerduty_key_file.is_some()]).filter(|is_one| *is_one).count();
    if ways != 1 {
        found.push(msg!("server-config-alert-ways", name = name));
    }
    if let Some(quiet) = &alert.quiet {
        if quiet.from == quiet.to {
            found.push(msg!("alert-config-quiet-always", name = name));
        }
        if quiet.zone.parse::<chrono_tz::Tz>().is_err() {
            found.push(msg!("alert-config-quiet-zone", name = name, zone = quiet.zone.as_str()));
        }
    }
    if alert.group.is_some_and(|group| group.0.is_zero() || group.0 > LONGEST_GROUP) {
        found.push(msg!("alert-config-group", name = name));
    }
    if alert.escalate.as_ref().is_some_and(|escalate| escalate.after.0.is_zero()) {
        found.push(msg!("alert-config-escalate-after", name = name));
    }
    if Lang::from_name(&alert.lang).is_none() {
        found.push(msg!("server-config-alert-lang", name = name, lang = alert.lang.as_str()));
    }
    let known: Vec<&str> = crate::alerts::actions().collect();
    for action in alert.on.iter().flatten().filter(|action| !known.contains(&action.as_str())) {
        found.push(msg!("server-config-alert-action", name = name, action = action, known = known.join(", ")));
    }
    for hook in [&alert.webhook, &alert.slack].into_iter().flatten() {
        if !is_url(hook) {
            found.push(msg!("server-config-alert-url", name = name));
        }
    }
    if alert.pagerduty_url.as_ref().is_some_and(|url| alert.pagerduty_key_file.is_none() || !is_private(url)) {
        found.push(msg!("alert-config-pagerduty-url", name = name));
    }
    if alert.sns.as_ref().is_some_and(|topic| !topic.starts_with("arn:") || topic.split(':').count() != 6) {
        found.push(msg!("server-config-alert-sns", name = name));
    }
    let Some(smtp) = &alert.smtp else { return };
    let is_local = ["localhost", "127.0.0.1", "::1"].contains(&smtp.host.as_str());
    if smtp.tls == SmtpTls::None && !is_local {
        found.push(msg!("server-config-alert-smtp-plain", name = name));
    }
    if smtp.user.is_some() != smtp.password_file.is_some() || smtp.to.is_empty() {
        found.push(msg!("server-config-alert-smtp", name = name));
    }
    for address in
        smtp.to.iter().chain([&smtp.from]).filter(|address| address.parse::<lettre::message::Mailbox>().is_err())
    {
        found.push(msg!("server-config-alert-address", name = name, address = address));
    }
}
