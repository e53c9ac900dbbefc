//! `--mixed`: many questions at once while an ingest goes on.
//!
//! The first account's events are in the vault; those of the others go in while the questions are asked, each a process of its
//! own that sees the vault's newest state. The same ingest alone is measured before.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::json;

use super::estate::ACCOUNTS;
use super::measure::Figures;
use super::shoseki::Shoseki;
use super::table;
use super::work::Work;
use super::{Options, needle, tree};

/// How many ask at once.
const AT_ONCE: usize = 16;
/// What they ask, in turn.
const QUESTIONS: [Work; 7] =
    [Work::Handbook, Work::Address, Work::Word, Work::Newest, Work::EventName, Work::Bucket, Work::Distinct];

/// Asks while it takes in, prints what both took.
pub fn run(options: &Options, (trees, folder): (&Path, &Path), binary: &Path) -> Result<bool> {
    let (tree, manifest) = tree::prepare(trees, usize::try_from(options.events)?)?;
    let folder = folder.join("mixed");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let shoseki = Shoseki::new(binary, &folder, &tree, &needle::access_key(&tree)?);
    let accounts = ACCOUNTS.map(|account| tree.join("AWSLogs").join(account));
    ensure!(accounts.iter().all(|path| path.is_dir()), "the tree is too small: an account has no file");
    let (first, rest) = accounts.split_at(1);

    println!("bench: an ingest alone");
    shoseki.init()?;
    shoseki.take_in(first)?;
    let alone = shoseki.take_in(rest)?;
    println!("bench: the same ingest while {AT_ONCE} ask");
    shoseki.init()?;
    shoseki.take_in(first)?;
    let (ingest, mut asked) = at_once(&shoseki, rest, &folder)?;

    asked.sort_by(f64::total_cmp);
    let [p50, p99] = [50, 99].map(|percent| percentile(&asked, percent));
    println!(
        "\n{} events, a third of them in the vault before; {} questions, {AT_ONCE} at once, each a whole process\n\
         question, p50    {:>9}\nquestion, p99    {:>9}\ningest alone     {:>9}\ningest meanwhile {:>9}",
        manifest.events,
        asked.len(),
        table::seconds(p50),
        table::seconds(p99),
        table::seconds(alone.seconds),
        table::seconds(ingest.seconds)
    );
    if let Some(file) = &options.json {
        let value = json!({
            "tree": manifest,
            "at_once": AT_ONCE,
            "questions": asked.len(),
            "p50_seconds": p50,
            "p99_seconds": p99,
            "ingest_alone_seconds": alone.seconds,
            "ingest_seconds": ingest.seconds,
        });
        let bytes = serde_json::to_vec_pretty(&value)?;
        fs::write(file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    if options.keep.is_none() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(true)
}

/// The ingest's figures, and the seconds of every question that was asked before it ended.
fn at_once(shoseki: &Shoseki, paths: &[PathBuf], folder: &Path) -> Result<(Figures, Vec<f64>)> {
    let (has_ended, next, asked) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let ask = |n: usize| -> Result<()> {
        let notes = folder.join(format!("asker-{n}"));
        fs::create_dir_all(&notes)?;
        while !has_ended.load(Ordering::Relaxed) {
            let work = QUESTIONS[next.fetch_add(1, Ordering::Relaxed) % QUESTIONS.len()];
            let figures = shoseki.query(work, &notes)?;
            asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(figures.seconds);
        }
        Ok(())
    };
    let ingest = thread::scope(|scope| {
        let ask = &ask;
        let askers: Vec<_> = (0..AT_ONCE).map(|n| scope.spawn(move || ask(n))).collect();
        let ingest = shoseki.take_in(paths);
        has_ended.store(true, Ordering::Relaxed);
        for asker in askers {
            asker.join().map_err(|_| anyhow!("a thread that asked stopped"))??;
        }
        ingest
    })?;
    Ok((ingest, asked.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())))
}

/// The smallest figure that at least so many percent are not above; of sorted ones.
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_figures() {
        let figures: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!((percentile(&figures, 50), percentile(&figures, 99)), (100.0, 198.0));
        assert_eq!((percentile(&[3.0], 99), percentile(&[], 50)), (3.0, 0.0));
    }
}
