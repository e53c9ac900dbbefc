//! A file of the write-ahead log: what was pushed to us and acknowledged, until a commit holds it. Bytes in, bytes out.
//!
//! ```text
//! "SHSKWAL1"
//! u16 length ‖ JSON       {"format":1,"log":"<32 hex digits>","sequence":17,"key":{"id":"standard/2026-03","wrapped":"…"}}
//! frames                  u32 length of what follows ‖ one delivery, sealed
//! ```
//!
//! Sealed is AES-256-GCM under the file's own key, wrapped as those of envelopes are: the nonce is the frame's number, from 0,
//! and the associated data the file's head, so that a frame fits nowhere else. In a vault that we do not encrypt there is no
//! `key`, and 16 bytes of the SHA-256 of head, number and delivery follow the delivery instead. Lengths are big-endian.
//!
//! A delivery is what one request or connection brought:
//!
//! ```text
//! u16 length ‖ JSON       {"received":1772672523000000,"door":"falco","sender":"prod","from":"192.0.2.7","source":"falco","stream":…,"id":…,"cursor":…}
//! events                  u32 length ‖ the bytes of an event
//! ```

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

use crate::commit::Transaction;
use crate::keys::{Secret, WrappedKey, open as open_frame, seal as seal_frame};
use crate::layout::newer;

const MAGIC: &[u8; 8] = b"SHSKWAL1";
const FORMAT: u32 = 1;
const CHECK: usize = 16;

/// The longest frame: more than any body that a door takes.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// What one request or connection brought, all of which is acknowledged together.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// When it was received.
    pub received: Timestamp,
    /// The door: `kubernetes-audit`, `falco`.
    pub door: String,
    /// Who sent it, by the name that the configuration gives.
    pub sender: String,
    /// Where it came from, as the connection or the datagram says it: an address, and who its certificate says it is.
    pub from: Option<String>,
    /// The source that all of it is of; known by its content where absent.
    pub source: Option<String>,
    /// The stream; named by the source and the sender where absent.
    pub stream: Option<String>,
    /// What the sender's protocol calls the stream: an index, labels, a host.
    pub log: Option<String>,
    /// What the sender's protocol calls this delivery, where it does: the same again is no second delivery.
    pub id: Option<String>,
    /// Whether we put its envelopes together ourselves, of what a service answered: they are no evidence, and are not kept.
    pub is_wrapped_by_us: bool,
    /// How far its stream was read with it, where we read it ourselves: the commit that holds the events says so.
    pub cursor: Option<Transaction>,
    /// The events, each as it came.
    pub events: Vec<Bytes>,
}

#[derive(Serialize, Deserialize)]
struct DeliveryHead {
    received: i64,
    door: String,
    sender: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    wrapped: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<(String, i64)>,
}

impl Delivery {
    /// How many bytes its events have.
    pub fn size(&self) -> usize {
        self.events.iter().map(Bytes::len).sum()
    }

    /// Its bytes in a frame.
    ///
    /// # Errors
    /// The caller's mistake where a name in it or an event is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let too_long = |error| Fault::caller(msg!("segment-wal-too-long")).because(error);
        let head = DeliveryHead {
            received: self.received.0,
            door: self.door.clone(),
            sender: self.sender.clone(),
            from: self.from.clone(),
            source: self.source.clone(),
            stream: self.stream.clone(),
            log: self.log.clone(),
            id: self.id.clone(),
            wrapped: self.is_wrapped_by_us,
            cursor: self.cursor.as_ref().map(|cursor| (cursor.stream.clone(), cursor.sequence)),
        };
        let head = serde_json::to_vec(&head).map_err(|e| Fault::broken(msg!("segment-wal-unreadable")).because(e))?;
        let mut bytes = Vec::with_capacity(head.len() + self.size() + 4 * self.events.len() + 2 + CHECK);
        bytes.extend_from_slice(&u16::try_from(head.len()).map_err(too_long)?.to_be_bytes());
        bytes.extend_from_slice(&head);
        for event in &self.events {
            bytes.extend_from_slice(&u32::try_from(event.len()).map_err(too_long)?.to_be_bytes());
            bytes.extend_from_slice(event);
        }
        Ok(bytes)
    }

    /// From the bytes of a frame.
    ///
    /// # Errors
    /// Damage where they are no delivery's.
    pub fn parse(bytes: &Bytes) -> Result<Self> {
        let unreadable = || Fault::damage(msg!("segment-wal-unreadable"));
        let mut rest = bytes.clone();
        let mut take = |length: usize| (length <= rest.len()).then(|| rest.split_to(length));
        let length = take(2).and_then(|l| <[u8; 2]>::try_from(&*l).ok()).ok_or_else(unreadable)?;
        let head = take(usize::from(u16::from_be_bytes(length))).ok_or_else(unreadable)?;
        let head: DeliveryHead = serde_json::from_slice(&head).map_err(|error| unreadable().because(error))?;
        let mut events = Vec::new();
        while let Some(length) = take(4) {
            let length = <[u8; 4]>::try_from(&*length).map_err(|error| unreadable().because(error))?;
            events.push(take(u32::from_be_bytes(length) as usize).ok_or_else(unreadable)?);
        }
        if !rest.is_empty() {
            return Err(unreadable());
        }
        let DeliveryHead { received, door, sender, from, source, stream, log, id, wrapped, cursor } = head;
        let cursor = cursor.map(|(stream, sequence)| Transaction { stream, sequence });
        Ok(Self {
            received: Timestamp(received),
            door,
            sender,
            from,
            source,
            stream,
            log,
            id,
            is_wrapped_by_us: wrapped,
            cursor,
            events,
        })
    }
}

