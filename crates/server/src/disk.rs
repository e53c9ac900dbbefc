//! How much room the disks have on which the write-ahead log and the vault lie. That one has little is told once, and once that it has
//! enough again. What was told is read from the records, so a restart tells nothing twice.
//!
//! ```text
//! {"action":"disk.low", …, "details":{"folder":"/var/lib/shoseki/wal","free":"…","size":"…","bound":"…"}}
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use shoseki_comply::checks::{About, Period, Query, VaultFacts, answer};
use shoseki_event::Timestamp;
use shoseki_messages::{Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_vault::Vault;
use tokio::sync::watch;

use crate::Happening;
use crate::config::Room;
use crate::metrics::Metrics;
use crate::telling::Teller;

/// A disk has less room than it should.
pub(crate) const LOW: &str = "disk.low";
/// It has enough again.
pub(crate) const RECOVERED: &str = "disk.recovered";

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(30);
/// How long is waited until what was told can be read. A disk that is full may keep it from being sealed: then it is told all the same.
const PATIENCE: Duration = Duration::from_secs(20);
/// How far back it is read what was told, in microseconds.
const OLDEST: i64 = 90 * 86_400 * 1_000_000;
/// The most memory of the question.
const MEMORY: usize = 64 << 20;
/// What was told; an auditor can ask the same.
const TOLD: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation in ('disk.low', 'disk.recovered')\norder by time";

/// A disk as it is now, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Space {
    /// What a process without special rights may still write.
    free: u64,
    size: u64,
}

impl Space {
    /// Nothing where the system does not say it.
    #[cfg(unix)]
    fn of(folder: &Path) -> Option<Self> {
        let now = rustix::fs::statvfs(folder).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(now.f_frsize);
        Some(Self { free: bytes(now.f_bavail), size: bytes(now.f_blocks) })
    }

    #[cfg(not(unix))]
    fn of(_: &Path) -> Option<Self> {
        None
    }

    /// Whether it has too little room. Once it had, it must have a tenth more than the bound, so that what comes and goes is not told
    /// again and again.
    fn is_low(self, warn: Room, was_low: bool) -> bool {
        let bound = warn.of(self.size);
        self.free < if was_low { bound.saturating_add(bound / 10) } else { bound }
    }
}

/// The watch, with what it works with.
pub(crate) struct Disks {
    vault: Arc<Vault>,
    teller: Arc<Teller>,
    metrics: Arc<Metrics>,
    warn: Room,
    /// A folder on each disk, with what lies there.
    folders: Vec<(&'static str, PathBuf)>,
}

impl Disks {
    /// The disks of a log and of a vault: one, where both lie on the same. They are looked at here for the first time.
    pub(crate) fn new(
        vault: &Arc<Vault>,
        wal: &Path,
        (teller, metrics): (Arc<Teller>, Arc<Metrics>),
        warn: Room,
    ) -> Self {
        let mut folders = vec![("wal", absolute(wal))];
        let own = vault.store().folder().map(absolute);
        folders.extend(own.filter(|folder| device(folder) != device(wal)).map(|folder| ("vault", folder)));
        let disks = Self { vault: Arc::clone(vault), teller, metrics, warn, folders };
        disks.look(&BTreeMap::new());
        disks
    }

