//! Access is evidence: whoever asks, proves, packs, gives back an original or handles keys leaves a record of it. It is durable in the
//! spool before a row is shown, is completed at the end, and is taken in by whoever writes the vault next.
//!
//! Who it was is what this machine says: the system's user and host, `SUDO_USER`, the address behind `SSH_CONNECTION`, and what the
//! environment says of AWS. By which schedule a command runs, its variable says. None of it is proven.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_vault::Vault;
use shoseki_vault::spool::{self, Recording};
use tokio::task::JoinHandle;

use crate::Exit;
use crate::commands::SCHEDULE;
use crate::context::Context;

/// What is done, and with what.
#[derive(Clone, Debug)]
pub struct Access {
    action: &'static str,
    details: Map<String, Value>,
}

impl Access {
    /// An access with the name of its action: `query.run`.
    pub fn new(action: &'static str) -> Self {
        let mut details = Map::new();
        details.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
        Self { action, details }
    }

    /// The same with all members of what is said.
    ///
    /// # Errors
    /// A defect: what is said is no object.
    pub fn saying(mut self, said: &impl Serialize) -> Result<Self> {
        match serde_json::to_value(said) {
            Ok(Value::Object(members)) => self.details.extend(members),
            Ok(_) => return Err(Fault::broken(msg!("cli-json"))),
            Err(error) => return Err(Fault::broken(msg!("cli-json")).because(error)),
        }
        Ok(self)
    }

    /// With a detail.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    fn event(&self, id: &str, begun: Timestamp, outcome: &str) -> Bytes {
        let event = json!({
            "time": begun.to_string(), "action": self.action, "outcome": outcome, "id": id, "actor": actor(),
            "details": self.details,
        });
        event.to_string().into()
    }
}

/// An access that goes on. Where it is dropped before its end is said, it failed.
#[derive(Debug)]
pub struct Recorded {
    access: Access,
    id: String,
    begun: (Timestamp, Instant),
    /// Nothing where it is not recorded.
    recording: Option<Recording>,
    /// What else it tells at its end, by the ends of their ids.
    beside: Vec<(String, Access)>,
}

impl Recorded {
    /// Writes the beginning. Where that cannot be done, it is said and the access goes on, unless it is demanded.
    ///
    /// # Errors
    /// Why it cannot be recorded, where a record is demanded.
    pub async fn begin(context: &Context, vault: &Vault, access: Access) -> Result<Self> {
        let access = access.with("vault", vault.marker().origin.as_str()).with("ended", "running");
        let (id, begun) = (spool::new_id()?, (Timestamp::now(), Instant::now()));
        let event = access.event(&id, begun.0, "unknown");
        let recording = match record(context, vault, &id, event).await {
            Ok(recording) => Some(recording),
            Err(why) if context.is_record_required => {
                return Err(Fault::world(msg!("cli-access-required")).because(why));
            }
            Err(why) => {
                context.note_once(&msg!("cli-access-not-recorded", why = why.chain(context.lang)));
                None
            }
        };
        Ok(Self { access, id, begun, recording, beside: Vec::new() })
    }

    /// Writes the beginning of what shows no event, such as a verification: where that cannot be done, nothing is said, and nothing
    /// is recorded.
    pub async fn quietly(context: &Context, vault: &Vault, access: Access) -> Option<Self> {
        let access = access.with("vault", vault.marker().origin.as_str()).with("ended", "running");
        let (id, begun) = (spool::new_id().ok()?, (Timestamp::now(), Instant::now()));
        let recording = record(context, vault, &id, access.event(&id, begun.0, "unknown")).await.ok()?;
        Some(Self { access, id, begun, recording: Some(recording), beside: Vec::new() })
    }

