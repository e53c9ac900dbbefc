//! What events travel in: an envelope is opened, layer by layer, down to the events that a source may know. Pure, and bounded
//! in depth and in what comes out.
//!
//! ```text
//! {"messageType":"DATA_MESSAGE","owner":…,"logGroup":…,"logStream":…,"logEvents":[{"id":…,"message":"…"}]}  CloudWatch Logs
//! {"awslogs":{"data":"<base64 of gzip of the above>"}}                                                        the same to Lambda
//! {"requestId":…,"records":[{"data":"<base64>"}]}                                                             Firehose
//! {"kinesis":{"data":"<base64>"},"eventSource":"aws:kinesis","eventID":…}                                     Kinesis
//! {"Type":"Notification","MessageId":…,"Message":"…"}, {"EventSource":"aws:sns","Sns":{…}}                    SNS
//! {"messageId":…,"body":"…"}                                                                                  SQS
//! {"detail-type":…,"source":…,"detail":{…}}                                                                   EventBridge
//! 2026-03-05T01:02:03.004Z {…}                                                                                an export task
//! ```
//!
//! What stands in a string or in base64 is no slice of the file that brought it: whoever opens an envelope keeps the file
//! whole. Such an event is known by what its carrier calls it, so that a second delivery is no second event.

pub(crate) mod export;
mod layer;

use std::io::Cursor as Reader;
use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use crate::{Inflate, Limits, Piece, auto, split_all};
use layer::{Layer, Payload};

/// How many envelopes may lie in one another.
const DEPTH: usize = 4;

/// How many bytes may come out of an envelope, all layers together.
const BUDGET: usize = 64 << 20;

const GZIP: &[u8] = &[0x1f, 0x8b];

/// An envelope, opened.
#[derive(Debug, PartialEq)]
pub enum Envelope {
    /// One event, which stands in it as it is.
    Slice(Range<usize>),
    /// Events that were written in strings or in base64. There is at least one.
    Events(Vec<Delivered>),
}

/// An event, or what should be one, as it was delivered.
#[derive(Debug, PartialEq)]
pub struct Delivered {
    /// Its bytes, without the end of its line.
    pub bytes: Bytes,
    /// What its carrier calls it: `cloudwatch-logs:<owner>:<log group>:<log stream>:<id>`, `sns:<MessageId>`,
    /// `sqs:<messageId>`, `kinesis:<eventID>`, `firehose:<requestId>:<number>`.
    pub delivery: String,
    /// Its number in what was delivered, from 0.
    pub position: u64,
    /// The log group that it is of, where there is one.
    pub log: Option<String>,
}

/// Opens an envelope. `None` where it is none, where nothing is in it, or where more comes out of it than may.
pub fn open(document: &Bytes) -> Option<Envelope> {
    if let Some(start) = export::message(document) {
        return export::is_known(document).then_some(Envelope::Slice(start..document.len()));
    }
    let layer = Layer::of(document)?;
    if let Layer::Detail(range) = layer {
        let detail = document.get(range.clone())?;
        return auto(detail).is_some().then_some(Envelope::Slice(range));
    }
    let mut opening = Opening { budget: BUDGET, events: Vec::new() };
    opening.layer(layer, document, 1)?;
    (!opening.events.is_empty()).then_some(Envelope::Events(opening.events))
}

struct Opening {
    budget: usize,
    events: Vec<Delivered>,
}

impl Opening {
    /// Takes a layer apart; `document` is what it was read from. `None` where the budget is spent.
    fn layer(&mut self, layer: Layer<'_>, document: &Bytes, depth: usize) -> Option<()> {
        match layer {
            Layer::Logs { log, events } => {
                let (owner, group, stream) = log;
                for (id, message) in events {
                    self.spend(message.len())?;
                    let delivery = format!("cloudwatch-logs:{owner}:{group}:{stream}:{id}");
                    let bytes = Bytes::copy_from_slice(message.trim_end_matches(['\r', '\n']).as_bytes());
                    let log = Some(group.clone().into_owned());
                    self.events.push(Delivered { bytes, delivery, position: 0, log });
                }
            }
            Layer::Payloads(payloads) => {
                for (delivery, payload) in payloads {
                    match self.content(&payload)? {
                        Ok(content) => self.content_of(content, &delivery, depth)?,
                        Err(bytes) => self.events.push(Delivered { bytes, delivery, position: 0, log: None }),
                    }
                }
            }
            Layer::Detail(range) => {
                let detail = document.slice(range);
                let bytes = if auto(&detail).is_some() { detail } else { document.clone() };
                self.events.push(Delivered { bytes, delivery: String::new(), position: 0, log: None });
            }
        }
        Some(())
    }

    /// The bytes of a payload, decoded and inflated; as an error, as they are, where they cannot be or are a bomb. `None` where
    /// the budget is spent.
    fn content(&mut self, payload: &Payload<'_>) -> Option<Result<Bytes, Bytes>> {
        let bytes: Bytes = match payload {
            Payload::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
            Payload::Base64(text) => match BASE64_STANDARD.decode(text.as_bytes()) {
                Ok(bytes) => bytes.into(),
                Err(_) => return Some(Err(Bytes::copy_from_slice(text.as_bytes()))),
            },
        };
        self.spend(bytes.len())?;
        if !bytes.starts_with(GZIP) {
            return Some(Ok(bytes));
        }
        let limits = Limits { bytes: self.budget as u64, ..Limits::default() };
        let Ok(mut inflate) = Inflate::new(Reader::new(bytes.clone()), limits) else { return Some(Err(bytes)) };
        let mut content = Vec::new();
        loop {
            match inflate.chunk(1 << 20) {
                Ok(Some(chunk)) => content.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(_) => return Some(Err(bytes)),
            }
        }
        self.spend(content.len())?;
        Some(Ok(content.into()))
    }

    /// The events in a payload, each of them an envelope itself perhaps.
    fn content_of(&mut self, content: Bytes, delivery: &str, depth: usize) -> Option<()> {
        let mut position = 0;
        for piece in split_all(content) {
            let bytes = match piece {
                Piece::Gap { .. } => continue,
                Piece::Event { bytes, .. } | Piece::Unparsed { bytes, .. } => bytes,
            };
            let inner = if depth < DEPTH && auto(&bytes).is_none() { Layer::of(&bytes) } else { None };
            let first = self.events.len();
            match inner {
                Some(layer) => self.layer(layer, &bytes, depth + 1)?,
                None => self.events.push(Delivered { bytes, delivery: String::new(), position: 0, log: None }),
            }
            for event in self.events.iter_mut().skip(first).filter(|event| event.delivery.is_empty()) {
                (event.delivery, event.position) = (delivery.to_owned(), position);
                position += 1;
            }
        }
        Some(())
    }

    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.budget = self.budget.checked_sub(bytes)?;
        Some(())
    }
}

#[cfg(test)]
mod tests;
