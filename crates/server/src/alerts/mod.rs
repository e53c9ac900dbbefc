//! Telling people: what happens to the doors and to the streams goes out by web hook, Slack, SNS or mail. Each is told by itself, so
//! that one that is dead keeps nobody else waiting; once for each happening, with what to do. Who could not be told is told to whoever
//! keeps that.

mod line;
mod mail;
mod pager;
mod post;
mod severity;
mod topic;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use shoseki_messages::{Fault, Lang, Result, msg, shown};
use tokio::sync::mpsc;

use crate::config::{Alert, Hidden, is_url, secret};
use crate::{Happening, schedule};

pub(crate) use line::{Keeper, Telling};
use line::{Line, Waiting};
use pager::About;
pub(crate) use post::Hook;
use severity::DOORS;
pub use severity::Severity;

/// All that can be told.
pub(crate) fn actions() -> impl Iterator<Item = &'static str> {
    DOORS.iter().map(|(action, _)| *action).chain(schedule::ACTIONS)
}

/// What is told where nothing else is said. Of schedules it is all but that each of their runs came to its end.
fn usual() -> impl Iterator<Item = &'static str> {
    let doors = [
        "gap.opened",
        "gap.ended",
        "gap.closed",
        "fetch.missing",
        "seal.failed",
        "seal.recovered",
        "wal.damaged",
        "gaps.failed",
        "gaps.recovered",
        "disk.low",
        "disk.recovered",
        "files.died",
        "alert.failed",
        "heartbeat.failed",
        "heartbeat.withheld",
        "heartbeat.recovered",
        "serve.died",
    ];
    doors.into_iter().chain(schedule::ACTIONS.into_iter().filter(|action| *action != schedule::DONE))
}

/// Whether somebody is told of an action, where it is severe enough.
pub(crate) fn wants(alert: &Alert, action: &str) -> bool {
    match (&alert.on, alert.severity) {
        (Some(on), _) => on.iter().any(|named| named == action),
        (None, Some(_)) => actions().any(|known| known == action),
        (None, None) => usual().any(|usual| usual == action),
    }
}

/// Whether somebody is told of a happening.
fn hears(alert: &Alert, happening: &Happening) -> bool {
    let is_severe = alert.severity.is_none_or(|least| Severity::of(happening) >= least);
    is_severe && wants(alert, happening.action) && (happening.to.is_empty() || happening.to.contains(&alert.name))
}

/// How many wait for one that is told: more are not told to it, and that is said.
const WAITING: usize = 1_000;

/// What is sent to try whether it arrives.
const TRIAL: &str = "alert.trial";

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// In a line.
    pub(crate) title: String,
    /// With what to do.
    pub(crate) text: String,
    /// For machines.
    pub(crate) json: Value,
    severity: Severity,
    about: About,
}

impl Note {
    fn of(happening: &Happening, lang: Lang) -> Self {
        // What an event says stands in them: it may begin no line of its own, and hide nothing.
        let said = on_one_line(&happening.message.text(lang));
        let mend = happening.mend.as_ref().map(|mend| shown(&mend.text(lang)).into_owned());
        let beside: Vec<String> = happening.beside.iter().map(|line| on_one_line(&line.text(lang))).collect();
        let lines = beside.iter().map(|line| format!("- {line}"));
        let text = std::iter::once(said.clone()).chain(lines).chain(mend.clone()).collect::<Vec<String>>().join("\n");
        let (mut json, severity) = (happening.to_json(), Severity::of(happening));
        json["severity"] = json!(severity.name());
        // By these we know rows again; nobody else can read them.
        json["details"].as_object_mut().map(|details| details.remove("new_rows"));
        json["message"] = json!(said);
        json["what_to_do"] = json!(mend);
        if !beside.is_empty() {
            json["lines"] = json!(beside);
        }
        Self {
            title: format!("shoseki: [{}] {}", severity.word().text(lang), happening.action),
            text,
            json,
            severity,
            about: About::of(happening),
        }
    }
}

impl Note {
    /// Its title where letters of ASCII alone are taken.
    fn plain_title(&self) -> String {
        format!("shoseki: [{}] {}", self.severity.name(), self.json["action"].as_str().unwrap_or_default())
    }
}

