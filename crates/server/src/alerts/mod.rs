//! Telling people: what happens to the doors and to the streams goes out by web hook, Slack, SNS or mail. Each is told by itself, so
//! that one that is dead keeps nobody else waiting; once for each happening, with what to do. Who could not be told is told to whoever
//! keeps that.

mod by_hand;
mod held;
mod line;
mod mail;
mod note;
mod pager;
mod post;
mod quiet;
mod rounds;
mod severity;
mod standing;
mod topic;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use tokio::sync::mpsc;

use crate::config::{Alert, Hidden, is_url, secret};
use crate::{Happening, detecting, schedule};

pub use by_hand::Post;
pub(crate) use by_hand::tell_due;
pub(crate) use held::Letter;
use line::Line;
pub(crate) use line::{Keeper, Telling};
pub(crate) use note::{GROUP, Note};
pub(crate) use post::Hook;
pub(crate) use rounds::{Read, Rounds, lock_of};
use severity::DOORS;
pub use severity::Severity;
pub(crate) use standing::ESCALATED;
use standing::SETTLED;
pub use standing::{ACKNOWLEDGED, Open, Said, Standing};

/// All that can be told.
pub(crate) fn actions() -> impl Iterator<Item = &'static str> {
    DOORS.iter().map(|(action, _)| *action).chain(detecting::ACTIONS).chain(schedule::ACTIONS)
}

/// What is told where nothing else is said. Of schedules it is all but that each of their runs came to its end.
fn usual() -> impl Iterator<Item = &'static str> {
    let doors = [
        "gap.opened",
        "gap.ended",
        "gap.closed",
        "gap.lost",
        "records.conflict",
        "fetch.missing",
        "fetch.vanished",
        "fetch.damaged",
        "fetch.cut",
        "syslog.lost",
        "files.shortened",
        "files.unreadable",
        "files.too-many",
        "seal.failed",
        "seal.recovered",
        "wal.damaged",
        "access.damaged",
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
    doors
        .into_iter()
        .chain(detecting::ACTIONS)
        .chain(schedule::ACTIONS.into_iter().filter(|action| *action != schedule::DONE))
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
    if [ESCALATED, SETTLED].contains(&happening.action) {
        return happening.to.contains(&alert.name); // whatever he is told else
    }
    let is_severe = alert.severity.is_none_or(|least| Severity::of(happening) >= least);
    is_severe && wants(alert, happening.action) && (happening.to.is_empty() || happening.to.contains(&alert.name))
}

/// How many wait for one that is told: more are not told to it, and that is said.
const WAITING: usize = 1_000;

/// What is sent to try whether it arrives.
const TRIAL: &str = "alert.trial";

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

    /// Sends notes, several as one where the way does not tell them apart by itself.
    async fn send(&self, notes: &[Note], lang: Lang) -> Result<()> {
        if let Self::Pager(pager) = self {
            return pager.send_all(notes).await;
        }
        let Some(note) = Note::group(notes, lang) else { return Ok(()) };
        match self {
            Self::Webhook(hook) => hook.post(&note.json).await,
            Self::Slack(hook) => hook.post(&slack(&note)).await,
            Self::Topic(topic) => topic.publish(&note).await,
            Self::Mail(mail) => mail.send(&note).await,
            Self::Pager(_) => Ok(()),
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

/// One who is told.
struct Told {
    alert: Alert,
    letters: mpsc::Sender<Letter>,
    is_failing: Arc<AtomicBool>,
    /// What was held for him by this process, by its ids: it is not read back from records.
    known: Arc<Mutex<BTreeSet<String>>>,
    /// When what comes together now is told.
    group_until: Mutex<Option<Timestamp>>,
}

impl Told {
    fn of(alert: &Alert) -> (Self, mpsc::Receiver<Letter>) {
        let (letters, waiting) = mpsc::channel(WAITING);
        let told = Self {
            alert: alert.clone(),
            letters,
            is_failing: Arc::default(),
            known: Arc::default(),
            group_until: Mutex::default(),
        };
        (told, waiting)
    }
}

impl Alerts {
    /// Those of a configuration, each with the line in which what is to be told waits.
    ///
    /// # Errors
    /// The caller's mistake where a file with a secret cannot be read.
    pub(crate) fn of(alerts: &[Alert]) -> Result<(Self, Vec<Line>)> {
        let (mut all, mut lines) = (Vec::new(), Vec::new());
        for alert in alerts {
            let way = Way::of(alert)?;
            let (told, waiting) = Told::of(alert);
            lines.push(Line::new(way, alert, waiting, (Arc::clone(&told.is_failing), Arc::clone(&told.known))));
            all.push(told);
        }
        Ok((Self { told: all }, lines))
    }

    /// What whoever wants to know of a happening is told, now or later; all but one, where he is named.
    pub(crate) fn letters(&self, happening: &Happening, but: Option<&str>) -> Vec<Letter> {
        let now = Timestamp::now();
        let wanting = self.told.iter().filter(|told| hears(&told.alert, happening));
        let others = wanting.filter(|told| but != Some(told.alert.name.as_str()));
        others.map(|told| Letter::of(&told.alert, happening, held::until(told, happening, now))).collect()
    }

    /// Sends letters on their way. Gives the names of those whose queue is full.
    pub(crate) fn send(&self, letters: Vec<Letter>) -> Vec<String> {
        let mut full = Vec::new();
        for letter in letters {
            let Some(told) = self.told.iter().find(|told| told.alert.name == letter.name) else { continue };
            if let (Some(hold), Ok(mut known)) = (&letter.hold, told.known.lock())
                && !known.insert(hold.id.clone())
            {
                continue;
            }
            if let Err(error) = told.letters.try_send(letter) {
                let letter = error.into_inner();
                if let (Some(hold), Ok(mut known)) = (&letter.hold, told.known.lock()) {
                    known.remove(&hold.id); // it is read back later
                } else {
                    full.push(letter.name);
                }
            }
        }
        full
    }

    /// Those whom the last that was for them did not reach.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &str> {
        let failing = self.told.iter().filter(|told| told.is_failing.load(Ordering::Relaxed));
        failing.map(|told| told.alert.name.as_str())
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
            Ok(way) => way.send(&[Note::of(&trial, alert.lang())], alert.lang()).await,
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
        // Whatever the register of gaps takes for one.
        for action in shoseki_comply::gaps::TOLD.iter().map(|(action, _)| *action).chain([shoseki_comply::gaps::LOST]) {
            assert!(told("", action), "{action} is a gap, and nobody is told");
        }
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