    /// Looks until it is stopped.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>, is_caught_up: watch::Receiver<bool>) {
        let mut low = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            told = self.told(is_caught_up) => told,
        };
        if self.warn.is_none() {
            low.clear(); // nothing is told, and not that it has enough either; it is still measured
        }
        loop {
            for (folder, space, is_low) in self.look(&low) {
                if low.insert(folder.clone(), is_low).unwrap_or_default() != is_low {
                    self.teller.tell(self.happening(&folder, space, is_low)).await;
                }
            }
            if tokio::time::timeout(EVERY, stop.wait_for(|stop| *stop)).await.is_ok() {
                return;
            }
        }
    }

    /// Each folder, and whether its disk has too little room, where some were known to have.
    fn look(&self, low: &BTreeMap<String, bool>) -> Vec<(String, Space, bool)> {
        let mut found = Vec::new();
        for (what, folder) in &self.folders {
            let Some(space) = Space::of(folder) else { continue };
            let folder = folder.display().to_string();
            let is_low = space.is_low(self.warn, low.get(&folder).copied().unwrap_or_default());
            self.metrics.disk(what, space.free, space.size);
            found.push((folder, space, is_low));
        }
        self.metrics.disks_are_low(found.iter().any(|(_, _, is_low)| *is_low));
        found
    }

    /// The folders of which it was told last that their disks have too little room, as far as that can be read.
    async fn told(&self, mut is_caught_up: watch::Receiver<bool>) -> BTreeMap<String, bool> {
        let read = async {
            let is_ready = is_caught_up.wait_for(|is| *is).await.is_ok(); // what it gives holds a lock: it must not be kept
            if is_ready { self.records().await } else { Ok(BTreeMap::new()) }
        };
        tokio::time::timeout(PATIENCE, read).await.ok().and_then(Result::ok).unwrap_or_default()
    }

    async fn records(&self) -> Result<BTreeMap<String, bool>> {
        let (snapshot, now) = (self.vault.snapshot().await?, Timestamp::now());
        let period = Period { from: Timestamp(now.0.saturating_sub(OLDEST)), to: now };
        let about = About { period, zone: chrono_tz::UTC, now, expected: Vec::new(), vault: VaultFacts::default() };
        let engine = |options: Options| {
            Engine::over(Arc::clone(&self.vault), &snapshot, Options { memory: MEMORY, cores: 1, ..options })
        };
        let rows = answer(&engine, &about, &Query::own_open_sql(TOLD)).await?;
        let mut low = BTreeMap::new();
        for row in rows.iter() {
            let Ok(event) = serde_json::from_str::<Value>(row.text("raw")) else { continue };
            if let Some(folder) = event["details"]["folder"].as_str() {
                low.insert(folder.to_owned(), row.text("operation") == LOW);
            }
        }
        Ok(low)
    }

    fn happening(&self, folder: &str, space: Space, is_low: bool) -> Happening {
        let bound = self.warn.of(space.size);
        let (free, size) = (shown(space.free), shown(space.size));
        let happening = match is_low {
            true => {
                let message = msg!("alert-disk-low", folder = folder, free = free, size = size, bound = shown(bound));
                Happening::failure(LOW, message).mended_by(msg!("alert-disk-mend"))
            }
            false => Happening::new(RECOVERED, msg!("alert-disk-recovered", folder = folder, free = free, size = size)),
        };
        happening.with("folder", folder).with("free", space.free).with("size", space.size).with("bound", bound)
    }
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

#[cfg(unix)]
fn device(folder: &Path) -> Option<u64> {
    std::fs::metadata(folder).ok().map(|metadata| std::os::unix::fs::MetadataExt::dev(&metadata))
}

#[cfg(not(unix))]
fn device(_: &Path) -> Option<u64> {
    None
}

/// Bytes as people read them: `3.5 GiB`.
fn shown(bytes: u64) -> String {
    let units = [("TiB", 1_u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(*unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_was_low_must_have_a_tenth_more() {
        let space = |free: u64| Space { free, size: 1_000 };
        let low = |free: u64, was_low: bool| space(free).is_low(Room::Percent(10), was_low);
        assert!(low(99, false) && !low(100, false) && low(100, true) && low(109, true) && !low(110, true));
        assert!(space(5).is_low(Room::Bytes(6), false) && !space(5).is_low(Room::Bytes(5), false));
        assert!(!space(0).is_low(Room::Percent(0), true), "nothing is asked for");
    }

    #[cfg(unix)]
    #[test]
    fn this_disk_has_a_size_and_no_more_free_than_that() {
        let here = Space::of(Path::new(".")).unwrap();
        assert!(here.size > 0 && here.free <= here.size, "{here:?}");
        assert_eq!(Space::of(Path::new("/there/is/none")), None);
    }

    #[test]
    fn bytes_are_read_by_people() {
        assert_eq!(
            [shown(7), shown(1_536), shown(61 << 30), shown(u64::MAX)],
            ["7 B", "1.5 KiB", "61.0 GiB", "16777215.9 TiB"]
        );
    }
}
