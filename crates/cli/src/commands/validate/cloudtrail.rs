//! `shoseki validate cloudtrail PATH…`: digests, log files and coverage of a trail, in a bucket or in a copy, offline if
//! need be.

use std::path::Path;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_aws::cloudtrail::TrailKeys;
use shoseki_aws::s3::S3;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::Store;
use shoseki_verify::trail::{
    KeyRing, KeySource, OtherBuckets, Remembered, TrailExpectation, TrailFilter, TrailPlace, TrailProgress,
    TrailQuestion, TrailRange, validate_trail,
};

use super::resume::Resume;
use super::{names, shown};
use crate::commands::{query, verify};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output, progress};

pub fn arguments(command: Command) -> Command {
    let file = |name: &'static str| Arg::new(name).long(name).value_name("FILE");
    command
        .arg(Arg::new("path").value_name("PATH").required(true).num_args(1..))
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(file("keys"))
        .arg(file("save-keys").conflicts_with("keys"))
        .arg(whole_file::force())
        .arg(Arg::new("account").long("account").value_name("ACCOUNT").action(ArgAction::Append))
        .arg(Arg::new("region").long("region").value_name("REGION").action(ArgAction::Append))
        .arg(file("expect"))
        .arg(file("resume"))
        .arg(Arg::new("findings").long("findings").action(ArgAction::SetTrue).conflicts_with("json"))
}

pub async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = query::range(context, text("from"), text("to"))?;
    let may_replace = whole_file::may_replace(matches);
    if let Some(path) = text("save-keys") {
        whole_file::refuse_existing(Path::new(path), may_replace)?;
    }
    let keys = text("keys").map(keys_of).transpose()?;
    let expect = text("expect").map(expected).transpose()?.unwrap_or_default();
    let resume = text("resume").map(|path| Resume::open(Path::new(path))).transpose()?.map(Arc::new);
    let mut places = Vec::new();
    let mut has_bucket = false;
    for path in matches.get_many::<String>("path").into_iter().flatten() {
        let place = place(path).await?;
        has_bucket |= path.starts_with("s3://");
        places.push(place);
    }
    let question = TrailQuestion {
        places,
        range: TrailRange { from, to },
        filter: TrailFilter { accounts: names(matches, "account"), regions: names(matches, "region") },
        expect,
        source: keys.is_none().then(|| Arc::new(TrailKeys) as Arc<dyn KeySource>),
        keys: keys.unwrap_or_default(),
        remembered: resume.clone().map(|resume| resume as Arc<dyn Remembered>),
        elsewhere: Some(Arc::new(Others)),
        now: has_bucket.then(Timestamp::now),
    };
    let meter = Arc::new(TrailProgress::default());
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), msg!("cli-validate-stopping").text(context.lang)));
    let bar = progress::of_trail(&meter, context.lang);
    let judged = validate_trail(question, &meter).await;
    drop(bar);
    stopper.abort();
    if let Some(resume) = &resume {
        resume.finish()?;
    }
    let (report, keys) = judged?;
    if let Some(path) = text("save-keys") {
        save(Path::new(path), &keys, may_replace)?;
    }
    if matches.get_flag("findings") {
        shown::findings(&report)?;
    } else {
        shown::report(context, &report)?;
    }
    if report.stopped {
        let message = if resume.is_some() { msg!("cli-validate-stopped-resume") } else { msg!("cli-validate-stopped") };
        context.note(&message);
        return Ok(Exit::Stopped);
    }
    Ok(verify::exit(report.verdict))
}

fn keys_of(path: &str) -> Result<KeyRing> {
    let unreadable = || Fault::caller(msg!("cli-verify-file-unreadable", path = path));
    KeyRing::parse(&std::fs::read(path).map_err(|error| unreadable().because(error))?)
}

/// The most bytes of a file that says what must be there.
const MAX_EXPECT: u64 = 1 << 20;

/// What a file says that must be there.
fn expected(path: &str) -> Result<TrailExpectation> {
    use std::io::Read as _;
    let unreadable = |error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error);
    let mut text = String::new();
    let mut file = std::fs::File::open(path).map_err(unreadable)?.take(MAX_EXPECT + 1);
    file.read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_EXPECT {
        return Err(Fault::caller(msg!("trail-expect-long", path = path)));
    }
    TrailExpectation::parse(&text)
}

/// Opens the bucket in which a trail lay before, with the same credentials.
struct Others;

#[async_trait::async_trait]
impl OtherBuckets for Others {
    async fn open(&self, bucket: &str) -> Result<TrailPlace> {
        place(&format!("s3://{bucket}")).await
    }
}

/// A folder, or a part of a bucket.
async fn place(path: &str) -> Result<TrailPlace> {
    let Some(rest) = path.strip_prefix("s3://") else { return TrailPlace::folder(Path::new(path)) };
    let bucket = rest.split('/').next().unwrap_or_default();
    let store = Store::open(path, false, &S3::default()).await?;
    Ok(TrailPlace::bucket(Arc::clone(store.objects()), bucket, &store.path("")))
}

fn save(path: &Path, keys: &KeyRing, may_replace: bool) -> Result<()> {
    use std::io::Write as _;
    let text = serde_json::to_string_pretty(&keys.to_json()).map_err(|e| Fault::broken(msg!("cli-json")).because(e))?;
    let file = WholeFile::begin(path, may_replace)?;
    let written = writeln!(file.writer(), "{text}");
    let unwritable = || Fault::world(msg!("cli-out-unwritable", path = path.display().to_string()));
    written.map_err(|error| unwritable().because(error))?;
    file.finish()
}

/// Asks for a stop where Ctrl-C is pressed, and says so.
async fn stop_on_ctrl_c(meter: Arc<TrailProgress>, said: String) {
    if tokio::signal::ctrl_c().await.is_ok() {
        meter.stop();
        output::aside(&format!("\n{said}\n"));
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130); // a second time: at once; what was not written to the file of --resume is read again
    }
}
