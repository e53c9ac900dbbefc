//! `shoseki`: arguments, configuration, wiring. What it says stands in the message catalogue, in both languages.

mod access;
mod arn;
mod commands;
mod context;
mod csv;
mod help;
mod output;
mod progress;
mod quantity;
mod storage;
mod time;
mod whole_file;

use std::ffi::OsString;
use std::process::ExitCode;

use context::Context;
use shoseki_messages::{Fault, Kind, Lang, msg};

/// How a command ended, as the exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or intact.
    Done,
    /// 1: tampered, or not all of it could be done.
    Failed,
    /// 4: it cannot be judged: a vault that cannot be verified, a check without evidence, evidence that nobody can read.
    Unverifiable,
    /// 130: stopped by Ctrl-C.
    Stopped,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Unverifiable => 4,
            Exit::Stopped => 130,
        })
    }
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = context::language(&arguments);
    let matches = match help::command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return help::refuse(&error, lang),
    };
    let runtime = match threads() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Fault::world(msg!("cli-no-threads")).because(error), lang),
    };
    let context = match Context::of(&matches, lang) {
        Ok(context) => context,
        Err(fault) => return fail(&fault, lang),
    };
    let ended = runtime.block_on(commands::run(&context, &matches));
    runtime.shutdown_background(); // a query that was stopped need not finish what it was at
    match ended {
        Ok(exit) => exit.into(),
        Err(fault) => fail(&fault, lang),
    }
}

/// The threads. Each that works keeps memory of its own that it gave back: with as many as tokio makes, `verify --deep` over a
/// million events held 1.1 GB, with three a processor 0.65, and took no longer.
fn threads() -> std::io::Result<tokio::runtime::Runtime> {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    tokio::runtime::Builder::new_multi_thread().max_blocking_threads(3 * processors).enable_all().build()
}

/// Says what went wrong and gives the exit code of its kind.
fn fail(fault: &Fault, lang: Lang) -> ExitCode {
    output::note(&msg!("cli-error", what = fault.chain(lang)).text(lang));
    if std::env::var_os(commands::SCHEDULE).is_some() {
        // Whoever started it tells people, each in his language.
        let error = serde_json::json!({"error": {"en": fault.chain(Lang::En), "ja": fault.chain(Lang::Ja)}});
        output::note(&error.to_string());
    }
    ExitCode::from(match fault.kind() {
        Kind::Damage | Kind::Broken => 1,
        Kind::Caller => 2,
        Kind::World => 3,
    })
}