/// The head of a file: which log it is of, its number in it, and its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WalHead {
    /// The version of this format.
    pub format: u32,
    /// The log's name: 32 hexadecimal digits, drawn when its folder was made.
    pub log: String,
    /// The file's number in the log, from 1. The commit that holds the file's events names it.
    pub sequence: i64,
    /// The file's key; absent in a vault that is not encrypted by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<WrappedKey>,
}

impl WalHead {
    /// The head of a new file and, where a class key is given, its own key.
    ///
    /// # Errors
    /// The world's failure where there are no random numbers.
    pub fn new(log: &str, sequence: i64, class_key: Option<(&str, &Secret)>) -> Result<(Self, Option<Secret>)> {
        let Some((id, class_key)) = class_key else {
            return Ok((Self { format: FORMAT, log: log.to_owned(), sequence, key: None }, None));
        };
        let key = Secret::fresh()?;
        let wrapped = WrappedKey::seal(id, class_key, &context(log, sequence), &key)?;
        Ok((Self { format: FORMAT, log: log.to_owned(), sequence, key: Some(wrapped) }, Some(key)))
    }

    /// The file's key.
    ///
    /// # Errors
    /// Damage where it was changed, or the class key is another.
    pub fn open(&self, class_key: &Secret) -> Result<Option<Secret>> {
        self.key.as_ref().map(|key| key.open(class_key, &context(&self.log, self.sequence))).transpose()
    }

    /// Its bytes at the beginning of the file.
    ///
    /// # Errors
    /// Our own broken invariant where it does not fit.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let broken = || Fault::broken(msg!("segment-wal-unreadable"));
        let head = serde_json::to_vec(self).map_err(|error| broken().because(error))?;
        let length = u16::try_from(head.len()).map_err(|error| broken().because(error))?;
        Ok([MAGIC.as_slice(), &length.to_be_bytes(), &head].concat())
    }

    /// The head of a file's bytes, and how long it is. `None` where the file ends within it: its writer died then.
    ///
    /// # Errors
    /// Damage where it is none; the caller's mistake where a newer version wrote it.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>> {
        let unreadable = || Fault::damage(msg!("segment-wal-unreadable"));
        if !bytes.starts_with(MAGIC) {
            return if MAGIC.starts_with(bytes) { Ok(None) } else { Err(unreadable()) };
        }
        let Some((length, rest)) = bytes.get(MAGIC.len()..).and_then(<[u8]>::split_first_chunk::<2>) else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(head) = rest.get(..length) else { return Ok(None) };
        let head: Self = serde_json::from_slice(head).map_err(|error| unreadable().because(error))?;
        if head.format > FORMAT {
            return Err(newer("wal", head.format));
        }
        Ok(Some((head, MAGIC.len() + 2 + length)))
    }
}

fn context(log: &str, sequence: i64) -> String {
    format!("wal/{log}/{sequence}")
}

/// Seals and opens the frames of one file.
#[derive(Debug)]
pub struct Frames {
    head: Vec<u8>,
    key: Option<Secret>,
}

/// What stands at a place of a file.
#[derive(Debug, PartialEq)]
pub enum Frame {
    /// A delivery's bytes, and where the next frame begins.
    Whole(Bytes, usize),
    /// Nothing more: the file ends here.
    End,
    /// The beginning of a frame: whoever wrote it died meanwhile, and nothing from here on was acknowledged.
    Torn,
    /// As long as it should be and not what was sealed: it was changed, or the machine lost power before it was durable.
    Changed,
}

impl Frames {
    /// Of the file with this head.
    ///
    /// # Errors
    /// As [`WalHead::to_bytes`].
    pub fn new(head: &WalHead, key: Option<Secret>) -> Result<Self> {
        Ok(Self { head: head.to_bytes()?, key })
    }

    /// A delivery as the frame of that number. A number is used once for a file: it is the nonce.
    ///
    /// # Errors
    /// The caller's mistake where it is too long.
    pub fn seal(&self, number: u64, mut delivery: Vec<u8>) -> Result<Vec<u8>> {
        match &self.key {
            Some(key) => seal_frame(key, nonce(number), &self.head, &mut delivery)?,
            None => delivery.extend(self.check(number, &delivery)),
        }
        let too_long = || Fault::caller(msg!("segment-wal-too-long"));
        let length = u32::try_from(delivery.len()).map_err(|error| too_long().because(error))?;
        if delivery.len() > MAX_FRAME_BYTES {
            return Err(too_long());
        }
        Ok([length.to_be_bytes().as_slice(), &delivery].concat())
    }

