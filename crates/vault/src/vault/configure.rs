//! Changes of the table's configuration: each is a commit of its own, which the next sealing proves.

use async_recursion::async_recursion;
use std::collections::BTreeMap;

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{
    ANCHORS_KEY, APP_MAPPING_KEY, Action, Commit, MAX_ANCHORS, REMOVED_ANCHORS_KEY, Replay, is_anchor,
};
use shoseki_tlog::sign_statement;

use super::{Snapshot, Vault, new_commit};
use crate::anchor;
use crate::log::Log;
use crate::store::Store;

impl Vault {
    /// Adds an anchor, as a sealed change of the configuration. `false` where it is one already.
    ///
    /// # Errors
    /// The caller's mistake where the place cannot be opened; the world's failure else.
    #[async_recursion]
    pub async fn add_anchor(&self, url: &str) -> Result<bool> {
        let url = &anchor::absolute(url, self.buckets()).await?;
        if !is_anchor(url) {
            return Err(Fault::caller(msg!("vault-anchor-unusable", url = shoseki_messages::shown(url).into_owned())));
        }
        if Store::open(url, false, self.buckets()).await?.is_within(&self.store) {
            return Err(Fault::caller(msg!("vault-anchor-inside", url = url)));
        }
        let snapshot = self.snapshot().await?;
        let named = snapshot.replay.named_anchors();
        if named.len() >= MAX_ANCHORS && !named.contains(url) {
            return Err(Fault::caller(msg!("vault-anchors-many", count = named.len())));
        }
        // What cannot be written now would be warned of for ever: a place is an anchor once it holds the newest checkpoint.
        if let Some(checkpoint) = self.checkpoint().await? {
            anchor::write(url, &checkpoint, self.buckets()).await?;
        }
        self.reconfigure(|replay, settings| {
            let mut all = anchors(replay);
            if all.iter().any(|known| known == url) {
                return false;
            }
            all.push(url.to_owned());
            set_lines(settings, ANCHORS_KEY, &all);
            let removed = lines_of(replay, REMOVED_ANCHORS_KEY).into_iter().filter(|removed| removed != url);
            set_lines(settings, REMOVED_ANCHORS_KEY, &removed.collect::<Vec<_>>());
            true
        })
        .await
    }

    /// Takes an anchor away, as a sealed change of the configuration with a statement of the log's key. What it holds stays there.
    ///
    /// # Errors
    /// The caller's mistake where it is none; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn remove_anchor(&self, url: &str) -> Result<()> {
        let whole = std::fs::canonicalize(url).map(|path| path.display().to_string());
        let is_it = |known: &String| known == url || whole.as_ref().is_ok_and(|whole| whole == known);
        let is_gone = self.reconfigure(|replay, settings| {
            let (gone, left): (Vec<String>, Vec<String>) = anchors(replay).into_iter().partition(is_it);
            if gone.is_empty() {
                return false;
            }
            set_lines(settings, ANCHORS_KEY, &left);
            let mut removed = lines_of(replay, REMOVED_ANCHORS_KEY);
            removed.extend(gone);
            set_lines(settings, REMOVED_ANCHORS_KEY, &removed);
            true
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
    #[async_recursion]
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
        self.reconfigure(|replay, settings| {
            match change(replay) {
                None => return false,
                Some(Some(value)) => drop(settings.insert(key.to_owned(), value)),
                Some(None) => drop(settings.remove(key)),
            }
            true
        })
        .await
    }

    /// Changes the settings of the table, in a commit of its own; `change` gives `false` where there is nothing to change.
    async fn reconfigure(&self, change: impl Fn(&Replay, &mut BTreeMap<String, String>) -> bool) -> Result<bool> {
        self.refuse_replica().await?;
        let mut log = self.log.lock().await;
        loop {
            self.refresh(&mut log).await?;
            let Some(mut table) = log.replay.table().cloned() else {
                return Err(Fault::damage(msg!("vault-commit-missing", version = 0)));
            };
            if !change(&log.replay, &mut table.configuration) {
                return Ok(false);
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

/// The anchors that a table ever named, without those that the log's key removed.
pub(crate) fn anchors(replay: &Replay) -> Vec<String> {
    replay.anchors().into_iter().map(str::to_owned).collect()
}

/// Sets a setting to lines; without any it is none.
fn set_lines(settings: &mut BTreeMap<String, String>, key: &str, lines: &[String]) {
    match lines {
        [] => drop(settings.remove(key)),
        lines => drop(settings.insert(key.to_owned(), lines.join("\n"))),
    }
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
