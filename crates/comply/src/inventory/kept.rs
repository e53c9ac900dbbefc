//! Inventories that `check --live` sealed, read again: the newest answers of each account and region before a moment, where they are young enough.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Engine, Failure, Options};

use crate::account::{Answer, Said};
use crate::checks::{Row, Rows};
use crate::settings::Value;

/// How old an inventory may be, in microseconds: a week. What was made since is not in it.
pub const OLDEST: i64 = 7 * 86_400_000_000;

/// How long a run may take, in microseconds: a day.
const LONGEST: i64 = 86_400_000_000;

/// What is asked; an auditor can ask the same.
const QUERY: &str = "select time, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation = 'inventory.answer'\norder by time";

/// The newest inventory of each place: of each account its regions, and the services that are of no region. So a run that looked at
/// one region takes nothing from what another knows of all.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    places: BTreeMap<Place, Taken>,
    /// Runs whose place a newer one took: what of them comes later is passed over.
    gone: BTreeSet<(Place, String)>,
    /// When each run began.
    begun: BTreeMap<String, Timestamp>,
}

/// An account, and a region of it or a service that is of all.
type Place = (String, String);

/// Services that answer for a whole account, whichever region is asked.
const OF_ALL_REGIONS: [&str; 5] = ["iam", "organizations", "s3", "s3control", "sts"];

fn place_of(answer: &Answer) -> Place {
    let service = answer.call.split(':').next().unwrap_or_default();
    let part = if OF_ALL_REGIONS.contains(&service) { service } else { answer.region.as_str() };
    (answer.account.clone(), part.to_owned())
}

#[derive(Clone, Debug)]
struct Taken {
    run: String,
    first: Timestamp,
    answers: Vec<Answer>,
}

impl Kept {
    /// Takes a record; what is none of these is passed over.
    fn add(&mut self, row: Row<'_>, before: Timestamp) {
        let Some(time) = row.time("time") else { return };
        let Ok(event) = serde_json::from_str::<Json>(row.text("raw")) else { return };
        let details = &event["details"];
        let text = |name: &str| details[name].as_str().map(str::to_owned);
        let (Some(run), Some(call), Some(account)) = (text("run"), text("call"), text("account")) else { return };
        let said = match (details.get("answer"), text("not_set"), text("refused")) {
            (Some(answer), ..) => Said::Answer(Value::from_json(answer)),
            (None, Some(_), _) => Said::Absent,
            (None, None, Some(code)) => {
                Said::Refused(msg!("inventory-refused-then", call = call.as_str(), code = code))
            }
            (None, None, None) if text("unanswered").is_some() => {
                Said::Refused(msg!("inventory-unanswered-then", call = call.as_str()))
            }
            (None, None, None) => return,
        };
        let (region, of) = (text("region").unwrap_or_default(), text("of"));
        let record = Some(row.text("record").to_owned());
        self.put(run, (time, before), Answer { call, account, region, of, said, record });
    }

