//! One layer of an envelope, recognised by its outermost keys.

use std::borrow::Cow;
use std::ops::Range;

use crate::{Cursor, Reason};

type Text<'a> = Option<Cow<'a, str>>;

/// What an envelope carries.
pub(super) enum Layer<'a> {
    /// Log events of CloudWatch Logs: owner, log group and log stream; of each event its id and its message.
    Logs {
        /// Whose, and which, log it is.
        log: (Cow<'a, str>, Cow<'a, str>, Cow<'a, str>),
        /// The events.
        events: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    },
    /// Payloads under the names that their carrier gives them.
    Payloads(Vec<(String, Payload<'a>)>),
    /// An object that stands at this place.
    Detail(Range<usize>),
}

/// How a payload is written.
pub(super) enum Payload<'a> {
    /// In a string.
    Text(Cow<'a, str>),
    /// In base64.
    Base64(Cow<'a, str>),
}

/// What was read of an object.
#[derive(Default)]
struct Keys<'a> {
    message_type: Text<'a>,
    owner: Text<'a>,
    group: Text<'a>,
    stream: Text<'a>,
    events: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    request: Text<'a>,
    records: Vec<(Text<'a>, Cow<'a, str>)>,
    id: Text<'a>,
    event_id: Text<'a>,
    body: Text<'a>,
    message: Text<'a>,
    data: Text<'a>,
    /// Whether one of the events or records lacks what it must have: then the document stays what it is.
    is_broken: bool,
    has_detail_type: bool,
    has_source: bool,
    detail: Option<Range<usize>>,
}

impl<'a> Layer<'a> {
    /// Reads the outermost keys of an object. `None` where it is no envelope.
    pub(super) fn of(document: &'a [u8]) -> Option<Self> {
        let mut keys = Keys::default();
        let mut cursor = Cursor::new(document).ok()?;
        let is_object = cursor.members(|key, value| keys.member(key, value)).ok()?;
        cursor.end().ok()?;
        if is_object && !keys.is_broken { keys.layer() } else { None }
    }
}

impl<'a> Keys<'a> {
    fn member(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        match key {
            "messageType" => self.message_type = value.text()?,
            "owner" => self.owner = value.text()?,
            "logGroup" => self.group = value.text()?,
            "logStream" => self.stream = value.text()?,
            "logEvents" => {
                self.events.clear();
                value.elements(|_, event| self.log_event(event))?;
            }
            "requestId" | "invocationId" => self.request = value.text()?,
            "records" => {
                self.records.clear();
                value.elements(|_, record| self.record(record))?;
            }
            "messageId" | "MessageId" => self.id = value.text()?,
            "eventID" => self.event_id = value.text()?,
            "body" | "Body" => self.body = string(value)?,
            "Message" => self.message = string(value)?,
            // To Lambda, SNS's object and the two kinds of data stand in an object of their own.
            "Sns" | "kinesis" | "awslogs" => {
                value.members(|key, value| match key {
                    "data" => string(value).map(|data| self.data = data),
                    "MessageId" | "Message" => self.member(key, value),
                    _ => value.skip().map(|_| ()),
                })?;
            }
            "detail-type" => {
                self.has_detail_type = true;
                value.skip()?;
            }
            "source" => {
                self.has_source = true;
                value.skip()?;
            }
            "detail" if value.is_object() => {
                let start = value.position();
                value.skip()?;
                self.detail = Some(start..value.position());
            }
            _ => drop(value.skip()?),
        }
        Ok(())
    }

    fn log_event(&mut self, event: &mut Cursor<'a>) -> Result<(), Reason> {
        let (mut id, mut message) = (None, None);
        event.members(|key, value| {
            match key {
                "id" => id = value.text()?,
                "message" => message = string(value)?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        match (id, message) {
            (Some(id), Some(message)) => self.events.push((id, message)),
            _ => self.is_broken = true,
        }
        Ok(())
    }

    fn record(&mut self, record: &mut Cursor<'a>) -> Result<(), Reason> {
        let (mut id, mut data) = (None, None);
        record.members(|key, value| {
            match key {
                "recordId" => id = value.text()?,
                "data" => data = string(value)?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        match data {
            Some(data) => self.records.push((id, data)),
            None => self.is_broken = true,
        }
        Ok(())
    }

    fn layer(self) -> Option<Layer<'a>> {
        if self.message_type.as_deref() == Some("DATA_MESSAGE") {
            let log = (self.owner?, self.group?, self.stream?);
            return Some(Layer::Logs { log, events: self.events });
        }
        if let (true, true, Some(detail)) = (self.has_detail_type, self.has_source, self.detail) {
            return Some(Layer::Detail(detail));
        }
        if let (Some(request), false) = (&self.request, self.records.is_empty()) {
            let name = |(number, (id, data)): (usize, (Text<'_>, Cow<'a, str>))| {
                let id = id.map_or_else(|| number.to_string(), Cow::into_owned);
                (format!("firehose:{request}:{id}"), Payload::Base64(data))
            };
            return Some(Layer::Payloads(self.records.into_iter().enumerate().map(name).collect()));
        }
        let payload = match (self.data, self.event_id, self.id, self.message, self.body) {
            (Some(data), Some(id), ..) => (format!("kinesis:{id}"), Payload::Base64(data)),
            (Some(data), None, ..) => ("awslogs".to_owned(), Payload::Base64(data)),
            (None, _, Some(id), Some(message), _) => (format!("sns:{id}"), Payload::Text(message)),
            (None, _, Some(id), None, Some(body)) => (format!("sqs:{id}"), Payload::Text(body)),
            _ => return None,
        };
        Some(Layer::Payloads(vec![payload]))
    }
}

/// The content of a string; nothing for anything else.
fn string<'a>(value: &mut Cursor<'a>) -> Result<Text<'a>, Reason> {
    if !value.is_string() {
        value.skip()?;
        return Ok(None);
    }
    value.text()
}
