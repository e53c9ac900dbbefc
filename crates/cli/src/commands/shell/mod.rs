//! `shoseki shell`: questions one after another, with the vault open and its newest state before each.
//!
//! On a terminal lines are edited, completed and remembered (`editor`); without one, questions are read from standard
//! input, separated by `;` or blank lines (`lines`), so that a script or a test can drive it.

mod complete;
mod editor;
mod lines;
mod meta;
mod session;

use std::io::{IsTerminal, Read};

use clap::{ArgMatches, Command};
use shoseki_messages::{Fault, Result, msg};

use super::{Entry, query};
use crate::Exit;
use crate::context::Context;
use editor::{Editor, Read as Line};
use session::{Next, Session};

pub const ENTRY: Entry = Entry { name: "shell", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    query::limit_arguments(query::range_arguments(command))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let mut session = Session::open(context, matches).await?;
    if std::io::stdin().is_terminal() { converse(&mut session).await } else { read_all(&mut session).await }
}

/// With a person: what went wrong is said, and the next question is waited for.
async fn converse(session: &mut Session) -> Result<Exit> {
    let mut editor = Editor::new()?;
    if let Some(warning) = editor.warning() {
        session.context.note(&msg!("cli-warning", what = warning.chain(session.context.lang)));
    }
    session.context.note(&msg!("cli-shell-welcome"));
    loop {
        match editor.read(session) {
            Line::Text(text) => {
                if session.take(&text).await == Next::Leave {
                    return Ok(Exit::Done);
                }
            }
            Line::Again => {}
            Line::End => return Ok(Exit::Done),
            Line::Failed(fault) => return Err(fault),
        }
    }
}

/// From a pipe or a file: every question is asked, also those behind one that failed; the exit code says whether one did.
async fn read_all(session: &mut Session) -> Result<Exit> {
    let mut text = String::new();
    let unreadable = |error| Fault::caller(msg!("cli-query-unreadable", path = "-")).because(error);
    std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
    let mut rest = text.as_str();
    let mut have_all_answers = true;
    // Whether the language is SQL may change on the way, and with it what a comment is.
    while let Some((statement, after)) = lines::next(rest, session.is_sql) {
        rest = after;
        match session.take(statement).await {
            Next::Leave => break,
            Next::Failed => have_all_answers = false,
            Next::Stopped => return Ok(Exit::Stopped),
            Next::Again => {}
        }
    }
    Ok(if have_all_answers { Exit::Done } else { Exit::Failed })
}
