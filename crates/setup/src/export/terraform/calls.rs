//! The calls of a thing, taken one by one as they become code. What is left over at the end is what Terraform is not given here.

use serde_json::Value;

use crate::plan::{Item, State, Step};

/// The calls of a thing that are not code yet.
pub(super) struct Calls<'i> {
    pub(super) item: &'i Item,
    left: Vec<&'i Step>,
}

impl<'i> Calls<'i> {
    pub(super) fn of(item: &'i Item) -> Self {
        Self { item, left: item.steps.iter().collect() }
    }

    /// Takes the first call of a name: its parameters.
    pub(super) fn take(&mut self, name: &str) -> Option<&'i Value> {
        let at = self.left.iter().position(|step| step.change.kind.name() == name)?;
        Some(&self.left.remove(at).change.input)
    }

    /// The parameters of the first call of a name, which is not taken.
    pub(super) fn peek(&self, name: &str) -> Option<&'i Value> {
        self.left.iter().find(|step| step.change.kind.name() == name).map(|step| &step.change.input)
    }

    /// Whether there is a call of a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.peek(name).is_some()
    }

    /// Whether the thing is made.
    pub(super) fn is_new(&self) -> bool {
        self.item.state == State::New
    }

    /// What is left.
    pub(super) fn left(self) -> Vec<&'i Step> {
        self.left
    }
}
