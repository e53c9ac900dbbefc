//! `shoseki demo`: the main job from end to end, on sample evidence, with the commands that a user would type.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use include_dir::{Dir, include_dir};
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_report::Fonts;
use shoseki_vault::Vault;

use super::Entry;
use crate::context::{self, Context};
use crate::{Exit, help, output};

pub const ENTRY: Entry = Entry { name: "demo", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// A day of a small estate, with an incident in it; written for this project.
static ESTATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../testdata/estate");

/// The question of the operations handbook, word for word.
const HANDBOOK: &str = "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100";
/// Who was refused what.
const REFUSED: &str = "filter ispresent(errorCode)\n| stats count(*) as refused by userIdentity.arn, errorCode\n| sort refused desc\n| limit 5";
/// What one address did, in both sources, in order.
const ADDRESS: &str = "fields @timestamp, coalesce(eventName, verb) as did, @log, coalesce(errorCode, status) as outcome\n| filter src_endpoint.ip = \"203.0.113.77\"\n| sort @timestamp asc\n| limit 20";

/// Who asked these questions.
const ASKED: &str =
    "filter @log = \"shoseki/access\" | fields @timestamp, actor.user, action, details.ended, details.rows";

/// The day of the evidence.
const DAY: &str = "2026-03-05..2026-03-05";

fn arguments(command: Command) -> Command {
    command.arg(Arg::new("dir").long("dir").value_name("DIR"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let folder = match matches.get_one::<String>("dir") {
        Some(folder) => PathBuf::from(folder),
        None => fresh_folder()?,
    };

    let unusable = |error: std::io::Error| {
        Fault::world(msg!("demo-folder-unusable", path = folder.display().to_string())).because(error)
    };
    std::fs::create_dir_all(&folder).map_err(unusable)?;
    if std::fs::read_dir(&folder).map_err(unusable)?.next().is_some() {
        return Err(Fault::caller(msg!("demo-folder-not-empty", path = folder.display().to_string())));
    }
    let evidence = folder.join("evidence");
    std::fs::create_dir_all(&evidence).and_then(|()| ESTATE.extract(&evidence)).map_err(unusable)?;
    let demo = Demo { context: context.clone(), folder };
    demo.play().await?;
    Ok(Exit::Done)
}

/// A folder below the system's temporary one that is not there yet.
fn fresh_folder() -> Result<PathBuf> {
    for number in 1..1_000 {
        let folder = std::env::temp_dir().join(format!("shoseki-demo-{number}"));
        if std::fs::create_dir(&folder).is_ok() {
            return Ok(folder);
        }
    }
    Err(Fault::caller(msg!("demo-too-many", path = std::env::temp_dir().display().to_string())))
}

struct Demo {
    context: Context,
    folder: PathBuf,
}

impl Demo {
    async fn play(&self) -> Result<()> {
        let (vault, copy) = (self.path("vault"), self.path("tampered"));
        self.title(&msg!("demo-intro", folder = self.folder.display().to_string()));
        self.title(&msg!("demo-init"));
        self.shoseki(&["init", &vault], Exit::Done).await?;
        self.title(&msg!("demo-ingest"));
        self.shoseki(&["ingest", "auto", &self.path("evidence"), "--vault", &vault], Exit::Done).await?;
        for (title, query) in
            [(msg!("demo-handbook"), HANDBOOK), (msg!("demo-refused"), REFUSED), (msg!("demo-address"), ADDRESS)]
        {
            self.title(&title);
            self.shoseki(&["query", query, "--vault", &vault, "-o", "table"], Exit::Done).await?;
        }
        self.title(&msg!("demo-asked"));
        self.shoseki(&["query", ASKED, "--source", "shoseki", "--vault", &vault, "-o", "table"], Exit::Done).await?;
        self.title(&msg!("demo-verify"));
        self.shoseki(&["verify", "--deep", "--vault", &vault], Exit::Done).await?;
        self.title(&msg!("demo-package"));
        let package = self.path("auditor.zip");
        self.shoseki(&["package", "create", "--query", REFUSED, "--out", &package, "--vault", &vault], Exit::Done)
            .await?;
        self.title(&msg!("demo-package-verify"));
        let key = self.verifier(&vault).await?;
        self.shoseki(&["package", "verify", &package, "--key", &key], Exit::Done).await?;
        self.title(&msg!("demo-report"));
        self.reports(&vault).await?;
        self.title(&msg!("demo-tamper"));
        copy_folder(Path::new(&vault), Path::new(&copy)).map_err(|error| self.failed(error))?;
        let changed = change_a_byte(Path::new(&copy)).map_err(|error| self.failed(error))?;
        self.context.say(&msg!("demo-changed", file = changed));
        self.shoseki(&["verify", "--vault", &copy], Exit::Failed).await?;
        self.title(&msg!("demo-end"));
        output::line(&format!("  export SHOSEKI_VAULT={vault} SHOSEKI_KEY_DIR={}", self.path("keys")));
        output::line("  shoseki query 'stats count(*) by eventName'");
        output::line("  shoseki detect");
        output::line("  shoseki check --framework pci-dss --period 2026-03");
        Ok(())
    }

    /// A report in both languages, for a browser and on paper.
    async fn reports(&self, vault: &str) -> Result<()> {
        let fonts = Fonts::find(&[]);
        for (lang, format) in [("ja", "html"), ("ja", "pdf"), ("en", "html"), ("en", "pdf")] {
            if format == "pdf" && fonts.is_err() {
                continue;
            }
            let report = self.path(&format!("report.{lang}.{format}"));
            let of = ["report", "--framework", "pci-dss", "--period", DAY, "--lang", lang, "--format", format];
            self.shoseki(&[&of[..], &["--out", &report, "--vault", vault]].concat(), Exit::Done).await?;
        }
        if let Err(fault) = fonts {
            self.context.say(&msg!("demo-no-pdf", why = fault.message().text(self.context.lang)));
        }
        Ok(())
    }

    /// The key that an auditor would have been given on paper.
    async fn verifier(&self, vault: &str) -> Result<String> {
        let access = context::access(self.folder.join("keys"));
        Ok(Vault::open(vault, &access).await?.verifier()?.to_string())
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn failed(&self, error: std::io::Error) -> Fault {
        Fault::world(msg!("demo-folder-unusable", path = self.folder.display().to_string())).because(error)
    }

    fn title(&self, title: &Message) {
        output::line("");
        self.context.say(title);
    }

    /// Runs a command as it would be typed, and expects how it ends.
    async fn shoseki(&self, words: &[&str], expected: Exit) -> Result<()> {
        let typed: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        output::line(&format!("\n$ shoseki {}", typed.join(" ")));
        let keys = self.path("keys");
        let zone = self.context.zone.name();
        let hidden = ["--key-dir", &keys, "--tz", zone];
        // A report may be in the other language; what is not asked for is in that of the demo.
        let asked = words.iter().position(|word| *word == "--lang").and_then(|at| words.get(at + 1));
        let asked = asked.and_then(|name| Lang::from_name(name));
        let lang = ["--lang", self.context.lang.code()];
        let lang = lang.iter().filter(|_| asked.is_none());
        let all = ["shoseki"].iter().chain(words).chain(&hidden).chain(lang);
        let matches = help::command(self.context.lang)
            .try_get_matches_from(all)
            .map_err(|error| Fault::broken(msg!("demo-went-wrong", command = typed.join(" "))).because(error))?;
        let context = Context::of(&matches, asked.unwrap_or(self.context.lang))?.with_wal(self.folder.join("wal"));
        let ended = super::run(&context, &matches).await?;
        if ended != expected {
            return Err(Fault::broken(msg!("demo-went-wrong", command = typed.join(" "))));
        }
        Ok(())
    }
}

fn quoted(word: &str) -> String {
    if word.contains([' ', '|', '\n']) { format!("'{word}'") } else { word.to_owned() }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Changes one byte in the middle of the largest file of evidence, as a hand that covers its tracks would.
fn change_a_byte(vault: &Path) -> std::io::Result<String> {
    let mut files = Vec::new();
    let mut folders = vec![vault.join("events")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push((path.metadata()?.len(), path));
            }
        }
    }
    let largest = files.into_iter().max().map(|(_, path)| path);
    let path = largest.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
    let mut bytes = std::fs::read(&path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes)?;
    Ok(path.display().to_string())
}
