//! The audit log of MariaDB's plugin `server_audit`, also as RDS (MySQL, MariaDB) and Aurora MySQL write it: a line an event.
//!
//! ```text
//! 20260305 01:02:03,db-1,aiko,198.51.100.7,17,204,QUERY,shop,'select \'x\' from t',0     a statement
//! 20260305 01:02:03,db-1,aiko,198.51.100.7,17,204,READ,shop,orders,                      a table that it touched
//! 20260305 01:02:03,db-1,aiko,198.51.100.7,17,0,CONNECT,shop,,0                          a log-in
//! 20260305 01:02:03,db-1,aiko,198.51.100.7,17,0,CONNECT,shop,,0,TLSv1.3                  the same: RDS's fork, newer MariaDB
//! 1772672523000000,db-1,aiko,198.51.100.7,17,204,QUERY,shop,'select 1',0                 Aurora: microseconds since 1970
//! <14>1 2026-03-05T01:02:03Z db-1 mysql-server_auditing - - -  db-1,aiko,198.51.100.7,17,204,QUERY,shop,'select 1',0
//! ```
//!
//! The last is what `server_audit_output_type=syslog` gives: the time is the message's, and before the columns stands what
//! `server_audit_syslog_info` says and a space. Such a message is known by its tag (`server_audit_syslog_ident`), for what others
//! log may be chosen by anybody.
//!
//! The columns are timestamp, serverhost, username, host, connectionid, queryid, operation, database, object, retcode. In a
//! quoted object, quotes and line ends stand behind a backslash; names are not quoted. A long statement is cut at the
//! server's limit, also within a letter, and some doors cut the line: then the closing quote and what follows are missing.
//!
//! A name may hold commas, and whoever fails to log in chooses it. So a line is read so that its operation has exactly the
//! columns that it must have; only where it cannot be, a statement may have been cut off, and the names of a database and of
//! a table may hold the commas. A name may also hold a line's end: what is before and behind it then are two lines, neither whole.
//!
//! A time without a zone is the server's; it is read as UTC, which RDS keeps.

use std::borrow::Cow;

use memchr::memchr_iter;
use shoseki_event::{ColumnText, Columns, Outcome, Timestamp};

use crate::native::Native;
use crate::ocsf::{Extra, Product};
use crate::source::{name_or_unknown, owned};
use crate::syslog::Message;
use crate::{Form, NativeKind, Reason, Source, time};

/// The source `mariadb-audit`.
pub(crate) struct MariaDbAudit;

const AUTHENTICATION: i32 = 3002;
const DATASTORE_ACTIVITY: i32 = 6005;

/// How many commas are looked at: names have at most 128 letters.
const COMMAS: usize = 160;

/// What the tag of its messages begins with, unless `server_audit_syslog_ident` says otherwise.
const TAG: &str = "mysql-server_auditing";

/// How an operation's columns go on behind its name.
#[derive(Clone, Copy, PartialEq)]
enum Tail {
    /// `database,'statement',retcode`.
    Statement,
    /// `database,table,` and nothing.
    Table,
    /// `database,,retcode`, and perhaps how the connection is encrypted.
    Connection,
}

/// The operations: name, tail, class and activity.
#[rustfmt::skip] // one a line
const OPERATIONS: &[(&str, Tail, i32, i32)] = &[
    ("QUERY", Tail::Statement, DATASTORE_ACTIVITY, 4),
    ("READ", Tail::Table, DATASTORE_ACTIVITY, 1),
    ("WRITE", Tail::Table, DATASTORE_ACTIVITY, 5),
    ("CREATE", Tail::Table, DATASTORE_ACTIVITY, 6),
    ("ALTER", Tail::Table, DATASTORE_ACTIVITY, 2),
    ("RENAME", Tail::Table, DATASTORE_ACTIVITY, 2),
    ("DROP", Tail::Table, DATASTORE_ACTIVITY, 7),
    ("CONNECT", Tail::Connection, AUTHENTICATION, 1),
    ("PROXY_CONNECT", Tail::Connection, AUTHENTICATION, 1),
    ("FAILED_CONNECT", Tail::Connection, AUTHENTICATION, 1),
    ("DISCONNECT", Tail::Connection, AUTHENTICATION, 2),
    ("CHANGEUSER", Tail::Connection, AUTHENTICATION, 7),
];

