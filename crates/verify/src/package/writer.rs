//! Writes a package: pure, parts in, zip out; the same parts give the same bytes. Who asks the query, gathers the proofs
//! and writes the pages for people is `report`.

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::population::{PopulationLine, commit_line};
use shoseki_segment::proof::ProvenRecord;
use shoseki_segment::receipt::Extent;
use shoseki_tlog::{Hash, SigningKey, sign_statement};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{ATTACHED, CHECKPOINT, COMMITS, DRAWN_FROM, FIXED, MANIFEST, Manifest, NOTE, RECORDS, STATEMENT};
use super::{commit, commit_proof, document, population, table};

/// A package being written. Files are written one after the other: [`PackageWriter::start`] begins one, and what is written
/// to the writer then goes into it.
///
/// ```text
/// writer.start("rows.csv")?;            write!(writer, …)?;
/// writer.start("records.jsonl")?;       writer.record(&record)?;
/// writer.add("README.en.html", page)?;
/// writer.commit(7, &bytes, &proof)?;    writer.checkpoint(&bytes)?;
/// let out = writer.finish(manifest, &key)?;
/// ```
pub struct PackageWriter<W: Write + Seek> {
    zip: ZipWriter<Once<W>>,
    files: BTreeMap<String, Extent>,
    open: Option<(String, Sha256, u64)>,
    /// How many parts of the population were begun.
    parts: u64,
    /// What has no room in a zip file without extensions.
    has_no_room: bool,
}

/// The bytes of a part of the population, after which the next one begins: a zip file without extensions holds no file of
/// 4 GiB.
const PART_BYTES: u64 = 1 << 30;

/// The most entries of a zip file without extensions, less the manifest and its note; and the most bytes.
const MAX_ENTRIES: usize = 65_534 - 2;
const MAX_BYTES: u64 = u32::MAX as u64 - 1;

fn too_large() -> Fault {
    Fault::caller(msg!("verify-package-too-large"))
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::world(msg!("verify-package-unwritable")).because(error)
}

