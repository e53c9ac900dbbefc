//! The register: every finding as it stands at a time.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Engine, Options};

use super::case::{Case, State};
use super::fold::Fold;
use super::id::{HEAD, Id, WHOLE, typed};
use super::said::{RECORDS, Told};
use crate::checks::Rows;

/// How many letters of a name are shown at least.
const SHORTEST: usize = 6;
/// How many names are listed where one was meant.
const LISTED: usize = 8;

/// Every finding as it stands at a time.
#[derive(Clone, Debug)]
pub struct Register {
    /// The time.
    pub at: Timestamp,
    /// When checks ran last, so that findings could be found.
    pub last_run: Option<Timestamp>,
    cases: BTreeMap<Id, Case>,
    letters: usize,
}

impl Register {
    /// Folds what was told.
    pub fn of(told: Vec<Told>, at: Timestamp) -> Self {
        let Fold { cases, last_run, .. } = Fold::of(told, at);
        let letters = letters(cases.keys());
        Self { at, last_run, cases, letters }
    }

    /// From the rows of [`RECORDS`].
    pub fn from_rows(rows: &Rows, at: Timestamp) -> Self {
        Self::of(rows.iter().filter_map(Told::of).collect(), at)
    }

    /// Asks for the records and folds them. `engine` gives an engine for what is asked about.
    ///
    /// # Errors
    /// What the question says.
    pub async fn read(engine: impl Fn(Options) -> Engine, at: Timestamp) -> Result<Self> {
        let rows = crate::checks::own_rows(engine, RECORDS, at).await?;
        Ok(Self::from_rows(&rows, at))
    }

    /// The findings, by their names.
    pub fn iter(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// The findings that stand so.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &Case> {
        self.iter().filter(move |case| case.state() == state)
    }

    /// The finding of a name.
    pub fn get(&self, id: &Id) -> Option<&Case> {
        self.cases.get(id)
    }

    /// How many letters of names are shown, so that each is of one finding.
    pub fn letters(&self) -> usize {
        self.letters
    }

    /// A name as it is shown.
    pub fn short(&self, id: &Id) -> String {
        id.short(self.letters)
    }

    /// The finding whose name begins as it was typed.
    ///
    /// # Errors
    /// The caller's mistake: no name begins so, or several do.
    pub fn find(&self, text: &str) -> Result<&Case> {
        let unknown = || Fault::caller(msg!("finding-unknown", id = text));
        let letters = typed(HEAD, text).ok_or_else(unknown)?;
        let mut meant = self.iter().filter(|case| case.id.letters().starts_with(&letters));
        match (meant.next(), meant.next()) {
            (None, _) => Err(unknown()),
            (Some(case), None) => Ok(case),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(meant).take(LISTED);
                let known: Vec<String> = all.map(|case| self.short(&case.id)).collect();
                Err(Fault::caller(msg!("finding-ambiguous", id = text, known = known.join(", "))))
            }
        }
    }
}

/// How many letters tell all names apart: neighbours in their order have the longest beginnings in common.
fn letters<'a>(ids: impl Iterator<Item = &'a Id>) -> usize {
    let (mut most, mut before) = (SHORTEST, None::<&Id>);
    for id in ids {
        if let Some(before) = before {
            let same = before.letters().bytes().zip(id.letters().bytes()).take_while(|(a, b)| a == b).count();
            most = most.max(same + 1);
        }
        before = Some(id);
    }
    most.min(WHOLE)
}
