//! What every command is given: the language, the zone, the vault and where its keys are.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::SecondsFormat;
use chrono_tz::Tz;
use clap::ArgMatches;
use shoseki_aws::Caller;
use shoseki_aws::kms::Kms;
use shoseki_aws::s3::S3;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_vault::{Access, Vault, wal};

use crate::output;

/// The file in the user's own folder of a log that says that the log is elsewhere.
const NOTE: &str = "elsewhere";

/// The configuration of one call.
#[derive(Clone, Debug)]
pub struct Context {
    /// The language of messages.
    pub lang: Lang,
    /// The zone that governs days, `bin(1d)`, `--from` and tables. JSON stays UTC.
    pub zone: Tz,
    /// Whether reports are JSON.
    pub json: bool,
    vault: Option<String>,
    key_dir: Option<PathBuf>,
    wal: Option<PathBuf>,
    /// Whether evidence is read only where a record of it is left.
    pub is_record_required: bool,
    /// What was said already that is said once.
    said: Arc<Mutex<HashSet<String>>>,
}

/// The language that the arguments or the environment ask for; needed before the arguments can be read.
pub fn language(arguments: &[OsString]) -> Lang {
    let text = |argument: &OsString| argument.to_str().map(str::to_owned);
    let mut asked = None;
    for (at, argument) in arguments.iter().enumerate() {
        let Some(argument) = text(argument) else { continue };
        if argument == "--lang" {
            asked = arguments.get(at + 1).and_then(text);
        } else if let Some(value) = argument.strip_prefix("--lang=") {
            asked = Some(value.to_owned());
        }
    }
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let from_environment = || variable("LC_ALL").or_else(|| variable("LC_MESSAGES")).or_else(|| variable("LANG"));
    asked.or_else(from_environment).and_then(|name| Lang::from_name(&name)).unwrap_or_default()
}

