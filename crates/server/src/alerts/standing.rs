//! What was told and stands open: it did not end, and nobody said that he looks after it. It follows from the records alone; whom that
//! is told, after how long, says `escalate` of an `[[alert]]`.
//!
//! ```text
//! {"action":"alert.ack", …, "actor":{"user":"aiko", …},"details":{"alert":"A-3f9a01c27b","why":"…"}}
//! {"action":"alert.escalated", …, "details":{"alert":"A-3f9a01c27b","name":"ops","to":"lead","about":"gap …","of":"gap.opened", …}}
//! ```

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_comply::checks::Rows;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::pager::About;
use super::{Severity, actions, wants};
use crate::Happening;
use crate::config::Alert;
use crate::own::ALERT_FAILED;

/// Somebody says that he looks after what was told.
pub const ACKNOWLEDGED: &str = "alert.ack";
/// Somebody else is told, since nobody did.
pub(crate) const ESCALATED: &str = "alert.escalated";
/// He is told that it is over.
pub(crate) const SETTLED: &str = "alert.settled";

/// How often something that stands open happened is counted up to here.
const MOST: usize = 1_000;

/// Something that happened, as its record says.
#[derive(Clone, Debug)]
struct Event {
    action: String,
    severity: Severity,
    /// The sentence, in English, where the record has one.
    said: Option<String>,
}

/// All that happened of one thing.
#[derive(Clone, Debug, Default)]
struct Course {
    /// What it is about, where something of it was told as open.
    about: Option<String>,
    opened: BTreeMap<Timestamp, Event>,
    /// The last that ended it.
    ended: Option<(Timestamp, Event)>,
    /// The last that somebody said.
    acknowledged: Option<(Timestamp, Said)>,
    /// When it was last told to others, by the name of who was told first, with the name of who is told then.
    escalated: BTreeMap<String, (Timestamp, String)>,
    /// When somebody could not be told of that, and when he was last told that it is over.
    failed: BTreeMap<String, Timestamp>,
    settled: BTreeMap<String, Timestamp>,
}

/// That somebody looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who, as the record of it says.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// Something that stands open.
#[derive(Clone, Debug)]
pub struct Open {
    /// By what it is known: `A-` and ten digits.
    pub id: String,
    /// What it is about.
    pub about: String,
    /// What happened last.
    pub action: String,
    /// How severe the worst of it is.
    pub severity: Severity,
    /// When it happened first and last since it was last over, and how often.
    pub since: Timestamp,
    /// See `since`.
    pub last: Timestamp,
    /// See `since`.
    pub times: usize,
    /// The last sentence that people were told, in English, where its record has one.
    pub said: Option<String>,
    /// That somebody looks after it; nothing where it happened again since.
    pub acknowledged: Option<Said>,
    /// Who was told since nobody did, by the names of alerts.
    pub escalated: Vec<String>,
}

impl Open {
    /// The names of those who are told of it.
    pub fn told<'a>(&'a self, alerts: &'a [Alert]) -> impl Iterator<Item = &'a str> {
        let told = alerts.iter().filter(|alert| hears(alert, &self.action, self.severity));
        told.map(|alert| alert.name.as_str())
    }
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    courses: BTreeMap<String, Course>,
}

/// The id of what something is about.
fn id_of(about: &str) -> String {
    let hash = hex::encode(Sha256::digest(about));
    format!("A-{}", hash.get(..10).unwrap_or(&hash))
}

fn hears(alert: &Alert, action: &str, severity: Severity) -> bool {
    alert.severity.is_none_or(|least| severity >= least) && wants(alert, action)
}

impl Standing {
    /// Takes records, in whichever order, and as often as they come.
    pub(crate) fn read(&mut self, rows: &Rows) {
        for row in rows.iter() {
            let Ok(event) = serde_json::from_str::<Value>(row.text("raw")) else { continue };
            // A run by hand tells at its end, and its record has the time of its beginning.
            let told = event["details"]["told"].as_str().and_then(|text| Timestamp::parse(text).ok());
            let action = row.text("operation");
            if let Some(at) = told.filter(|_| action != ALERT_FAILED).or_else(|| row.time("time")) {
                self.take(action, at, &event);
            }
        }
    }

    /// What was told a moment ago, before its record can be asked for.
    pub(crate) fn told(&mut self, happening: &Happening) {
        self.take(happening.action, happening.time, &happening.to_json());
    }