fn on_one_line(text: &str) -> String {
    shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What posts to a URL.
///
/// # Errors
/// The caller's mistake where it is none. It is a secret, so only the key is said.
fn hook(alert: &Alert, key: &'static str, url: Hidden) -> Result<Hook> {
    match is_url(&url) {
        true => Ok(Hook::of(url)),
        false => Err(Fault::caller(msg!("alert-config-file-url", name = alert.name.as_str(), key = key))),
    }
}

/// A way to somebody.
enum Way {
    Webhook(Hook),
    Slack(Hook),
    Topic(topic::Topic),
    Mail(Box<mail::Mail>),
    Pager(pager::Pager),
}

impl Way {
    fn of(alert: &Alert) -> Result<Self> {
        if let Some(url) = secret(alert.webhook.as_ref(), alert.webhook_file.as_ref())? {
            return Ok(Self::Webhook(hook(alert, "webhook_file", url)?));
        }
        if let Some(url) = secret(alert.slack.as_ref(), alert.slack_file.as_ref())? {
            return Ok(Self::Slack(hook(alert, "slack_file", url)?));
        }
        if let Some(pager) = pager::Pager::of(alert)? {
            return Ok(Self::Pager(pager));
        }
        if let Some(topic) = &alert.sns {
            return Ok(Self::Topic(topic::Topic::of(topic, alert)));
        }
        match &alert.smtp {
            Some(smtp) => Ok(Self::Mail(Box::new(mail::Mail::of(smtp)?))),
            None => Err(Fault::caller(msg!("server-config-alert-ways", name = alert.name.as_str()))),
        }
    }

    async fn send(&self, note: &Note) -> Result<()> {
        match self {
            Self::Webhook(hook) => hook.post(&note.json).await,
            Self::Slack(hook) => hook.post(&slack(note)).await,
            Self::Topic(topic) => topic.publish(note).await,
            Self::Mail(mail) => mail.send(note).await,
            Self::Pager(pager) => pager.send(note).await,
        }
    }
}

/// What Slack shows. What an event says may call nobody and may be no link: only these three characters do that.
fn slack(note: &Note) -> Value {
    let text = note.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({"text": format!("*{}*\n{text}", note.title)})
}

/// Those who are told.
#[derive(Default)]
pub(crate) struct Alerts {
    told: Vec<Told>,
}

struct Told {
    alert: Alert,
    notes: mpsc::Sender<Waiting>,
    is_failing: Arc<AtomicBool>,
}

impl Alerts {
    /// Those of a configuration, each with the line in which what is to be told waits.
    ///
    /// # Errors
    /// The caller's mistake where a file with a secret cannot be read.
    pub(crate) fn of(alerts: &[Alert]) -> Result<(Self, Vec<Line>)> {
        let (mut told, mut lines) = (Vec::new(), Vec::new());
        for alert in alerts {
            let way = Way::of(alert)?;
            let (notes, waiting) = mpsc::channel(WAITING);
            let is_failing = Arc::new(AtomicBool::new(false));
            told.push(Told { alert: alert.clone(), notes, is_failing: Arc::clone(&is_failing) });
            lines.push(Line { way, name: alert.name.clone(), waiting, is_failing });
        }
        Ok((Self { told }, lines))
    }

    /// Tells of a happening whoever wants to know of it. Gives the names of those whose queue is full.
    pub(crate) fn tell(&self, happening: &Happening) -> Vec<&str> {
        self.tell_but(happening, None)
    }

    /// Those whom the last that was for them did not reach.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &str> {
        let failing = self.told.iter().filter(|told| told.is_failing.load(Ordering::Relaxed));
        failing.map(|told| told.alert.name.as_str())
    }

    /// The same, all but one. Whose queue is full hears nothing.
    pub(crate) fn tell_others(&self, happening: &Happening, name: &str) {
        self.tell_but(happening, Some(name));
    }

    fn tell_but(&self, happening: &Happening, name: Option<&str>) -> Vec<&str> {
        let wanting = self.told.iter().filter(|told| hears(&told.alert, happening));
        let others = wanting.filter(|told| name != Some(told.alert.name.as_str()));
        let waiting = |told: &Told| Waiting { note: Note::of(happening, told.alert.lang()), of: happening.clone() };
        let full = others.filter(|told| told.notes.try_send(waiting(told)).is_err());
        full.map(|told| told.alert.name.as_str()).collect()
    }
}

/// Somebody who could not be told.
#[derive(Clone, Debug)]
pub struct Untold {
    /// The name of the alert.
    pub name: String,
    /// Why.
    pub why: Fault,
    /// What is kept of it, so that it is told again.
    pub kept: Happening,
}

