//! PagerDuty, by its Events API v2: what opens is triggered, and resolved when it ends, under one key for what it is about.
//!
//! ```text
//! {"routing_key":"…","event_action":"trigger","dedup_key":"shoseki/3f…","payload":{"summary":"…","source":"shoseki","severity":"error"}}
//! {"routing_key":"…","event_action":"resolve","dedup_key":"shoseki/3f…"}
//! ```

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

use super::post::Hook;
use super::{ESCALATED, Note, SETTLED, Severity, TRIAL};
use crate::config::{Alert, Hidden, secret};
use crate::{detecting, own, schedule};

/// Where events go, unless it is said.
const USUAL: &str = "https://events.pagerduty.com/v2/enqueue";
/// The longest summary, in characters.
const SUMMARY: usize = 1_024;

/// An integration of PagerDuty.
pub(super) struct Pager {
    hook: Hook,
    key: Hidden,
}

impl Pager {
    /// That of an alert; nothing where it has none.
    ///
    /// # Errors
    /// The caller's mistake where the file with the key cannot be read, or holds none.
    pub(super) fn of(alert: &Alert) -> Result<Option<Self>> {
        let Some(key) = secret(None, alert.pagerduty_key_file.as_ref())? else { return Ok(None) };
        if key.expose().is_empty() || !key.expose().chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(Fault::caller(msg!("alert-config-pagerduty-key", name = alert.name.as_str())));
        }
        let url = alert.pagerduty_url.clone().unwrap_or_else(|| Hidden::from(USUAL));
        Ok(Some(Self { hook: Hook::of(url), key }))
    }

    /// Sends several, in their order. What is over already when it is told wakes nobody.
    pub(super) async fn send_all(&self, notes: &[Note]) -> Result<()> {
        for (at, note) in notes.iter().enumerate() {
            let later = || notes.iter().skip(at + 1).filter(|later| later.about.is_end);
            let is_over = |about: &String| later().any(|later| later.about.each.contains(about));
            if note.about.is_end || !note.about.each.iter().all(is_over) {
                self.send(note).await?;
            }
        }
        Ok(())
    }

    /// Sends an event for each thing that the note is about. Sent once more, PagerDuty knows them by their keys.
    async fn send(&self, note: &Note) -> Result<()> {
        for about in &note.about.each {
            self.hook.post(&self.event(note, about, note.about.is_end)).await?;
        }
        if note.json["action"] == TRIAL {
            for about in &note.about.each {
                self.hook.post(&self.event(note, about, true)).await?; // nobody is to be woken by it
            }
        }
        Ok(())
    }

    fn event(&self, note: &Note, about: &str, is_end: bool) -> Value {
        let mut event = json!({
            "routing_key": self.key.expose(),
            "event_action": if is_end { "resolve" } else { "trigger" },
            "dedup_key": key(about),
        });
        if !is_end {
            let summary = note.text.lines().next().unwrap_or_default().chars().take(SUMMARY).collect::<String>();
            event["payload"] = json!({
                "summary": summary,
                "source": "shoseki",
                "severity": theirs(note.severity),
                "timestamp": note.json["time"],
                "class": note.json["action"],
                "custom_details": note.json,
            });
        }
        event
    }
}

fn key(about: &str) -> String {
    let hash = hex::encode(Sha256::digest(about));
    format!("shoseki/{}", hash.get(..32).unwrap_or(&hash))
}

fn theirs(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}

/// Details that say to whom and how it was told, and not what happened.
const BESIDE: [&str; 6] = ["told_to", "told", "version", "vault", "ended", "milliseconds"];

/// What a happening is about.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// The same of what opens something and of what ends it: one for each finding.
    pub(super) each: Vec<String>,
    /// Whether it ends what was so.
    pub(super) is_end: bool,
}

