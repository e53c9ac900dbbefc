//! `--push`: `serve` under the load of a cluster's audit webhook, and then under kills.
//!
//! Batches of 400 events come at a fixed rate over a few connections, as API servers send them. How long the yes takes counts from
//! when a batch was due, not from when it could be sent: who falls behind is late. Then the server is killed in the middle of a
//! load, several times over, and afterwards each event whose batch was acknowledged must be in the vault once.

mod load;
mod server;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::Options;
use load::{Load, Sent};
use server::Server;

/// Loads the server, kills it, prints what came of it. `true` where nothing was lost and nothing doubled.
pub fn run(options: &Options, folder: &Path, binary: &Path) -> Result<bool> {
    let folder = folder.join("push");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut all = Vec::new();

    println!("bench: {} events a second for {} s", options.rate, options.seconds);
    let server = Server::start(binary, &folder.join("load"))?;
    let load = Load { rate: options.rate, length: Duration::from_secs(options.seconds), round: 0 };
    let sent = load.run(server.address());
    let (peak_loaded, processor) = server.cost()?;
    let begun = Instant::now();
    let vault = server.stop()?;
    let drained = begun.elapsed();
    let judged = Judged::of(&vault.keys(binary)?, &sent);
    let bytes: u64 = sent.iter().filter(|batch| batch.is_acknowledged).map(|batch| batch.bytes).sum();
    let mut took: Vec<f64> = sent.iter().filter(|b| b.is_acknowledged).map(|b| b.took.as_secs_f64()).collect();
    took.sort_by(f64::total_cmp);
    let [p50, p99, most] = [50, 99, 100].map(|percent| super::mixed::percentile(&took, percent));
    println!(
        "acknowledged     {:>9} events in {} batches, {:.1} MB/s\n\
         the yes, p50     {:>9.1} ms\n\
         the yes, p99     {:>9.1} ms\n\
         the yes, longest {:>9.1} ms\n\
         processor time   {:>9.1} s for {} s\n\
         peak memory      {:>9.1} MB\n\
         sealed           {:>9.1} s after the last yes\n\
         in the vault     {judged}",
        judged.acknowledged,
        took.len(),
        bytes as f64 / 1e6 / options.seconds as f64,
        p50 * 1e3,
        p99 * 1e3,
        most * 1e3,
        processor,
        options.seconds,
        peak_loaded as f64 / 1e6,
        drained.as_secs_f64(),
    );
    all.push(json!({
        "rate": options.rate, "seconds": options.seconds, "acknowledged": judged.acknowledged, "bytes": bytes,
        "p50_seconds": p50, "p99_seconds": p99, "longest_seconds": most, "processor_seconds": processor,
        "peak_bytes": peak_loaded, "sealed_after_seconds": drained.as_secs_f64(),
        "lost": judged.lost, "doubled": judged.doubled,
    }));

    let killed = kills(options, &folder, binary)?;
    if options.kills > 0 {
        println!("killed           {:>9} times; in the vault {killed}", options.kills);
        all.push(json!({
            "kills": options.kills, "acknowledged": killed.acknowledged, "lost": killed.lost, "doubled": killed.doubled,
        }));
    }
    if let Some(file) = &options.json {
        fs::write(file, serde_json::to_vec_pretty(&all)?)
            .with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    if options.keep.is_none() {
        fs::remove_dir_all(&folder)?;
    }
    ensure!(judged.acknowledged > 0, "nothing was acknowledged");
    Ok(judged.is_exact() && killed.is_exact())
}

/// Loads it again and again, and kills it each time in the middle.
fn kills(options: &Options, folder: &Path, binary: &Path) -> Result<Judged> {
    let place = folder.join("kills");
    let mut sent = Vec::new();
    for round in 1..=options.kills {
        let server = Server::start(binary, &place)?;
        let address = server.address().to_owned();
        let load = Load { rate: options.rate, length: Duration::from_secs(4), round: u64::from(round) };
        let loading = std::thread::spawn(move || load.run(&address));
        // At another moment each time: between 0.7 and 3.2 seconds after the start.
        std::thread::sleep(Duration::from_millis(700 + u64::from(round) * 977 % 2_500));
        server.kill()?;
        sent.extend(loading.join().map_err(|_| anyhow::anyhow!("the load stopped"))?);
    }
    if options.kills == 0 {
        return Ok(Judged::default());
    }
    let vault = Server::start(binary, &place)?.stop()?;
    Ok(Judged::of(&vault.keys(binary)?, &sent))
}

/// What is in the vault of what was sent.
#[derive(Default)]
struct Judged {
    acknowledged: u64,
    lost: u64,
    doubled: u64,
    /// Events that are there though their batch was not acknowledged: the answer was lost, or the server.
    beyond: u64,
}

impl Judged {
    fn of(keys: &[String], sent: &[Sent]) -> Self {
        let mut there: HashMap<&str, u64> = HashMap::with_capacity(keys.len());
        for key in keys {
            *there.entry(key).or_default() += 1;
        }
        let mut judged = Self { doubled: there.values().filter(|count| **count > 1).count() as u64, ..Self::default() };
        for batch in sent {
            let found = batch.keys().filter(|key| there.contains_key(key.as_str())).count() as u64;
            if batch.is_acknowledged {
                judged.acknowledged += load::BATCH;
                judged.lost += load::BATCH - found;
            } else {
                judged.beyond += found;
            }
        }
        judged
    }

    fn is_exact(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

impl std::fmt::Display for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { acknowledged, lost, doubled, beyond } = self;
        write!(f, "{acknowledged} acknowledged: {lost} lost, {doubled} doubled; {beyond} beyond")
    }
}
