//! What does not fit into memory while rows are sorted and grouped, on a disk for the time of the query, encrypted.
//!
//! Rows of evidence do not lie in the clear: every chunk is sealed by AES-256-GCM under a key that is made for the
//! query, never leaves memory and is gone with it. The files have no name (`O_TMPFILE`, or unlinked at once), so that
//! nothing is left of them even where the process is killed.
//!
//! ```text
//! file n:  chunk 0 | tag | chunk 1 | tag | …       nonce: n (4 bytes), number of the chunk (8 bytes)
//! ```
//!
//! Where the chunks lie is remembered in memory; a chunk that was moved, changed or swapped does not open.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SpillFile, SpillWriter, TempFileFactory};
use futures::Stream;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use shoseki_messages::{Fault, msg};
use shoseki_segment::keys::Secret;

/// How many bytes are sealed together.
const CHUNK: usize = 256 << 10;

/// Makes the files of one query.
pub(crate) struct Spill {
    folder: PathBuf,
    key: Arc<LessSafeKey>,
    files: AtomicU32,
}

impl Spill {
    /// Files in a folder, under a new key.
    pub(crate) fn new(folder: &Path) -> shoseki_messages::Result<Self> {
        if !folder.is_dir() {
            return Err(Fault::caller(msg!("query-spill-folder", path = folder.display().to_string())));
        }
        let secret = Secret::fresh()?;
        let key = UnboundKey::new(&AES_256_GCM, secret.expose()).map_err(|_| Fault::broken(msg!("query-engine")))?;
        Ok(Self { folder: folder.to_owned(), key: Arc::new(LessSafeKey::new(key)), files: AtomicU32::new(0) })
    }
}

impl TempFileFactory for Spill {
    fn create_temp_file(&self, _description: &str) -> Result<Arc<dyn SpillFile>> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        if number == u32::MAX {
            return Err(DataFusionError::Internal("a query has too many spill files".to_owned()));
        }
        let file = tempfile::tempfile_in(&self.folder).map_err(|error| failed(&self.folder, error))?;
        let inner = Inner { file, folder: self.folder.clone(), key: Arc::clone(&self.key), number };
        Ok(Arc::new(Spilled { inner: Arc::new(inner), chunks: Arc::default() }))
    }
}

/// The disk's failure.
fn failed(folder: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataFusionError {
    let fault = Fault::world(msg!("query-spill", path = folder.display().to_string())).because(error);
    DataFusionError::External(Box::new(fault))
}

/// A file and its key.
struct Inner {
    file: File,
    folder: PathBuf,
    key: Arc<LessSafeKey>,
    number: u32,
}

/// Where a chunk lies, with its tag.
#[derive(Clone, Copy)]
struct Chunk {
    offset: u64,
    length: usize,
}

type Chunks = Arc<Mutex<Vec<Chunk>>>;

struct Spilled {
    inner: Arc<Inner>,
    chunks: Chunks,
}

impl Inner {
    fn nonce(&self, chunk: usize) -> Nonce {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.number.to_be_bytes());
        bytes[4..].copy_from_slice(&(chunk as u64).to_be_bytes());
        Nonce::assume_unique_for_key(bytes)
    }

    fn write(&self, chunks: &Chunks, mut plain: Vec<u8>) -> io::Result<()> {
        let mut chunks = chunks.lock().map_err(|_| io::Error::other("a writer panicked"))?;
        let offset = chunks.last().map_or(0, |last| last.offset + last.length as u64);
        let sealed = self.key.seal_in_place_append_tag(self.nonce(chunks.len()), Aad::empty(), &mut plain);
        sealed.map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        self.file.write_all_at(&plain, offset)?;
        chunks.push(Chunk { offset, length: plain.len() });
        Ok(())
    }

    fn read(&self, number: usize, chunk: Chunk) -> Result<Bytes> {
        let mut sealed = vec![0; chunk.length];
        self.file.read_exact_at(&mut sealed, chunk.offset).map_err(|error| failed(&self.folder, error))?;
        let opened = self.key.open_in_place(self.nonce(number), Aad::empty(), &mut sealed);
        let length = opened.map_err(|_| failed(&self.folder, "a chunk does not open: it was changed"))?.len();
        sealed.truncate(length);
        Ok(sealed.into())
    }
}

