//! PostgreSQL's log on standard error, with pgaudit's lines in it: `AUDIT: …` is a statement that was audited; log-ins,
//! refusals, errors and all the rest are events of the same log.
//!
//! ```text
//! 2026-03-05 01:02:03 UTC:198.51.100.7(40432):aiko@shop:[1234]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.orders,"select *
//! ⇥  from orders",<not logged>
//! 2026-03-05 01:02:03.004 UTC [1234] aiko@shop FATAL:  password authentication failed for user "aiko"
//! ```
//!
//! What stands before the severity is `log_line_prefix`. It must begin with the time (`%m`, `%t`); read are RDS's
//! `%t:%r:%u@%d:[%p]:`, PostgreSQL's `%m [%p] `, Debian's `%m [%p] %q%u@%d ` and lists such as `%m [%p]: user=%u,db=%d,client=%h `.
//! A line that does not begin with a time goes on with the event before it: PostgreSQL puts a tab at its beginning.
//!
//! pgaudit speaks before a statement runs, so whether it succeeded is not known; that it failed, an `ERROR` says.

mod audit;
mod line;
mod message;

use shoseki_event::{Columns, Outcome, Timestamp};

use crate::native::Native;
use crate::ocsf::{Extra, Product};
use crate::{Form, NativeKind, Reason, Source, time};
use line::Line;
use message::Meaning;

/// The source `pgaudit`.
pub(crate) struct PgAudit;

const BASE_EVENT: i32 = 0;
const AUTHENTICATION: i32 = 3002;
const APPLICATION_LIFECYCLE: i32 = 6002;
const DATASTORE_ACTIVITY: i32 = 6005;

/// What stands in `error` where a name could have made the line say something else.
const TWO_READINGS: &str = "the line can be read in two ways";

/// Commands of which the object is a table, or what is read as one.
const OF_TABLES: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "COPY",
    "TRUNCATE TABLE",
    "LOCK TABLE",
    "CREATE TABLE",
    "CREATE TABLE AS",
    "ALTER TABLE",
    "DROP TABLE",
];

impl Source for PgAudit {
    fn id(&self) -> &'static str {
        "pgaudit"
    }

    fn title(&self) -> &'static str {
        "PostgreSQL with pgaudit"
    }

    fn form(&self) -> Form {
        Form::Groups(line::begins)
    }

    fn recognises(&self, event: &[u8]) -> bool {
        Line::read(&String::from_utf8_lossy(event)).is_some()
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let text = String::from_utf8_lossy(raw);
        let line = Line::read(&text).ok_or(Reason::NotALine { of: "PostgreSQL" })?;
        let (time, time_origin) = time::judged(line.time, received);
        let meaning = Meaning::of(&line);
        let is_refused = meaning.status == Outcome::Failure
            && (meaning.class_uid == AUTHENTICATION || line.message.contains("permission denied"));
        let severity_id = match line.severity {
            _ if line.has_two_readings => 4,
            "PANIC" => 4,
            "FATAL" => 3,
            _ if is_refused => 3,
            "ERROR" | "WARNING" => 2,
            _ => 1,
        };
        let error = match line.has_two_readings {
            true => Some(TWO_READINGS),
            false => meaning.error,
        };
        Ok(Columns {
            time,
            time_origin,
            class_uid: meaning.class_uid,
            activity_id: meaning.activity_id,
            severity_id,
            status: meaning.status,
            resource: meaning.resource(&line),
            operation: Some(meaning.operation.into()),
            service: Some("postgresql".into()),
            actor: meaning.user.map(Into::into),
            src_ip: meaning.host.map(Into::into),
            error: error.map(Into::into),
            ..Columns::default()
        })
    }

    fn stream(&self, _: &Columns) -> String {
        "pgaudit".to_owned() // a line does not name its server
    }

    fn native(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(raw);
        let line = Line::read(&text)?;
        let meaning = Meaning::of(&line);
        let mut native = Native::new();
        native.text("timestamp", line.stated);
        native.number("pid", line.pid);
        native.text("user", meaning.user.unwrap_or_default());
        native.text("database", meaning.database.unwrap_or_default());
        native.text("host", meaning.host.unwrap_or_default());
        native.text("application", line.application);
        native.text("severity", line.severity);
        native.text("message", &line.message.replace("\n\t", "\n"));
        if let Some(audit) = &meaning.audit {
            audit.write(&mut native);
        }
        Some(native.finish())
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("user", "actor"), ("host", "src_ip")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("user", NativeKind::Text),
            ("host", NativeKind::Text),
            ("database", NativeKind::Text),
            ("application", NativeKind::Text),
            ("severity", NativeKind::Text),
            ("class", NativeKind::Text),
            ("command", NativeKind::Text),
            ("object_type", NativeKind::Text),
            ("object_name", NativeKind::Text),
            ("statement", NativeKind::Text),
            ("message", NativeKind::Text),
            ("pid", NativeKind::Whole),
        ]
    }

    fn classes(&self) -> Vec<i32> {
        vec![BASE_EVENT, AUTHENTICATION, APPLICATION_LIFECYCLE, DATASTORE_ACTIVITY]
    }

    fn product(&self) -> Product {
        Product { name: "PostgreSQL", vendor: Some("PostgreSQL Global Development Group"), ..Product::default() }
    }

    fn extras(&self, columns: &Columns) -> &'static [(Extra, &'static str)] {
        match columns.operation.as_deref() {
            Some(command) if OF_TABLES.contains(&command) => &[
                (Extra::Application, "application"),
                (Extra::Database, "database"),
                (Extra::Table, "object_name"),
                (Extra::Statement, "statement"),
            ],
            _ => &[(Extra::Application, "application"), (Extra::Database, "database"), (Extra::Statement, "statement")],
        }
    }

    fn example(&self) -> &'static [u8] {
        b"2026-03-05 01:02:03 UTC:198.51.100.7(40432):aiko@shop:[1234]:LOG:  AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.payments,\"select card_number\n\t  from payments\n\t where name = 'Mei'\",<not logged>"
    }
}

#[cfg(test)]
mod tests;
