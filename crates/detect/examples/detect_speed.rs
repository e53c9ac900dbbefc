//! How many events a second our rules look at, alone on one core. `cargo xtask bench --detect` builds and runs it; a measurement, never a
//! test.
//!
//! The events are those of the demo's day (`testdata/estate`), in which an incident happens, and of the samples of the other sources
//! (`testdata`), in memory, looked at again and again. Each is asked of the rules about its source, as `detect run` and `serve` do it:
//! from its bytes to the rules that it satisfies. With folders of Sigma rules as arguments, of those too.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_detect::{Detector, Rules};
use shoseki_event::Timestamp;
use shoseki_sources::{Piece, SOURCES, Source, split_all};

/// How many events a run looks at.
const EVENTS: usize = 200_000;

/// What is wanted, in events a second.
const WANTED: f64 = 150_000.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let runs = arguments.next().map_or(Ok(5), |runs| runs.parse::<usize>())?.max(1);
    let folders: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let rules = Rules::load(true, &folders)?;
    let count = rules.all().count();
    let detector = Detector::new(rules);
    println!("{count} rules; wanted are {WANTED:.0} events a second");
    println!("{:<18} {:>10} {:>10} {:>8} {:>8} {:>6}", "source", "events/s", "median", "bytes", "of hits", "rules");
    for source in SOURCES.iter().filter(|source| detector.sources().any(|id| id == source.id())) {
        measure(&detector, *source, runs)?;
    }
    Ok(())
}

/// The time that this thread ran, where Linux says it; elsewhere the time that went by.
fn ran(began: Instant) -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = text.and_then(|text| text.split(' ').next()?.parse().ok());
    ran.map_or_else(|| began.elapsed(), Duration::from_nanos)
}

fn measure(detector: &Detector, source: &dyn Source, runs: usize) -> Result<(), Box<dyn Error>> {
    let events = samples(source)?;
    let bytes = events.iter().map(Bytes::len).sum::<usize>() / events.len().max(1);
    let (mut times, began) = (Vec::with_capacity(runs), Instant::now());
    let mut hits = 0_usize;
    for _ in 0..runs {
        let before = ran(began);
        hits = 0;
        for event in events.iter().cycle().take(EVENTS) {
            hits += usize::from(!black_box(detector.look(source.id(), event)).hits.is_empty());
        }
        times.push(ran(began).saturating_sub(before));
    }
    times.sort_unstable();
    let rate = |time: Duration| EVENTS as f64 / time.as_secs_f64();
    let (best, median) = (rate(times[0]), rate(times[times.len() / 2]));
    let mark = if best < WANTED { "!" } else { "" };
    let share = 100.0 * hits as f64 / EVENTS as f64;
    let rules = detector.rules().all().filter(|rule| rule.sources.contains(&source.id())).count();
    println!("{:<18} {best:>10.0} {median:>10.0} {bytes:>8} {share:>7.1}% {rules:>6}{mark}", source.id());
    Ok(())
}

/// The events of a source: of the demo's day, where it has some, else of the samples.
fn samples(source: &dyn Source) -> Result<Vec<Bytes>, Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let day = data.join("estate").join(source.id());
    let mut folders = vec![if day.is_dir() { day } else { data.join(source.id()) }];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    let mut events = vec![Bytes::from_static(source.example())];
    for path in paths.iter().filter(|path| path.extension().is_none_or(|extension| extension != "columns")) {
        let mut bytes = Vec::new();
        let content = fs::read(path)?;
        match flate2::read::MultiGzDecoder::new(&*content).read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(_) => bytes = content,
        }
        events.extend(split_all(bytes.into()).into_iter().filter_map(|piece| match piece {
            Piece::Event { bytes, .. } if source.derive(&bytes, Timestamp::now()).is_ok() => Some(bytes),
            _ => None,
        }));
    }
    Ok(events)
}