impl SpillFile for Spilled {
    fn size(&self) -> Option<u64> {
        let chunks = self.chunks.lock().ok()?;
        Some(chunks.last().map_or(0, |last| last.offset + last.length as u64))
    }

    /// The bytes that are there: a reader may follow the writer.
    fn read_stream(&self) -> Result<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>> {
        let (inner, chunks) = (Arc::clone(&self.inner), Arc::clone(&self.chunks));
        let next = move |number: usize| {
            let (inner, chunks) = (Arc::clone(&inner), Arc::clone(&chunks));
            async move {
                let chunk = chunks.lock().ok().and_then(|chunks| chunks.get(number).copied())?;
                let read = tokio::task::spawn_blocking(move || inner.read(number, chunk)).await;
                let bytes = read.unwrap_or_else(|error| Err(DataFusionError::External(Box::new(error))));
                Some((bytes, number + 1))
            }
        };
        Ok(Box::pin(futures::stream::unfold(0, next)))
    }

    fn open_writer(&self) -> Result<Box<dyn SpillWriter>> {
        Ok(Box::new(Writer { inner: Arc::clone(&self.inner), chunks: Arc::clone(&self.chunks), plain: Vec::new() }))
    }
}

struct Writer {
    inner: Arc<Inner>,
    chunks: Chunks,
    /// What is not sealed yet.
    plain: Vec<u8>,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.plain.len().min(CHUNK));
        self.plain.extend_from_slice(&bytes[..taken]);
        if self.plain.len() >= CHUNK {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.plain.is_empty() {
            return Ok(());
        }
        // Where it fails the bytes are lost, and so is the query.
        self.inner.write(&self.chunks, std::mem::take(&mut self.plain))
    }
}

impl SpillWriter for Writer {
    fn finish(&mut self) -> Result<()> {
        self.flush().map_err(|error| failed(&self.inner.folder, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    async fn all(file: &dyn SpillFile) -> Vec<u8> {
        let mut stream = file.read_stream().unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.unwrap());
        }
        bytes
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_lies_sealed_without_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill::new(folder.path()).unwrap();
        let inner = |number| Inner {
            file: tempfile::tempfile_in(folder.path()).unwrap(),
            folder: folder.path().to_owned(),
            key: Arc::clone(&spill.key),
            number,
        };
        let file = Spilled { inner: Arc::new(inner(7)), chunks: Arc::default() };
        let plain: Vec<u8> = b"evidence ".iter().copied().cycle().take(3 * CHUNK + 5).collect();
        let mut writer = file.open_writer().unwrap();
        writer.write_all(&plain[..10]).unwrap();
        writer.flush().unwrap();
        assert_eq!(all(&file).await, &plain[..10], "what was flushed can be read while the writer goes on");
        writer.write_all(&plain[10..]).unwrap();
        writer.finish().unwrap();
        assert_eq!(all(&file).await, plain);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file has a name");

        let size = file.size().unwrap();
        let mut sealed = vec![0; usize::try_from(size).unwrap()];
        file.inner.file.read_exact_at(&mut sealed, 0).unwrap();
        assert!(memchr::memmem::find(&sealed, b"evidence").is_none(), "nothing lies in the clear");
        // The first chunk has ten bytes and a tag of sixteen.
        file.inner.file.write_all_at(&[sealed[30] ^ 1], 30).unwrap();
        let chunks: Vec<bool> = file.read_stream().unwrap().map(|chunk| chunk.is_ok()).collect().await;
        assert_eq!(chunks, [true, false, true, true], "a changed chunk does not open");
    }

    #[test]
    fn a_folder_that_is_not_there_is_the_callers_mistake() {
        let refused = Spill::new(Path::new("/nonexistent/folder"));
        assert_eq!(refused.err().map(|fault| fault.id().to_owned()).as_deref(), Some("query-spill-folder"));
    }
}