    /// The frame that begins at `at` of a file's bytes.
    ///
    /// # Errors
    /// Our own broken invariant where the cipher fails of itself.
    pub fn open(&self, number: u64, file: &[u8], at: usize) -> Result<Frame> {
        let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) else { return Ok(Frame::End) };
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Ok(Frame::Torn) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > MAX_FRAME_BYTES {
            return Ok(Frame::Changed);
        }
        let Some(sealed) = rest.get(..length) else { return Ok(Frame::Torn) };
        let plain = match &self.key {
            Some(key) => {
                let mut sealed = sealed.to_vec();
                open_frame(key, nonce(number), &self.head, &mut sealed)?.map(Bytes::copy_from_slice)
            }
            None => sealed.split_last_chunk::<CHECK>().and_then(|(plain, check)| {
                (self.check(number, plain) == *check).then(|| Bytes::copy_from_slice(plain))
            }),
        };
        Ok(plain.map_or(Frame::Changed, |plain| Frame::Whole(plain, at + 4 + length)))
    }

    fn check(&self, number: u64, delivery: &[u8]) -> [u8; CHECK] {
        let hash = Sha256::new().chain_update(&self.head).chain_update(number.to_be_bytes()).chain_update(delivery);
        let mut check = [0; CHECK];
        check.copy_from_slice(&hash.finalize()[..CHECK]);
        check
    }
}

fn nonce(number: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(n: i64) -> Delivery {
        Delivery {
            received: Timestamp(1_772_672_523_000_000 + n),
            door: "falco".to_owned(),
            sender: "本番".to_owned(),
            from: (n == 3).then(|| "192.0.2.7/CN=本番".to_owned()),
            source: Some("falco".to_owned()),
            stream: None,
            log: Some("app=api".to_owned()),
            id: (n == 1).then(|| "r1".to_owned()),
            is_wrapped_by_us: n == 3,
            cursor: (n == 2).then(|| Transaction { stream: "files/本番".to_owned(), sequence: i64::MAX }),
            events: (0..n).map(|n| Bytes::from(vec![b'x'; n as usize])).collect(),
        }
    }

    fn file(class_key: Option<(&str, &Secret)>) -> Vec<u8> {
        let (head, key) = WalHead::new("0123", 7, class_key).unwrap();
        let frames = Frames::new(&head, key).unwrap();
        let mut file = head.to_bytes().unwrap();
        for number in 0..4 {
            file.extend(frames.seal(number, delivery(number as i64).to_bytes().unwrap()).unwrap());
        }
        file
    }

    /// The deliveries that can be read, and whether the file ends where the last of them does.
    fn read(file: &[u8], class_key: Option<&Secret>) -> (Vec<Delivery>, bool) {
        let Some((head, mut at)) = WalHead::parse(file).unwrap() else { return (Vec::new(), false) };
        let key = class_key.and_then(|key| head.open(key).unwrap());
        let (frames, mut found) = (Frames::new(&head, key).unwrap(), Vec::new());
        loop {
            match frames.open(found.len() as u64, file, at).unwrap() {
                Frame::Whole(bytes, next) => {
                    found.push(Delivery::parse(&bytes).unwrap());
                    at = next;
                }
                Frame::End => return (found, true),
                Frame::Torn | Frame::Changed => return (found, false),
            }
        }
    }

    #[test]
    fn a_file_that_was_cut_off_gives_what_is_whole() {
        let key = Secret::fresh().unwrap();
        for class_key in [None, Some(("standard/2026-03", &key))] {
            let file = file(class_key);
            let class_key = class_key.map(|(_, key)| key);
            let (all, is_whole) = read(&file, class_key);
            assert_eq!((all.as_slice(), is_whole), ([0, 1, 2, 3].map(delivery).as_slice(), true));
            let mut ends = Vec::new();
            for cut in 0..file.len() {
                let (found, is_whole) = read(&file[..cut], class_key);
                assert_eq!(found, all[..found.len()], "cut at {cut}");
                if is_whole {
                    ends.push(found.len());
                }
            }
            assert_eq!(ends, [0, 1, 2, 3], "it ends whole only between frames");
        }
    }

    #[test]
    fn a_changed_byte_is_seen_and_what_stands_before_it_is_kept() {
        let key = Secret::fresh().unwrap();
        for class_key in [None, Some(("standard/2026-03", &key))] {
            let whole = file(class_key);
            let head = WalHead::parse(&whole).unwrap().unwrap().1;
            for at in head..whole.len() {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                let (found, is_whole) = read(&changed, class_key.map(|(_, key)| key));
                assert!(!is_whole && found.len() < 4, "byte {at}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_delivery_are_refused() {
        let whole = delivery(3).to_bytes().unwrap();
        for cut in 0..whole.len() {
            let parsed = Delivery::parse(&Bytes::copy_from_slice(&whole[..cut]));
            assert!(parsed.map_or(true, |found| found.events.len() < 3), "cut at {cut}");
        }
        assert!(Delivery::parse(&Bytes::from_static(b"\xff\xff{}")).is_err());
        assert!(WalHead::parse(b"SHSKWAL2......").is_err());
    }
}
