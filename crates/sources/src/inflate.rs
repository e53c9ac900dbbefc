//! Undoes compression, as a stream and within bounds: plain, gzip of one or more members, zstd of one or more frames,
//! recognised by their first bytes. It is not a judge of content: what comes out may be anything.
//!
//! ```text
//! 1f 8b 08 …      gzip (RFC 1952)
//! 28 b5 2f fd …   zstd (RFC 8878)
//! ```

use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

use bytes::{Bytes, BytesMut};
use flate2::bufread::GzDecoder;
use shoseki_messages::{Fault, Result, msg};
use zstd::stream::read::Decoder as ZstdDecoder;

const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The largest window that a zstd frame may ask for: 2 to this power, 128 MiB.
const ZSTD_WINDOW: u32 = 27;

/// The first chunk; as many bytes as there were so far in each further one.
const FIRST_CHUNK: usize = 64 << 10;

/// What compressed bytes may grow to. Plain input is not bounded: it costs its sender as much as it costs us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes that may come out: 8 GiB unless told.
    pub bytes: u64,
    /// How many times larger than what went in. CloudTrail's files grow 10 to 20 times; where every event has an id of
    /// its own, even equal events stay below 100. The most that gzip can do is 1,032. 250 unless told.
    pub ratio: u64,
    /// How many bytes may come out before the ratio counts: 16 MiB unless told. A small file may grow as it likes.
    pub free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 8 << 30, ratio: 250, free: 16 << 20 }
    }
}

/// A reader that counts what is taken from it, so that errors can name a place and growth can be judged.
struct Counted<R> {
    inner: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    taken: u64,
    /// Set where the reader itself failed, to tell its errors from the decoder's.
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).inspect_err(|error| self.failed |= is_failure(error))?;
        self.taken += length as u64;
        Ok(length)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf().inspect_err(|error| self.failed |= is_failure(error))
    }

    fn consume(&mut self, length: usize) {
        self.taken += length as u64;
        self.inner.consume(length);
    }
}

fn is_failure(error: &io::Error) -> bool {
    error.kind() != ErrorKind::Interrupted
}