/// The folder that a variable names.
fn folder_in(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A folder of ours where the environment says that such folders are: `XDG_…`, or below the home folder.
fn folder_of(variable: &str, below_home: &str) -> Option<PathBuf> {
    let base = folder_in(variable).or_else(|| Some(folder_in("HOME")?.join(below_home)));
    base.map(|base| base.join("shoseki"))
}

/// The user's folder for what is configured: `~/.config/shoseki`.
pub fn config_folder() -> Option<PathBuf> {
    folder_of("XDG_CONFIG_HOME", ".config")
}

/// The user's folder for what is remembered between calls: `~/.local/state/shoseki`.
pub fn state_folder() -> Option<PathBuf> {
    folder_of("XDG_STATE_HOME", ".local/state")
}

/// Key folders below `base`, what opens keys that a service keeps, and what opens buckets.
pub fn access(base: PathBuf) -> Access {
    Access { key_base: base, services: Arc::new(Kms), buckets: Arc::<S3>::default() }
}

/// The same, where buckets are in one region and in no other.
fn access_in(base: PathBuf, region: &str) -> Access {
    let caller = Caller { region: Some(region.to_owned()), ..Caller::default() };
    Access { buckets: Arc::new(S3::of(caller)), ..access(base) }
}

impl Context {
    /// Reads the arguments that all commands share.
    pub fn of(matches: &ArgMatches, lang: Lang) -> Result<Self> {
        let mut inner = matches;
        while let Some((_, below)) = inner.subcommand() {
            inner = below;
        }
        let text = |name: &str| inner.try_get_one::<String>(name).ok().flatten().cloned();
        let zone = text("tz").unwrap_or_else(|| "UTC".to_owned());
        let zone: Tz = zone.parse().map_err(|_| Fault::caller(msg!("cli-zone-unknown", zone = zone.as_str())))?;
        Ok(Self {
            lang,
            zone,
            json: inner.get_flag("json"),
            vault: text("vault"),
            key_dir: text("key-dir").map(PathBuf::from),
            // Commands without the argument record their accesses beside the same log.
            wal: text("wal").map(PathBuf::from).or_else(|| folder_in("SHOSEKI_WAL")),
            is_record_required: inner.get_flag("require-record"),
            said: Arc::default(),
        })
    }

    /// The same, with the write-ahead log and the records of accesses in a folder.
    pub fn with_wal(self, folder: PathBuf) -> Self {
        Self { wal: Some(folder), ..self }
    }

    /// The same, with times in another zone.
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// The vault's URL.
    pub fn url(&self) -> Result<&str> {
        self.vault.as_deref().ok_or_else(|| Fault::caller(msg!("cli-vault-not-given")))
    }

    /// The folder of keys that was named.
    pub fn key_dir(&self) -> Option<&Path> {
        self.key_dir.as_deref()
    }

    /// Where the keys of vaults are.
    pub fn access(&self) -> Result<Access> {
        self.access_in(None)
    }

    /// The same, where buckets are in this region and in no other.
    pub fn access_in(&self, region: Option<&str>) -> Result<Access> {
        let own = || Some(config_folder()?.join("keys"));
        let base = self.key_dir.clone().or_else(own).ok_or_else(|| Fault::caller(msg!("cli-no-home")))?;
        Ok(region.map_or_else(|| access(base.clone()), |region| access_in(base.clone(), region)))
    }

    /// Opens the vault.
    pub async fn open(&self) -> Result<Vault> {
        Vault::open(self.url()?, &self.access()?).await
    }

    /// The folder of the write-ahead log: as asked for, else where the configuration of `serve` puts it, else the user's own.
    pub fn wal(&self, vault: &Vault, configured: Option<&Path>) -> Result<PathBuf> {
        let folder = self.wal.clone().or_else(|| configured.map(Path::to_owned)).or_else(|| self.own_wal(vault));
        folder.ok_or_else(|| Fault::caller(msg!("cli-no-home")))
    }

    /// The folder of the write-ahead log below the user's own folder.
    pub fn own_wal(&self, vault: &Vault) -> Option<PathBuf> {
        Some(wal::folder_of(&state_folder()?, &vault.marker().origin))
    }

    /// The same as [`Context::wal`], where no configuration is at hand: where `serve` noted that its log is.
    pub fn noted_wal(&self, vault: &Vault) -> Result<PathBuf> {
        let folder = self.wal(vault, None)?;
        let noted = std::fs::read_to_string(folder.join(NOTE)).ok().filter(|_| self.wal.is_none());
        Ok(noted.map_or(folder, |noted| PathBuf::from(noted.trim_end())))
    }

    /// Notes where the log is, where that is not the user's own folder: so a question on this machine finds what is not sealed
    /// yet.
    pub fn note_wal(&self, vault: &Vault, folder: &Path) -> Result<()> {
        let Some(own) = self.own_wal(vault) else { return Ok(()) };
        let note = own.join(NOTE);
        if own == folder {
            let _ = std::fs::remove_file(note); // mostly there is none
            return Ok(());
        }
        let unwritable =
            |error| Fault::world(msg!("cli-out-unwritable", path = note.display().to_string())).because(error);
        let folder = std::path::absolute(folder).map_err(unwritable)?;
        std::fs::create_dir_all(&own).map_err(unwritable)?;
        std::fs::write(&note, format!("{}\n", folder.display())).map_err(unwritable)
    }

    /// A time as people read it: in the configured zone, to the second.
    pub fn local(&self, time: Timestamp) -> String {
        match time.to_utc() {
            Some(utc) => utc.with_timezone(&self.zone).to_rfc3339_opts(SecondsFormat::Secs, true),
            None => time.to_string(),
        }
    }

    /// Prints a sentence of the catalogue on standard output.
    pub fn say(&self, message: &shoseki_messages::Message) {
        output::line(&message.text(self.lang));
    }

    /// Prints a sentence on standard error: notes beside a result.
    pub fn note(&self, message: &shoseki_messages::Message) {
        output::note(&message.text(self.lang));
    }

    /// The same, where it was not said before.
    pub fn note_once(&self, message: &shoseki_messages::Message) {
        let text = message.text(self.lang);
        let is_new = self.said.lock().is_ok_and(|mut said| said.insert(text.clone()));
        if is_new {
            output::note(&text);
        }
    }
}
