//! Runs: steps of a trail that follow each other and are alike, told as one. Forty refusals in a row, or a folder of objects that was
//! deleted, are one line of a report.

use shoseki_comply::incident::{Deed, Step, folder};

/// Steps that follow each other.
pub(super) struct Run<'a> {
    pub(super) first: &'a Step,
    pub(super) last: &'a Step,
    /// What was done, each once, in order.
    pub(super) actions: Vec<&'a str>,
    /// On what: the folder, where it is several objects of one; nothing where it is several things.
    pub(super) resource: &'a str,
    pub(super) count: usize,
}

impl<'a> Run<'a> {
    fn of(step: &'a Step) -> Self {
        Self { first: step, last: step, actions: vec![&step.seen.action], resource: &step.seen.resource, count: 1 }
    }

    /// Takes a step that is like the one before; or does not.
    fn take(&mut self, step: &'a Step) -> bool {
        let (seen, before) = (&step.seen, &self.last.seen);
        let ends = |step: &Step| (step.seen.deed, step.seen.error.clone(), step.is_origin);
        if seen.source != before.source || seen.actor != before.actor || ends(step) != ends(self.last) {
            return false;
        }
        let of = folder(&seen.resource);
        let is_folder = of.is_some() && of == folder(&before.resource) && seen.action == before.action;
        let is_row = matches!(seen.deed, Deed::Refused | Deed::Other);
        if !is_folder && !is_row {
            return false;
        }
        if seen.resource != self.resource {
            self.resource = of.filter(|_| is_folder).unwrap_or_default();
        }
        if !self.actions.contains(&seen.action.as_str()) {
            self.actions.push(&seen.action);
        }
        self.last = step;
        self.count += 1;
        true
    }

    /// All runs of some steps, in order.
    pub(super) fn all(steps: impl Iterator<Item = &'a Step>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for step in steps {
            if !all.last_mut().is_some_and(|run| run.take(step)) {
                all.push(Self::of(step));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use shoseki_comply::incident::Seen;
    use shoseki_event::Timestamp;

    fn step(at: i64, (actor, action, resource): (&str, &str, &str), deed: Deed) -> Step {
        let seen = Seen {
            time: Timestamp(at),
            source: "cloudtrail".to_owned(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            outcome: "success".to_owned(),
            error: String::new(),
            address: String::new(),
            deed,
            record: at.to_string(),
            raw: Value::Null,
        };
        Step { seen, identity: 0, is_origin: false }
    }

    #[test]
    fn what_is_alike_and_in_a_row_is_one_line() {
        let object = |n: u32| format!("arn:aws:s3:::customers/2026/{n}.gz");
        let steps = [
            step(1, ("mallory", "ListUsers", ""), Deed::Refused),
            step(2, ("mallory", "GetSecretValue", "db"), Deed::Refused),
            step(3, ("mallory", "GetSecretValue", "db"), Deed::Refused),
            step(4, ("aiko", "GetSecretValue", "db"), Deed::Refused),
            step(5, ("mallory", "DeleteObject", &object(1)), Deed::Deleted),
            step(6, ("mallory", "DeleteObject", &object(2)), Deed::Deleted),
            step(7, ("mallory", "DeleteObject", "arn:aws:s3:::customers/2025/1.gz"), Deed::Deleted),
            step(8, ("mallory", "CreateUser", "a"), Deed::Created),
            step(9, ("mallory", "CreateUser", "b"), Deed::Created),
        ];
        let told: Vec<(i64, i64, String, &str, usize)> = Run::all(steps.iter())
            .iter()
            .map(|run| (run.first.seen.time.0, run.last.seen.time.0, run.actions.join(" "), run.resource, run.count))
            .collect();
        assert_eq!(
            told,
            [
                (1, 3, "ListUsers GetSecretValue".to_owned(), "", 3),
                (4, 4, "GetSecretValue".to_owned(), "db", 1),
                (5, 6, "DeleteObject".to_owned(), "arn:aws:s3:::customers/2026/", 2),
                (7, 7, "DeleteObject".to_owned(), "arn:aws:s3:::customers/2025/1.gz", 1),
                (8, 8, "CreateUser".to_owned(), "a", 1),
                (9, 9, "CreateUser".to_owned(), "b", 1),
            ]
        );
    }
}
