//! Making a report: the checks run as `check` runs them, and leave the same records; beside them stands that a report was made, with the
//! SHA-256 of its file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shoseki_comply::checks::{About, Period, Status};
use shoseki_comply::findings::{self, Looking, Register, Run, SEEN, Said, Stated, Told};
use shoseki_comply::frameworks::{Framework, assess, named_by};
use shoseki_comply::gaps::Expected;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_report::Fonts;
use shoseki_report::assessment::{Form, Leak, MADE, Making, Note, Report, Scope, before};
use shoseki_server::Config;
use shoseki_vault::Vault;
use shoseki_vault::wal::Tail;

use super::super::check::look::bucket_of;
use super::super::check::{Bounds, all_frameworks, bounds, documents, engine, facts, own_frameworks};
use super::super::query::{limits, newest, range};
use super::ask::{self, Asked};
use super::leak;
use crate::access::{self, Access, Beginning, Recorded};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output};

/// A report about a framework.
pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let now = Timestamp::now();
    let own = own_frameworks(matches)?;
    let framework = framework(matches, &own)?;
    let Bounds { period, goes_on } = bounds(context, matches, now)?;
    let format = matches.get_one::<String>("format").cloned().unwrap_or_default();
    let form = Form::from_name(&format).unwrap_or(Form::Html);
    let out = Out {
        form,
        format,
        path: out(matches)?,
        may_replace: whole_file::may_replace(matches),
        leak: None,
        fonts: fonts(matches, form)?,
    };
    let config = matches.get_one::<String>("config").map(PathBuf::from);
    let config = config.map(|path| Config::read(&path)).transpose()?;
    let expected = config.as_ref().map(shoseki_server::expected).unwrap_or_default();
    let known = all_frameworks(&own)?;
    let asked = Wanted { framework, known: &known, period, goes_on, now, expected, out };
    make(context, matches, asked).await
}

/// The draft of a leak report: the checks of Japan's act run over the time of the incident.
pub(super) async fn leak(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let now = Timestamp::now();
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = range(context, text("from"), text("to"))?;
    let to = to.map_or(now, |to| to.min(now));
    let from = from.filter(|from| *from < to).ok_or_else(|| {
        Fault::caller(msg!("cli-range-empty", from = text("from").unwrap_or_default(), to = to.to_string()))
    })?;
    let period = Period { from, to };
    let format = matches.get_one::<String>("format").cloned().unwrap_or_default();
    let form = Form::from_name(&format).unwrap_or(Form::Html);
    let out = Out {
        form,
        format,
        path: out(matches)?,
        may_replace: whole_file::may_replace(matches),
        leak: Some(leak::of(context, matches, from)?),
        fonts: fonts(matches, form)?,
    };
    let known = all_frameworks(&[])?;
    let framework = Framework::find(leak::FRAMEWORK)?;
    let asked = Wanted { framework, known: &known, period, goes_on: None, now, expected: Vec::new(), out };
    make(context, matches, asked).await
}

/// A report that is wanted.
struct Wanted<'a> {
    framework: &'a Framework,
    known: &'a [&'a Framework],
    period: Period,
    goes_on: Option<Timestamp>,
    now: Timestamp,
    expected: Vec<Expected>,
    out: Out,
}

