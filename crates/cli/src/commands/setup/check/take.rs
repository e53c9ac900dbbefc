//! `--take-in`: without a `serve`, what was delivered is taken in from here: one round of what the configuration fetches, and the objects
//! that were seen to hold an event.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use shoseki_messages::{Result, msg};
use shoseki_server::{Ask, Config, Happening};
use shoseki_setup::check::Stage;
use shoseki_vault::ingest::{Meter, Request, ingest};

use super::Run;
use super::look::Looking;

/// Takes in.
pub(super) struct Taking {
    /// The configuration with what lies beside it, and the write-ahead log; nothing where it fetches nothing.
    fetch: Option<(Config, PathBuf)>,
    taken: BTreeSet<String>,
}

impl Taking {
    /// As the configuration says.
    ///
    /// # Errors
    /// The caller's mistake where the configuration cannot be read whole.
    pub(super) fn of(run: &Run<'_>) -> Result<Self> {
        let config = if run.config.fetch.is_empty() { None } else { Some(Config::read(&run.path)?) };
        let fetch = match config {
            Some(config) => {
                let wal = run.context.wal(&run.vault, config.wal.as_deref())?;
                Some((config, wal))
            }
            None => None,
        };
        Ok(Self { fetch, taken: BTreeSet::new() })
    }

    /// One round.
    ///
    /// # Errors
    /// The caller's mistake where `serve` has the write-ahead log: then it takes in by itself. The world's failure else.
    pub(super) async fn round(&mut self, run: &Run<'_>, looking: &Looking) -> Result<()> {
        if let Some((config, wal)) = &self.fetch {
            let ask = Ask::default();
            let asked = (&ask, |_: &Happening| {}, std::future::pending::<()>());
            let (fetched, _) = shoseki_server::fetch(Arc::clone(&run.vault), config, wal, asked).await?;
            for one in fetched {
                if let Some(fault) = one.fault {
                    let why = fault.chain(run.context.lang);
                    run.context.note_once(&msg!("cli-fetch-failed", name = one.name, why = why));
                }
            }
        }
        let is_new = |at: &usize| run.ways.get(*at).is_some_and(|way| way.step(Stage::Ingested).is_none());
        let held = looking.held.iter().filter(|(at, url)| is_new(at) && !self.taken.contains(*url));
        let paths: Vec<String> = held.map(|(_, url)| url.clone()).collect();
        if paths.is_empty() {
            return Ok(());
        }
        self.taken.extend(paths.iter().cloned());
        let request = Request { paths, ..Request::default() };
        let summary = ingest(&run.vault, &request, &Arc::new(Meter::default())).await?;
        for problem in &summary.problems {
            run.context.note(&msg!("cli-ingest-problem", what = problem.fault.chain(run.context.lang)));
        }
        Ok(())
    }
}
