//! How fast each parser is, alone on one core: splitting and deriving, which is what `ingest` does with each event before it
//! looks for it in the vault. `cargo xtask bench --parsers` builds and runs it; a measurement, never a test.
//!
//! The input of a source is made of its samples in `testdata`, again and again, with other ids, until it has 64 MB; it is in
//! memory, and fed and derived a chunk at a time, as `ingest` does. What the samples hold that is no event is left out. A figure is the input's bytes by the time of a run.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_sources::{Form, Piece, SOURCES, Source, Splitter, split_all};

/// The size of an input.
const SIZE: usize = 64_000_000;

/// How much `ingest` inflates, splits and derives at a time.
const CHUNK: usize = 4 << 20;

/// What is wanted of sources of JSON, and of those of text, in MB/s.
const WANTED: [f64; 2] = [250.0, 150.0];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let runs = arguments.next().map_or(Ok(7), |runs| runs.parse::<usize>())?.max(1);
    let only: Vec<String> = arguments.collect();
    println!(
        "{:<18} {:>8} {:>8} {:>9} {:>7} {:>7} {:>9}",
        "source", "MB/s", "median", "bytes", "split", "derive", "wanted"
    );
    for source in SOURCES.iter().filter(|source| only.is_empty() || only.iter().any(|name| name == source.id())) {
        measure(*source, runs)?;
    }
    Ok(())
}

/// The time that this thread ran, where Linux says it: what others do meanwhile on the machine is then not counted. Elsewhere
/// the time that went by.
struct Clock {
    ran: Option<Duration>,
    began: Instant,
}

impl Clock {
    fn now() -> Self {
        Self { ran: ran(), began: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        match (self.ran, ran()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.began.elapsed(),
        }
    }
}

/// How long this thread ran so far.
fn ran() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Measures a source and prints its line.
fn measure(source: &dyn Source, runs: usize) -> Result<(), Box<dyn Error>> {
    let (input, events) = input(source)?;
    let received = Timestamp::now();
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let (mut splitter, mut pieces, mut derived) = (Splitter::auto(), Vec::new(), 0_usize);
        let (mut split, began) = (Duration::ZERO, Instant::now());
        let started = Clock::now();
        let mut chunks = (0..input.len()).step_by(CHUNK).map(|at| input.slice(at..input.len().min(at + CHUNK)));
        loop {
            let splitting = Instant::now();
            let chunk = chunks.next();
            let is_last = chunk.is_none();
            match chunk {
                Some(chunk) => splitter.feed(chunk, &mut pieces),
                None => drop(splitter.finish(&mut pieces)),
            }
            split += splitting.elapsed();
            for piece in pieces.drain(..) {
                if let Piece::Event { bytes, .. } = piece {
                    derived += usize::from(black_box(source.derive(&bytes, received)).is_ok());
                }
            }
            if is_last {
                break;
            }
        }
        let whole = started.elapsed();
        times.push((whole, whole.mul_f64(split.as_secs_f64() / began.elapsed().as_secs_f64())));
        if derived != events {
            return Err(format!("`{}`: of {events} events {derived} were found again", source.id()).into());
        }
    }
    times.sort_unstable();
    let (best, median) = (times[0], times[times.len() / 2]);
    let rate = |time: Duration| input.len() as f64 / 1e6 / time.as_secs_f64();
    let wanted = WANTED[usize::from(!matches!(source.form(), Form::Json))];
    let mark = if rate(best.0) < wanted { "!" } else { "" };
    let bytes = input.len() / events;
    let (split, derive) = (rate(best.1), rate(best.0 - best.1));
    println!(
        "{:<18} {:>8.0} {:>8.0} {bytes:>9} {split:>7.0} {derive:>7.0} {wanted:>8.0}{mark}",
        source.id(),
        rate(best.0),
        rate(median.0)
    );
    Ok(())
}

/// The input of a source, and how many events it has.
fn input(source: &dyn Source) -> Result<(Bytes, usize), Box<dyn Error>> {
    let samples = samples(source)?;
    let (mut input, mut events) = (Vec::with_capacity(SIZE + (1 << 20)), 0);
    while input.len() < SIZE {
        for sample in &samples {
            events += 1;
            varied(sample, events, &mut input);
            input.push(b'\n');
        }
    }
    Ok((input.into(), events))
}

/// The events in a source's samples, and its example.
fn samples(source: &dyn Source) -> Result<Vec<Bytes>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(source.id());
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "columns"));
    paths.sort();
    let mut samples = vec![Bytes::from_static(source.example())];
    for path in paths {
        samples.extend(split_all(fs::read(path)?.into()).into_iter().filter_map(|piece| match piece {
            Piece::Event { bytes, .. } if source.derive(&bytes, Timestamp::now()).is_ok() => Some(bytes),
            _ => None,
        }));
    }
    Ok(samples)
}

/// Appends an event with other digits in what looks like an id: at least nine digits, or as many hexadecimal ones with a
/// letter and a digit among them. Numbers that may be times since 1970 stay.
fn varied(event: &[u8], number: usize, into: &mut Vec<u8>) {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut rest = event;
    while let Some(first) = rest.first() {
        let length = if is_hex(first) { rest.iter().take_while(|byte| is_hex(byte)).count() } else { 1 };
        let (run, after) = rest.split_at(length);
        let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
        let may_be_time = digits == length && matches!(length, 10 | 13 | 16 | 19) && run.starts_with(b"1");
        if length >= 9 && digits > 0 && !may_be_time {
            let mut salt = number;
            into.extend(run.iter().map(|byte| match byte {
                b'0'..=b'9' => {
                    let digit = b'0' + u8::try_from((usize::from(byte - b'0') + salt) % 10).unwrap_or_default();
                    salt /= 10;
                    digit
                }
                letter => *letter,
            }));
        } else {
            into.extend_from_slice(run);
        }
        rest = after;
    }
}