    fn take(&mut self, action: &str, at: Timestamp, event: &Value) {
        let details = &event["details"];
        let detail = |name: &str| details[name].as_str();
        let text = |name: &str| detail(name).unwrap_or_default().to_owned();
        match action {
            ACKNOWLEDGED if event["outcome"] == "success" => {
                let actor = |name: &str| event["actor"][name].as_str().map(str::to_owned);
                let by = actor("sudo_user").or_else(|| actor("user")).unwrap_or_default();
                let course = self.courses.entry(text("alert")).or_default();
                if course.acknowledged.as_ref().is_none_or(|(known, _)| *known <= at) {
                    course.acknowledged = Some((at, Said { by, why: text("why"), at }));
                }
            }
            ACKNOWLEDGED => {}
            ESCALATED => {
                let course = self.courses.entry(text("alert")).or_default();
                let known = course.escalated.entry(text("name")).or_insert((at, text("to")));
                if known.0 <= at {
                    *known = (at, text("to"));
                }
            }
            SETTLED => latest(&mut self.courses.entry(text("alert")).or_default().settled, text("to"), at),
            ALERT_FAILED if detail("of") == Some(ESCALATED) => {
                latest(&mut self.courses.entry(text("alert")).or_default().failed, text("name"), at);
            }
            // What is told once more to who could not be told, and that a run failed once more, are nothing new.
            _ if detail("told_to").is_some() || detail("again").is_some() => {}
            _ => self.happened(action, at, event),
        }
    }

    fn happened(&mut self, action: &str, at: Timestamp, event: &Value) {
        let Some(action) = actions().find(|known| *known == action) else { return };
        let detail = |name: &str| event["details"][name].as_str();
        let severity = detail("severity").and_then(Severity::from_name).unwrap_or_else(|| Severity::of_action(action));
        let about = About::read(action, &detail, &event["details"]);
        // Rows that are few again are still there: that ends nothing, and begins nothing.
        let begins = !["closed", "recovered", "ended"].iter().any(|end| action.ends_with(end));
        let said = event["message"].as_str().map(str::to_owned);
        for one in about.each {
            let course = self.courses.entry(id_of(&one)).or_default();
            let event = Event { action: action.to_owned(), severity, said: said.clone() };
            if about.is_end {
                if course.ended.as_ref().is_none_or(|(known, _)| *known <= at) {
                    course.ended = Some((at, event));
                }
            } else if begins && severity > Severity::Info {
                course.about.get_or_insert(one);
                course.opened.insert(at, event);
                if course.opened.len() > MOST {
                    course.opened.pop_first();
                }
            }
        }
    }

    /// What stands open, the worst first, and of the same severity what stands longest.
    pub fn open(&self) -> Vec<Open> {
        let mut open: Vec<Open> = self.courses.iter().filter_map(|(id, course)| course.open(id)).collect();
        open.sort_by_key(|open| (std::cmp::Reverse(open.severity), open.since));
        open
    }

    /// What others are to be told now, since nobody said that he looks after it; and what those are to be told that is over.
    pub(crate) fn due(&self, alerts: &[Alert], now: Timestamp) -> Vec<Happening> {
        let mut due = Vec::new();
        for (id, course) in &self.courses {
            match course.open(id) {
                Some(open) => {
                    let all = alerts.iter().filter_map(|alert| course.escalation(&open, alert, now));
                    due.extend(all);
                }
                None => due.extend(course.settlements(id, alerts)),
            }
        }
        due
    }
}

fn latest(all: &mut BTreeMap<String, Timestamp>, name: String, at: Timestamp) {
    let known = all.entry(name).or_insert(at);
    *known = (*known).max(at);
}

impl Course {
    fn open(&self, id: &str) -> Option<Open> {
        let ended = self.ended.as_ref().map(|(at, _)| *at);
        let since =
            |from: Option<Timestamp>| self.opened.iter().filter(move |(at, _)| from.is_none_or(|from| **at > from));
        let (first, (last, event)) = (since(ended).next()?.0, since(ended).next_back()?);
        let acknowledged = self.acknowledged.as_ref().filter(|(at, _)| at >= last).map(|(_, said)| said.clone());
        let escalated = self.escalated.values().filter(|(at, _)| at >= first).map(|(_, to)| to.clone());
        Some(Open {
            id: id.to_owned(),
            about: self.about.clone().unwrap_or_default(),
            action: event.action.clone(),
            severity: since(ended).map(|(_, event)| event.severity).max()?,
            since: *first,
            last: *last,
            times: since(ended).count(),
            said: event.said.clone(),
            acknowledged,
            escalated: escalated.collect(),
        })
    }

    /// When somebody was told of what nobody said since that he looks after it.
    fn told_at(&self, alert: &Alert, open: &Open) -> Option<Timestamp> {
        let from = self.ended.as_ref().map(|(at, _)| *at).max(self.acknowledged.as_ref().map(|(at, _)| *at));
        let first = *self.opened.keys().find(|at| from.is_none_or(|from| **at > from))?;
        let quiet = alert.quiet.as_ref().and_then(|quiet| quiet.until(first, open.severity));
        Some(quiet.unwrap_or(first))
    }