/// What a statement does, by its first word.
#[rustfmt::skip]
const VERBS: &[(&str, i32)] = &[
    ("select", 1), ("insert", 5), ("replace", 5), ("load", 5), ("update", 2), ("alter", 2), ("grant", 2), ("revoke", 2),
    ("rename", 2), ("create", 6), ("delete", 7), ("drop", 7), ("truncate", 7), ("show", 8),
];

/// The server's codes for what a user has no right to.
const DENIED: &[&str] = &["1044", "1045", "1142", "1143", "1227", "1370", "1698"];

/// What says when a line was written.
#[derive(Clone, Copy)]
enum When<'a> {
    /// Its first column.
    Column(&'a [u8]),
    /// The message of syslog that carries it.
    Message(Message<'a>),
}

/// A line's columns, as they stand there.
struct Line<'a> {
    when: When<'a>,
    server: &'a [u8],
    user: &'a [u8],
    host: &'a [u8],
    connection: &'a [u8],
    query: &'a [u8],
    operation: &'static (&'static str, Tail, i32, i32),
    database: &'a [u8],
    object: &'a [u8],
    code: &'a [u8],
    tls: &'a [u8],
}

impl Source for MariaDbAudit {
    fn id(&self) -> &'static str {
        "mariadb-audit"
    }

    fn title(&self) -> &'static str {
        "MariaDB audit"
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn recognises(&self, event: &[u8]) -> bool {
        let is_other = event.first() == Some(&b'<') && memchr::memmem::find(event, TAG.as_bytes()).is_none();
        !is_other
            && Line::read(event).is_some_and(|line| match line.when {
                When::Column(time) => instant(time).is_some(),
                When::Message(head) => head.app.starts_with(TAG),
            })
    }

    fn reads_syslog(&self) -> bool {
        true
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let line = Line::read(raw).ok_or(Reason::NotALine { of: "server_audit" })?;
        let (time, time_origin) = match &line.when {
            When::Column(time) => time::judged(instant(time), received),
            When::Message(head) => head.judged(received),
        };
        let (operation, tail, class_uid, activity_id) = *line.operation;
        let activity_id = if tail == Tail::Statement { activity(line.object) } else { activity_id };
        let (code, is_failed) = (lossy(line.code), operation == "FAILED_CONNECT");
        let status = match code.as_ref() {
            _ if is_failed => Outcome::Failure,
            "" => Outcome::Unknown,
            "0" => Outcome::Success,
            _ => Outcome::Failure,
        };
        let severity_id = match status {
            Outcome::Failure if is_failed || DENIED.contains(&code.as_ref()) => 3,
            Outcome::Failure => 2,
            _ => 1,
        };
        let resource = line.resource(tail);
        Ok(Columns {
            time,
            time_origin,
            class_uid,
            activity_id,
            severity_id,
            status,
            resource,
            operation: Some(operation.into()),
            service: column(line.server),
            actor: column(line.user),
            src_ip: column(line.host),
            error: owned(Some(code).filter(|code| status == Outcome::Failure && !code.is_empty())),
            ..Columns::default()
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        format!("mariadb-audit/{}", name_or_unknown(&columns.service))
    }

    fn native(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let line = Line::read(raw)?;
        let mut native = Native::new();
        native.text("timestamp", &line.when.stated());
        native.text("serverhost", &lossy(line.server));
        native.text("username", &lossy(line.user));
        native.text("host", &lossy(line.host));
        native.number("connectionid", &lossy(line.connection));
        native.number("queryid", &lossy(line.query));
        native.text("operation", line.operation.0);
        native.text("database", &lossy(line.database));
        native.text("object", &unescaped(&lossy(line.object)));
        native.number("retcode", &lossy(line.code));
        native.text("tls", &lossy(line.tls));
        Some(native.finish())
    }

    fn derivation(&self) -> u32 {
        3
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("serverhost", "service"), ("username", "actor"), ("host", "src_ip"), ("operation", "operation")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("serverhost", NativeKind::Text),
            ("username", NativeKind::Text),
            ("host", NativeKind::Text),
            ("operation", NativeKind::Text),
            ("database", NativeKind::Text),
            ("object", NativeKind::Text),
            ("retcode", NativeKind::Whole),
            ("connectionid", NativeKind::Whole),
            ("queryid", NativeKind::Whole),
        ]
    }

    fn classes(&self) -> Vec<i32> {
        vec![AUTHENTICATION, DATASTORE_ACTIVITY]
    }

    fn product(&self) -> Product {
        Product { name: "server_audit", vendor: Some("MariaDB"), ..Product::default() }
    }

    fn extras(&self, columns: &Columns) -> &'static [(Extra, &'static str)] {
        let operation = OPERATIONS.iter().find(|(name, ..)| Some(*name) == columns.operation.as_deref());
        match operation.map(|(_, tail, ..)| tail) {
            Some(Tail::Statement) => {
                &[(Extra::Server, "serverhost"), (Extra::Database, "database"), (Extra::Statement, "object")]
            }
            Some(Tail::Table) => {
                &[(Extra::Server, "serverhost"), (Extra::Database, "database"), (Extra::Table, "object")]
            }
            _ => &[(Extra::Server, "serverhost")],
        }
    }

    fn example(&self) -> &'static [u8] {
        br"20260305 01:02:03,shop-db-1,aiko,198.51.100.7,17,204,QUERY,shop,'select card_number from payments where name = \'Mei\'',0"
    }
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        if line.first() == Some(&b'<') {
            let (head, text) = Message::of_bytes(line)?;
            // Before the server's name, in which there is no space, stands what the operator had written there.
            let text = text.trim_ascii_end();
            let server = memchr::memchr(b',', text)?;
            let start = memchr::memrchr(b' ', text.get(..server)?).map_or(0, |space| space + 1);
            return Self::columns(When::Message(head), text.get(start..)?);
        }
        let (time, columns) = halves(line)?;
        let is_time =
            matches!(time.len(), 16 | 17) && time.iter().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b' '));
        if is_time { Self::columns(When::Column(time), columns) } else { None }
    }

    /// Reads the columns from the server's name on.
    fn columns(when: When<'a>, line: &'a [u8]) -> Option<Self> {
        let mut commas = [0; COMMAS];
        let mut count = 0;
        for (at, into) in memchr_iter(b',', line).zip(&mut commas) {
            *into = at;
            count += 1;
        }
        let commas = commas.get(..count)?;
        let field = |n: usize| line.get(commas.get(n.checked_sub(1)?)? + 1..*commas.get(n)?);
        let reading = |n: usize, is_loose: bool| {
            let (connection, query, name) = (field(n)?, field(n + 1)?, field(n + 2)?);
            let operation = OPERATIONS.iter().find(|(known, ..)| known.as_bytes() == name)?;
            let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            if !is_number(connection) || !is_number(query) {
                return None;
            }
            let (database, object, code, tls) = operation.1.read(line.get(commas.get(n + 2)? + 1..)?, is_loose)?;
            // A name with commas in it is the user's: hosts have none.
            let user = line.get(commas.first()? + 1..*commas.get(n - 2)?)?;
            Some(Self {
                when,
                server: line.get(..*commas.first()?)?,
                user,
                host: field(n - 1)?,
                connection,
                query,
                operation,
                database,
                object,
                code,
                tls,
            })
        };
        let first = |is_loose: bool| (3..count).find_map(|n| reading(n, is_loose));
        first(false).or_else(|| first(true))
    }

    /// The table as `database.table`; the database of a statement or a connection.
    fn resource(&self, tail: Tail) -> Option<ColumnText> {
        match (tail, column(self.database), column(self.object)) {
            (Tail::Table, Some(database), Some(table)) => Some(format!("{database}.{table}").into()),
            (Tail::Table, None, table) => table,
            (_, database, _) => database,
        }
    }
}

