//! shoseki's own events: the start and the stop of its doors, what failed, and who read evidence. They come by no door but its own:
//! nothing that is sent is ever taken for one.
//!
//! ```text
//! {"time":"2026-03-05T01:02:03Z","action":"serve.start","outcome":"success","message":"…","details":{"listen":"…"}}
//! {"time":"2026-03-05T01:02:03Z","action":"query.run","outcome":"success","id":"<32 hex digits>",
//!  "actor":{"user":"aiko","uid":1000,"host":"bastion"},"details":{"query":"…","rows":3,"ended":"whole"}}
//! ```

use std::borrow::Cow;

use shoseki_event::{Columns, Outcome, Timestamp};

use crate::ocsf::{Extra, Product};
use crate::source::owned;
use crate::{Cursor, NativeKind, Reason, Source, time};

/// The source `shoseki`.
pub(crate) struct Own;

const APPLICATION_LIFECYCLE: i32 = 6002;
const API_ACTIVITY: i32 = 6003;
const DATASTORE_ACTIVITY: i32 = 6005;

/// OCSF's class and `activity_id` of what is done with evidence and with keys.
const ACCESSES: &[(&str, i32, i32)] = &[
    ("query.run", DATASTORE_ACTIVITY, 4),
    ("check.run", DATASTORE_ACTIVITY, 4),
    ("verify.run", DATASTORE_ACTIVITY, 1),
    ("record.prove", DATASTORE_ACTIVITY, 1),
    ("package.create", DATASTORE_ACTIVITY, 1),
    ("original.get", DATASTORE_ACTIVITY, 1),
    ("key.backup", API_ACTIVITY, 2),
    ("key.check", API_ACTIVITY, 2),
    ("key.rotate", API_ACTIVITY, 3),
    ("anchor.add", API_ACTIVITY, 1),
    ("replica.add", API_ACTIVITY, 1),
    ("replica.remove", API_ACTIVITY, 4),
    ("replica.sync", API_ACTIVITY, 3),
    ("restore.run", API_ACTIVITY, 3),
    ("restore.object", API_ACTIVITY, 3),
    ("restore.rehearse", DATASTORE_ACTIVITY, 1),
    ("retention.set", API_ACTIVITY, 3),
    ("retention.run", DATASTORE_ACTIVITY, 3),
    ("hold.place", API_ACTIVITY, 1),
    ("hold.release", API_ACTIVITY, 3),
    ("hold.confirm", API_ACTIVITY, 3),
    ("document.attach", API_ACTIVITY, 1),
    ("gap.settle", API_ACTIVITY, 3),
    ("forward.run", DATASTORE_ACTIVITY, 1),
    ("finding.seen", API_ACTIVITY, 1),
    ("finding.add", API_ACTIVITY, 1),
    ("finding.cause", API_ACTIVITY, 3),
    ("finding.measure", API_ACTIVITY, 3),
    ("finding.accept", API_ACTIVITY, 3),
    ("finding.resolve", API_ACTIVITY, 3),
    ("finding.note", API_ACTIVITY, 3),
    ("incident.open", API_ACTIVITY, 1),
    ("incident.note", API_ACTIVITY, 3),
    ("incident.add", API_ACTIVITY, 3),
    ("incident.contain", API_ACTIVITY, 3),
    ("incident.report", API_ACTIVITY, 1),
    ("incident.measure", API_ACTIVITY, 3),
    ("incident.close", API_ACTIVITY, 3),
    ("scope.exclude", API_ACTIVITY, 3),
    ("scope.include", API_ACTIVITY, 3),
    ("review.show", DATASTORE_ACTIVITY, 4),
    ("review.done", API_ACTIVITY, 1),
    ("review.digest", API_ACTIVITY, 1),
    ("schedule.run", DATASTORE_ACTIVITY, 4),
    ("inventory.answer", API_ACTIVITY, 2),
    ("setup.plan", API_ACTIVITY, 2),
    ("setup.apply", API_ACTIVITY, 3),
];

/// OCSF's `activity_id` of Application Lifecycle, by the end of the action's name.
const ACTIVITIES: [(&str, i32); 2] = [(".start", 3), (".stop", 4)];

#[derive(Default)]
struct Event<'a> {
    time: Option<Cow<'a, str>>,
    action: Option<Cow<'a, str>>,
    outcome: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    user: Option<Cow<'a, str>>,
}

/// The class, the activity, and how severe a failure is: of a door it is an alarm, of a person mostly a mistake.
fn class(action: &str) -> (i32, i32, i32) {
    if let Some((_, class, activity)) = ACCESSES.iter().find(|(known, ..)| *known == action) {
        return (*class, *activity, 2);
    }
    let activity = ACTIVITIES.iter().find(|(end, _)| action.ends_with(end)).map_or(99, |(_, activity)| *activity);
    (APPLICATION_LIFECYCLE, activity, 4)
}

