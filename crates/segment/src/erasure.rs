//! Requests to erase records on lawful demand. One person asks, naming each record; another confirms. The request stands in the
//! table's configuration, so that asking is a sealed commit, and a commit that erases is judged by what was asked before it. It
//! names records by their places and says nothing of what is in them: it is sealed for ever.
//!
//! ```text
//! "shoseki.erasure.4c1d09aa": "{\"by\":\"aya\",\"at\":\"2026-11-27T09:00:00Z\",\"ground\":\"gdpr-17\",\"why\":\"Case 12\",
//!                               \"records\":{\"<segment>\":[[5,1],[9,2]]}}"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::retention::{MAX_NAME, MAX_TEXT, Step, is_class};
use crate::{Erased, Ordinals};

/// The beginning of the configuration's name for a request to erase; its id follows.
pub const ERASURE_KEY: &str = "shoseki.erasure.";
/// The most runs of records that a request names: each stands in every later change of the configuration.
pub const MAX_RUNS: usize = 10_000;

/// A request to erase records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: String,
    /// By which law: a name such as `gdpr-17`.
    pub ground: String,
    /// Why: the case, and never the person's name.
    pub why: String,
    /// Why it is done although a period of retention is not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_its_time: Option<String>,
    /// The records, by the names of their segments.
    pub records: BTreeMap<String, Ordinals>,
    /// The SHA-256 of files that are kept whole and have them too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub originals: BTreeSet<String>,
    /// Who took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Step>,
}

impl Request {
    /// The records.
    ///
    /// # Errors
    /// Why a segment's name is none.
    pub fn erased(&self) -> Result<Erased, String> {
        let own = self.records.iter().map(|(segment, ordinals)| Some((segment.parse().ok()?, ordinals.clone())));
        own.collect::<Option<Erased>>().ok_or_else(|| "a segment's name is none".to_owned())
    }

    /// How many records it names.
    pub fn count(&self) -> u64 {
        self.records.values().map(Ordinals::len).sum()
    }

    /// The text of the configuration.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // plain structs always serialise
    }

    fn check(&self) -> Result<(), String> {
        let steps = self.withdrawn.iter();
        let mut names = [&self.by, &self.at].into_iter().chain(steps.clone().flat_map(|step| [&step.by, &step.at]));
        let mut texts = self.before_its_time.iter().chain(steps.map(|step| &step.why));
        let runs: usize = self.records.values().map(|ordinals| ordinals.runs().len()).sum();
        let is_hash = |text: &String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match () {
            () if names.any(|name| name.is_empty() || name.len() > MAX_NAME * 4) => Err("a name is none".to_owned()),
            () if !is_class(&self.ground) => Err("its ground is none".to_owned()),
            () if self.why.is_empty() || self.why.len() > MAX_TEXT => Err("it has no reason".to_owned()),
            () if texts.any(|text| text.is_empty() || text.len() > MAX_TEXT) => Err("a text is none".to_owned()),
            () if self.records.is_empty() || self.records.values().any(Ordinals::is_empty) => {
                Err("it names no records".to_owned())
            }
            () if runs > MAX_RUNS || self.originals.len() > MAX_RUNS => Err("it names too many records".to_owned()),
            () if !self.originals.iter().all(is_hash) => Err("an original's name is none".to_owned()),
            () => self.erased().map(drop),
        }
    }

    /// Whether a request may become this one: it may be taken back, once.
    fn follows(&self, old: &Self) -> bool {
        let is_kept = old.withdrawn.is_none() || self.withdrawn == old.withdrawn;
        is_kept && Self { withdrawn: None, ..self.clone() } == Self { withdrawn: None, ..old.clone() }
    }
}