enum State<R: Read> {
    Plain(Counted<R>),
    Gzip(Box<GzDecoder<Counted<R>>>),
    Zstd(Box<ZstdDecoder<'static, Counted<R>>>),
    Done { taken: u64 },
}

/// A stream of uncompressed bytes. After an error or the end, it stays at its end.
pub struct Inflate<R: Read> {
    state: State<R>,
    limits: Limits,
    encoding: &'static str,
    given: u64,
    /// An error that waits until the bytes before it are taken.
    fault: Option<Fault>,
}

impl<R: Read> Inflate<R> {
    /// Looks at the first bytes of `reader` and decides what they are.
    ///
    /// # Errors
    /// The world's failure where the reader fails, damage where a zstd header cannot be read.
    pub fn new(mut reader: R, limits: Limits) -> Result<Self> {
        let mut magic = Vec::with_capacity(ZSTD.len());
        let read = reader.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic);
        read.map_err(|error| Fault::world(msg!("sources-read-failed", offset = 0)).because(error))?;
        let (is_gzip, is_zstd) = (magic.starts_with(GZIP), magic == ZSTD);
        let inner = BufReader::with_capacity(64 << 10, Cursor::new(magic).chain(reader));
        let counted = Counted { inner, taken: 0, failed: false };
        let state = if is_gzip {
            State::Gzip(Box::new(GzDecoder::new(counted)))
        } else if is_zstd {
            let decoder = ZstdDecoder::with_buffer(counted).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW)?;
                Ok(decoder)
            });
            State::Zstd(Box::new(decoder.map_err(|error| corrupt(0).because(error))?))
        } else {
            State::Plain(counted)
        };
        let encoding = match &state {
            State::Gzip(_) => "gzip",
            State::Zstd(_) => "zstd",
            State::Plain(_) | State::Done { .. } => "none",
        };
        Ok(Self { state, limits, encoding, given: 0, fault: None })
    }

    /// The next bytes, as many as `buffer` takes or fewer; 0 at the end.
    ///
    /// # Errors
    /// Damage: the stream is cut off, is corrupt, is followed by something else, or grows beyond the limits. The
    /// world's failure where the reader fails.
    pub fn pull(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let pulled = self.pull_unjudged(buffer).and_then(|length| {
            self.given += length as u64;
            self.judge().map(|()| length)
        });
        if pulled.is_err() {
            self.state = State::Done { taken: self.taken() };
        }
        pulled
    }

    /// The next bytes, at most `size` and fewer at first: most files are smaller than a good chunk, and memory that is
    /// not filled costs too. Nothing at the end.
    ///
    /// # Errors
    /// As [`Inflate::pull`]. Bytes that came before the error are returned first, the error by the next call: what a
    /// cut-off file holds is evidence too.
    pub fn chunk(&mut self, size: usize) -> Result<Option<Bytes>> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let size = size.min(usize::try_from(self.given).unwrap_or(size).max(FIRST_CHUNK));
        let mut chunk = BytesMut::zeroed(size);
        let mut length = 0;
        while length < size {
            match self.pull(chunk.get_mut(length..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(fault) if length == 0 => return Err(fault),
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        if length < size / 2 {
            // A short file's slices shall not hold on to a long buffer.
            return Ok((length > 0).then(|| Bytes::copy_from_slice(chunk.get(..length).unwrap_or_default())));
        }
        chunk.truncate(length);
        Ok((length > 0).then(|| chunk.freeze()))
    }

    /// What the first bytes said that it is: `none`, `gzip` or `zstd`.
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// How many bytes came out so far.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// How many bytes went in so far.
    pub fn taken(&self) -> u64 {
        match &self.state {
            State::Plain(counted) => counted.taken,
            State::Gzip(decoder) => decoder.get_ref().taken,
            State::Zstd(decoder) => decoder.get_ref().taken,
            State::Done { taken } => *taken,
        }
    }

    fn pull_unjudged(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                State::Plain(counted) => counted.read(buffer),
                State::Gzip(decoder) => decoder.read(buffer),
                State::Zstd(decoder) => decoder.read(buffer),
                State::Done { .. } => return Ok(0),
            };
            match read {
                Ok(0) if matches!(self.state, State::Gzip(_)) => self.next_member()?,
                Ok(length) => return Ok(length),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failure(error)),
            }
        }
    }

    /// Behind a gzip member stands another one or nothing.
    fn next_member(&mut self) -> Result<()> {
        let taken = self.taken();
        let State::Gzip(decoder) = std::mem::replace(&mut self.state, State::Done { taken }) else { return Ok(()) };
        let mut counted = decoder.into_inner();
        let next = loop {
            match counted.fill_buf() {
                Ok(bytes) => break bytes.first().copied(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::world(msg!("sources-read-failed", offset = taken)).because(error)),
            }
        };
        match next {
            None => Ok(()),
            Some(first) if GZIP.first() == Some(&first) => {
                self.state = State::Gzip(Box::new(GzDecoder::new(counted)));
                Ok(())
            }
            Some(_) => Err(Fault::damage(msg!("sources-inflate-trailing", offset = taken))),
        }
    }

    fn judge(&self) -> Result<()> {
        let taken = match &self.state {
            State::Gzip(_) | State::Zstd(_) => self.taken(),
            State::Plain(_) | State::Done { .. } => return Ok(()),
        };
        if self.given > self.limits.bytes {
            return Err(Fault::damage(msg!("sources-inflate-too-large", limit = self.limits.bytes)));
        }
        if self.given > self.limits.free && self.given / self.limits.ratio.max(1) > taken {
            return Err(Fault::damage(msg!(
                "sources-inflate-bomb",
                given = self.given,
                taken = taken,
                ratio = self.limits.ratio
            )));
        }
        Ok(())
    }

    fn failure(&self, error: io::Error) -> Fault {
        let offset = self.taken();
        let failed = match &self.state {
            State::Plain(_) => true,
            State::Gzip(decoder) => decoder.get_ref().failed,
            State::Zstd(decoder) => decoder.get_ref().failed,
            State::Done { .. } => false,
        };
        if failed {
            Fault::world(msg!("sources-read-failed", offset = offset)).because(error)
        } else if error.kind() == ErrorKind::UnexpectedEof {
            Fault::damage(msg!("sources-inflate-truncated", offset = offset)).because(error)
        } else {
            corrupt(offset).because(error)
        }
    }
}

impl<R: Read> Read for Inflate<R> {
    /// As [`Inflate::pull`]; the fault is inside the error.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pull(buffer).map_err(|fault| io::Error::new(ErrorKind::InvalidData, fault))
    }
}

fn corrupt(offset: u64) -> Fault {
    Fault::damage(msg!("sources-inflate-corrupt", offset = offset))
}

#[cfg(test)]
mod tests;