impl About {
    /// That of an action with its details: `all` of them as an object, and each as a text.
    pub(super) fn read<'a>(action: &str, detail: &dyn Fn(&str) -> Option<&'a str>, all: &'a Value) -> Self {
        let has = |name: &str| detail(name).is_some();
        let detail = |name: &str| detail(name).unwrap_or_default();
        let (area, what) = action.split_once('.').unwrap_or((action, ""));
        if [ESCALATED, SETTLED].contains(&action) {
            return Self { each: vec![detail("about").to_owned()], is_end: action == SETTLED };
        }
        let one = match (area, what) {
            ("gap", "opened" | "ended" | "closed") => format!("gap {} {}", detail("from"), detail("stream")),
            ("fetch" | "forward", "failed" | "recovered") => format!("{area} {}", detail("name")),
            ("seal", "failed" | "recovered") | ("heartbeat" | "gaps", _) => area.to_owned(),
            // What others make happen again and again is one thing.
            ("serve", "refused") => format!("{action} {} {}", detail("receiver"), detail("status")),
            ("gap", "lost") => format!("{action} {}", detail("stream")),
            ("records", "conflict") => format!("{action} {}", detail("source")),
            ("syslog", "lost") | ("forward", "refused") => format!("{action} {}", detail("name")),
            ("disk", _) => format!("disk {}", detail("folder")),
            _ if [schedule::FINDING_OPENED, schedule::FINDING_CLOSED].contains(&action) => {
                let each = detail("findings").split(' ').filter(|id| !id.is_empty()).map(|id| format!("finding {id}"));
                return Self { each: each.collect(), is_end: action == schedule::FINDING_CLOSED };
            }
            _ if action == detecting::FOUND => {
                let each = detail("matches").split(' ').filter(|id| !id.is_empty()).map(|id| format!("match {id}"));
                return Self { each: each.collect(), is_end: false };
            }
            _ if [detecting::FAILED, detecting::RECOVERED].contains(&action) => area.to_owned(),
            ("query", _) => format!("query {}", detail("schedule")),
            ("digest" | "review", _) => format!("{action} {} {}", detail("schedule"), detail("day")),
            _ if [schedule::FAILED, schedule::RECOVERED].contains(&action) => {
                format!("schedule {}", detail("schedule"))
            }
            _ if action == own::ALERT_FAILED => format!("alert {}", detail("name")),
            _ => {
                let own = all.as_object().into_iter().flatten().filter(|(name, _)| !BESIDE.contains(&name.as_str()));
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                own.fold(action.to_owned(), |all, (name, value)| format!("{all} {name}={}", text(value)))
            }
        };
        // Rows that are few again are still there.
        let is_end = ["closed", "recovered", "ended"].contains(&what) && !has(schedule::TOO_MANY);
        Self { each: vec![one], is_end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Happening;

    fn about(action: &'static str, details: &[(&'static str, &str)]) -> About {
        let happening = Happening::new(action, msg!("server-seal-recovered"));
        let json = details.iter().fold(happening, |happening, (name, value)| happening.with(name, value)).to_json();
        About::read(action, &|name| json["details"][name].as_str(), &json["details"])
    }

    #[test]
    fn what_ends_something_is_about_what_opened_it_and_about_nothing_else() {
        let gap = [("stream", "app/a"), ("from", "2026-11-27T00:00:00Z")];
        let (opened, ended) = (about("gap.opened", &gap), about("gap.ended", &[&gap[..], &[("to", "…")]].concat()));
        assert!(opened.each == ended.each && !opened.is_end && ended.is_end);
        assert_ne!(opened.each, about("gap.opened", &[("stream", "app/b"), gap[1]]).each);
        let both = about("finding.opened", &[("findings", "F-A F-B")]);
        assert_eq!(about("finding.closed", &[("findings", "F-A")]).each, ["finding F-A"]);
        assert_eq!(both.each, ["finding F-A", "finding F-B"]);
        let fetch = [("name", "trail")];
        assert_eq!(about("fetch.failed", &fetch).each, about("fetch.recovered", &fetch).each);
        assert_ne!(about("fetch.failed", &fetch).each, about("forward.failed", &fetch).each);
        assert!(!about("fetch.missing", &fetch).is_end);
    }

    #[test]
    fn a_key_is_short_and_tells_apart() {
        assert!(key(&"あ".repeat(4_000)).len() <= 255);
        assert_ne!(key("a"), key("b"));
    }
}
