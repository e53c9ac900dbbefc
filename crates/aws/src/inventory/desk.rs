//! Where an account is asked in a region: who asks, how many at once, and what was answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{Region, SdkConfig};
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, msg};
use tokio::sync::Semaphore;

use super::calls::Call;
use crate::call::{Element, Failure, Json, JsonService, Query, QueryService, Rest, RestService, failed};

/// How many calls wait for an answer at the same time.
const AT_ONCE: usize = 24;
/// How many pages of one list are asked for.
const MAX_PAGES: usize = 1_000;

/// An answer, or why there is none.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub call: &'static Call,
    /// The account.
    pub account: String,
    /// The region that was asked.
    pub region: String,
    /// What it was asked about; nothing where it is a list.
    pub of: Option<String>,
    /// When it was asked.
    pub time: Timestamp,
    /// What was said.
    pub said: Said,
}

/// What was said.
#[derive(Clone, Debug)]
pub enum Said {
    /// The answer, as JSON.
    Answer(Value),
    /// That it is not set, and by which code.
    Absent(String),
    /// That it may not be known, and by which code.
    Refused(String, Fault),
    /// Why there is no answer: nobody was reached, or AWS could not answer; by which code, where it gave one.
    Unanswered(String, Fault),
}

/// How far an inventory is.
#[derive(Debug, Default)]
pub struct Meter {
    /// The calls that are known to be made.
    pub asked: AtomicU64,
    /// Those that were answered.
    pub answered: AtomicU64,
    /// Those that were refused, or that nobody answered.
    pub refused: AtomicU64,
}

/// What all desks of an inventory share.
#[derive(Debug)]
pub(super) struct Shared {
    gate: Semaphore,
    answers: Mutex<Vec<Answer>>,
    meter: Arc<Meter>,
}

impl Shared {
    pub(super) fn of(meter: Arc<Meter>) -> Arc<Self> {
        Arc::new(Self { gate: Semaphore::new(AT_ONCE), answers: Mutex::default(), meter })
    }

    /// How far it is.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What was answered so far.
    pub(super) fn answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// In which region a call about something was asked.
    pub(super) fn region_of(&self, account: &str, call: &Call, of: &str) -> Option<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut its = answers.iter().filter(|one| one.account == account && one.call.operation == call.operation);
        its.find(|one| one.of.as_deref() == Some(of)).map(|one| one.region.clone())
    }

    /// What the answers of some calls have under these names, with the region of the answer.
    pub(super) fn named(&self, account: &str, keys: &[(&Call, &str)]) -> Vec<(String, String)> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for answer in answers.iter().filter(|answer| answer.account == account) {
            let key = keys.iter().find(|(call, _)| call.operation == answer.call.operation);
            if let (Said::Answer(value), Some((_, key))) = (&answer.said, key) {
                names(value, key, &mut |name| found.push((answer.region.clone(), name.to_owned())));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn names(value: &Value, key: &str, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| names(one, key, found)),
        Value::Object(all) => {
            for (name, value) in all {
                match value {
                    Value::String(text) if name == key && !text.is_empty() => found(text),
                    _ => names(value, key, found),
                }
            }
        }
        _ => {}
    }
}

/// An account in a region.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) config: SdkConfig,
    pub(super) shared: Arc<Shared>,
}

impl Desk {
    /// The same account in another region.
    pub(super) fn in_region(&self, region: &str) -> Self {
        let config = self.config.clone().into_builder().region(Region::new(region.to_owned())).build();
        Self { region: region.to_owned(), config, ..self.clone() }
    }

    pub(super) fn json(&self, service: &'static JsonService) -> Json {
        Json::of(service, &self.config)
    }

    pub(super) fn query(&self, service: &'static QueryService) -> Query {
        Query::of(service, &self.config)
    }

    pub(super) fn rest(&self, service: &'static RestService) -> Rest {
        Rest::of(service, &self.config)
    }

    /// Waits for an answer, when it is its turn, and notes what was said. Gives the answer where there is one.
    pub(super) async fn note(
        &self,
        call: &'static Call,
        of: Option<&str>,
        asked: impl Future<Output = Result<Value, Failure>>,
    ) -> Option<Value> {
        let meter = &self.shared.meter;
        meter.asked.fetch_add(1, Ordering::Relaxed);
        // The gate is never closed; were it, all that would be lost is the limit.
        let _turn = self.shared.gate.acquire().await;
        let time = Timestamp::now();
        let answered = asked.await;
        meter.answered.fetch_add(1, Ordering::Relaxed);
        let (said, answer) = match answered {
            Ok(answer) => (Said::Answer(answer.clone()), Some(answer)),
            Err(failure) if call.is_absent(failure.code()) => (Said::Absent(failure.code().to_owned()), None),
            Err(failure) => {
                meter.refused.fetch_add(1, Ordering::Relaxed);
                let code = failure.code().to_owned();
                let fault = failed(&call.right(), of.unwrap_or("*"), failure);
                let is_heard = matches!(fault.id(), "aws-call-forbidden" | "aws-call-refused" | "aws-call-absent");
                (if is_heard { Said::Refused(code, fault) } else { Said::Unanswered(code, fault) }, None)
            }
        };
        self.keep(call, of, time, said);
        answer
    }
}

impl Desk {
    /// Notes that a list was not asked for to its end, where that is so: what else stands in it is not known.
    pub(super) fn whole(&self, call: &'static Call, of: Option<&str>, pages: &Pages) {
        if !pages.is_cut {
            return;
        }
        let fault = Fault::world(msg!("aws-list-endless", action = call.name(), pages = MAX_PAGES));
        let said = Said::Unanswered("pages".to_owned(), fault);
        self.keep(call, of, Timestamp::now(), said);
    }

    fn keep(&self, call: &'static Call, of: Option<&str>, time: Timestamp, said: Said) {
        let (account, region, of) = (self.account.clone(), self.region.clone(), of.map(str::to_owned));
        let noted = Answer { call, account, region, of, time, said };
        self.shared.answers.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
    }
}

/// The pages of a list as they come.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// What was answered.
    pub(super) all: Vec<Value>,
    from: Option<String>,
    is_done: bool,
    /// Whether there is more than was asked for.
    is_cut: bool,
}

impl Pages {
    /// Where the page begins that is to be asked for; nothing of the first.
    pub(super) fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Whether there is one to ask for.
    pub(super) fn is_more(&self) -> bool {
        !self.is_done
    }

    /// Takes a page, which says under this name where the next begins. Where it was refused there is none.
    pub(super) fn take(&mut self, page: Option<Value>, next: &str) {
        let text = page.as_ref().and_then(|page| page.get(next)).and_then(Value::as_str);
        self.from = text.filter(|text| !text.is_empty()).map(str::to_owned);
        self.all.extend(page);
        self.is_cut = self.from.is_some() && self.all.len() >= MAX_PAGES;
        self.is_done = self.from.is_none() || self.is_cut;
    }
}

/// The result of a call of the query protocol as JSON.
pub(super) fn as_json(answer: Result<Element, Failure>) -> Result<Value, Failure> {
    answer.map(|answer| answer.to_json())
}

/// What stands in a list of XML: `{"DBInstances": {"DBInstance": …}}`, one or many.
pub(super) fn listed<'a>(answer: &'a Value, list: &str, item: &str) -> Vec<&'a Value> {
    match answer.get(list).and_then(|list| list.get(item)) {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}
