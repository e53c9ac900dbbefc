//! A record on its way out: its text in the form that was asked for, and what protocols say beside it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;
use shoseki_event::{Columns, RecordId, Timestamp};
use shoseki_messages::Result;
use shoseki_segment::derive;
use shoseki_sources::ocsf::{self, Seen};
use shoseki_sources::secrets::{Secrets, masked_cards};
use shoseki_vault::SealedEvent;

use super::cef;
use crate::config::Form;

/// A record on its way out.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: RecordId,
    pub(super) source: Arc<str>,
    pub(super) stream: Arc<str>,
    pub(super) received: Timestamp,
    pub(super) columns: Columns,
    /// Bytes that are no UTF-8 are replaced: no target takes them.
    pub(super) text: String,
}

/// How records become lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writing {
    form: Form,
    secrets: Option<&'static Secrets>,
}

impl Writing {
    pub(super) fn new(form: Form, is_masked: bool) -> Result<Self> {
        Ok(Self { form, secrets: is_masked.then(Secrets::all).transpose()? })
    }

    /// Masks what was derived, where lines are masked: a signed URL may stand as a resource.
    fn mask(&self, columns: &mut Columns) {
        let Some(secrets) = self.secrets else { return };
        let texts = [
            &mut columns.operation,
            &mut columns.service,
            &mut columns.actor,
            &mut columns.src_ip,
            &mut columns.resource,
            &mut columns.error,
        ];
        for text in texts.into_iter().flatten() {
            *text = masked_cards(&secrets.masked(text)).into();
        }
    }

    /// A record as a line.
    ///
    /// # Errors
    /// Damage where it is no event of its source.
    pub(super) fn line(&self, event: &SealedEvent) -> Result<Line> {
        let mut columns = derive(&event.provenance, &event.raw)?;
        let whole = String::from_utf8_lossy(&event.raw);
        let text = match self.secrets {
            Some(secrets) => Cow::Owned(masked_cards(&secrets.masked(&whole)).into_owned()),
            None => whole,
        };
        self.mask(&mut columns);
        let mut line = Line {
            id: event.id,
            source: Arc::clone(&event.provenance.source),
            stream: Arc::clone(&event.provenance.stream),
            received: event.provenance.received,
            columns,
            text: text.into_owned(),
        };
        match self.form {
            Form::Original => {}
            Form::Cef => line.text = cef::line(&line),
            Form::Ocsf => {
                let id = line.id.to_string();
                let (provenance, columns, raw) = (&event.provenance, &line.columns, line.text.as_bytes());
                line.text = ocsf::event(&Seen { id: &id, provenance, columns, raw }).to_string();
            }
        }
        Ok(line)
    }
}

impl Line {
    /// Its text as JSON in one line: itself where it is an object, else a string.
    pub(super) fn json(&self) -> Box<RawValue> {
        let text = self.text.trim();
        let is_object = text.starts_with('{');
        // A line's end in JSON can only stand between values.
        let one_line = if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text.to_owned() };
        let value = if is_object { RawValue::from_string(one_line).ok() } else { None };
        value.unwrap_or_else(|| serde_json::value::to_raw_value(&self.text).unwrap_or_default())
    }

    /// Its time in nanoseconds since 1970, as text.
    pub(super) fn nanoseconds(&self) -> String {
        format!("{}000", self.columns.time.0)
    }

    /// Its time in milliseconds since 1970.
    pub(super) fn milliseconds(&self) -> i64 {
        self.columns.time.0.div_euclid(1_000)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;
    use shoseki_event::{Kind, Provenance, SegmentId};

    use super::*;

    /// A line of a record of these bytes.
    pub(in crate::forward) fn line_of(source: &str, raw: &[u8], form: Form) -> Line {
        let event = SealedEvent {
            id: RecordId { segment: SegmentId([7; 16]), ordinal: 3 },
            provenance: Provenance {
                kind: Kind::Event,
                source: source.into(),
                stream: format!("{source}/1").into(),
                origin: "a".into(),
                position: 0,
                received: Timestamp::parse("2026-03-06T00:00:00Z").unwrap(),
                reason: "".into(),
            },
            raw: Bytes::copy_from_slice(raw),
        };
        Writing::new(form, false).unwrap().line(&event).unwrap()
    }

    #[test]
    fn an_event_of_ocsf_names_its_record() {
        let raw = br#"{"eventVersion":"1.08","eventID":"a","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","eventTime":"2026-03-05T00:00:00Z","awsRegion":"ap-northeast-1","userIdentity":{"type":"IAMUser","userName":"aiko"},"sourceIPAddress":"203.0.113.7"}"#;
        let line = line_of("cloudtrail", raw, Form::Ocsf);
        let event: serde_json::Value = serde_json::from_str(line.json().get()).unwrap();
        assert_eq!(event["metadata"]["uid"], line.id.to_string());
        assert_eq!(
            (&event["class_uid"], &event["time"]),
            (&serde_json::json!(6003), &serde_json::json!(line.milliseconds()))
        );
        assert_eq!(event["raw_data"].as_str().unwrap().as_bytes(), raw);
    }

    #[test]
    fn json_stays_json_in_one_line() {
        let raw = b"{\n  \"eventVersion\": \"1.08\", \"eventID\": \"a\",\r\n \"eventName\": \"X\\nY\", \"eventTime\": \"2026-03-05T00:00:00Z\"}";
        let json = line_of("cloudtrail", raw, Form::Original).json();
        assert!(!json.get().contains('\n'));
        let [own, other]: [serde_json::Value; 2] =
            [serde_json::from_str(json.get()).unwrap(), serde_json::from_slice(raw).unwrap()];
        assert_eq!(own, other);
        let text = line_of("syslog", b"<13>Mar  5 00:00:00 host app: {\"a\": 1}", Form::Original);
        assert_eq!(serde_json::from_str::<String>(text.json().get()).unwrap(), text.text);
    }
}
