//! What a message of PostgreSQL's means: an audited statement, a log-in or its refusal, an error, a start or a stop, or one of
//! the many others. The wording is that of PostgreSQL's own messages in English.

use shoseki_event::{ColumnText, Outcome};

use super::audit::Audit;
use super::line::Line;
use super::{APPLICATION_LIFECYCLE, AUTHENTICATION, BASE_EVENT, DATASTORE_ACTIVITY};

/// The meaning of a line.
#[derive(Debug)]
pub(super) struct Meaning<'a> {
    pub(super) class_uid: i32,
    pub(super) activity_id: i32,
    pub(super) status: Outcome,
    pub(super) operation: String,
    pub(super) user: Option<&'a str>,
    pub(super) database: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) audit: Option<Audit<'a>>,
}

const SUCCESS: Outcome = Outcome::Success;
const UNKNOWN: Outcome = Outcome::Unknown;

/// Messages by their beginning: class, activity, outcome and the operation's name.
#[rustfmt::skip] // one a line
const BEGINNINGS: &[(&str, i32, i32, Outcome, &str)] = &[
    ("connection authorized: ", AUTHENTICATION, 1, SUCCESS, "connection authorized"),
    ("connection authenticated: ", AUTHENTICATION, 1, SUCCESS, "connection authenticated"),
    ("replication connection authorized: ", AUTHENTICATION, 1, SUCCESS, "connection authorized"),
    ("disconnection: ", AUTHENTICATION, 2, SUCCESS, "disconnection"),
    ("connection received: ", DATASTORE_ACTIVITY, 3, UNKNOWN, "connection received"),
    ("database system is ready", APPLICATION_LIFECYCLE, 3, SUCCESS, "start"),
    ("database system is shut down", APPLICATION_LIFECYCLE, 4, SUCCESS, "stop"),
    ("received fast shutdown request", APPLICATION_LIFECYCLE, 4, UNKNOWN, "stop"),
    ("received smart shutdown request", APPLICATION_LIFECYCLE, 4, UNKNOWN, "stop"),
    ("received immediate shutdown request", APPLICATION_LIFECYCLE, 4, UNKNOWN, "stop"),
    ("parameter \"", APPLICATION_LIFECYCLE, 8, SUCCESS, "parameter"),
];

/// What a fatal message says where a log-in was refused.
const REFUSALS: &[&str] = &[
    "authentication failed for user",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects connection",
    "is not permitted to log in",
    "permission denied for database",
    "does not exist",
    "connection requires a valid client certificate",
    "too many connections",
];

impl<'a> Meaning<'a> {
    pub(super) fn of(line: &Line<'a>) -> Self {
        let stated = |name: &'a str| Some(name).filter(|name| !name.is_empty());
        let mut meaning = Self {
            class_uid: BASE_EVENT,
            activity_id: 99,
            status: UNKNOWN,
            operation: line.severity.to_owned(),
            user: stated(line.user),
            database: stated(line.database),
            host: stated(line.host),
            error: None,
            audit: None,
        };
        meaning.read(line);
        meaning
    }

    fn read(&mut self, line: &Line<'a>) {
        let message = line.message;
        match line.severity {
            "ERROR" | "FATAL" | "PANIC" => return self.failure(line),
            "STATEMENT" => return self.statement(message),
            "DETAIL" | "HINT" | "CONTEXT" | "QUERY" | "LOCATION" | "BACKTRACE" => return,
            _ => {}
        }
        if let Some(audit) = message.strip_prefix("AUDIT: ").and_then(Audit::read) {
            self.class_uid = DATASTORE_ACTIVITY;
            self.activity_id = activity(audit.class(), audit.command());
            self.operation = audit.command().to_owned();
            self.audit = Some(audit);
            return;
        }
        let known = BEGINNINGS.iter().find(|(beginning, ..)| message.starts_with(beginning));
        if let Some((_, class_uid, activity_id, status, operation)) = known {
            (self.class_uid, self.activity_id, self.status) = (*class_uid, *activity_id, *status);
            self.operation = (*operation).to_owned();
            if matches!(*class_uid, AUTHENTICATION | DATASTORE_ACTIVITY) {
                self.connection(message);
            }
        } else if let Some(statement) = logged_statement(message) {
            self.statement(statement);
        }
    }

