//! Whether evidence arrives, as trials: for each source a harmless event with a mark in it, where AWS delivers it, and by which question
//! anybody finds it in the vault. A source is one file and one word in [`SOURCES`].
//!
//! ```text
//! site, and who serves ─► sources ─► trials: what is done, where it is delivered, what is asked
//!                                            └─► way: emitted ─► delivered ─► ingested ─► sealed ─► found
//! ```
//!
//! It does none of that: whoever does tells the [`Way`] what was seen, and is told how the trial stands.

mod access_logs;
mod app;
mod cloudtrail;
mod config;
mod data_events;
mod databases;
mod doors;
mod eks;
mod falco;
mod mark;
mod place;
mod way;

use std::collections::BTreeSet;
use std::time::Duration;

use shoseki_aws::inventory::Answer;
use shoseki_messages::Message;

pub use databases::Protocol;
pub use mark::Nonce;
pub use place::Place;
pub use way::{Stage, Step, Verdict, Way};

use crate::found::Found;
use crate::site::Site;
use crate::wish::Setup;

/// A source of evidence that is tried.
pub struct Source {
    /// Its name, as `--source` has it.
    pub name: &'static str,
    of: fn(&Scene<'_>, &mut Vec<Trial>),
}

/// The list, in the order in which trials are made and shown.
#[rustfmt::skip] // one a line, so that a new one is one line
pub static SOURCES: &[Source] = &[
    cloudtrail::SOURCE,
    data_events::SOURCE,
    access_logs::SOURCE,
    config::SOURCE,
    eks::SOURCE,
    databases::SOURCE,
    doors::SOURCE,
    falco::SOURCE,
    app::SOURCE,
];

/// A trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The name of its source.
    pub source: &'static str,
    /// What of it is tried: an account with its region, a bucket, a cluster, a sender with its receiver.
    pub of: String,
    /// The account that it is in; empty where it is none of AWS's.
    pub account: String,
    /// Its region; empty where it has none.
    pub region: String,
    /// What the event has in it and no other event has.
    pub mark: String,
    /// What is done.
    pub emit: Emit,
    /// Where it is delivered before shoseki sees it; nothing where shoseki itself receives it.
    pub place: Option<Place>,
    /// What is looked for in the vault.
    pub sought: Sought,
    /// How long it usually takes, from and to.
    pub usual: (Duration, Duration),
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Emit {
    /// The status of a trail of this name is asked for, which does not exist.
    Trail(String),
    /// An object is asked for that does not exist.
    Object {
        /// The bucket.
        bucket: String,
        /// The bucket's region.
        region: String,
        /// The key.
        key: String,
    },
    /// AWS Config is asked for a snapshot, by this channel.
    Snapshot(String),
    /// The API server of a cluster is asked for something that does not exist.
    Api {
        /// The cluster.
        cluster: String,
        /// Where its API server is.
        endpoint: String,
        /// The authority of its certificate, PEM in base64.
        ca: String,
        /// The path that is asked for.
        path: String,
    },
    /// Somebody who does not exist tries to log in to a database.
    LogIn {
        /// What is spoken there.
        protocol: Protocol,
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// Who.
        user: String,
    },
    /// An event is sent to a receiver of `serve`, with the sender's token.
    Door {
        /// The sender.
        sender: String,
        /// The receiver.
        receiver: String,
    },
    /// A message is sent to a listener for syslog.
    Syslog(String),
    /// A person does it, by this command or line.
    Person(String),
    /// It cannot be done, and why.
    Cannot(Message),
}

/// What is looked for in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// An event that has the mark in it.
    Mark,
    /// The receipt of a file whose name has this in it: what stands in the file may be known already.
    File(String),
}

/// What of `shoseki.toml` is tried beside accounts.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The senders, each with a receiver of its, and whether its token is at hand.
    pub doors: Vec<Door>,
    /// The listeners for syslog, and whether this machine may send to them.
    pub syslog: Vec<(String, bool)>,
    /// The names of watched files, with their paths.
    pub files: Vec<(String, String)>,
    /// Where `serve` is reached.
    pub url: String,
}

/// A sender with one of its receivers.
#[derive(Clone, Debug)]
pub struct Door {
    /// The sender.
    pub sender: String,
    /// The receiver.
    pub receiver: String,
    /// The path that is posted to.
    pub path: String,
    /// Whether an event can be sent from here: its token is at hand, and we know what the receiver takes.
    pub is_open: bool,
}

/// What sources go by.
struct Scene<'a> {
    site: Site<'a>,
    nonce: &'a Nonce,
    given: &'a Given,
}

impl Trial {
    /// A trial of a source; what is done is said after it.
    fn new(source: &'static str, scene: &Scene<'_>, of: &str, emit: impl FnOnce(&str) -> Emit) -> Self {
        let mark = scene.nonce.mark(source, of);
        let emit = emit(&mark);
        let (account, region) = (String::new(), String::new());
        let usual = (Duration::ZERO, Duration::from_secs(60));
        Self { source, of: of.to_owned(), account, region, mark, emit, place: None, sought: Sought::Mark, usual }
    }

    /// The same in an account and region.
    fn at(self, account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), ..self }
    }

    /// The same that is delivered to a place.
    fn to(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// The same that usually takes so many minutes.
    fn within(self, from: u64, to: u64) -> Self {
        Self { usual: (Duration::from_secs(60 * from), Duration::from_secs(60 * to)), ..self }
    }

    /// Whether it takes longer than anybody waits at a terminal.
    pub fn is_slow(&self) -> bool {
        self.usual.0 >= Duration::from_secs(3_600)
    }

    /// Whether a person does it.
    pub fn is_for_person(&self) -> bool {
        matches!(self.emit, Emit::Person(_))
    }

    /// The source that tells of it, where another tells of the same mark: CloudTrail's data events and S3's access logs have the same
    /// request.
    pub fn teller(&self) -> Option<&'static str> {
        match self.source {
            "access-logs" => Some("s3-access"),
            "data-events" => Some("cloudtrail"),
            _ => None,
        }
    }

    /// The question that finds it, in the language of CloudWatch Logs Insights, and the one source that it asks about.
    pub fn question(&self) -> (String, Option<&'static str>) {
        let fields = "fields @timestamp, @ingestionTime, @source, @log, @origin, @ptr";
        match &self.sought {
            Sought::Mark => {
                let teller = self.teller().map(|teller| format!("@source = \"{teller}\" and ")).unwrap_or_default();
                (format!("filter {teller}@message like \"{}\" | {fields}", self.mark), None)
            }
            Sought::File(name) => {
                let of = "@log = \"shoseki/receipts\"";
                (format!("filter {of} and @message like \"{name}\" | {fields}"), Some("shoseki"))
            }
        }
    }

    /// The command that anybody may type to find it; `from` is when the run began.
    pub fn command(&self, from: &str) -> String {
        let (question, source) = self.question();
        let source = source.map(|source| format!(" --source {source}")).unwrap_or_default();
        format!("shoseki query '{question}' --from {from}{source}")
    }
}

/// The trials of a set-up: of these accounts with their regions, by what they answered, and of what `serve` is told to receive.
pub fn trials(
    wish: &Setup,
    (accounts, places): (&[String], &BTreeSet<(String, String)>),
    answers: &[Answer],
    (nonce, given): (&Nonce, &Given),
) -> Vec<Trial> {
    let found = Found::of(answers);
    let scene = Scene { site: Site::of(wish, accounts, places, &found), nonce, given };
    let mut all = Vec::new();
    for source in SOURCES {
        (source.of)(&scene, &mut all);
    }
    all
}

#[cfg(test)]
mod tests;
