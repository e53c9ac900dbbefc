//! The way of a trial's event: which stages it was seen at, and how it stands. No stage is claimed that was not seen, but what must have
//! been where a later one was.

use shoseki_event::Timestamp;
use shoseki_messages::Fault;

use super::{Emit, Trial};

/// A stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It was done.
    Emitted,
    /// It lies where AWS delivers it.
    Delivered,
    /// A record in the vault has it.
    Ingested,
    /// A sealed tree has that record.
    Sealed,
    /// The question finds it among what is sealed.
    Found,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Emitted, Self::Delivered, Self::Ingested, Self::Sealed, Self::Found];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emitted => "emitted",
            Self::Delivered => "delivered",
            Self::Ingested => "ingested",
            Self::Sealed => "sealed",
            Self::Found => "found",
        }
    }
}

/// A stage that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When; where `is_by` is set, at the latest.
    pub time: Timestamp,
    /// Whether it follows from a later stage, and was not seen by itself.
    pub is_by: bool,
    /// Where: an object, a log group, a record, a tree.
    pub at: String,
}

/// How a trial stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was found.
    Arrived,
    /// It is waited for at this stage.
    Waiting(Stage),
    /// It did not come to this stage in time.
    Late(Stage),
    /// It takes hours, and is not waited for.
    Slow(Stage),
    /// Nothing was emitted.
    NotEmitted,
    /// A person was to do it, and nothing of it was seen.
    NotDone,
}

impl Verdict {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Waiting(_) => "waiting",
            Self::Late(_) => "late",
            Self::Slow(_) => "slow",
            Self::NotEmitted => "not_emitted",
            Self::NotDone => "not_done",
        }
    }

    /// Whether more may come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting(_))
    }
}

/// What was seen of a trial.
#[derive(Clone, Debug, Default)]
pub struct Way {
    steps: [Option<Step>; 5],
    /// Why it could not be emitted.
    pub refused: Option<Fault>,
    /// Why it cannot be seen where it is delivered.
    pub unseen: Option<Fault>,
}

impl Way {
    /// A stage, where it was seen.
    pub fn step(&self, stage: Stage) -> Option<&Step> {
        self.steps.get(stage as usize).and_then(Option::as_ref)
    }

    /// Notes that a stage was seen; what was seen before stays.
    pub fn saw(&mut self, stage: Stage, time: Timestamp, at: impl Into<String>) {
        self.note(stage, Step { time, is_by: false, at: at.into() });
    }

    /// Notes that a stage must have been by then.
    pub fn follows(&mut self, stage: Stage, by: Timestamp, at: impl Into<String>) {
        self.note(stage, Step { time: by, is_by: true, at: at.into() });
    }

    fn note(&mut self, stage: Stage, step: Step) {
        if let Some(slot) = self.steps.get_mut(stage as usize) {
            slot.get_or_insert(step);
        }
    }

    /// How long after it was emitted a stage was seen, in microseconds. Nothing where that is not known.
    pub fn took(&self, stage: Stage) -> Option<i64> {
        let (emitted, step) = (self.step(Stage::Emitted)?, self.step(stage)?);
        Some(step.time.0.saturating_sub(emitted.time.0).max(0))
    }

    /// The first stage that was not seen, among those that can be.
    pub fn next(&self, trial: &Trial) -> Option<Stage> {
        let is_seen = |stage: Stage| match stage {
            Stage::Delivered => trial.place.is_some() && self.unseen.is_none(),
            _ => true,
        };
        Stage::ALL.into_iter().find(|stage| self.step(*stage).is_none() && is_seen(*stage))
    }

    /// How it stands. `is_over`: the time is over. `is_waited`: it is waited for however long it takes.
    pub fn verdict(&self, trial: &Trial, is_over: bool, is_waited: bool) -> Verdict {
        if self.step(Stage::Found).is_some() {
            return Verdict::Arrived;
        }
        let is_impossible = matches!(trial.emit, Emit::Cannot(_)) || self.refused.is_some();
        let Some(next) = self.next(trial).filter(|_| !is_impossible) else { return Verdict::NotEmitted };
        match (is_over, next) {
            (true, Stage::Emitted) => Verdict::NotDone,
            _ if trial.is_slow() && !is_waited => Verdict::Slow(next),
            (true, next) => Verdict::Late(next),
            (false, next) => Verdict::Waiting(next),
        }
    }
}
