//! The files of a block: found anew at each look, each read in its turn, what was rotated away before what took its place.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use shoseki_messages::msg;
use shoseki_segment::commit::Transaction;
use shoseki_sources::{Source, by_id};

use super::cursors::Cursors;
use super::find::{Key, MAX_FILES, Patterns, Places};
use super::watched::{Cut, Reading, Shortened, Watched};
use crate::Happening;
use crate::config::{Files, Format};

/// How many files are kept open.
const MAX_OPEN: usize = 256;
/// How long a file is quiet before it may be closed.
const QUIET: Duration = Duration::from_secs(5);
/// How much of a file is read in its turn.
const TURN: u64 = 1 << 20;
/// How many bytes of events are read before they are written.
const TOGETHER: usize = 4 << 20;

/// The files of a block.
pub(super) struct Watch {
    name: String,
    format: Format,
    source: Option<&'static dyn Source>,
    patterns: Patterns,
    pub(super) cursors: Cursors,
    files: Vec<Watched>,
    /// Whose turn it is.
    turn: usize,
    /// What cannot be read, and was told.
    failing: HashSet<PathBuf>,
    is_too_many: bool,
}

/// What a look at the folders brought.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) told: Vec<Happening>,
    /// The patterns that lead to nothing.
    pub(super) empty: Vec<String>,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) cuts: Vec<Cut>,
    pub(super) told: Vec<Happening>,
}

impl Watch {
    pub(super) fn new(config: &Files, cursors: Cursors) -> Self {
        Self {
            name: config.name.clone(),
            format: config.format,
            source: config.source.as_deref().and_then(by_id),
            patterns: Patterns::new(&config.paths, &config.exclude),
            cursors,
            files: Vec::new(),
            turn: 0,
            failing: HashSet::new(),
            is_too_many: false,
        }
    }

    /// How many files there are, and how many of their bytes are not durable yet.
    pub(super) fn counts(&self) -> (usize, u64) {
        let lag = self.files.iter().map(|file| file.size.saturating_sub(file.done)).sum();
        (self.files.iter().filter(|file| !file.is_gone).count(), lag)
    }

    /// Looks which files there are.
    pub(super) fn look(&mut self, now: Instant) -> Looked {
        let mut places = self.patterns.find();
        let mut looked = Looked { empty: std::mem::take(&mut places.empty), ..Looked::default() };
        let files = &self.files;
        self.failing.retain(|path| {
            places.failed.iter().any(|(failed, _)| failed == path) || files.iter().any(|file| file.path == *path)
        });
        self.failures(std::mem::take(&mut places.failed), &mut looked.told);
        if places.is_too_many && !self.is_too_many {
            let message = msg!("server-files-many", name = self.name.as_str(), max = MAX_FILES);
            looked.told.push(Happening::failure("files.too-many", message).with("name", &self.name));
        }
        self.is_too_many = places.is_too_many;
        self.meet(places, now);
        self.files.retain(|file| !file.is_over(now));
        self.close_some(now);
        looked
    }

    /// Passes over what is there, where reading is to begin at the end. What cannot be read is read later, from its beginning.
    pub(super) fn skip(&mut self, now: Instant) -> Vec<Transaction> {
        let with = Reading { format: self.format, source: self.source, cursors: &self.cursors, now };
        self.files.iter_mut().filter_map(|file| file.skip(&with).ok().flatten()).collect()
    }