    fn escalation(&self, open: &Open, alert: &Alert, now: Timestamp) -> Option<Happening> {
        let escalate = alert.escalate.as_ref().filter(|_| hears(alert, &open.action, open.severity))?;
        let after = i64::try_from(escalate.after.0.as_micros()).unwrap_or(i64::MAX);
        let told = self.told_at(alert, open).filter(|_| open.acknowledged.is_none())?;
        let waits_since = match self.escalated.get(&alert.name).filter(|(at, _)| *at > told) {
            None => told,
            // Who could not be told is told again.
            Some((at, to)) => *self.failed.get(to).filter(|failed| *failed >= at)?,
        };
        if now.0 < waits_since.0.saturating_add(after) {
            return None;
        }
        let minutes = now.0.saturating_sub(told.0) / 60_000_000;
        let what = open.said.clone().unwrap_or_else(|| open.about.clone());
        let message = msg!(
            "alert-escalated",
            name = alert.name.as_str(),
            minutes = minutes,
            what = what,
            action = open.action.as_str()
        );
        let happening = Happening::failure(ESCALATED, message)
            .mended_by(msg!("alert-escalated-mend", id = open.id.as_str()))
            .with("alert", &open.id)
            .with("about", &open.about)
            .with("of", &open.action)
            .with("since", open.since)
            .with("severity", open.severity.name())
            .with("name", &alert.name)
            .with("to", &escalate.to);
        Some(happening.for_one(&escalate.to))
    }