async fn make(context: &Context, matches: &ArgMatches, wanted: Wanted<'_>) -> Result<Exit> {
    let Wanted { framework, known, period, goes_on, now, expected, out } = wanted;
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let mut recorded = Beginning::of(context, &vault, access_of(framework, period, tail.snapshot.size()));
    let about = About { period, zone: context.zone, now, expected, vault: facts(context, &vault, &tail.snapshot)? };
    let engine = engine(context, limits(matches)?, &vault, &tail);
    let checks = framework.checks();
    let ran = tokio::select! {
        ran = ask::all(engine, &about, &checks, bucket_of(&vault)) => ran,
        _ = tokio::signal::ctrl_c() => {
            if let Some(recorded) = recorded.begun().await {
                recorded.stopped();
            }
            return Ok(Exit::Stopped);
        }
    };
    let documents = documents(&vault.attachments(&tail.snapshot).await?);
    recorded.durable().await?;
    let Some(mut recorded) = recorded.begun().await else { return Ok(Exit::Stopped) };
    let making = Doing { context, vault: &vault, tail: &tail, about: &about, goes_on, framework, known };
    let written = match ran {
        Ok(ran) => making.written(ran, &documents, &out, &mut recorded).await,
        Err(fault) => Err(fault),
    };
    let is_recorded = recorded.is_recorded();
    let note = match written {
        Ok(note) => note,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    recorded.whole();
    if is_recorded {
        access::seal(context, &vault).await;
    }
    tell(context, framework, &note, is_recorded)?;
    Ok(Exit::Done)
}

/// Where the report goes, and how.
struct Out {
    form: Form,
    format: String,
    path: Option<PathBuf>,
    /// Whether one that is there may be replaced.
    may_replace: bool,
    /// What is to be said of a leak, where it is such a report.
    leak: Option<Leak>,
    /// What a PDF is set in.
    fonts: Fonts,
}

/// The fonts of a PDF. They are looked for before anything is judged, so that nothing is recorded of a report that cannot be made.
/// Whether a report in the format that is asked for can be written here: a PDF needs fonts.
pub(in super::super) fn is_writable(matches: &ArgMatches) -> Result<()> {
    let form = matches.get_one::<String>("format").and_then(|name| Form::from_name(name));
    fonts(matches, form.unwrap_or(Form::Html)).map(drop)
}

fn fonts(matches: &ArgMatches, form: Form) -> Result<Fonts> {
    let files: Vec<PathBuf> = matches.get_many::<String>("font").into_iter().flatten().map(PathBuf::from).collect();
    if form == Form::Pdf { Fonts::find(&files) } else { Ok(Fonts::default()) }
}

/// Where it is asked to go. A report that is there is not replaced unasked: somebody may have signed it.
fn out(matches: &ArgMatches) -> Result<Option<PathBuf>> {
    let path = matches.get_one::<String>("out").map(PathBuf::from);
    if let Some(path) = &path {
        whole_file::refuse_existing(path, whole_file::may_replace(matches))?;
    }
    Ok(path)
}

/// The framework that is asked for; that of the file, where one is given and nothing else is said.
fn framework<'a>(matches: &ArgMatches, own: &'a [Framework]) -> Result<&'a Framework> {
    match (matches.get_one::<String>("framework"), own) {
        (Some(id), _) => match own.iter().find(|framework| framework.id == *id) {
            Some(framework) => Ok(framework),
            None => Framework::find(id),
        },
        (None, [only]) => Ok(only),
        (None, _) => {
            let known: Vec<&str> = all_frameworks(own)?.iter().map(|framework| framework.id.as_str()).collect();
            Err(Fault::caller(msg!("cli-report-framework", known = known.join(", "))))
        }
    }
}

/// The run is a run of checks, and is recorded as one.
fn access_of(framework: &Framework, period: Period, tree_size: u64) -> Access {
    let checks: Vec<String> = framework.checks().iter().map(|check| check.id.to_string()).collect();
    Access::new(findings::RUN)
        .with("frameworks", vec![framework.id.clone()])
        .with("checks", checks)
        .with("from", period.from.to_string())
        .with("to", period.to.to_string())
        .with("tree_size", tree_size)
        .with("report", true)
}

struct Doing<'a> {
    context: &'a Context,
    vault: &'a Arc<Vault>,
    tail: &'a Tail,
    about: &'a About,
    goes_on: Option<Timestamp>,
    framework: &'a Framework,
    known: &'a [&'a Framework],
}