impl When<'_> {
    /// The time as it stands there.
    fn stated(&self) -> Cow<'_, str> {
        match self {
            Self::Column(time) => lossy(time),
            Self::Message(head) => head.time.into(),
        }
    }
}

/// The time in a first column.
fn instant(column: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(column).ok()?;
    if text.len() == 16 { time::epoch(text) } else { time::compact(text) }
}

/// The database, the object, the return code and the encryption.
type Rest<'a> = (&'a [u8], &'a [u8], &'a [u8], &'a [u8]);

impl Tail {
    /// Reads the columns behind the operation's name, where they are exactly those that it must have; or, loosely, where a
    /// statement may have been cut off, or names hold commas.
    fn read(self, rest: &[u8], is_loose: bool) -> Option<Rest<'_>> {
        match self {
            Self::Statement => {
                let quote = memchr::memmem::find(rest, b",'")?;
                let (database, object) = (&rest[..quote], &rest[quote + 2..]);
                let Some(end) = closing_quote(object) else {
                    return is_loose.then_some((database, object, b"", b""));
                };
                let code = object[end + 1..].strip_prefix(b",")?;
                is_code(code).then_some((database, &object[..end], code, b""))
            }
            Self::Table => {
                let names = rest.strip_suffix(b",")?;
                let (database, table) = halves(names)?;
                match table.contains(&b',') {
                    false => Some((database, table, b"", b"")),
                    true => is_loose.then_some((b"", names, b"", b"")), // where the one ends nothing says
                }
            }
            Self::Connection => {
                let (database, object, rest) = if is_loose {
                    let at = memchr::memmem::rfind(rest, b",,")?;
                    (rest.get(..at)?, b"".as_slice(), rest.get(at + 2..)?)
                } else {
                    let (database, rest) = halves(rest)?;
                    let (object, rest) = halves(rest)?;
                    (database, object, rest)
                };
                let (code, tls) = halves(rest).unwrap_or((rest, b""));
                (!code.is_empty() && is_code(code) && !tls.contains(&b',')).then_some((database, object, code, tls))
            }
        }
    }
}