impl<W: Write + Seek> PackageWriter<W> {
    /// A package to be written there.
    pub fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(Once::new(out)), files: BTreeMap::new(), open: None, parts: 0, has_no_room: false }
    }

    fn end(&mut self) {
        if let Some((name, hasher, size)) = self.open.take() {
            self.files.insert(name, Extent { size, sha256: hex::encode(hasher.finalize()) });
        }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// Our own broken invariant where it was written before; the caller's mistake where it has no room; the world's failure
    /// else.
    pub fn start(&mut self, name: &str) -> Result<()> {
        self.end();
        if self.files.contains_key(name) {
            return Err(Fault::broken(msg!("verify-package-file-twice", name = name)));
        }
        if self.files.len() >= MAX_ENTRIES {
            return Err(too_large());
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(failed)?;
        self.open = Some((name.to_owned(), Sha256::new(), 0));
        Ok(())
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.start(name)?;
        self.put(bytes)
    }

    /// Writes a record into `records.jsonl`, which it begins if need be; all records come one after the other.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn record(&mut self, record: &ProvenRecord) -> Result<()> {
        if self.open.as_ref().is_none_or(|(name, ..)| name != RECORDS) {
            self.start(RECORDS)?;
        }
        self.put(&record.to_line())
    }

    /// Writes a commit and the text of the C2SP tlog-proof that it is in the log.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn commit(&mut self, version: u64, bytes: &[u8], proof: &[u8]) -> Result<()> {
        self.add(&commit(version), bytes)?;
        self.add(&commit_proof(version), proof)
    }

    /// Writes a record of the population; all come one after the other, in their order.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn population(&mut self, record: &PopulationLine) -> Result<()> {
        let last = self.parts.checked_sub(1).map(population);
        let has_room = |(name, _, size): &(String, Sha256, u64)| Some(name) == last.as_ref() && *size < PART_BYTES;
        if !self.open.as_ref().is_some_and(has_room) {
            self.start(&population(self.parts))?;
            self.parts += 1;
        }
        self.put(&record.to_line())
    }

    /// Writes a commit of the tree of a population; all come one after the other, from the first.
    ///
    /// # Errors
    /// As [`PackageWriter::start`]; damage where the bytes are no commit.
    pub fn tree_commit(&mut self, version: u64, bytes: &[u8]) -> Result<()> {
        if self.open.as_ref().is_none_or(|(name, ..)| name != COMMITS) {
            self.start(COMMITS)?;
        }
        self.put(&commit_line(version, bytes)?)
    }

    /// Writes the list that a sample was drawn from.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn drawn_from(&mut self, names: &[shoseki_event::RecordId]) -> Result<()> {
        self.start(DRAWN_FROM)?;
        names.iter().try_for_each(|name| self.put(format!("{name}\n").as_bytes()))
    }

    /// Writes a table that the query looks things up in.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn table(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.add(&table(name), bytes)
    }

    /// Writes a statement on a document; all come one after the other.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn statement(&mut self, record: &ProvenRecord) -> Result<()> {
        if self.open.as_ref().is_none_or(|(name, ..)| name != ATTACHED) {
            self.start(ATTACHED)?;
        }
        self.put(&record.to_line())
    }

    /// Writes a document under its hash.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn document(&mut self, sha256: &str, bytes: &[u8]) -> Result<()> {
        self.add(&document(sha256), bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.write_all(bytes);
        if self.has_no_room {
            return Err(too_large());
        }
        written.map_err(failed)
    }

    /// Writes the checkpoint that all commits are proven by.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn checkpoint(&mut self, signed: &[u8]) -> Result<()> {
        self.add(CHECKPOINT, signed)
    }

    /// Ends the package: writes the manifest, with every file's hash, and signs it.
    ///
    /// # Errors
    /// Our own broken invariant where a file is missing that every package has; the world's failure else.
    pub fn finish(mut self, mut manifest: Manifest, key: &SigningKey) -> Result<W> {
        self.end();
        if let Some(missing) = FIXED.iter().find(|name| !self.files.contains_key(**name)) {
            return Err(Fault::broken(msg!("verify-package-file-missing", name = *missing)));
        }
        let of_population = manifest.population.as_ref().map(|_| COMMITS);
        let more = of_population.into_iter().chain(manifest.sample.as_ref().map(|_| DRAWN_FROM));
        let more = more.chain(manifest.attachments.as_ref().map(|_| ATTACHED));
        if let Some(missing) = more.into_iter().find(|name| !self.files.contains_key(*name)) {
            return Err(Fault::broken(msg!("verify-package-file-missing", name = missing)));
        }
        manifest.files = std::mem::take(&mut self.files);
        manifest.format = manifest.needed();
        let bytes = manifest.to_bytes();
        let hash = Hash(Sha256::digest(&bytes).into());
        self.add(MANIFEST, &bytes)?;
        self.add(NOTE, &sign_statement(STATEMENT, hash, key)?)?;
        let Once { mut out, is_broken, .. } = self.zip.finish().map_err(failed)?;
        if is_broken {
            return Err(failed(io::Error::other("a write failed before")));
        }
        let length = out.seek(io::SeekFrom::End(0)).map_err(failed)?;
        if length > MAX_BYTES { Err(too_large()) } else { Ok(out) }
    }
}

/// Fails once: whoever wrote is told, and the package is given up. A zip that is dropped wants to be ended all the same, and would
/// say on standard error that it could not be; what it then writes goes nowhere, at places that are only counted.
struct Once<W> {
    out: W,
    at: u64,
    end: u64,
    is_broken: bool,
}

impl<W> Once<W> {
    fn new(out: W) -> Self {
        Self { out, at: 0, end: 0, is_broken: false }
    }

    /// Looks at what came of a write, or of a seek.
    fn tried<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.is_broken = done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        done
    }

    fn moved(&mut self, to: u64) -> u64 {
        self.at = to;
        self.end = self.end.max(to);
        to
    }
}

impl<W: Write> Write for Once<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.is_broken {
            true => bytes.len(),
            false => {
                let written = self.out.write(bytes);
                self.tried(written)?
            }
        };
        self.moved(self.at + written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_broken {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.tried(flushed)
    }
}

impl<W: Seek> Seek for Once<W> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        if !self.is_broken {
            let sought = self.out.seek(to);
            let at = self.tried(sought)?;
            return Ok(self.moved(at));
        }
        let to = match to {
            io::SeekFrom::Start(at) => at,
            io::SeekFrom::End(by) => self.end.saturating_add_signed(by),
            io::SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.moved(to))
    }
}

impl<W: Write + Seek> Write for PackageWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.open.as_ref().is_some_and(|(_, _, size)| size.saturating_add(bytes.len() as u64) > MAX_BYTES) {
            self.has_no_room = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let written = self.zip.write(bytes)?;
        if let Some((_, hasher, size)) = &mut self.open {
            hasher.update(&bytes[..written]);
            *size += written as u64;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}