    /// Who was told since nobody else looked after it is told that it is over, where nothing else tells him.
    fn settlements(&self, id: &str, alerts: &[Alert]) -> Vec<Happening> {
        let Some((ended, event)) = &self.ended else { return Vec::new() };
        let is_owed = |at: Timestamp, to: &str| {
            at <= *ended
                && self.settled.get(to).is_none_or(|settled| settled < ended)
                && self.opened.keys().any(|opened| *opened <= at)
        };
        let owed = self.escalated.values().filter(|(at, to)| is_owed(*at, to));
        let there = owed.filter_map(|(_, to)| alerts.iter().find(|alert| alert.name == *to));
        let severity = self.opened.values().map(|event| event.severity).max().unwrap_or(event.severity);
        let unheard = there.filter(|alert| !hears(alert, &event.action, severity));
        let one = |alert: &Alert| {
            let about = self.about.clone().unwrap_or_default();
            let what = event.said.clone().unwrap_or_else(|| about.clone());
            let happening = Happening::new(SETTLED, msg!("alert-settled", what = what, action = event.action.as_str()));
            let happening = happening.with("alert", id).with("about", about).with("of", &event.action);
            happening.with("severity", severity.name()).with("to", &alert.name).for_one(&alert.name)
        };
        unheard.map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn at(minute: i64) -> Timestamp {
        Timestamp(1_772_668_800_000_000 + minute * MINUTE)
    }

    fn alerts() -> Vec<Alert> {
        let alert = |text: &str| toml::from_str::<Alert>(&format!("webhook = \"https://a\"\n{text}")).unwrap();
        vec![
            alert("name = \"ops\"\nescalate = { after = \"30m\", to = \"lead\" }"),
            alert("name = \"lead\"\non = [\"serve.died\"]"),
        ]
    }

    fn gap(action: &'static str, minute: i64) -> Happening {
        let happening = Happening::new(action, msg!("server-seal-recovered")).with("stream", "app/a").with("from", "x");
        Happening { time: at(minute), ..happening }
    }

    fn ack(standing: &mut Standing, minute: i64, outcome: &str) {
        let id = standing.open()[0].id.clone();
        let event = json!({"outcome": outcome, "actor": {"user": "aiko"}, "details": {"alert": id, "why": "on it"}});
        standing.take(ACKNOWLEDGED, at(minute), &event);
    }

    fn due(standing: &Standing, minute: i64) -> Vec<Happening> {
        standing.due(&alerts(), at(minute)).into_iter().map(|one| Happening { time: at(minute), ..one }).collect()
    }

    #[test]
    fn what_is_open_is_told_to_another_once_where_nobody_looks_after_it() {
        let mut standing = Standing::default();
        standing.told(&gap("gap.opened", 0));
        let open = standing.open();
        assert_eq!((open.len(), open[0].severity, open[0].since), (1, Severity::High, at(0)));
        assert_eq!(open[0].told(&alerts()).collect::<Vec<_>>(), ["ops"]);
        assert!(due(&standing, 29).is_empty());
        let escalated = due(&standing, 30);
        assert_eq!((escalated.len(), escalated[0].action), (1, ESCALATED));
        assert_eq!(escalated[0].to.iter().collect::<Vec<_>>(), ["lead"]);
        standing.told(&escalated[0]);
        assert!(due(&standing, 31).is_empty() && due(&standing, 900).is_empty(), "once");
        assert_eq!(standing.open()[0].escalated, ["lead"]);
        // Who could not be told is told again, as long after that.
        let mut failing = standing.clone();
        let untold = escalated[0].untold("lead", &shoseki_messages::Fault::world(msg!("server-alert-stopped")));
        failing.told(&Happening { time: at(32), ..untold });
        assert!(due(&failing, 61).is_empty() && due(&failing, 62).len() == 1);
        // It is over: who was told besides is told that, once.
        standing.told(&gap("gap.ended", 40));
        assert!(standing.open().is_empty());
        let settled = due(&standing, 41);
        assert_eq!((settled.len(), settled[0].action, settled[0].to.contains("lead")), (1, SETTLED, true));
        standing.told(&settled[0]);
        assert!(due(&standing, 42).is_empty());
        standing.told(&gap("gap.opened", 50));
        assert!(due(&standing, 79).is_empty() && due(&standing, 80).len() == 1, "it opened anew");
    }

    #[test]
    fn what_somebody_looks_after_is_told_to_nobody_else_until_it_happens_again() {
        let mut standing = Standing::default();
        standing.told(&gap("gap.opened", 0));
        ack(&mut standing, 10, "failure");
        assert_eq!(due(&standing, 30).len(), 1, "it was not said in the end");
        ack(&mut standing, 10, "success");
        let said = standing.open()[0].acknowledged.clone().unwrap();
        assert_eq!((said.by.as_str(), said.why.as_str()), ("aiko", "on it"));
        assert!(due(&standing, 900).is_empty());
        standing.told(&gap("gap.opened", 1_000));
        assert!(standing.open()[0].acknowledged.is_none() && due(&standing, 1_029).is_empty());
        assert_eq!(due(&standing, 1_030).len(), 1);
        // What was over before anybody was told besides is told to nobody.
        standing.told(&gap("gap.closed", 1_001));
        assert!(due(&standing, 1_030).is_empty());
    }

    #[test]
    fn what_has_no_end_stands_open_and_what_is_as_it_should_be_does_not() {
        let mut standing = Standing::default();
        for action in ["fetch.missing", "serve.start", "schedule.done", "alert.held"] {
            standing.told(&Happening::new(action, msg!("server-seal-recovered")).with("name", "a"));
        }
        let again = Happening::new("finding.opened", msg!("server-seal-recovered")).with("findings", "F-A");
        standing.told(&again.clone().again_to(&["ops".to_owned()].into()));
        let open = standing.open();
        assert_eq!(open.iter().map(|open| open.action.as_str()).collect::<Vec<_>>(), ["fetch.missing"]);
        standing.told(&again.with("severity", "low"));
        assert_eq!(
            standing.open().iter().map(|open| open.severity).collect::<Vec<_>>(),
            [Severity::Critical, Severity::Low]
        );
    }

    #[test]
    fn what_comes_again_and_again_is_one_thing_and_rows_that_are_few_again_are_still_there() {
        let mut standing = Standing::default();
        for count in [1, 2] {
            let refused = Happening::new("serve.refused", msg!("server-seal-recovered")).with("count", count);
            standing.told(&Happening { time: at(count), ..refused.with("receiver", "ndjson").with("status", 401) });
        }
        let query = |action: &'static str, minute: i64| {
            let happening = Happening::new(action, msg!("server-seal-recovered")).with("schedule", "s");
            Happening { time: at(minute), ..happening.with("too_many", action == "query.opened") }
        };
        standing.told(&query("query.opened", 3));
        standing.told(&query("query.closed", 4));
        let all = |standing: &Standing| -> Vec<(String, usize)> {
            standing.open().into_iter().map(|open| (open.action, open.times)).collect()
        };
        let (rows, refused) = (("query.opened".to_owned(), 1), ("serve.refused".to_owned(), 2));
        assert_eq!(all(&standing), [rows, refused.clone()]);
        let over = Happening::new("query.closed", msg!("server-seal-recovered")).with("schedule", "s");
        standing.told(&Happening { time: at(5), ..over });
        assert_eq!(all(&standing), [refused]);
    }

    #[test]
    fn quiet_hours_end_before_it_is_waited() {
        let mut alerts = alerts();
        // 00:00Z is the beginning of the day.
        alerts[0].quiet = Some(toml::from_str("from = \"22:00\"\nto = \"07:00\"\nzone = \"UTC\"").unwrap());
        let mut standing = Standing::default();
        standing.told(&gap("gap.opened", 0));
        assert!(standing.due(&alerts, at(7 * 60 + 29)).is_empty() && standing.due(&alerts, at(7 * 60 + 30)).len() == 1);
    }
}
