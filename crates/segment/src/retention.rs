//! For how long evidence is kept: classes with a period, which class a record is of, and the holds that keep what would go.
//! All of it stands in the table's configuration, so that changing it is a sealed commit, and a commit that expires files is
//! judged by what was in force before it. Pure: who asks for it, and what is deleted, is the business of `vault`.
//!
//! ```text
//! "shoseki.retention":      "{\"classes\":{\"case-7\":null,\"standard\":12},\"sources\":{\"falco\":\"short\"},\"streams\":{}}"
//! "shoseki.hold.3f9a01c2":  "{\"by\":\"aya\",\"at\":\"2026-11-27T09:00:00Z\",\"why\":\"Lawsuit 12\",\"streams\":[\"cloudtrail/1\"]}"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use shoseki_event::{Day, Timestamp};

use crate::{OWN_SOURCE, SegmentTag};

/// The configuration's name for classes, their periods, and what is of which class: JSON.
pub const RETENTION_KEY: &str = "shoseki.retention";
/// The beginning of the configuration's name for a hold; its id follows.
pub const HOLD_KEY: &str = "shoseki.hold.";
/// The class of what no policy names, and of everything that shoseki records itself.
pub const DEFAULT_CLASS: &str = "standard";
/// The longest period, in months.
pub const MAX_MONTHS: u32 = 1_200;
/// The longest name of a class, id or person.
pub const MAX_NAME: usize = 256;
/// The longest reason or query.
pub const MAX_TEXT: usize = 4_096;
/// The most segments that a hold names: each stands in every later change of the configuration.
pub const MAX_HELD_SEGMENTS: usize = 10_000;

/// For how long what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The period of each class, in calendar months; `None` keeps it for ever, and so does a class that is not here.
    pub classes: BTreeMap<String, Option<u32>>,
    /// The class of a source.
    pub sources: BTreeMap<String, String>,
    /// The class of a stream; it goes before that of its source.
    pub streams: BTreeMap<String, String>,
}

impl Policy {
    /// Reads a table's configuration; one that says nothing keeps everything.
    ///
    /// # Errors
    /// Why it is no policy.
    pub fn of(configuration: &BTreeMap<String, String>) -> Result<Self, String> {
        let Some(text) = configuration.get(RETENTION_KEY) else { return Ok(Self::default()) };
        let policy: Self = serde_json::from_str(text).map_err(|error| format!("`{RETENTION_KEY}`: {error}"))?;
        policy.check()?;
        Ok(policy)
    }

    /// The text of the configuration.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // plain maps always serialise
    }

    /// Whether it may stand.
    ///
    /// # Errors
    /// Why not: a name that is none, a period out of its bounds, a class that has no period of its own.
    pub fn check(&self) -> Result<(), String> {
        for (class, months) in &self.classes {
            if !is_class(class) {
                return Err(format!("`{class}` is no name of a class"));
            }
            if months.is_some_and(|months| months == 0 || months > MAX_MONTHS) {
                return Err(format!("a period is 1 to {MAX_MONTHS} months"));
            }
        }
        if self.sources.contains_key(OWN_SOURCE) {
            return Err(format!("records of `{OWN_SOURCE}` are of `{DEFAULT_CLASS}`"));
        }
        let is_unknown = |class: &&String| *class != DEFAULT_CLASS && !self.classes.contains_key(*class);
        match self.sources.values().chain(self.streams.values()).find(is_unknown) {
            Some(class) => Err(format!("class `{class}` has no period")),
            None => Ok(()),
        }
    }

    /// The class of a record. Our own are always of the default one.
    pub fn class_of(&self, source: &str, stream: &str) -> &str {
        if source == OWN_SOURCE {
            return DEFAULT_CLASS;
        }
        self.streams.get(stream).or_else(|| self.sources.get(source)).map_or(DEFAULT_CLASS, String::as_str)
    }

    /// The period of a class; `None` where it is kept for ever.
    pub fn months(&self, class: &str) -> Option<u32> {
        self.classes.get(class).copied().flatten()
    }

    /// The longest period of the classes here and of those that a table ever had: that of our own records. `None` where one of
    /// them is kept for ever.
    pub fn longest<'a>(&'a self, classes: impl Iterator<Item = &'a String>) -> Option<u32> {
        let all: Option<Vec<u32>> = self.classes.keys().chain(classes).map(|class| self.months(class)).collect();
        all?.into_iter().max()
    }
}

/// Whether a text may name a class: it is a part of paths.
pub fn is_class(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.len() <= MAX_NAME && text.bytes().all(is_letter)
}

/// The day that lies so many calendar months before another, in UTC. Where the month is shorter, its last day: so what is kept for
/// a month is never kept for less. `None` where the calendar does not reach so far.
pub fn months_before(day: Day, months: u32) -> Option<Day> {
    let date = day.start().to_utc()?.date_naive().checked_sub_months(Months::new(months))?;
    Some(day_of(date))
}

/// The day that lies so many calendar months behind another, in UTC: the first on which what is of that day is as old. `None` where
/// the calendar does not reach so far.
pub fn months_after(day: Day, months: u32) -> Option<Day> {
    let date = day.start().to_utc()?.date_naive().checked_add_months(Months::new(months))?;
    Some(day_of(date))
}

fn day_of(date: NaiveDate) -> Day {
    let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
    Timestamp(start.timestamp_micros()).day()
}

