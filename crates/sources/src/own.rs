//! shoseki's own events: the start and the stop of its doors, and what failed. They come by no door but its own: nothing that is
//! sent is ever taken for one.
//!
//! ```text
//! {"time":"2026-03-05T01:02:03Z","action":"serve.start","outcome":"success","message":"…","details":{"listen":"…"}}
//! ```

use std::borrow::Cow;

use shoseki_event::{Columns, Outcome, Timestamp};

use crate::source::owned;
use crate::{Cursor, NativeKind, Reason, Source, time};

/// The source `shoseki`.
pub(crate) struct Own;

const APPLICATION_LIFECYCLE: i32 = 6002;

/// OCSF's `activity_id` of Application Lifecycle, by the end of the action's name.
const ACTIVITIES: [(&str, i32); 2] = [(".start", 3), (".stop", 4)];

#[derive(Default)]
struct Event<'a> {
    time: Option<Cow<'a, str>>,
    action: Option<Cow<'a, str>>,
    outcome: Option<Cow<'a, str>>,
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
        let (status, severity_id) = match event.outcome.as_deref() {
            Some("success") => (Outcome::Success, 1),
            Some("failure") => (Outcome::Failure, 4),
            _ => (Outcome::Unknown, 0),
        };
        let activity = ACTIVITIES.iter().find(|(end, _)| action.ends_with(end)).map_or(99, |(_, activity)| *activity);
        Ok(Columns {
            time,
            time_origin,
            class_uid: APPLICATION_LIFECYCLE,
            activity_id: activity,
            severity_id,
            status,
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
            ("details", NativeKind::Text),
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
        assert_eq!(derive(b"{}"), Err(Reason::Missing { field: "action" }));
        assert!(derive(b"[]").is_err() && derive(br#"{"action":"a"}x"#).is_err());
    }

    #[test]
    fn nothing_that_is_sent_is_taken_for_one() {
        assert_ne!(crate::auto(Own.example()).map(Source::id), Some("shoseki"));
        assert!(crate::SOURCES.iter().all(|source| source.id() != "shoseki"));
    }
}
