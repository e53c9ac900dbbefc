//! A progress bar on a terminal, nothing in a pipe.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use shoseki_messages::{Lang, msg};
use shoseki_query::Progress;
use shoseki_vault::ingest::Meter;
use shoseki_verify::trail::TrailProgress;

use crate::output;

/// Shows a meter until the guard is dropped.
pub struct Shown {
    bar: ProgressBar,
    is_drawn: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

/// Begins to show a meter. Bars go to standard error and hide themselves where that is no terminal.
pub fn show(meter: &Arc<Meter>, lang: Lang) -> Shown {
    let meter = Arc::clone(meter);
    every_moment(move |bar| {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        bar.set_length(of(&meter.bytes));
        bar.set_position(of(&meter.bytes_done));
        let (done, files, records) = (of(&meter.files_done), of(&meter.files), of(&meter.records));
        bar.set_message(msg!("cli-progress", done = done, files = files, records = records).text(lang));
    })
}

/// Begins to show how far a copying or a restore is.
pub fn of_objects(meter: &Arc<Meter>, lang: Lang) -> Shown {
    let meter = Arc::clone(meter);
    of_things("{bar:30} {elapsed} {msg}", move |bar| {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (done, all) = (of(&meter.files_done), of(&meter.files));
        bar.set_length(all.max(1)); // none known yet is not all done
        bar.set_position(done);
        let bytes = output::bytes(of(&meter.bytes_done));
        let (done, all) = (output::count(done), output::count(all));
        bar.set_message(msg!("replica-progress", done = done, all = all, bytes = bytes).text(lang));
    })
}

/// Begins to show how far the judgement of a trail is. How many files there are becomes known on the way.
pub fn of_trail(progress: &Arc<TrailProgress>, lang: Lang) -> Shown {
    let progress = Arc::clone(progress);
    of_things("{bar:30} {elapsed} {msg}", move |bar| {
        let [digests, files, done, bytes] = progress.now();
        bar.set_length(files.max(1)); // none known yet is not all done
        bar.set_position(done);
        let [digests, files, done] = [digests, files, done].map(output::count);
        let bytes = output::bytes(bytes);
        bar.set_message(
            msg!("cli-validate-progress", digests = digests, done = done, files = files, bytes = bytes).text(lang),
        );
    })
}

/// Begins to show how far the judgement of a vault is.
pub fn of_verification(reads: &Arc<shoseki_verify::Reads>, lang: Lang) -> Shown {
    let reads = Arc::clone(reads);
    every_moment(move |bar| {
        let (done, wanted) = reads.now();
        bar.set_length(wanted.max(1)); // none known yet is not all done
        bar.set_position(done);
        bar.set_message(msg!("cli-verify-progress").text(lang));
    })
}

/// Begins to show how far an inventory is. How much is to be asked becomes known on the way.
pub fn of_inventory(meter: &Arc<shoseki_aws::inventory::Meter>, lang: Lang) -> Shown {
    let meter = Arc::clone(meter);
    of_things("{bar:30} {elapsed} {msg}", move |bar| {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (asked, answered) = (of(&meter.asked), of(&meter.answered));
        bar.set_length(asked.max(1)); // none known yet is not all done
        bar.set_position(answered);
        let (asked, answered, refused) =
            (output::count(asked), output::count(answered), output::count(of(&meter.refused)));
        bar.set_message(
            msg!("cli-check-live-progress", answered = answered, asked = asked, refused = refused).text(lang),
        );
    })
}

/// Begins to show how far a query is.
pub fn of_query(progress: &Arc<Progress>, lang: Lang) -> Shown {
    let progress = Arc::clone(progress);
    every_moment(move |bar| {
        let now = progress.now();
        bar.set_length(now.chosen_bytes);
        // A file of several slices is opened more than once.
        bar.set_position(now.opened_bytes.min(now.chosen_bytes));
        let (opened, rows) = (now.opened_files.min(now.chosen_files), output::count(now.rows));
        bar.set_message(msg!("cli-query-progress", opened = opened, files = now.chosen_files, rows = rows).text(lang));
    })
}

/// Begins to show how much of a package was read. What is read twice does not count twice.
pub fn of_package(read: &Arc<AtomicU64>, length: u64, lang: Lang) -> Shown {
    let read = Arc::clone(read);
    every_moment(move |bar| {
        bar.set_length(length.max(1));
        bar.set_position(read.load(Ordering::Relaxed).min(length));
        bar.set_message(msg!("cli-verify-progress").text(lang));
    })
}

/// Begins to show how large a package has become.
pub fn of_packing(written: &Arc<File>, lang: Lang) -> Shown {
    let written = Arc::clone(written);
    of_things("{spinner} {elapsed} {msg}", move |bar| {
        let bytes = written.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        bar.tick();
        bar.set_message(msg!("cli-package-progress", bytes = output::bytes(bytes)).text(lang));
    })
}

fn every_moment(update: impl Fn(&ProgressBar) + Send + 'static) -> Shown {
    of_things("{bar:30} {binary_bytes}/{binary_total_bytes} {eta} {msg}", update)
}

fn of_things(template: &str, update: impl Fn(&ProgressBar) + Send + 'static) -> Shown {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let is_drawn = Arc::new(AtomicBool::new(false));
    let (shown, drawn) = (bar.clone(), Arc::clone(&is_drawn));
    let task = tokio::spawn(async move {
        loop {
            // What takes no time needs no bar.
            tokio::time::sleep(Duration::from_millis(200)).await;
            drawn.store(true, Ordering::Relaxed);
            update(&shown);
        }
    });
    Shown { bar, is_drawn, task }
}

impl Shown {
    /// Does something that prints, with the bar out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        if self.is_drawn.load(Ordering::Relaxed) { self.bar.suspend(print) } else { print() }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.task.abort();
        if self.is_drawn.load(Ordering::Relaxed) {
            self.bar.finish_and_clear();
        }
    }
}
