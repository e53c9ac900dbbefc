//! The zip file, read strictly: entries one after the other from the first byte, the directory, its end, and nothing else.
//! Two programs that read such a file see the same.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::receipt::Extent;
use zip::{CompressionMethod, ZipArchive};

/// The most entries: a commit has two.
const MAX_ENTRIES: usize = 400_000;
/// The length of the end of the directory, without a comment.
const END: u64 = 22;

/// An open package.
pub(crate) struct Archive<R> {
    zip: ZipArchive<R>,
    /// The entries by name, with their places and the lengths that they claim.
    entries: BTreeMap<String, (usize, u64)>,
}

fn refused(why: &'static str) -> Fault {
    Fault::damage(msg!("verify-package-archive", why = why))
}

fn world(error: std::io::Error) -> Fault {
    Fault::world(msg!("verify-package-unreadable")).because(error)
}

impl<R: Read + Seek> Archive<R> {
    pub(crate) fn open(mut reader: R) -> Result<Self> {
        let length = reader.seek(SeekFrom::End(0)).map_err(world)?;
        let mut end = [0; END as usize];
        if length < END {
            return Err(refused("it is too short"));
        }
        reader.seek(SeekFrom::Start(length - END)).map_err(world)?;
        reader.read_exact(&mut end).map_err(world)?;
        let number = |at: usize| u64::from(u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]));
        let (size, start, comment) = (number(12), number(16), [end[20], end[21]]);
        if !end.starts_with(b"PK\x05\x06") || start + size + END != length || comment != [0, 0] {
            return Err(refused("it does not end where its directory ends"));
        }
        let broken = |error: zip::result::ZipError| refused("its directory cannot be read").because(error);
        let mut zip = ZipArchive::new(reader).map_err(broken)?;
        if zip.len() > MAX_ENTRIES {
            return Err(refused("it has too many entries"));
        }
        if zip.has_duplicate_names() {
            return Err(refused("a name stands in it twice"));
        }
        if zip.offset() != 0 || zip.central_directory_start() != start || !zip.comment().is_empty() {
            return Err(refused("something stands before its entries"));
        }
        zip.validate_header_consistency().map_err(broken)?;
        let mut entries = BTreeMap::new();
        let mut next = 0;
        for at in 0..zip.len() {
            let entry = zip.by_index_raw(at).map_err(broken)?;
            let name = std::str::from_utf8(entry.name_raw()).map_err(|_| refused("a name is not text"))?.to_owned();
            let is_plain = matches!(entry.compression(), CompressionMethod::Deflated | CompressionMethod::Stored)
                && !entry.encrypted()
                && entry.is_file()
                && entry.comment_raw().is_empty();
            if !is_plain {
                return Err(refused("an entry is not a plain file"));
            }
            if entry.header_start() != next {
                return Err(refused("something stands between its entries"));
            }
            let data = entry.data_start().ok_or_else(|| refused("an entry has no data"))?;
            if data != next + 30 + entry.name_raw().len() as u64 {
                return Err(refused("an entry says more than its name"));
            }
            next = data + entry.compressed_size();
            entries.insert(name, (at, entry.size()));
        }
        if next != start {
            return Err(refused("something stands after its entries"));
        }
        Ok(Self { zip, entries })
    }

    /// The names of all entries.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Reads an entry whole; `None` where it is absent. What is longer than the limit is damage.
    pub(crate) fn read(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let Some((at, _)) = self.entries.get(name).copied() else { return Ok(None) };
        let unreadable = |error: std::io::Error| damaged(name).because(error);
        let entry = self.zip.by_index(at).map_err(|error| damaged(name).because(error))?;
        let mut bytes = Vec::new();
        entry.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > limit { Err(damaged(name)) } else { Ok(Some(bytes)) }
    }

    /// Reads an entry line by line, each no longer than `longest` and with its line feed, and gives the whole's extent.
    /// It stops after `limit` bytes: whoever asks sees from the extent that there was more.
    pub(crate) fn lines(
        &mut self,
        name: &str,
        limit: u64,
        longest: usize,
        mut each: impl FnMut(&[u8]),
    ) -> Result<Extent> {
        let Some((at, _)) = self.entries.get(name).copied() else { return Err(damaged(name)) };
        let entry = self.zip.by_index(at).map_err(|error| damaged(name).because(error))?;
        let mut reader = BufReader::with_capacity(1 << 16, entry.take(limit + 1));
        let (mut hasher, mut size, mut line) = (Sha256::new(), 0, Vec::new());
        loop {
            line.clear();
            let mut one = (&mut reader).take(longest as u64 + 1);
            let length = one.read_until(b'\n', &mut line).map_err(|error| damaged(name).because(error))?;
            if length == 0 {
                return Ok(Extent { size, sha256: hex::encode(hasher.finalize()) });
            }
            hasher.update(&line);
            size += length as u64;
            each(&line);
        }
    }

    /// Gives an entry to be read, up to one byte more than `limit`.
    pub(crate) fn reader<T>(
        &mut self,
        name: &str,
        limit: u64,
        read: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        let Some((at, _)) = self.entries.get(name).copied() else { return Err(damaged(name)) };
        let entry = self.zip.by_index(at).map_err(|error| damaged(name).because(error))?;
        read(&mut entry.take(limit + 1))
    }

    /// The length and the hash of an entry; it stops after `limit` bytes.
    pub(crate) fn extent(&mut self, name: &str, limit: u64) -> Result<Extent> {
        self.lines(name, limit, 1 << 16, |_| {})
    }
}

fn damaged(name: &str) -> Fault {
    Fault::damage(msg!("verify-package-entry-unreadable", name = name))
}
