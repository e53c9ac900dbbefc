//! What a set-up rests on and did not make: which trail of each account delivers where, and by which key, and where AWS Config delivers
//! in each region. It is taken as it is found, so whoever points one elsewhere would change what is taken for right. What it was when a person last applied the set-up is kept
//! as a record, and held against what is found.
//!
//! ```text
//! {"action":"setup.apply", …, "details":{"calls":[…],"rests_on":{"trails":{"111122223333":{"trail":"all","bucket":"logs","key":"arn:…"}}}}}
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_comply::checks::Rows;
use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

use crate::plan::{Item, Outcome, Plan};

/// The question for what was kept; an auditor can ask the same.
pub const AGREED: &str = "select time, raw -> 'details' ->> 'rests_on' as rests_on, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation = 'setup.apply' and status = 'success'\norder by time";

/// What a set-up rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The trail of each account.
    #[serde(default)]
    pub trails: BTreeMap<String, Way>,
    /// The bucket that AWS Config delivers to, by account and region: `111122223333 us-east-1`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, String>,
}

/// The way of a trail's evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The trail's name.
    pub trail: String,
    /// The bucket that it delivers to; of a trail of others, what it is.
    pub bucket: String,
    /// The key that it encrypts by, as an ARN, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What was kept last, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// When somebody applied the set-up.
    pub at: Timestamp,
    /// What it rested on.
    pub baseline: Baseline,
}

impl Agreed {
    /// The newest of the rows of [`AGREED`]; nothing where none says what it rests on.
    pub fn of(rows: &Rows) -> Option<Self> {
        let one = |row: shoseki_comply::checks::Row<'_>| {
            Some(Self { at: row.time("time")?, baseline: serde_json::from_str(row.text("rests_on")).ok()? })
        };
        rows.iter().filter_map(one).last()
    }
}

impl Baseline {
    /// The same with what is newer in the place of what was; an account of which nothing newer is known stays.
    #[must_use]
    pub fn renewed(mut self, newer: Self) -> Self {
        self.trails.extend(newer.trails);
        self.channels.extend(newer.channels);
        self
    }

    /// The same without what is of pieces that are not sure: a call about one of their things is missing.
    #[must_use]
    pub fn of_pieces(mut self, is_sure: impl Fn(&str) -> bool) -> Self {
        if !is_sure(TRAIL) {
            self.trails.clear();
        }
        if !is_sure(RECORDER) {
            self.channels.clear();
        }
        self
    }
}

impl Way {
    fn of(item: &Item) -> Option<Self> {
        let bucket = value(item, "trail")?.to_owned();
        let key = value(item, "encryption").filter(|key| key.starts_with("arn:")).map(str::to_owned);
        Some(Self { trail: item.name.clone(), bucket, key })
    }

    fn shown(&self) -> String {
        format!("{} → {}", self.trail, self.bucket)
    }
}

impl Plan {
    /// What it rests on, once it is done.
    pub fn baseline(&self) -> Baseline {
        let of = |piece: &'static str| self.items.iter().filter(move |item| item.piece == piece);
        let way = |item: &Item| Some((item.account.clone(), Way::of(item)?));
        let channel = |item: &Item| Some((place(item), value(item, CHANNEL)?.to_owned()));
        Baseline { trails: of(TRAIL).filter_map(way).collect(), channels: of(RECORDER).filter_map(channel).collect() }
    }

    /// Holds what is found against what was agreed: what delivers elsewhere, or encrypts by another key, is as nobody asked for. Whether
    /// there is any. `when` says when it was agreed, as people read it.
    pub fn hold_against(&mut self, agreed: &Baseline, when: &str) -> bool {
        let mut has_any = false;
        for item in &mut self.items {
            let moved = match item.piece {
                TRAIL => moved_trail(item, agreed, when),
                RECORDER => moved_channel(item, agreed, when),
                _ => Vec::new(),
            };
            has_any |= !moved.is_empty();
            moved.into_iter().for_each(|(name, why)| is_not_as_agreed(item, name, &why));
        }
        has_any
    }
}

const TRAIL: &str = "trail";
const RECORDER: &str = "config_recorder";
const CHANNEL: &str = "channel";

/// An account and a region.
fn place(item: &Item) -> String {
    format!("{} {}", item.account, item.region)
}

fn moved_trail(item: &Item, agreed: &Baseline, when: &str) -> Vec<(&'static str, Message)> {
    let Some((was, is)) = agreed.trails.get(&item.account).zip(Way::of(item)) else { return Vec::new() };
    let mut moved = Vec::new();
    if is_found(item, "trail") && (&was.trail, &was.bucket) != (&is.trail, &is.bucket) {
        moved.push(("trail", msg!("setup-moved", was = was.shown(), now = is.shown(), when = when)));
    }
    let keys = was.key.as_deref().zip(is.key.as_deref()).filter(|(was, is)| was != is);
    if let Some((was, is)) = keys.filter(|_| is_found(item, "encryption")) {
        moved.push(("encryption", msg!("setup-moved-key", was = was, now = is, when = when)));
    }
    moved
}

fn moved_channel(item: &Item, agreed: &Baseline, when: &str) -> Vec<(&'static str, Message)> {
    let both = agreed.channels.get(&place(item)).map(String::as_str).zip(value(item, CHANNEL));
    let moved = both.filter(|(was, is)| is_found(item, CHANNEL) && was != is);
    moved.map(|(was, is)| (CHANNEL, msg!("setup-moved", was = was, now = is, when = when))).into_iter().collect()
}