/// The requests of a configuration, by id.
///
/// # Errors
/// Why one is none: then nothing may be erased.
pub fn requests(configuration: &BTreeMap<String, String>) -> Result<BTreeMap<String, Request>, String> {
    let own = configuration.iter().filter_map(|(key, text)| Some((key.strip_prefix(ERASURE_KEY)?, text)));
    own.map(|(id, text)| {
        let unreadable = |why: String| format!("erasure `{id}`: {why}");
        let request: Request = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        if !is_class(id) {
            return Err(unreadable("its name is none".to_owned()));
        }
        request.check().map_err(unreadable)?;
        Ok((id.to_owned(), request))
    })
    .collect()
}

/// Whether a configuration may follow another: no request is lost, or says otherwise, but for being taken back.
pub(crate) fn check_change(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Result<(), String> {
    let before = requests(old)?;
    let mut after = requests(new)?;
    for (id, old) in &before {
        let new = after.remove(id).ok_or_else(|| format!("erasure `{id}` is gone"))?;
        if !new.follows(old) {
            return Err(format!("erasure `{id}` says otherwise than before"));
        }
    }
    match after.iter().find(|(_, request)| request.withdrawn.is_some()) {
        Some((id, _)) => Err(format!("erasure `{id}` is asked for and taken back at once")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let records = BTreeMap::from([("0a".repeat(16), [5, 9, 10].into_iter().collect())]);
        Request {
            by: "aya".into(),
            at: "2026-11-27T09:00:00Z".into(),
            ground: "gdpr-17".into(),
            why: "Case 12".into(),
            before_its_time: None,
            records,
            originals: BTreeSet::new(),
            withdrawn: None,
        }
    }

    fn with(request: &Request) -> BTreeMap<String, String> {
        BTreeMap::from([(format!("{ERASURE_KEY}4c1d09aa"), request.to_text())])
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let text = format!(
            "{{\"by\":\"aya\",\"at\":\"2026-11-27T09:00:00Z\",\"ground\":\"gdpr-17\",\"why\":\"Case 12\",\"records\":{{\"{}\":[[5,1],[9,2]]}}}}",
            "0a".repeat(16)
        );
        assert_eq!(request().to_text(), text);
        assert_eq!(requests(&with(&request())).unwrap()["4c1d09aa"], request());
        assert_eq!((request().count(), request().erased().unwrap().len()), (3, 1));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let wrong: [fn(&mut Request); 9] = [
            |request| request.by = String::new(),
            |request| request.ground = "GDPR 17".into(),
            |request| request.why = String::new(),
            |request| request.why = "x".repeat(MAX_TEXT + 1),
            |request| request.records.clear(),
            |request| drop(request.records.insert("0b".repeat(16), Ordinals::default())),
            |request| drop(request.records.insert("aya".into(), [1].into_iter().collect())),
            |request| assert!(request.originals.insert("0a".repeat(16))),
            |request| drop(request.records.insert("0b".repeat(16), (0..30_000).step_by(2).collect())),
        ];
        for (number, change) in wrong.into_iter().enumerate() {
            let mut request = request();
            change(&mut request);
            assert!(requests(&with(&request)).is_err(), "{number}");
        }
    }

    #[test]
    fn a_request_is_taken_back_and_nothing_else() {
        let (none, asked) = (BTreeMap::new(), with(&request()));
        check_change(&none, &asked).unwrap();
        check_change(&asked, &asked).unwrap();
        assert!(check_change(&asked, &none).is_err());
        let step = Step { by: "ken".into(), at: "2026-11-28T09:00:00Z".into(), why: "An error".into() };
        let back = Request { withdrawn: Some(step.clone()), ..request() };
        check_change(&asked, &with(&back)).unwrap();
        assert!(check_change(&none, &with(&back)).is_err());
        assert!(check_change(&with(&back), &asked).is_err());
        let otherwise = Request { withdrawn: Some(Step { by: "mia".into(), ..step }), ..request() };
        assert!(check_change(&with(&back), &with(&otherwise)).is_err());
        let more = Request { why: "Case 13".into(), ..request() };
        assert!(check_change(&asked, &with(&more)).is_err());
    }
}