    /// `user=aiko database=shop host=198.51.100.7 port=40432`, `identity="aiko" method=…`
    fn connection(&mut self, message: &'a str) {
        let of = |key: &str, ends: &[&str]| {
            let value = message.split_once(key)?.1;
            let end = ends.iter().filter_map(|end| value.find(end)).min().unwrap_or(value.len());
            value.get(..end).filter(|value| !value.is_empty())
        };
        self.user = self.user.or_else(|| of("user=", &[" database=", " application_name=", " SSL", "\n"]));
        self.user = self.user.or_else(|| of("identity=\"", &["\" method="]));
        self.database = self.database.or_else(|| of("database=", &[" application_name=", " host=", " SSL", "\n"]));
        self.host = self.host.or_else(|| of("host=", &[" port=", "\n"]));
    }

    fn failure(&mut self, line: &Line<'a>) {
        let message = line.message.lines().next().unwrap_or_default();
        let is_refusal = line.severity == "FATAL" && REFUSALS.iter().any(|refusal| message.contains(refusal));
        self.status = Outcome::Failure;
        self.error = Some(message);
        (self.class_uid, self.activity_id) = if is_refusal { (AUTHENTICATION, 1) } else { (DATASTORE_ACTIVITY, 99) };
        if is_refusal {
            self.operation = "connection refused".to_owned();
            let of =
                |key: &str| message.split_once(key).and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
            self.user = self.user.or_else(|| of("user \"")).or_else(|| of("role \""));
            self.database = self.database.or_else(|| of("database \""));
            self.host = self.host.or_else(|| of("host \""));
        }
    }

    fn statement(&mut self, statement: &'a str) {
        let word =
            statement.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
        let command = word.get(..word.len().min(32)).unwrap_or_default().to_ascii_uppercase();
        self.class_uid = DATASTORE_ACTIVITY;
        self.activity_id = activity("", &command);
        if !command.is_empty() {
            self.operation = command;
        }
    }

    /// The audited object as `database.schema.name`, as far as it is known; else the database.
    pub(super) fn resource(&self, line: &Line<'a>) -> Option<ColumnText> {
        let object = self.audit.as_ref().map_or("", |audit| audit.object());
        match (self.database.unwrap_or(line.database), object) {
            ("", "") => None,
            ("", object) => Some(object.into()),
            (database, "") => Some(database.into()),
            (database, object) => Some(format!("{database}.{object}").into()),
        }
    }
}

/// The statement in `statement: …`, `execute name: …` and `duration: 1.2 ms  statement: …`.
fn logged_statement(message: &str) -> Option<&str> {
    let message = match message.strip_prefix("duration: ") {
        Some(rest) => rest.split_once(" ms  ")?.1,
        None => message,
    };
    match message.strip_prefix("statement: ") {
        Some(statement) => Some(statement),
        None => message.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")).map(|(_, statement)| statement),
    }
}

/// OCSF's activity of a command, by pgaudit's class where the command alone does not say.
fn activity(class: &str, command: &str) -> i32 {
    match command.split(' ').next().unwrap_or_default() {
        "SELECT" | "FETCH" | "DECLARE" => 1,
        "UPDATE" | "ALTER" | "GRANT" | "REVOKE" | "COMMENT" | "REINDEX" | "MERGE" => 2,
        "INSERT" => 5,
        "COPY" if class != "READ" => 5,
        "CREATE" => 6,
        "DELETE" | "DROP" | "TRUNCATE" => 7,
        "SHOW" => 8,
        _ if class == "READ" => 1,
        _ if class == "WRITE" => 5,
        "DO" | "CALL" | "EXECUTE" | "PREPARE" | "EXPLAIN" => 4,
        _ if class == "FUNCTION" => 4,
        _ => 99,
    }
}
