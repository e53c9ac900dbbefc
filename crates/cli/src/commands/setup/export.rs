//! `shoseki setup export`: what `[setup]` asks for as code. It asks no account, but with `--live`, and writes over nothing that somebody
//! changed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::json;
use shoseki_messages::{Fault, Result, msg};
use shoseki_setup::export::{Engine, File, Vault, Wanted, What, export, is_as_made, left_out};

use super::{Wanted as Configured, look};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output};

/// Where files go where nothing is said.
pub(super) const OUT: &str = "shoseki-export";

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was not there.
    New,
    /// It is there, the same.
    Same,
    /// It was ours of an earlier run, and is another now.
    Newer,
    /// Somebody changed it.
    Changed,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Newer => "newer",
            Self::Changed => "changed",
        }
    }

    fn of(path: &Path, file: &File) -> Result<Self> {
        match fs::read(path) {
            Ok(bytes) if bytes == file.text.as_bytes() => Ok(Self::Same),
            Ok(bytes) if std::str::from_utf8(&bytes).is_ok_and(is_as_made) => Ok(Self::Newer),
            Ok(_) => Ok(Self::Changed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::New),
            Err(error) => Err(unwritten(path, error)),
        }
    }
}

fn unwritten(path: &Path, error: std::io::Error) -> Fault {
    Fault::world(msg!("cli-setup-export-unwritten", path = path.display().to_string())).because(error)
}

/// `shoseki setup export`.
pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let configured = Configured::of(matches)?;
    let named = matches.get_many::<String>("what").into_iter().flatten();
    let what: Vec<What> = What::ALL.into_iter().filter(|what| named.clone().any(|name| name == what.name())).collect();
    let engines = matches.get_many::<String>("database").into_iter().flatten();
    let engines: Vec<Engine> = engines.map(|text| engine(text)).collect::<Result<_>>()?;
    let planned = match matches.get_flag("live") {
        true => Some(tokio::select! {
            planned = look::planned(context, matches, &configured, None) => planned?,
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
        }),
        false => None,
    };
    let vault = context.url().ok().map(str::to_owned).or(configured.vault);
    let wanted = Wanted {
        setup: &configured.setup,
        what: &what,
        engines: &engines,
        vault: Vault(vault.as_deref()),
        plan: planned.as_ref().map(|planned| &planned.plan),
    };
    let files = export(&wanted)?;
    let is_of_wish = what.contains(&What::Terraform) && planned.is_none();
    let left_out = if is_of_wish { left_out(&configured.setup) } else { Vec::new() };
    let out = PathBuf::from(matches.get_one::<String>("out").map_or(OUT, String::as_str));
    let is_forced = whole_file::may_replace(matches);
    let fates = files.iter().map(|file| Fate::of(&out.join(&file.path), file)).collect::<Result<Vec<_>>>()?;
    let changed: Vec<&str> = files
        .iter()
        .zip(&fates)
        .filter(|(_, fate)| **fate == Fate::Changed)
        .map(|(file, _)| file.path.as_str())
        .collect();
    if !changed.is_empty() && !is_forced {
        // All or nothing: a module of which half is new is none.
        return Err(Fault::caller(msg!("cli-setup-export-changed", paths = changed.join(", "))));
    }
    for (file, fate) in files.iter().zip(&fates).filter(|(_, fate)| **fate != Fate::Same) {
        let path = out.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
        }
        // Half a file would be one that somebody changed.
        let whole = WholeFile::begin(&path, is_forced || *fate != Fate::New)?;
        whole.writer().write_all(file.text.as_bytes()).map_err(|error| unwritten(&path, error))?;
        whole.finish()?;
    }
    if context.json {
        let one =
            |(file, fate): (&File, &Fate)| json!({"path": file.path, "state": fate.name(), "bytes": file.text.len()});
        let all: Vec<_> = files.iter().zip(&fates).map(one).collect();
        output::json(&json!({"out": out.display().to_string(), "files": all, "left_out": left_out}))?;
        return Ok(Exit::Done);
    }
    let count = |fate: Fate| fates.iter().filter(|one| **one == fate).count();
    for (file, fate) in files.iter().zip(&fates) {
        let mark = if *fate == Fate::Same {
            "="
        } else if *fate == Fate::New {
            "+"
        } else {
            "~"
        };
        output::line(&format!("{mark} {}", out.join(&file.path).display()));
    }
    let written = files.len() - count(Fate::Same);
    context.note(&msg!("cli-setup-export-done", written = written, same = count(Fate::Same)));
    if !left_out.is_empty() {
        let what = msg!("cli-setup-export-left-out", names = left_out.join(", "));
        context.note(&msg!("cli-warning", what = what.text(context.lang)));
    }
    Ok(Exit::Done)
}

/// A database: `postgres:16`.
fn engine(text: &str) -> Result<Engine> {
    const KNOWN: [&str; 5] = ["aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres"];
    let (name, version) = text.split_once(':').unwrap_or((text, ""));
    let is_version = version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    if !KNOWN.contains(&name) || !is_version {
        return Err(Fault::caller(msg!("cli-setup-export-database", text = text, known = KNOWN.join(", "))));
    }
    Ok(Engine { name: name.to_owned(), version: version.to_owned() })
}