/// Whether a setting is there, and not to be made.
fn is_found(item: &Item, name: &str) -> bool {
    matches!(outcome(item, name), Some(Outcome::Adopt(_) | Outcome::Right(_)))
}

fn outcome<'a>(item: &'a Item, name: &str) -> Option<&'a Outcome> {
    item.settings.iter().find(|setting| setting.name == name).map(|setting| &setting.outcome)
}

/// What a setting is once the plan is done.
fn value<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match outcome(item, name)? {
        Outcome::Right(is) | Outcome::Adopt(is) | Outcome::Create(is) | Outcome::Stricter(is) => Some(is),
        Outcome::Change { to, .. } => Some(to),
        Outcome::Cannot(_) => None,
    }
}

fn is_not_as_agreed(item: &mut Item, name: &str, why: &Message) {
    for setting in item.settings.iter_mut().filter(|setting| setting.name == name) {
        setting.outcome = Outcome::Cannot(why.clone());
    }
}

#[cfg(test)]
mod tests {
    use shoseki_comply::checks::{Cell, Status};

    use super::*;
    use crate::plan::State;

    const ACCOUNT: &str = "111122223333";

    fn plan(trail: &str, settings: &[(&str, Outcome)]) -> Plan {
        let mut item = Item::new("trail", trail, (ACCOUNT, "us-east-1"), State::There);
        settings.iter().for_each(|(name, outcome)| item.says(name, outcome.clone()));
        Plan { items: vec![item], ..Plan::default() }
    }

    fn adopts(bucket: &str, key: &str) -> Vec<(&'static str, Outcome)> {
        vec![("trail", Outcome::Adopt(bucket.to_owned())), ("encryption", Outcome::Right(key.to_owned()))]
    }

    #[test]
    fn what_was_agreed_is_held_against_what_is_found() {
        let agreed = plan("all", &adopts("logs", "arn:key/1")).baseline();
        let of = |trail: &str, bucket: &str, key: &str| {
            let mut found = plan(trail, &adopts(bucket, key));
            let has_any = found.hold_against(&agreed, "then");
            let drift = found.drift(&Default::default());
            let its = drift.iter().find(|judged| judged.check.id == "setup_trail_is_as_planned").unwrap();
            assert_eq!((has_any, found.is_blocked()), (its.status() == Status::Fail, has_any));
            let said = its.findings.iter().filter(|one| one.status == Status::Fail);
            said.map(|one| one.what.text(shoseki_messages::Lang::En)).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(of("all", "logs", "arn:key/1"), "");
        let moved = of("all", "others-logs", "arn:key/1");
        assert!(moved.contains("all → logs") && moved.contains("all → others-logs"), "{moved}");
        assert!(of("mine", "logs", "arn:key/1").contains("mine → logs"), "another trail");
        assert!(of("all", "logs", "arn:key/2").contains("arn:key/2"), "another key");
        assert_eq!(of("all", "others-logs", "arn:key/2").lines().count(), 2);
    }

    #[test]
    fn what_is_made_is_agreed_and_what_is_gone_or_not_known_is_no_move() {
        let create = |name: &str| Outcome::Create(name.to_owned());
        let made = plan("all", &[("trail", create("logs")), ("encryption", create("alias/evidence"))]).baseline();
        assert_eq!(made.trails[ACCOUNT], Way { trail: "all".into(), bucket: "logs".into(), key: None });
        assert!(!plan("all", &adopts("logs", "arn:key/1")).hold_against(&made, "then"), "its ARN was not known then");
        // A trail that was taken away is missing, which the plan says by itself.
        assert!(!plan("shoseki", &[("trail", create("logs"))]).hold_against(&made, "then"));
        let cannot = Outcome::Cannot(msg!("setup-not-asked"));
        assert_eq!(plan("all", &[("trail", cannot)]).baseline(), Baseline::default());
        let renewed = made.clone().renewed(Baseline::default());
        assert_eq!(renewed, made, "of what nothing is known now, what was agreed stays");
    }

    #[test]
    fn a_channel_of_aws_config_is_held_by_account_and_region() {
        let of = |region: &str, bucket: &str| {
            let mut item = Item::new(RECORDER, "default", (ACCOUNT, region), State::There);
            item.says(CHANNEL, Outcome::Adopt(bucket.to_owned()));
            Plan { items: vec![item], ..Plan::default() }
        };
        let agreed = of("us-east-1", "logs").baseline();
        assert!(!of("us-east-1", "logs").hold_against(&agreed, "then"));
        assert!(!of("eu-west-1", "theirs").hold_against(&agreed, "then"), "another region was not agreed on");
        let mut moved = of("us-east-1", "theirs");
        assert!(moved.hold_against(&agreed, "then") && moved.is_blocked());
        let both = agreed.clone().renewed(plan("all", &adopts("logs", "arn:key/1")).baseline());
        assert_eq!(both.clone().of_pieces(|piece| piece != TRAIL), agreed);
        assert_eq!(both.clone().of_pieces(|_| true), both);
    }

    #[test]
    fn the_newest_record_that_says_it_counts() {
        let made = plan("all", &adopts("logs", "arn:key/1")).baseline();
        let text = serde_json::to_string(&made).unwrap();
        let row = |at: i64, text: &str| [Cell::Time(Timestamp(at)), text.into(), "s:1".into()];
        let of = |rows: Vec<[Cell; 3]>| Agreed::of(&Rows::of(["time", "rests_on", "record"], rows));
        assert_eq!(
            of(vec![row(1, "{}"), row(2, &text), row(3, "")]),
            Some(Agreed { at: Timestamp(2), baseline: made })
        );
        assert_eq!(of(vec![row(3, "")]), None, "a run before this was kept, or one that failed");
    }
}
