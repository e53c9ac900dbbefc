//! The matches that records tell of: those that runs found, by hand and here, and those that people were told of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use shoseki_comply::checks::{Rows, own_rows};
use shoseki_detect::Match;
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};

/// The matches that are known: when each began and ended, and how many events it had.
const KNOWN: &str = "select raw -> 'details' ->> 'id' as id, raw -> 'details' ->> 'key' as key, \
     max(try_cast(raw -> 'details' ->> 'events' as bigint)) as events, min(raw -> 'details' ->> 'first') as first, \
     max(raw -> 'details' ->> 'last') as last\nfrom events\n\
     where kind = 'event' and operation = 'detect.match'\ngroup by 1, 2";

/// Those that people were told of, here and by schedules.
const TOLD: &str = "select distinct raw -> 'details' ->> 'matches' as matches, raw -> 'details' ->> 'new_rows' as hashes\nfrom events\n\
     where kind = 'event' and operation in ('match.found', 'query.opened')";

/// How far what is sealed was looked at by `serve`.
const LOOKED: &str = "select max(try_cast(raw -> 'details' ->> 'tree_size' as bigint)) as size, count(*) as runs\nfrom events\n\
     where kind = 'event' and operation = 'detect.run' and raw -> 'details' ->> 'ended' = 'whole' \
     and raw -> 'details' ->> 'scope' = 'serve'";

/// The matches that runs found.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<String, (shoseki_detect::Known, u64)>);

impl Known {
    /// Those of an engine's records.
    ///
    /// # Errors
    /// What the question says.
    pub async fn of(engine: impl Fn(Options) -> Engine) -> Result<Self> {
        let mut known = Self::default();
        known.read(engine).await?;
        Ok(known)
    }

    /// Adds those of more records.
    pub(super) async fn read(&mut self, engine: impl Fn(Options) -> Engine) -> Result<()> {
        for row in own_rows(engine, KNOWN, Timestamp::now()).await?.iter() {
            let times = Timestamp::parse(row.text("first")).ok().zip(Timestamp::parse(row.text("last")).ok());
            let Some((first, last)) = times else { continue };
            let (id, key) = (row.text("id").to_owned(), row.text("key").to_owned());
            self.take(shoseki_detect::Known { id, key, first, last }, row.count("events"));
        }
        Ok(())
    }

    /// Adds one that was found a moment ago.
    pub(super) fn found(&mut self, one: &Match) {
        let (id, key) = (one.id.clone(), one.key.clone());
        self.take(shoseki_detect::Known { id, key, first: one.first, last: one.last }, one.events);
    }

    fn take(&mut self, one: shoseki_detect::Known, events: u64) {
        let (known, most) = self.0.entry(one.id.clone()).or_insert_with(|| (one.clone(), events));
        (known.first, known.last) = (known.first.min(one.first), known.last.max(one.last));
        *most = (*most).max(events);
    }

    /// All of them.
    pub fn all(&self) -> Vec<shoseki_detect::Known> {
        self.0.values().map(|(known, _)| known.clone()).collect()
    }

    /// How many events one had that is known, in the run that found most of it.
    pub fn events(&self, id: &str) -> Option<u64> {
        self.0.get(id).map(|(_, events)| *events)
    }
}

/// The matches that people were told of, by their names, or by the hashes of their rows in what schedules told: what tells people here
/// and what does by a schedule share them, so that nobody is told twice.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<BTreeSet<String>>);

impl Told {
    /// Adds those of more records.
    pub(super) async fn read(&self, engine: impl Fn(Options) -> Engine) -> Result<()> {
        let rows = own_rows(engine, TOLD, Timestamp::now()).await?;
        rows.iter().for_each(|row| [row.text("matches"), row.text("hashes")].into_iter().for_each(|all| self.add(all)));
        Ok(())
    }

    /// Adds names, or hashes.
    pub(crate) fn add(&self, all: &str) {
        if let Ok(mut told) = self.0.lock() {
            told.extend(all.split(' ').filter(|one| !one.is_empty()).map(str::to_owned));
        }
    }

    /// Whether a match was told as it was sealed.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.lock().is_ok_and(|told| told.contains(id))
    }

    /// Takes it up to tell a match. `false` where it was told, here or by a schedule.
    pub(super) fn claim(&self, id: &str) -> bool {
        let Ok(mut told) = self.0.lock() else { return true };
        !told.contains(&crate::schedule::hash_of_match(id)) && told.insert(id.to_owned())
    }

    /// It could not be told.
    pub(super) fn give_back(&self, id: &str) {
        if let Ok(mut told) = self.0.lock() {
            told.remove(id);
        }
    }
}

/// How far was looked; nothing where never.
pub(super) async fn looked(engine: impl Fn(Options) -> Engine) -> Result<Option<u64>> {
    let rows: Rows = own_rows(engine, LOOKED, Timestamp::now()).await?;
    Ok(rows.iter().find(|row| row.count("runs") > 0).map(|row| row.count("size")))
}