impl Doing<'_> {
    /// Puts the report together, writes it, and says in the record what was written.
    async fn written(
        &self,
        mut ran: Asked<'_>,
        documents: &[shoseki_comply::frameworks::Document],
        out: &Out,
        recorded: &mut Recorded,
    ) -> Result<Note> {
        let (period, now, lang) = (self.about.period, self.about.now, self.context.lang);
        let earlier = Register::of(ran.told.clone(), now);
        let named = |id: &str| named_by(id, self.known);
        let looked = ran.looked.take();
        let said = findings::About { period, run: recorded.id(), looked: looked.as_ref() };
        let stated = findings::state(&mut ran.judged, &earlier, said, &named);
        let actor = findings::by(&access::actor());
        let told = self.told((&stated, looked.as_ref()), recorded.id(), actor.as_deref());
        let register = Register::of(ran.told.into_iter().chain(told).collect(), now);
        let assessed = assess(self.framework, &ran.judged, documents, period);
        let scope = self.scope(ran.accounts).await?;
        let before = before(&ran.reports, &self.framework.id, (period.from, period.to));
        let report = Report {
            framework: self.framework,
            assessed: &assessed,
            judged: &ran.judged,
            documents,
            period,
            made: Making {
                at: now,
                by: actor.as_deref(),
                zone: self.context.zone,
                goes_on: self.goes_on,
                is_recorded: recorded.is_recorded(),
            },
            scope: &scope,
            arrivals: &ran.arrivals,
            register: &register,
            gaps: &ran.gaps,
            reviews: &ran.reviews,
            before: &before,
            samples: &ran.samples,
        };
        let bytes = match &out.leak {
            Some(leak) => report.leak(leak, out.form, lang, &out.fonts)?,
            None => report.write(out.form, lang, &out.fonts)?,
        };
        let note = Note {
            framework: if out.leak.is_some() { leak::NAME.to_owned() } else { self.framework.id.clone() },
            from: period.from,
            to: period.to,
            format: out.format.clone(),
            lang: lang.code().to_owned(),
            file: out.path.as_ref().map(|path| path.display().to_string()),
            sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            bytes: bytes.len() as u64,
            tree_size: self.tail.snapshot.size(),
            statuses: report.statuses(),
            open: report.open_names(),
        };
        say(recorded, &report, (&stated, looked.as_ref()))?;
        recorded.tell("report", Access::new(MADE).saying(&note)?);
        put((out.path.as_deref(), out.may_replace), &bytes)?;
        Ok(note)
    }

    /// What the records of this run will tell of findings, so that the report knows it before they are sealed.
    fn told(&self, (stated, looked): (&Stated, Option<&Looking>), run: &str, by: Option<&str>) -> Vec<Told> {
        let (period, at) = (self.about.period, self.about.now);
        let told = |id: String, said: Said| Told { at, id, record: String::new(), by: by.map(str::to_owned), said };
        let seen =
            stated.seen.iter().map(|seen| (format!("{run}/{}", seen.finding), Said::Seen(Box::new(seen.clone()))));
        let (from, to, looked) = (period.from, period.to, looked.cloned());
        let ran = Run { from, to, looked, judged: stated.judged.clone() };
        let ran = (run.to_owned(), Said::Run(Box::new(ran)));
        seen.chain([ran]).map(|(id, said)| told(id, said)).collect()
    }

    async fn scope(&self, accounts: Vec<(String, u64)>) -> Result<Scope> {
        let checkpoint = self.vault.checkpoint().await?;
        Ok(Scope {
            place: self.about.vault.place.clone(),
            origin: self.vault.marker().origin.clone(),
            verifier: self.vault.verifier()?.to_string(),
            tree_size: self.tail.snapshot.size(),
            sealed: checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size()),
            checkpoint: checkpoint.map(|checkpoint| String::from_utf8_lossy(checkpoint.bytes()).into_owned()),
            anchors: self.about.vault.anchors.clone(),
            accounts,
            unsealed: self.tail.records(),
            waiting: self.about.vault.waiting_accesses,
            periods: self.about.vault.periods.clone(),
            holds: self.about.vault.holds.clone(),
        })
    }
}

/// Says in the record of the run what came of it, as `check` does.
fn say(recorded: &mut Recorded, report: &Report<'_>, (stated, looked): (&Stated, Option<&Looking>)) -> Result<()> {
    for status in Status::ALL {
        recorded.detail(status.name(), report.count(status));
    }
    let broken = |error| Fault::broken(msg!("cli-json")).because(error);
    recorded.detail("judged", serde_json::to_value(&stated.judged).map_err(broken)?);
    if let Some(looked) = looked {
        recorded.detail("looked", serde_json::to_value(looked).map_err(broken)?);
    }
    for seen in &stated.seen {
        recorded.tell(&seen.finding.to_string(), Access::new(SEEN).saying(seen)?);
    }
    Ok(())
}

/// Writes the report: whole or not at all.
fn put((path, may_replace): (Option<&Path>, bool), bytes: &[u8]) -> Result<()> {
    let Some(path) = path else {
        output::print(bytes);
        return Ok(());
    };
    let file = WholeFile::begin(path, may_replace)?;
    let unwritable = |error| Fault::world(msg!("cli-out-unwritable", path = path.display().to_string())).because(error);
    file.writer().write_all(bytes).map_err(unwritable)?;
    file.finish()
}

/// Says what was made; where the report itself goes to standard output, beside it.
fn tell(context: &Context, framework: &Framework, note: &Note, is_recorded: bool) -> Result<()> {
    let Some(file) = &note.file else {
        context.note(&msg!("cli-report-printed", sha256 = &note.sha256));
        return Ok(());
    };
    if context.json {
        return output::json(&json!({
            "file": file, "framework": note.framework, "format": note.format, "lang": note.lang, "sha256": note.sha256,
            "bytes": note.bytes, "tree_size": note.tree_size, "from": note.from.to_string(), "to": note.to.to_string(),
            "recorded": is_recorded,
        }));
    }
    let title = framework.title.of(context.lang);
    context.say(&msg!("cli-report-made", file = file, framework = title, sha256 = &note.sha256));
    if note.format == "html" {
        context.say(&msg!("cli-report-print"));
    }
    Ok(())
}