/// What stands before the first comma and what behind it.
fn halves(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let comma = memchr::memchr(b',', bytes)?;
    Some((&bytes[..comma], &bytes[comma + 1..]))
}

fn is_code(code: &[u8]) -> bool {
    code.iter().all(u8::is_ascii_digit)
}

/// The first quote that no backslash stands before.
fn closing_quote(object: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'\'', b'\\', object.get(from..)?)?;
        if object[at] == b'\'' {
            return Some(at);
        }
        from = at + 2;
    }
}

/// An object without its backslashes.
fn unescaped(object: &str) -> Cow<'_, str> {
    if !object.contains('\\') {
        return object.into();
    }
    let (mut text, mut letters) = (String::with_capacity(object.len()), object.chars());
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            (letter, false) => text.push(letter),
        }
    }
    text.into()
}

/// What a statement does, by its first word, comments before it left out.
fn activity(statement: &[u8]) -> i32 {
    let mut rest = statement;
    loop {
        rest = rest.trim_ascii_start();
        rest = match rest {
            [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map_or(b"".as_slice(), |end| &rest[end + 2..]),
            [b'(', inner @ ..] => inner,
            [b'\\', b'n' | b't' | b'r', inner @ ..] => inner,
            _ => break,
        };
    }
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let found = VERBS
        .iter()
        .find(|(verb, _)| rest.get(..length).is_some_and(|word| word.eq_ignore_ascii_case(verb.as_bytes())));
    found.map_or(4, |(_, activity)| *activity)
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn column(bytes: &[u8]) -> Option<ColumnText> {
    (!bytes.is_empty()).then(|| lossy(bytes).into())
}

#[cfg(test)]
mod tests;
