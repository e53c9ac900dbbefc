//! A progress bar on a terminal, nothing in a pipe.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use shoseki_messages::{Lang, msg};
use shoseki_vault::ingest::Meter;

/// Shows a meter until the guard is dropped.
pub struct Shown {
    bar: ProgressBar,
    task: tokio::task::JoinHandle<()>,
}

/// Begins to show a meter. Bars go to standard error and hide themselves where that is no terminal.
pub fn show(meter: &Arc<Meter>, lang: Lang) -> Shown {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {binary_bytes}/{binary_total_bytes} {eta} {msg}") {
        bar.set_style(style);
    }
    let (shown, meter) = (bar.clone(), Arc::clone(meter));
    let task = tokio::spawn(async move {
        loop {
            let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
            shown.set_length(of(&meter.bytes));
            shown.set_position(of(&meter.bytes_done));
            let (done, files, records) = (of(&meter.files_done), of(&meter.files), of(&meter.records));
            shown.set_message(msg!("cli-progress", done = done, files = files, records = records).text(lang));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    Shown { bar, task }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