/// Who did something to a hold, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who, as the machine says.
    pub by: String,
    /// When, by the writer's clock.
    pub at: String,
    /// Why; what is confirmed needs no reason of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The question of a hold, and how it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Its text.
    pub text: String,
    /// Whether it is SQL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sql: bool,
}

/// A legal hold: nothing that it covers expires until its release was asked for by one person and confirmed by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Who placed it.
    pub by: String,
    /// When.
    pub at: String,
    /// Why.
    pub why: String,
    /// The day on which it should be looked at again. It releases nothing by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The sources that it covers; all where there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<String>,
    /// The streams that it covers; all where there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub streams: BTreeSet<String>,
    /// From this time on, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until before this time, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// The question whose records it covers. It covers the segments that are named, and is asked again before each expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Asked>,
    /// The segments that held an answer to the question.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub segments: BTreeSet<String>,
    /// The release, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Step>,
    /// Its confirmation, which ends the hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Step>,
}

impl Hold {
    /// Whether it keeps what it covers.
    pub fn is_in_force(&self) -> bool {
        self.confirmed.is_none()
    }

    /// Whether it covers a record of a segment. A segment is covered whole.
    pub fn covers(&self, tag: &SegmentTag) -> bool {
        if self.query.is_some() {
            return self.segments.contains(&tag.id.to_string());
        }
        let is_source = self.sources.is_empty() || self.sources.contains(&tag.source);
        is_source
            && tag.streams.iter().any(|stream| {
                let is_stream = self.streams.is_empty() || self.streams.contains(&stream.name);
                is_stream
                    && self.from.is_none_or(|from| stream.max.0 >= from)
                    && self.to.is_none_or(|to| stream.min.0 < to)
            })
    }

    /// The text of the configuration.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // plain structs always serialise
    }

    fn check(&self) -> Result<(), String> {
        let steps = self.release.iter().chain(&self.confirmed);
        let names = [&self.by, &self.at].into_iter().chain(steps.clone().flat_map(|step| [&step.by, &step.at]));
        let mut names = names.chain(&self.until).chain(&self.sources).chain(&self.streams);
        let texts = self.query.iter().map(|query| &query.text).chain(steps.map(|step| &step.why));
        let has_scope = self.query.is_some()
            || !self.sources.is_empty()
            || !self.streams.is_empty()
            || self.from.is_some()
            || self.to.is_some();
        match () {
            () if names.any(|name| name.is_empty() || name.len() > MAX_NAME * 4) => Err("a name is none".to_owned()),
            () if self.why.is_empty() || self.why.len() > MAX_TEXT => Err("it has no reason".to_owned()),
            () if texts.into_iter().any(|text| text.len() > MAX_TEXT) => Err("a text is too long".to_owned()),
            () if !has_scope => Err("it covers nothing".to_owned()),
            () if self.segments.len() > MAX_HELD_SEGMENTS => Err("it names too many segments".to_owned()),
            () => Ok(()),
        }
    }

    /// Whether a hold may become this one.
    fn follows(&self, old: &Self) -> Result<(), &'static str> {
        let as_placed = Self { segments: BTreeSet::new(), release: None, confirmed: None, ..self.clone() };
        let before = Self { segments: BTreeSet::new(), release: None, confirmed: None, ..old.clone() };
        if as_placed != before {
            return Err("says otherwise of what it covers");
        }
        if !self.segments.is_superset(&old.segments) {
            return Err("lets segments go");
        }
        if old.release.is_some() && self.release != old.release {
            return Err("says otherwise of its release");
        }
        match (&old.confirmed, &self.confirmed) {
            (Some(old), new) if new.as_ref() != Some(old) => Err("was released already"),
            (None, Some(new)) => match &old.release {
                None => Err("is released by nobody's asking"),
                Some(asked) if is_same_person(&asked.by, &new.by) => Err("is released by one person alone"),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Whether two names are those of one person.
pub fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The holds of a configuration, by id.
///
/// # Errors
/// Why one is none: then nothing may expire, since nobody can say what it covers.
pub fn holds(configuration: &BTreeMap<String, String>) -> Result<BTreeMap<String, Hold>, String> {
    let own = configuration.iter().filter_map(|(key, text)| Some((key.strip_prefix(HOLD_KEY)?, text)));
    own.map(|(id, text)| {
        let unreadable = |why: String| format!("hold `{id}`: {why}");
        let hold: Hold = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        hold.check().map_err(unreadable)?;
        Ok((id.to_owned(), hold))
    })
    .collect()
}

/// Whether a configuration may follow another: its policy can be read, no hold is lost or changed but for its release, and a
/// release is asked for by one person and confirmed by another, in two commits.
pub(crate) fn check_change(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Result<(), String> {
    Policy::of(new)?;
    let before = holds(old)?;
    let mut after = holds(new)?;
    for (id, old) in &before {
        let new = after.remove(id).ok_or_else(|| format!("hold `{id}` is gone"))?;
        new.follows(old).map_err(|why| format!("hold `{id}` {why}"))?;
    }
    match after.iter().find(|(_, hold)| hold.release.is_some() || hold.confirmed.is_some()) {
        Some((id, _)) => Err(format!("hold `{id}` is placed and released at once")),
        None => Ok(()),
    }
}