    fn put(&mut self, run: String, (time, before): (Timestamp, Timestamp), answer: Answer) {
        // A run that had begun is read to its end: half of one would say that the other half does not exist.
        if *self.begun.entry(run.clone()).or_insert(time) >= before {
            return;
        }
        let place = place_of(&answer);
        if self.gone.contains(&(place.clone(), run.clone())) {
            return;
        }
        match self.places.get_mut(&place) {
            Some(taken) if taken.run == run => taken.answers.push(answer),
            // Rows come in the order of their times: whose first comes later is the newer.
            known => {
                let old = known.map(|taken| taken.run.clone());
                self.gone.extend(old.map(|old| (place.clone(), old)));
                self.places.insert(place, Taken { run, first: time, answers: vec![answer] });
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// When the oldest of them was taken.
    pub fn since(&self) -> Option<Timestamp> {
        self.places.values().map(|taken| taken.first).min()
    }

    /// All answers.
    pub fn answers(self) -> Vec<Answer> {
        self.places.into_values().flat_map(|taken| taken.answers).collect()
    }
}

/// The newest inventory of each place that was taken within a week before a moment.
///
/// # Errors
/// What the engine says.
pub async fn newest(engine: impl Fn(Options) -> Engine, before: Timestamp) -> Result<Kept> {
    let options = Options {
        from: Some(Timestamp(before.0.saturating_sub(OLDEST))),
        to: Some(Timestamp(before.0.saturating_add(LONGEST))),
        sources: vec!["shoseki".to_owned()],
        include_internal: true,
        now: before,
        ..Options::default()
    };
    let mut answer = engine(options).sql(QUERY).await.map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(_) => Fault::broken(msg!("comply-question")),
    })?;
    let mut kept = Kept::default();
    while let Some(batch) = answer.next().await? {
        let mut rows = Rows::default();
        rows.add(&batch)?;
        rows.iter().for_each(|row| kept.add(row, before));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Cell;

    /// Answers to calls, `eks:ListClusters@eu-west-1` in another region than the usual one.
    fn rows(all: &[(i64, &str, &str, &str)]) -> Rows {
        let row = |(at, run, account, call): &(i64, &str, &str, &str)| {
            let (call, region) = call.split_once('@').unwrap_or((call, "us-east-1"));
            let details =
                serde_json::json!({"run": run, "account": account, "region": region, "call": call, "answer": {}});
            let event = serde_json::json!({"details": details}).to_string();
            [Cell::Time(Timestamp(*at)), event.as_str().into(), format!("s:{at}").as_str().into()]
        };
        Rows::of(["time", "raw", "record"], all.iter().map(row).collect())
    }

    #[test]
    fn of_each_place_the_newest_run_is_kept_also_where_two_run_at_once() {
        let mut kept = Kept::default();
        rows(&[
            (1, "old", "1", "s3:ListBuckets"),
            (2, "new", "1", "s3:ListBuckets"),
            (3, "old", "1", "eks:ListClusters"),
            (4, "new", "1", "iam:GetAccountSummary"),
            (5, "old", "2", "s3:ListBuckets"),
            (6, "new", "1", "eks:ListClusters"),
            (7, "old", "1", "eks:DescribeCluster"),
            (8, "old", "1", "eks:ListClusters@eu-west-1"),
            (9, "late", "1", "s3:ListBuckets"),
        ])
        .iter()
        .for_each(|row| kept.add(row, Timestamp(6)));
        assert_eq!(kept.since(), Some(Timestamp(2)));
        let calls: Vec<(String, String)> = kept.answers().into_iter().map(|one| (one.account, one.call)).collect();
        // What the old run knows of a region that the new one did not look at stays.
        let expected = [
            ("1", "eks:ListClusters"),
            ("1", "iam:GetAccountSummary"),
            ("1", "s3:ListBuckets"),
            ("1", "eks:ListClusters"),
            ("2", "s3:ListBuckets"),
        ];
        assert_eq!(calls, expected.map(|(account, call)| (account.to_owned(), call.to_owned())));
    }

    #[test]
    fn what_was_refused_then_is_refused_and_what_is_no_answer_is_passed_over() {
        let event = |details: Json| serde_json::json!({"details": details}).to_string();
        let whole = |more: Json| {
            let mut details =
                serde_json::json!({"run": "r", "account": "1", "region": "us-east-1", "call": "s3:ListBuckets"});
            details.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event(details)
        };
        let of = |raw: &str| {
            let mut kept = Kept::default();
            let rows = Rows::of(["time", "raw", "record"], vec![[Cell::Time(Timestamp(1)), raw.into(), "s:1".into()]]);
            rows.iter().for_each(|row| kept.add(row, Timestamp(9)));
            kept.answers().pop().map(|one| one.said)
        };
        assert!(matches!(of(&whole(serde_json::json!({"refused": "AccessDenied"}))), Some(Said::Refused(_))));
        assert!(matches!(of(&whole(serde_json::json!({"unanswered": ""}))), Some(Said::Refused(_))));
        assert!(matches!(of(&whole(serde_json::json!({"not_set": "NoSuchX"}))), Some(Said::Absent)));
        for odd in ["", "[]", "{}", &whole(serde_json::json!({})), &event(serde_json::json!({"answer": {}}))] {
            assert!(of(odd).is_none(), "{odd}");
        }
    }
}
