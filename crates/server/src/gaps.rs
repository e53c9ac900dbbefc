//! The watch over the streams: once a minute what was sealed is asked for, and a gap that opens, ends or is filled is told.

use std::sync::Arc;
use std::time::Duration;

use shoseki_comply::gaps::{CLOSED, Change, ENDED, Expected, Gap, Kind, LOST, OPENED, Watch};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_vault::Vault;
use tokio::sync::watch;

use crate::Happening;
use crate::config::Config;
use crate::telling::Teller;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);
/// The most memory of its questions.
const MEMORY: usize = 96 << 20;

/// The watch, with what it works with.
pub(crate) struct Watching {
    pub(crate) vault: Arc<Vault>,
    pub(crate) teller: Arc<Teller>,
    pub(crate) expected: Vec<Expected>,
    /// How long what is acknowledged may wait for its seal: only what is sealed is asked for.
    pub(crate) behind: Duration,
    pub(crate) every: Duration,
}

impl Watching {
    pub(crate) fn new(vault: Arc<Vault>, teller: Arc<Teller>, config: &Config) -> Self {
        let every = config.seal_every.0.0.min(EVERY).max(Duration::from_secs(1));
        Self { vault, teller, expected: expected(config), behind: config.seal_every.0.0, every }
    }

    async fn look(&self, watch: &mut Option<Watch>) -> Result<Vec<(Change, Gap)>> {
        let behind = i64::try_from(self.behind.as_micros()).unwrap_or_default();
        let now = Timestamp(Timestamp::now().0.saturating_sub(behind));
        let snapshot = self.vault.snapshot().await?;
        let engine = |options: Options| {
            Engine::over(Arc::clone(&self.vault), &snapshot, Options { memory: MEMORY, cores: 1, ..options })
        };
        if watch.is_none() {
            *watch = Some(Watch::begin(engine, self.expected.clone(), now).await?);
        }
        match watch {
            Some(watch) => watch.look(engine, now).await,
            None => Ok(Vec::new()),
        }
    }

    /// Looks until it is stopped. A look that fails is told once.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let (mut watch, mut has_failed) = (None, false);
        loop {
            match self.look(&mut watch).await {
                Ok(changes) => {
                    if has_failed {
                        let told = Happening::new("gaps.recovered", msg!("alert-gaps-recovered"));
                        self.teller.tell(told).await;
                    }
                    has_failed = false;
                    for (change, gap) in changes {
                        self.teller.tell(happening(change, &gap)).await;
                    }
                }
                Err(fault) => {
                    if !has_failed {
                        let said = vec![fault.message().clone()];
                        let told = Happening::failure("gaps.failed", msg!("server-gaps-failed", why = said));
                        self.teller.tell(told.with("why", fault.chain(Lang::En))).await;
                    }
                    has_failed = true;
                }
            }
            if tokio::time::timeout(self.every, stop.wait_for(|stop| *stop)).await.is_ok() {
                return;
            }
        }
    }
}

/// The rhythms that a configuration states.
pub fn expected(config: &Config) -> Vec<Expected> {
    let of = |expect: &crate::config::Expect| {
        let at_most = i64::try_from(expect.at_most.0.as_secs() / 60).ok()?;
        Some(Expected { stream: expect.pattern()?, at_most })
    };
    config.expect.iter().filter_map(of).collect()
}

fn happening(change: Change, gap: &Gap) -> Happening {
    if change == Change::Lost {
        return loss(gap);
    }
    let (stream, from) = (gap.stream.as_str(), gap.from.to_string());
    let to = gap.to.map(|to| to.to_string()).unwrap_or_default();
    let at_most = gap.at_most.unwrap_or_default();
    let (action, message): (_, Message) = match change {
        Change::Opened if gap.kind == Kind::Never => {
            (OPENED, msg!("server-gap-never", stream = stream, at_most = at_most))
        }
        Change::Opened => (OPENED, msg!("server-gap-opened", stream = stream, from = from.as_str(), at_most = at_most)),
        Change::Ended => (ENDED, msg!("server-gap-ended", stream = stream, from = from.as_str(), to = to.as_str())),
        Change::Closed | Change::Lost => (CLOSED, msg!("server-gap-closed", stream = stream, from = from.as_str())),
    };
    let happening =
        if change == Change::Opened { Happening::failure(action, message) } else { Happening::new(action, message) };
    let happening = if change == Change::Closed { happening } else { happening.mended_by(gap.mend()) };
    let mut happening = happening
        .with("stream", stream)
        .with("from", from)
        .with("at_most_minutes", at_most)
        .with("expected", if gap.is_stated { "stated" } else { "learned" });
    if gap.to.is_some() {
        happening = happening.with("to", to);
    }
    happening
}

/// The most characters that people are told of what a sender said.
const SAID: usize = 300;

/// What a sender said that it lost. It is no gap that opens: what is lost does not come back.
fn loss(gap: &Gap) -> Happening {
    let (stream, from) = (gap.stream.as_str(), gap.from.to_string());
    let to = gap.to.unwrap_or(gap.from).to_string();
    let said: String = gap.detail.as_deref().unwrap_or_default().chars().take(SAID).collect();
    let message = msg!("loss-told", stream = stream, from = from.as_str(), to = to.as_str(), said = said.as_str());
    let happening = Happening::failure(LOST, message).mended_by(gap.mend());
    let happening = happening.with("stream", stream).with("from", from).with("to", to).with("said", said);
    match gap.lost {
        Some(count) => happening.with("count", count),
        None => happening,
    }
}
