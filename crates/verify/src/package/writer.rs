//! Writes a package: pure, parts in, zip out; the same parts give the same bytes. Who asks the query, gathers the proofs
//! and writes the pages for people is `report`.

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::proof::ProvenRecord;
use shoseki_segment::receipt::Extent;
use shoseki_tlog::{Hash, SigningKey, sign_statement};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{CHECKPOINT, FIXED, MANIFEST, Manifest, NOTE, PACKAGE_VERSION, RECORDS, STATEMENT, commit, commit_proof};

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
    zip: ZipWriter<W>,
    files: BTreeMap<String, Extent>,
    open: Option<(String, Sha256, u64)>,
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::world(msg!("verify-package-unwritable")).because(error)
}

impl<W: Write + Seek> PackageWriter<W> {
    /// A package to be written there.
    pub fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(out), files: BTreeMap::new(), open: None }
    }

    fn end(&mut self) {
        if let Some((name, hasher, size)) = self.open.take() {
            self.files.insert(name, Extent { size, sha256: hex::encode(hasher.finalize()) });
        }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// Our own broken invariant where it was written before; the world's failure else.
    pub fn start(&mut self, name: &str) -> Result<()> {
        self.end();
        if self.files.contains_key(name) {
            return Err(Fault::broken(msg!("verify-package-file-twice", name = name)));
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
        self.write_all(bytes).map_err(failed)
    }

    /// Writes a record into `records.jsonl`, which it begins if need be; all records come one after the other.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn record(&mut self, record: &ProvenRecord) -> Result<()> {
        if self.open.as_ref().is_none_or(|(name, ..)| name != RECORDS) {
            self.start(RECORDS)?;
        }
        self.write_all(&record.to_line()).map_err(failed)
    }

    /// Writes a commit and the text of the C2SP tlog-proof that it is in the log.
    ///
    /// # Errors
    /// As [`PackageWriter::start`].
    pub fn commit(&mut self, version: u64, bytes: &[u8], proof: &[u8]) -> Result<()> {
        self.add(&commit(version), bytes)?;
        self.add(&commit_proof(version), proof)
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
        manifest.format = PACKAGE_VERSION;
        manifest.files = std::mem::take(&mut self.files);
        let bytes = manifest.to_bytes();
        let hash = Hash(Sha256::digest(&bytes).into());
        self.add(MANIFEST, &bytes)?;
        self.add(NOTE, &sign_statement(STATEMENT, hash, key)?)?;
        self.zip.finish().map_err(failed)
    }
}

impl<W: Write + Seek> Write for PackageWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
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