    /// Whether it is recorded.
    pub fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Does what it is about, until Ctrl-C: that ends it, and gives nothing.
    ///
    /// # Errors
    /// What that says; the record has it, too.
    pub async fn over<T>(self, work: impl Future<Output = Result<T>>) -> Result<Option<(Self, T)>> {
        let done = tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => {
                self.stopped();
                return Ok(None);
            }
        };
        match done {
            Ok(done) => Ok(Some((self, done))),
            Err(fault) => {
                self.failed(&fault);
                Err(fault)
            }
        }
    }

    /// Adds a detail, as it is known on the way.
    pub fn detail(&mut self, name: &str, value: impl Into<Value>) {
        self.access.details.insert(name.to_owned(), value.into());
    }

    /// The id of its record.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds what becomes a record of its own where this comes to its end. `name` tells it from others of this access.
    pub fn tell(&mut self, name: &str, what: Access) {
        let vault = self.access.details.get("vault").cloned().unwrap_or_default();
        self.beside.push((format!("{}/{name}", self.id), what.with("vault", vault)));
    }

    /// Writes the end of a command, and gives what it gave.
    pub fn ended(self, ended: Result<Exit>) -> Result<Exit> {
        match &ended {
            Ok(Exit::Stopped) => self.stopped(),
            Ok(Exit::Done) => self.whole(),
            Ok(Exit::Failed | Exit::Unverifiable) => drop(self),
            Err(fault) => self.failed(fault),
        }
        ended
    }

    /// It came to its end.
    pub fn whole(mut self) {
        self.close("whole", "success");
    }

    /// Whoever asked stopped it. What was shown before is a part of what it says.
    pub fn stopped(mut self) {
        self.close("stopped", "success");
    }

    /// It failed.
    pub fn failed(mut self, why: &Fault) {
        self.detail("why", why.chain(Lang::En));
        self.close("failed", "failure");
    }

    fn close(&mut self, ended: &str, outcome: &str) {
        let Some(recording) = self.recording.take() else { return };
        let milliseconds = u64::try_from(self.begun.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.detail("ended", ended);
        self.detail("milliseconds", milliseconds);
        let mut events = vec![self.access.event(&self.id, self.begun.0, outcome)];
        if outcome == "success" {
            events.extend(self.beside.iter().map(|(id, what)| what.event(id, self.begun.0, outcome)));
        }
        // Where the end cannot be written, the record says that it is not known.
        let _ = recording.end(events);
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.close("failed", "failure");
    }
}

/// An access whose beginning is being written while the answer to it is looked for already.
#[derive(Debug)]
pub struct Beginning(State);

#[derive(Debug)]
enum State {
    Written(JoinHandle<Result<Recorded>>),
    Begun(Box<Recorded>),
    /// It is demanded, and cannot be written.
    Refused,
}

impl Beginning {
    /// Begins it.
    pub fn of(context: &Context, vault: &Arc<Vault>, access: Access) -> Self {
        let (context, vault) = (context.clone(), Arc::clone(vault));
        Self(State::Written(tokio::spawn(async move { Recorded::begin(&context, &vault, access).await })))
    }

    /// Waits until it is durable: nothing may be shown before.
    ///
    /// # Errors
    /// As [`Recorded::begin`].
    pub async fn durable(&mut self) -> Result<()> {
        if let State::Written(task) = &mut self.0 {
            let begun = task.await.map_err(|error| Fault::broken(msg!("cli-no-threads")).because(error));
            self.0 = State::Refused;
            self.0 = State::Begun(Box::new(begun.flatten()?));
        }
        Ok(())
    }

    /// The access, for its end; nothing where it was refused.
    pub async fn begun(mut self) -> Option<Recorded> {
        let _ = self.durable().await; // whoever asked was told already, or asked for nothing that could be shown
        match self.0 {
            State::Begun(recorded) => Some(*recorded),
            State::Written(_) | State::Refused => None,
        }
    }
}

/// Writes the beginning to the first spool where that can be done.
async fn record(context: &Context, vault: &Vault, id: &str, event: Bytes) -> Result<Recording> {
    let mut why = None;
    for (folder, is_served) in spools(context, vault)? {
        let recorded = match may_be_taken_in(vault, is_served) {
            Ok(()) => Recording::begin(vault, &folder, id, event.clone()).await,
            Err(fault) => Err(fault),
        };
        match recorded {
            Ok(recording) => return Ok(recording),
            Err(fault) => why = why.or(Some(fault)),
        }
    }
    Err(why.unwrap_or_else(|| Fault::caller(msg!("cli-no-home"))))
}