/// Tells of what happened whoever wants to know of it, once each. Gives who could not be told of what; of that the others are told.
pub(crate) async fn send_all(alerts: &[Alert], happened: &[Happening]) -> Vec<Untold> {
    let mut untold = Vec::new();
    for alert in alerts {
        let wanting: Vec<&Happening> = happened.iter().filter(|happening| hears(alert, happening)).collect();
        if wanting.is_empty() {
            continue;
        }
        let way = Way::of(alert);
        for happening in wanting {
            let sent = match &way {
                Ok(way) => way.send(&Note::of(happening, alert.lang())).await,
                Err(fault) => Err(fault.clone()),
            };
            if let Err(why) = sent {
                let kept = happening.untold(&alert.name, &why);
                if happening.to.is_empty() {
                    tell_others(alerts, &alert.name, &kept).await;
                }
                untold.push(Untold { name: alert.name.clone(), why, kept });
            }
        }
    }
    untold
}

async fn tell_others(alerts: &[Alert], name: &str, untold: &Happening) {
    for other in alerts.iter().filter(|other| other.name != name && hears(other, untold)) {
        if let Ok(way) = Way::of(other) {
            let _ = way.send(&Note::of(untold, other.lang())).await; // who runs it by hand is told on the screen too
        }
    }
}

/// Looks at the files that hold secrets, and sends nothing.
///
/// # Errors
/// The caller's mistake where one cannot be read.
pub(crate) fn check(alerts: &[Alert]) -> Result<()> {
    alerts.iter().try_for_each(|alert| Way::of(alert).map(|_| ()))
}

/// Sends a trial to each of a configuration's, and says who got it.
pub(crate) async fn try_all(alerts: &[Alert]) -> Vec<(String, Result<()>)> {
    let mut tried = Vec::new();
    for alert in alerts {
        let trial = Happening::new(TRIAL, msg!("server-alert-trial", name = alert.name.as_str()));
        let sent = match Way::of(alert) {
            Ok(way) => way.send(&Note::of(&trial, alert.lang())).await,
            Err(fault) => Err(fault),
        };
        tried.push((alert.name.clone(), sent));
    }
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_what_is_beside_and_what_to_do_and_calls_nobody() {
        let mut happening = Happening::new("query.opened", msg!("server-alert-trial", name = "<!channel> & co"));
        happening.beside = vec![msg!("schedule-query-row", row = "user=<https://evil.example|here>")];
        let happening = happening.mended_by(msg!("schedule-query-look", command = "shoseki query"));
        let note = Note::of(&happening, Lang::En);
        let lines: Vec<&str> = note.text.lines().collect();
        assert_eq!(lines[1..], ["- user=<https://evil.example|here>", "ask it yourself: shoseki query"]);
        assert_eq!(note.json["lines"], json!(["user=<https://evil.example|here>"]));
        let text = slack(&note)["text"].to_string();
        assert!(text.contains("&lt;!channel&gt; &amp; co") && !text.contains('<'), "{text}");
    }

    #[test]
    fn unasked_all_is_told_but_that_each_run_came_to_its_end() {
        let alert =
            |on: &str| toml::from_str::<Alert>(&format!("name = \"a\"\nwebhook = \"https://a\"\n{on}")).unwrap();
        let told = |on: &str, action: &str| wants(&alert(on), action);
        assert!(told("", "finding.opened") && told("", "digest.made") && told("", "gap.opened"));
        assert!(!told("", schedule::DONE) && told("on = [\"schedule.done\"]", schedule::DONE));
        assert!(!told("on = [\"schedule.done\"]", "gap.opened"));
        assert!(!told("", "serve.start") && told("severity = \"low\"", "serve.start"));
    }

    #[test]
    fn who_asks_for_a_severity_hears_that_and_what_is_worse() {
        let alert: Alert = toml::from_str("name = \"a\"\nwebhook = \"https://a\"\nseverity = \"high\"").unwrap();
        let heard = |action: &'static str, own: &str| {
            let happening = Happening::new(action, msg!("server-seal-recovered"));
            hears(&alert, &if own.is_empty() { happening } else { happening.with("severity", own) })
        };
        assert!(heard("gap.opened", "") && heard("seal.failed", "") && heard("seal.recovered", ""));
        assert!(!heard("serve.start", "") && !heard("fetch.failed", "") && !heard("query.opened", ""));
        assert!(heard("query.opened", "critical") && !heard("finding.opened", "medium"));
    }
}
