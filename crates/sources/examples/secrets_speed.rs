//! How fast one core looks for secrets: `cargo run --release -p shoseki-sources --example secrets_speed FILE…`.
//! A measurement by hand, not a test.

use std::fs::File;
use std::time::{Duration, Instant};

use bytes::Bytes;
use shoseki_sources::secrets::Secrets;
use shoseki_sources::{Inflate, Limits, Piece, Splitter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secrets = Secrets::all()?;
    let (mut events, mut bytes, mut candidates, mut found) = (0_u64, 0, 0_u64, 0);
    let (mut asking, mut finding, mut masking) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for path in std::env::args_os().skip(1) {
        let mut inflate = Inflate::new(File::open(path)?, Limits::default())?;
        let mut splitter = Splitter::auto();
        let mut pieces = Vec::new();
        while let Some(chunk) = inflate.chunk(1 << 20)? {
            splitter.feed(chunk, &mut pieces);
        }
        splitter.finish(&mut pieces);
        let all: Vec<Bytes> = pieces
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Event { bytes, .. } => Some(bytes),
                _ => None,
            })
            .collect();
        events += all.len() as u64;
        bytes += all.iter().map(Bytes::len).sum::<usize>();
        let started = Instant::now();
        candidates += all.iter().filter(|event| secrets.may_have(event)).count() as u64;
        asking += started.elapsed();
        let started = Instant::now();
        found += all.iter().map(|event| secrets.find(event).len()).sum::<usize>();
        finding += started.elapsed();
        let started = Instant::now();
        for event in &all {
            std::hint::black_box(secrets.masked(&String::from_utf8_lossy(event)));
        }
        masking += started.elapsed();
    }
    println!("{events} events, {bytes} bytes: {candidates} may have secrets, {found} secrets");
    for (what, time) in [("may have", asking), ("find", finding), ("mask", masking)] {
        let seconds = time.as_secs_f64();
        println!("{what:>8}: {seconds:6.2} s, {:6.0} MB/s", bytes as f64 / 1e6 / seconds);
    }
    Ok(())
}
