//! The course of a plan: which call comes next, given how those before it ended. What failed holds up what needs it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_aws::change::Change;
use shoseki_messages::Result;

use crate::plan::{Item, Outcome, Plan, State, Step};

/// What comes next.
#[derive(Clone, Debug)]
pub enum Next<'p> {
    /// A call.
    Call(&'p Item, Change),
    /// A call that cannot be made, because of the thing of this id.
    HeldUp(&'p Item, &'p Step, String),
}

/// A plan that is being done.
#[derive(Debug)]
pub struct Course<'p> {
    steps: Vec<(&'p Item, &'p Step)>,
    at: usize,
    /// What earlier calls gave.
    known: BTreeMap<String, String>,
    /// The things that lack what others need of them.
    failed: BTreeSet<String>,
}

impl<'p> Course<'p> {
    /// The course of a plan, from its beginning.
    pub fn of(plan: &'p Plan) -> Self {
        let steps = plan.items.iter().flat_map(|item| item.steps.iter().map(move |step| (item, step))).collect();
        let is_never = |item: &&Item| {
            let cannot = item.settings.iter().any(|one| matches!(one.outcome, Outcome::Cannot(_)));
            item.state == State::New && item.steps.is_empty() && cannot
        };
        let failed = plan.items.iter().filter(is_never).map(Item::id).collect();
        Self { steps, at: 0, known: BTreeMap::new(), failed }
    }

    /// How many calls there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What comes next; nothing at the end. A call is followed by [`Course::is_done`] or [`Course::has_failed`].
    ///
    /// # Errors
    /// Our own broken invariant: a call that needs what no call before it gives.
    pub fn next_step(&mut self) -> Result<Option<Next<'p>>> {
        let Some((item, step)) = self.steps.get(self.at).copied() else { return Ok(None) };
        let id = item.id();
        let holds = std::iter::once(&id).chain(&step.needs).find(|one| self.failed.contains(*one));
        if let Some(holds) = holds.cloned() {
            self.at += 1;
            if step.is_needed {
                self.failed.insert(id);
            }
            return Ok(Some(Next::HeldUp(item, step, holds)));
        }
        Ok(Some(Next::Call(item, step.filled(&self.known)?)))
    }

    /// The call that came last was made, and this was answered.
    pub fn is_done(&mut self, answer: &Value) {
        if let Some((name, place)) = self.steps.get(self.at).and_then(|(_, step)| step.gives.clone())
            && let Some(given) = answer.pointer(place).and_then(Value::as_str)
        {
            self.known.insert(name, given.to_owned());
        }
        self.at += 1;
    }

    /// The call that came last failed.
    pub fn has_failed(&mut self) {
        if let Some((item, step)) = self.steps.get(self.at)
            && step.is_needed
        {
            self.failed.insert(item.id());
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::given;

    fn item(piece: &'static str) -> Item {
        Item::new(piece, piece, ("111122223333", "us-east-1"), State::New)
    }

    /// A key, a bucket that is encrypted by it, and a trail that needs both.
    fn plan() -> Plan {
        let (mut key, mut bucket, mut trail) = (item("key"), item("bucket"), item("trail"));
        key.calls("kms:CreateKey", json!({})).needed().gives("key", "/KeyMetadata/Arn");
        bucket.calls("s3:CreateBucket", json!({})).needed();
        bucket.calls("s3:PutBucketVersioning", json!({}));
        bucket.calls("s3:PutBucketEncryption", json!({"a": [given("key")]})).after([key.id()]);
        trail.calls("cloudtrail:CreateTrail", json!({})).needed().after([bucket.id(), key.id()]);
        trail.calls("cloudtrail:StartLogging", json!({}));
        Plan { items: vec![key, bucket, trail], ..Plan::default() }
    }

    /// What happens where these calls fail.
    fn run(fails: &[&str]) -> Vec<String> {
        let plan = plan();
        let mut course = Course::of(&plan);
        assert_eq!((course.len(), course.is_empty()), (6, false));
        let mut said = Vec::new();
        while let Some(next) = course.next_step().unwrap() {
            match next {
                Next::HeldUp(_, step, by) => said.push(format!("{} by {by}", step.change.kind.operation)),
                Next::Call(_, change) if fails.contains(&change.kind.operation) => {
                    said.push(format!("{} failed", change.kind.operation));
                    course.has_failed();
                }
                Next::Call(_, change) => {
                    said.push(format!("{} {}", change.kind.operation, change.input));
                    course.is_done(&json!({"KeyMetadata": {"Arn": "arn:key"}}));
                }
            }
        }
        said
    }

    #[test]
    fn what_a_call_gives_stands_in_later_ones() {
        assert_eq!(run(&[])[3], r#"PutBucketEncryption {"a":["arn:key"]}"#);
        assert_eq!(run(&[]).len(), 6);
    }

    #[test]
    fn what_failed_holds_up_what_needs_it_and_nothing_else() {
        let (key, bucket) = (item("key").id(), item("bucket").id());
        let trail = item("trail").id();
        assert_eq!(
            run(&["CreateKey"]),
            [
                "CreateKey failed".to_owned(),
                "CreateBucket {}".to_owned(),
                "PutBucketVersioning {}".to_owned(),
                format!("PutBucketEncryption by {key}"),
                format!("CreateTrail by {key}"),
                format!("StartLogging by {trail}"),
            ]
        );
        assert_eq!(run(&["CreateBucket"])[4], format!("CreateTrail by {bucket}"));
        // What nobody needs holds up nothing.
        assert_eq!(run(&["PutBucketVersioning"])[4], "CreateTrail {}");
    }

    #[test]
    fn what_nothing_gave_is_a_defect_that_is_said() {
        let mut bucket = item("bucket");
        bucket.calls("s3:PutBucketEncryption", json!({"a": given("key")}));
        let plan = Plan { items: vec![bucket], ..Plan::default() };
        assert_eq!(Course::of(&plan).next_step().unwrap_err().id(), "setup-not-given");
    }
}
