//! How far a query is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a query is. It may be read while the query runs.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    chosen_files: AtomicU64,
    chosen_bytes: AtomicU64,
    opened_files: AtomicU64,
    opened_bytes: AtomicU64,
    rows: AtomicU64,
    is_cut_short: AtomicBool,
}

/// A progress at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgressNow {
    /// The files of the snapshot.
    pub files: u64,
    /// Those that may hold what is asked for.
    pub chosen_files: u64,
    /// Their size.
    pub chosen_bytes: u64,
    /// Those that were opened so far.
    pub opened_files: u64,
    /// Their size.
    pub opened_bytes: u64,
    /// The rows that were read.
    pub rows: u64,
}

impl Progress {
    /// How far it is now.
    pub fn now(&self) -> ProgressNow {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProgressNow {
            files: read(&self.files),
            chosen_files: read(&self.chosen_files),
            chosen_bytes: read(&self.chosen_bytes),
            opened_files: read(&self.opened_files),
            opened_bytes: read(&self.opened_bytes),
            rows: read(&self.rows),
        }
    }

    pub(crate) fn planned(&self, files: usize, chosen: impl Iterator<Item = u64>) {
        let (count, bytes) = chosen.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
        // Behind what the indexes of all files ruled out, the rest is planned anew, and is fewer.
        self.files.fetch_max(files as u64, Ordering::Relaxed);
        self.chosen_files.store(count, Ordering::Relaxed);
        self.chosen_bytes.store(bytes, Ordering::Relaxed);
    }

    /// A file that was thought to be read is not.
    pub(crate) fn file_ruled_out(&self, size: u64) {
        let less = |counter: &AtomicU64, by: u64| {
            // A scan that runs twice would take it out twice.
            let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(now.saturating_sub(by)));
        };
        less(&self.chosen_files, 1);
        less(&self.chosen_bytes, size);
    }

    pub(crate) fn file_opened(&self, size: u64) {
        self.opened_files.fetch_add(1, Ordering::Relaxed);
        self.opened_bytes.fetch_add(size, Ordering::Relaxed);
    }

    /// Rows were passed over that cannot be among those wanted, without asking whether the conditions hold for them.
    pub(crate) fn cut_short(&self) {
        self.is_cut_short.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cut_short(&self) -> bool {
        self.is_cut_short.load(Ordering::Relaxed)
    }

    pub(crate) fn rows_read(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}