impl Source for Own {
    fn id(&self) -> &'static str {
        "shoseki"
    }

    fn title(&self) -> &'static str {
        "shoseki"
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let mut event = Event::default();
        let mut cursor = Cursor::new(raw)?;
        let is_object = cursor.members(|key, value| {
            match key {
                "time" => event.time = value.text()?,
                "action" => event.action = Some(value.string("action")?),
                "outcome" => event.outcome = value.text()?,
                "id" => event.id = value.text()?,
                "actor" if value.is_object() => {
                    value.members(|key, value| {
                        match key {
                            "user" => event.user = value.text()?,
                            _ => drop(value.skip()?),
                        }
                        Ok(())
                    })?;
                }
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        if !is_object {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        let action = event.action.ok_or(Reason::Missing { field: "action" })?;
        let (time, time_origin) = time::stated(event.time.as_deref(), received);
        let (class_uid, activity_id, failed) = class(&action);
        let (status, severity_id) = match event.outcome.as_deref() {
            Some("success") => (Outcome::Success, 1),
            Some("failure") => (Outcome::Failure, failed),
            _ => (Outcome::Unknown, 0),
        };
        Ok(Columns {
            time,
            time_origin,
            class_uid,
            activity_id,
            severity_id,
            status,
            key: owned(event.id),
            actor: owned(event.user),
            operation: owned(Some(action)),
            service: Some("shoseki".into()),
            ..Columns::default()
        })
    }

    fn stream(&self, _: &Columns) -> String {
        "shoseki".to_owned()
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("action", "operation")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("time", NativeKind::Time),
            ("action", NativeKind::Text),
            ("outcome", NativeKind::Text),
            ("message", NativeKind::Text),
            ("actor.user", NativeKind::Text),
            ("actor.host", NativeKind::Text),
            ("details.query", NativeKind::Text),
            ("details.rows", NativeKind::Whole),
            ("details.ended", NativeKind::Text),
            ("details.requirement", NativeKind::Text),
            ("details.title", NativeKind::Text),
            ("details.file", NativeKind::Text),
            ("details.sha256", NativeKind::Text),
            ("details", NativeKind::Text),
            ("id", NativeKind::Text),
        ]
    }

    fn classes(&self) -> Vec<i32> {
        vec![APPLICATION_LIFECYCLE, API_ACTIVITY, DATASTORE_ACTIVITY]
    }

    fn product(&self) -> Product {
        Product { name: self.title(), datastore: Some("Evidence vault"), ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[
            (Extra::Message, "message"),
            (Extra::Host, "actor.host"),
            (Extra::Database, "details.vault"),
            (Extra::Statement, "details.query"),
        ]
    }

    fn example(&self) -> &'static [u8] {
        br#"{"action":"serve.start","details":{"listen":"127.0.0.1:8484","version":"0.1.0"},"message":"taking in what is pushed to 127.0.0.1:8484","outcome":"success","time":"2026-03-05T01:02:03Z"}"#
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_and_a_failure() {
        let derive = |text: &[u8]| Own.derive(text, Timestamp(1_772_672_524_000_000));
        let start = derive(Own.example()).unwrap();
        assert_eq!((start.class_uid, start.activity_id, start.status), (6002, 3, Outcome::Success));
        assert_eq!(start.time.to_string(), "2026-03-05T01:02:03Z");
        let failed = derive(br#"{"action":"seal.failed","outcome":"failure"}"#).unwrap();
        assert_eq!((failed.activity_id, failed.severity_id, failed.status), (99, 4, Outcome::Failure));
        let asked =
            derive(br#"{"action":"query.run","outcome":"failure","id":"ab","actor":{"uid":7,"user":"aiko"}}"#).unwrap();
        assert_eq!((asked.class_uid, asked.activity_id, asked.severity_id), (6005, 4, 2));
        assert_eq!((asked.actor.as_deref(), asked.key.as_deref()), (Some("aiko"), Some("ab")));
        let killed = derive(br#"{"action":"key.rotate","outcome":"unknown","id":"ab","actor":null}"#).unwrap();
        assert_eq!((killed.class_uid, killed.activity_id, killed.severity_id, killed.actor), (6003, 3, 0, None));
        assert_eq!(derive(b"{}"), Err(Reason::Missing { field: "action" }));
        assert!(derive(b"[]").is_err() && derive(br#"{"action":"a"}x"#).is_err());
    }

    #[test]
    fn nothing_that_is_sent_is_taken_for_one() {
        assert_ne!(crate::auto(Own.example()).map(Source::id), Some("shoseki"));
        assert!(crate::SOURCES.iter().all(|source| source.id() != "shoseki"));
    }
}
