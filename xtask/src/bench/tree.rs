//! The benchmark's tree: CloudTrail files as S3 delivers them, the same bytes on every machine.
//!
//! ```text
//! AWSLogs/111122223333/CloudTrail/ap-northeast-1/2024/06/10/111122223333_CloudTrail_ap-northeast-1_20240610T0015Z_5gYx….json.gz
//! ```
//!
//! Each file has a random stream of its own, so that the threads may take the files in any order.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use super::estate::{ACCOUNTS, Actor, Estate, REGIONS, public_address};
use super::random::{NAME, Random};
use super::template::{Setting, Templates};

/// Raised whenever the bytes change: a tree made by another version is made again.
const VERSION: u32 = 1;
const EVENTS_A_FILE: usize = 2_000;
const STREAMS: usize = ACCOUNTS.len() * REGIONS.len();
const DAYS: usize = 7;
const FIRST_DAY: usize = 10; // of June 2024
/// How many act at once in a file, and how many events there are for each that comes new: calls come in bursts.
const ACTIVE: usize = 6;
const CALLS_IN_A_ROW: usize = 16;
/// How many events the handbook's query finds, and the words that it looks for.
const NEEDLES: usize = 60;
const WORDS: [&str; 3] = ["delete", "update", "privilege"];
/// The address that stands in one event only.
const NEEDLE_ADDRESS: &str = "203.0.113.77";

/// What was made; stands beside the tree once it is complete.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// How many events the tree holds.
    pub events: usize,
    /// In how many files.
    pub files: usize,
    /// Their JSON, in bytes.
    pub json_bytes: u64,
    /// The same as gzip.
    pub gzip_bytes: u64,
    /// How many events have one of the query's words.
    pub needles: usize,
    /// How many have the needle's address.
    pub needle_addresses: usize,
}

/// The tree with so many events under `folder`, made now if it is not there yet.
pub fn prepare(folder: &Path, events: usize) -> Result<(PathBuf, Manifest)> {
    let root = folder.join(format!("cloudtrail-{events}"));
    let note = folder.join(format!("cloudtrail-{events}.json"));
    if let Some(manifest) = fs::read(&note).ok().and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok())
        && manifest.version == VERSION
        && root.is_dir()
    {
        return Ok((root, manifest));
    }
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("cannot clear `{}`", root.display()))?;
    }
    println!("bench: making {events} events in `{}`", root.display());
    let started = Instant::now();
    let manifest = make(&root, events)?;
    fs::write(&note, serde_json::to_vec_pretty(&manifest)?)?;
    println!("bench: made in {:.1} s", started.elapsed().as_secs_f64());
    Ok((root, manifest))
}

/// The files of a tree, by name.
pub fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(root, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn make(root: &Path, events: usize) -> Result<Manifest> {
    ensure!(events > 0, "expected at least one event");
    let maker = Maker { root, events, estate: Estate::new(41), templates: Templates::load()? };
    let files = events.div_ceil(EVENTS_A_FILE);
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Manifest { version: VERSION, events, files, ..Manifest::default() });
    let work = || -> Result<()> {
        loop {
            let file = next.fetch_add(1, Ordering::Relaxed);
            if file >= files {
                return Ok(());
            }
            let made = maker.file(file, files)?;
            let mut total = total.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            total.json_bytes += made.json_bytes;
            total.gzip_bytes += made.gzip_bytes;
            total.needles += made.needles;
            total.needle_addresses += made.needle_addresses;
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| -> Result<()> {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in running {
            thread.join().map_err(|_| anyhow::anyhow!("a thread of the generator stopped"))??;
        }
        Ok(())
    })?;
    let manifest = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    ensure!(
        manifest.needles == NEEDLES.min(events) && manifest.needle_addresses == 1,
        "the tree must hold {} events with the query's words and 1 with its address, and holds {} and {}",
        NEEDLES.min(events),
        manifest.needles,
        manifest.needle_addresses,
    );
    Ok(manifest)
}

/// Where, by whom and when an event happens.
struct Scene<'a> {
    account: &'a str,
    region: &'a str,
    actor: &'a Actor,
    second: usize,
}

struct Maker<'a> {
    root: &'a Path,
    events: usize,
    estate: Estate,
    templates: Templates,
}

