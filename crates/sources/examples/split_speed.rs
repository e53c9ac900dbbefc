//! How fast one core inflates, splits and derives: `cargo run --release -p shoseki-sources --example split_speed FILE…`.
//! A measurement by hand, not a test.

use std::fs::File;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_sources::{Inflate, Limits, Piece, Splitter, auto};

/// Each step is repeated over at least this much.
const ENOUGH: usize = 512 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    let started = Instant::now();
    for path in std::env::args_os().skip(1) {
        let mut inflate = Inflate::new(File::open(path)?, Limits::default())?;
        let mut chunks = Vec::new();
        while let Some(chunk) = inflate.chunk(1 << 20)? {
            chunks.push(chunk);
        }
        files.push(chunks);
    }
    let bytes: usize = files.iter().flatten().map(Bytes::len).sum();
    say("inflate", bytes, started.elapsed());
    if bytes == 0 {
        return Ok(());
    }
    let rounds = ENOUGH.div_ceil(bytes);

    let started = Instant::now();
    let mut pieces = Vec::new();
    for _ in 0..rounds {
        pieces.clear();
        for file in &files {
            let mut splitter = Splitter::auto();
            for chunk in file {
                splitter.feed(chunk.clone(), &mut pieces);
            }
            splitter.finish(&mut pieces);
        }
    }
    say("split", bytes * rounds, started.elapsed());

    let events = pieces.iter().filter_map(|piece| match piece {
        Piece::Event { bytes, .. } => Some(bytes),
        _ => None,
    });
    let events: Vec<&Bytes> = events.collect();
    let received = Timestamp::now();
    let started = Instant::now();
    for event in (0..rounds).flat_map(|_| &events) {
        black_box(auto(event).map(|source| source.id()));
    }
    say("recognise", bytes * rounds, started.elapsed());
    let source = events.first().and_then(|event| auto(event)).ok_or("no source knows the first event")?;
    let started = Instant::now();
    for event in (0..rounds).flat_map(|_| &events) {
        let _ = black_box(source.derive(event, received));
    }
    say("derive", bytes * rounds, started.elapsed());
    println!("{} events of {} bytes", events.len(), bytes / events.len().max(1));
    Ok(())
}

fn say(what: &str, bytes: usize, time: Duration) {
    let megabytes = bytes as f64 / 1e6;
    println!("{what:>10}: {:7.0} MB/s", megabytes / time.as_secs_f64());
}
