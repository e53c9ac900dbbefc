//! Changes of the table's configuration: each is a commit of its own, which the next sealing proves.

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{ANCHORS_KEY, APP_MAPPING_KEY, Action, Commit, Replay};
use shoseki_tlog::sign_statement;

use super::{Snapshot, Vault, new_commit};
use crate::anchor;
use crate::log::Log;

impl Vault {
    /// Adds an anchor, as a sealed change of the configuration. `false` where it is one already.
    ///
    /// # Errors
    /// The caller's mistake where the place cannot be opened; the world's failure else.
    pub async fn add_anchor(&self, url: &str) -> Result<bool> {
        let url = &anchor::absolute(url, self.buckets()).await?;
        // What cannot be written now would be warned of for ever: a place is an anchor once it holds the newest checkpoint.
        if let Some(checkpoint) = self.checkpoint().await? {
            anchor::write(url, &checkpoint, self.buckets()).await?;
        }
        self.configure(ANCHORS_KEY, |replay| {
            let mut all = anchors(replay);
            if all.iter().any(|known| known == url) {
                return None;
            }
            all.push(url.to_owned());
            Some(Some(all.join("\n")))
        })
        .await
    }

    /// Takes an anchor away, as a sealed change of the configuration. What it holds stays there.
    ///
    /// # Errors
    /// The caller's mistake where it is none; the world's failure where the vault cannot be written.
    pub async fn remove_anchor(&self, url: &str) -> Result<()> {
        let whole = std::fs::canonicalize(url).map(|path| path.display().to_string());
        let is_it = |known: &String| known == url || whole.as_ref().is_ok_and(|whole| whole == known);
        let is_gone = self.configure(ANCHORS_KEY, |replay| {
            let all = anchors(replay);
            let left: Vec<String> = all.iter().filter(|known| !is_it(known)).cloned().collect();
            (left.len() < all.len()).then(|| Some(left.join("\n")).filter(|left| !left.is_empty()))
        });
        if is_gone.await? {
            return Ok(());
        }
        let known = self.snapshot().await?.anchors().join(", ");
        Err(Fault::caller(msg!("vault-anchor-unknown", url = url, known = known)))
    }

    /// Sets the mapping of applications' names, or takes it away, as a sealed change of the configuration. `false` where it is
    /// so already. What it says is not looked at here.
    ///
    /// # Errors
    /// The world's failure where the vault cannot be written.
    pub async fn set_app_mapping(&self, text: Option<&str>) -> Result<bool> {
        self.configure(APP_MAPPING_KEY, |replay| {
            (replay.setting(APP_MAPPING_KEY) != text).then(|| text.map(str::to_owned))
        })
        .await
    }

    /// Changes a setting of the table, in a commit of its own; `change` says to what, or that there is nothing to change.
    pub(crate) async fn configure(
        &self,
        key: &str,
        change: impl Fn(&Replay) -> Option<Option<String>>,
    ) -> Result<bool> {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        loop {
            self.refresh(&mut log).await?;
            let Some(value) = change(&log.replay) else { return Ok(false) };
            let Some(mut table) = log.replay.table().cloned() else {
                return Err(Fault::damage(msg!("vault-commit-missing", version = 0)));
            };
            match value {
                Some(value) => drop(table.configuration.insert(key.to_owned(), value)),
                None => drop(table.configuration.remove(key)),
            }
            let commit = self.stated(&mut log, new_commit(Action::Configure(table))?).await?;
            if log.try_commit(&self.store, &commit).await?.is_some() {
                return Ok(true);
            }
        }
    }

    /// A commit with the statement of the log's key, where it needs one.
    pub(super) async fn stated(&self, log: &mut Log, commit: Commit) -> Result<Commit> {
        let Some(kind) = commit.needed_statement(log.replay.table()) else { return Ok(commit) };
        let key = self.keys.signing()?;
        let root = log.root(&self.store, key.verifier()).await?;
        let note = sign_statement(kind, commit.stated_hash(root), &key)?;
        Ok(Commit { statement: Some(String::from_utf8_lossy(&note).into_owned()), ..commit })
    }
}

/// The anchors that a table names.
pub(crate) fn anchors(replay: &Replay) -> Vec<String> {
    lines_of(replay, ANCHORS_KEY)
}

/// A setting that has a URL on each line.
pub(crate) fn lines_of(replay: &Replay, key: &str) -> Vec<String> {
    let text = replay.setting(key).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

impl Snapshot {
    /// Which names of applications' events say who did what, where the vault has such a mapping: TOML, as it was given.
    pub fn app_mapping(&self) -> Option<&str> {
        self.replay.setting(APP_MAPPING_KEY)
    }

    /// The places outside the vault that keep its checkpoints.
    pub fn anchors(&self) -> Vec<String> {
        anchors(&self.replay)
    }
}