    /// Reads what is new, some of it.
    pub(super) fn read(&mut self, now: Instant) -> Read {
        let (mut read, mut bytes, mut failed) = (Read::default(), 0, Vec::new());
        let mut read_out: HashSet<Key> = HashSet::new();
        let there: HashSet<Key> = self.files.iter().map(|file| file.key).collect();
        let with = Reading { format: self.format, source: self.source, cursors: &self.cursors, now };
        let count = self.files.len();
        let mut open = self.files.iter().filter(|file| file.is_open()).count();
        for step in 0..count {
            let at = (self.turn + step) % count;
            let Some(file) = self.files.get_mut(at) else { break };
            if file.after.is_some_and(|before| there.contains(&before) && !read_out.contains(&before))
                || !file.is_due(now)
            {
                continue;
            }
            let (key, was_open) = (file.key, file.is_open());
            file.after = None;
            match file.read(&with, TURN) {
                Ok((cuts, shortened)) => {
                    self.failing.remove(&file.path);
                    read_out.extend(Some(key).filter(|_| file.is_at_end()));
                    bytes += cuts.iter().flat_map(|cut| &cut.events).map(|event| event.len()).sum::<usize>();
                    read.cuts.extend(cuts);
                    read.told.extend(shortened.map(|shortened| self::shortened(&self.name, &shortened)));
                }
                Err(error) => {
                    file.failed(now);
                    if error.kind() != io::ErrorKind::NotFound {
                        failed.push((file.path.clone(), error)); // else the next look shows where it is
                    }
                }
            }
            if file.is_open() && !was_open {
                open += 1;
                if open > MAX_OPEN {
                    file.close(); // it is opened again for what it still has
                    open -= 1;
                }
            }
            if bytes >= TOGETHER {
                self.turn = (at + 1) % count;
                break;
            }
        }
        self.failures(failed, &mut read.told);
        read
    }

    /// Remembers what is durable.
    pub(super) fn durable(&mut self, cuts: &[Cut]) {
        let mut last: HashMap<Key, i64> = HashMap::new();
        for cut in cuts {
            self.cursors.done(&cut.cursor);
            last.insert(cut.key, cut.cursor.sequence);
        }
        for file in &mut self.files {
            if let Some(cursor) = last.get(&file.key) {
                file.durable(*cursor);
            }
        }
    }

    /// Puts what was found beside what is known.
    fn meet(&mut self, places: Places, now: Instant) {
        let known: HashMap<Key, usize> = self.files.iter().enumerate().map(|(at, file)| (file.key, at)).collect();
        let before: HashMap<PathBuf, Key> = self.files.iter().map(|file| (file.path.clone(), file.key)).collect();
        self.files.iter_mut().for_each(|file| file.is_gone = true);
        for place in places.files {
            match known.get(&place.key).and_then(|at| self.files.get_mut(*at)) {
                Some(file) => {
                    file.is_gone = false;
                    file.is_rotated |= file.path != place.path;
                    if !file.is_open() {
                        file.size = place.size;
                    }
                    file.path = place.path;
                }
                None => {
                    let after = before.get(&place.path).copied();
                    self.files.push(Watched::new(place, after, now));
                }
            }
        }
        for file in &mut self.files {
            file.is_rotated |= file.is_gone;
        }
    }

    /// Closes what is quiet, where too many are open.
    fn close_some(&mut self, now: Instant) {
        let open = self.files.iter().filter(|file| file.is_open()).count();
        if open <= MAX_OPEN {
            return;
        }
        let is_quiet = |file: &&mut Watched| {
            file.is_open() && file.is_at_end() && now.saturating_duration_since(file.changed) >= QUIET
        };
        let mut quiet: Vec<&mut Watched> = self.files.iter_mut().filter(is_quiet).collect();
        quiet.sort_by_key(|file| file.changed);
        quiet.into_iter().take(open - MAX_OPEN).for_each(Watched::close);
    }

    /// Tells what cannot be read, once.
    fn failures(&mut self, failed: Vec<(PathBuf, io::Error)>, told: &mut Vec<Happening>) {
        let new: Vec<_> = failed.into_iter().filter(|(path, _)| self.failing.insert(path.clone())).collect();
        if let Some((path, error)) = new.first() {
            let path = shown(path);
            let message = msg!(
                "server-files-unreadable",
                name = self.name.as_str(),
                count = new.len(),
                path = path.as_str(),
                why = error
            );
            let happening = Happening::failure("files.unreadable", message).with("name", &self.name);
            told.push(happening.with("path", path).with("count", new.len()).with("why", error.to_string()));
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn shortened(name: &str, Shortened { path, read, size }: &Shortened) -> Happening {
    let path = shown(path);
    let message = msg!("server-files-shortened", path = path.as_str(), read = *read, size = *size);
    let happening = Happening::failure("files.shortened", message).with("name", name).with("path", path);
    happening.with("read", read).with("size", size)
}

#[cfg(test)]
mod tests;