impl Maker<'_> {
    /// Writes one file and counts what is in it.
    fn file(&self, file: usize, files: usize) -> Result<Manifest> {
        let mut random = Random::new(0x5353_0000_0000 + file as u64);
        let (stream, slot) = (file % STREAMS, file / STREAMS);
        let (account, region) = (stream / REGIONS.len(), REGIONS[stream % REGIONS.len()]);
        let slots = files.div_ceil(STREAMS);
        let start = slot * DAYS * 86_400 / slots + stream * 60; // the seconds since the first day's midnight
        let first = file * EVENTS_A_FILE;
        let last = (first + EVENTS_A_FILE).min(self.events);

        let finders = WORDS.map(Finder::new);
        let address = Finder::new(NEEDLE_ADDRESS);
        let mut active = [0; ACTIVE].map(|_: usize| random.skewed(self.estate.actors[account].len()));
        let mut made = Manifest::default();
        let mut json = String::with_capacity(EVENTS_A_FILE * 1_600);
        json.push_str("{\"Records\":[");
        for event in first..last {
            if event > first {
                json.push(',');
            }
            let begin = json.len();
            let second = start + (event - first) * 900 / EVENTS_A_FILE; // a file covers a quarter of an hour
            if random.below(CALLS_IN_A_ROW) == 0 {
                active[random.below(ACTIVE)] = random.skewed(self.estate.actors[account].len());
            }
            let actor = &self.estate.actors[account][active[random.below(ACTIVE)]];
            self.event(&mut json, event, &Scene { account: ACCOUNTS[account], region, actor, second }, &mut random);
            let bytes = &json.as_bytes()[begin..];
            made.needles += usize::from(finders.iter().any(|finder| finder.find(bytes).is_some()));
            made.needle_addresses += usize::from(address.find(bytes).is_some());
        }
        json.push_str("]}");

        let (_, day, delivered) = clock(start + 900);
        let folder = self.root.join(format!("AWSLogs/{0}/CloudTrail/{region}/{day}", ACCOUNTS[account]));
        fs::create_dir_all(&folder)?;
        let mut name = format!("{}_CloudTrail_{region}_{delivered}_", ACCOUNTS[account]);
        random.text(&mut name, NAME, 16);
        let mut gzip = GzEncoder::new(Vec::with_capacity(json.len() / 6), Compression::new(6));
        gzip.write_all(json.as_bytes())?;
        let gzip = gzip.finish()?;
        fs::write(folder.join(name + ".json.gz"), &gzip)?;
        made.json_bytes = json.len() as u64;
        made.gzip_bytes = gzip.len() as u64;
        Ok(made)
    }

    fn event(&self, out: &mut String, event: usize, scene: &Scene<'_>, random: &mut Random) {
        let Scene { account, region, actor, second } = *scene;
        let elsewhere = public_address(random);
        let address = match (event == self.events / 2, random.below(8)) {
            (true, _) => NEEDLE_ADDRESS,
            (false, 0) => &elsewhere,
            (false, n) => &actor.addresses[n % actor.addresses.len()],
        };
        let second = second.saturating_sub(random.below(40)); // CloudTrail does not sort
        let (time, _, _) = clock(second);
        let setting = Setting { account, region, time: &time, actor, address };
        let spacing = (self.events / NEEDLES).max(1);
        let mut template = self.templates.draw(random);
        while event == self.events / 2 && template.is_invoked() {
            template = self.templates.draw(random); // an AWS service's event has no address
        }
        if event.is_multiple_of(spacing) && event / spacing < NEEDLES {
            template = self.templates.needle(event / spacing);
        }
        template.fill(out, &self.estate, &setting, random);
    }
}

/// Seconds since the first day's midnight as an event's time, a folder's day, and a file's time.
fn clock(second: usize) -> (String, String, String) {
    let (day, rest) = (FIRST_DAY + second / 86_400, second % 86_400);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    (
        format!("2024-06-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
        format!("2024/06/{day:02}"),
        format!("202406{day:02}T{hour:02}{minute:02}Z"),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }

    #[test]
    fn the_tree_is_the_same_each_time_and_complete() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = make(one.path(), 4_500).unwrap();
        assert_eq!(first, make(two.path(), 4_500).unwrap());
        let mut found = Vec::new();
        files(one.path(), &mut found);
        assert_eq!(found.len(), 3);
        let mut records = 0;
        for path in &found {
            let mut json = String::new();
            GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut json).unwrap();
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            records += value["Records"].as_array().unwrap().len();
            let name = path.strip_prefix(one.path()).unwrap();
            assert_eq!(fs::read(path).unwrap(), fs::read(two.path().join(name)).unwrap());
        }
        assert_eq!(records, 4_500);
    }

    #[test]
    fn a_tree_that_stands_is_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let (root, manifest) = prepare(folder.path(), 10).unwrap();
        let marker = root.join("marker");
        fs::write(&marker, "").unwrap();
        assert_eq!(prepare(folder.path(), 10).unwrap().1, manifest);
        assert!(marker.exists());
    }

    #[test]
    fn times_are_written_as_cloudtrail_writes_them() {
        let (time, day, delivered) = clock(86_400 + 3_661);
        assert_eq!((time.as_str(), day.as_str()), ("2024-06-11T01:01:01Z", "2024/06/11"));
        assert_eq!(delivered, "20240611T0101Z");
    }
}