/// Makes sure that what is written to a spool has somebody who can seal it: `serve`, or who writes it.
fn may_be_taken_in(vault: &Vault, is_served: bool) -> Result<()> {
    if is_served {
        return Ok(());
    }
    vault.keys().signing()?;
    vault.store().may_write()
}

/// The spools of a vault on this machine: that of `serve`, and the user's own; and whether it is `serve` that takes them in.
fn spools(context: &Context, vault: &Vault) -> Result<Vec<(PathBuf, bool)>> {
    let (noted, own) = (context.noted_wal(vault)?, context.own_wal(vault));
    let is_served = own.as_ref() != Some(&noted);
    let own = own.filter(|_| is_served).map(|own| (spool::folder_of(&own), false));
    Ok([(spool::folder_of(&noted), is_served)].into_iter().chain(own).collect())
}

/// The folders of spools, for who reads or seals what lies there.
pub fn folders(context: &Context, vault: &Vault) -> Vec<PathBuf> {
    spools(context, vault).into_iter().flatten().map(|(folder, _)| folder).collect()
}

/// How many records of accesses lie here, whole, and wait for their seal.
pub fn waiting(context: &Context, vault: &Vault) -> u64 {
    folders(context, vault).into_iter().filter_map(|folder| spool::waiting(&folder).ok()).map(|here| here.ended).sum()
}

/// Seals what accesses lie here, and gives how many. What keeps it from that is said, and is no failure of who does something else.
pub async fn take_in(context: &Context, vault: &Vault) -> u64 {
    let mut records = 0;
    for folder in folders(context, vault) {
        let warnings = match spool::take_in(vault, &folder).await {
            Ok(taken) => {
                records += taken.records;
                taken.warnings.iter().map(|warning| warning.chain(context.lang)).collect()
            }
            Err(fault) => vec![fault.chain(context.lang)],
        };
        for what in warnings {
            context.note(&msg!("cli-warning", what = what));
        }
    }
    records
}

/// The same, where whoever runs this can write the vault. Where not, as in a replica, they wait for who can, and nothing is said.
pub async fn seal(context: &Context, vault: &Vault) {
    if vault.is_replica().await.unwrap_or(true) {
        return;
    }
    if may_be_taken_in(vault, false).is_ok() {
        take_in(context, vault).await;
    }
}

/// Who it is, as the machine says.
pub fn actor() -> Value {
    let mut actor = Map::new();
    let mut say = |name: &str, value: Option<String>| {
        let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        drop(value.map(|value| actor.insert(name.to_owned(), value.into())));
    };
    let variable = |name: &str| std::env::var(name).ok();
    let uid = uid();
    let claimed = || variable("USER").or_else(|| variable("LOGNAME")).or_else(|| variable("USERNAME"));
    say("user", uid.and_then(name_of).or_else(claimed).or(uid.map(|uid| uid.to_string())));
    say("sudo_user", variable("SUDO_USER"));
    say("host", host());
    say("schedule", variable(SCHEDULE));
    say("ssh_from", variable("SSH_CONNECTION").and_then(|text| text.split(' ').next().map(str::to_owned)));
    say("aws_profile", variable("AWS_PROFILE"));
    say("aws_access_key_id", variable("AWS_ACCESS_KEY_ID"));
    say("aws_role_arn", variable("AWS_ROLE_ARN"));
    if let Some(uid) = uid {
        actor.insert("uid".to_owned(), uid.into());
    }
    Value::Object(actor)
}

/// The effective user of this process, where the system shows it in a file.
fn uid() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_whitespace().nth(1)?.parse().ok()
}

/// The name that the system's own list gives a user.
fn name_of(uid: u32) -> Option<String> {
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut users = list.lines().map(|line| line.split(':').collect::<Vec<&str>>());
    let user = users.find(|user| user.get(2).and_then(|id| id.parse().ok()) == Some(uid))?;
    user.first().map(|name| (*name).to_owned())
}

fn host() -> Option<String> {
    let file = |path: &str| std::fs::read_to_string(path).ok();
    let variable = |name: &str| std::env::var(name).ok();
    let named = file("/proc/sys/kernel/hostname").or_else(|| file("/etc/hostname"));
    named.or_else(|| variable("HOSTNAME")).or_else(|| variable("COMPUTERNAME"))
}
