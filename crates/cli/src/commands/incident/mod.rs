//! `shoseki incident`: what happened, what was done about it, and what is due. What people say of an incident is a record of its own,
//! sealed.

mod contain;
mod draft;
mod runs;
mod say;
mod sheet;
mod show;
mod trail;

use std::sync::Arc;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use shoseki_comply::incident::{Duty, Form, Incidents};
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::Engine;
use shoseki_vault::Vault;
use shoseki_vault::wal::Tail;

use super::Entry;
use super::query::newest;
use crate::Exit;
use crate::context::Context;

pub const ENTRY: Entry = Entry { name: "incident", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let many = |name: &'static str, value: &'static str| text(name, value).action(ArgAction::Append);
    let of = |name: &'static str| Command::new(name).arg(Arg::new("id").value_name("ID").required(true));
    let said = || Arg::new("text").value_name("TEXT").required(true);
    let about = |command: Command| {
        command
            .arg(many("subject", "SUBJECT"))
            .arg(many("record", "RECORD"))
            .arg(many("duty", "DUTY").value_parser(PossibleValuesParser::new(Duty::ALL.map(Duty::name))))
    };
    let open = about(Command::new("open"))
        .arg(text("title", "TEXT"))
        .arg(text("severity", "SEVERITY").value_parser(["low", "medium", "high", "critical"]))
        .arg(text("known", "TIME").allow_hyphen_values(true))
        .arg(text("match", "ID"))
        .group(ArgGroup::new("what").args(["title", "match"]).required(true).multiple(true));
    let add = about(of("add")).arg(text("why", "TEXT").required(true));
    let measure = of("measure")
        .arg(said())
        .arg(text("check", "ID").required(true))
        .arg(text("cause", "TEXT"))
        .arg(text("due", "DATE"))
        .arg(many("framework-file", "FILE"));
    let forms = Form::ALL.map(Form::name).into_iter().chain([draft::ALL]);
    let report = of("report")
        .arg(Arg::new("file").value_name("FILE"))
        .arg(text("out", "FILE").conflicts_with("file"))
        .arg(crate::whole_file::force().requires("out"))
        .arg(text("form", "FORM").required(true).value_parser(PossibleValuesParser::new(forms)));
    let timeline = trail::arguments(Command::new("timeline").arg(Arg::new("id").value_name("ID")))
        .arg(Arg::new("limit").long("limit").value_name("N").value_parser(value_parser!(u32).range(1..)))
        .arg(Arg::new("csv").long("csv").action(ArgAction::SetTrue).conflicts_with("json"));
    let scope = trail::arguments(Command::new("scope").arg(Arg::new("id").value_name("ID")));
    let report = trail::range(report);
    let contain = trail::range(of("contain")).arg(text("ran", "STEP")).arg(text("note", "TEXT").requires("ran"));
    let close = of("close")
        .arg(text("cause", "TEXT"))
        .arg(Arg::new("despite").long("despite").action(ArgAction::SetTrue).requires("why"))
        .arg(text("why", "TEXT").requires("despite"));
    command
        .subcommand_required(true)
        .subcommand(Command::new("list"))
        .subcommand(of("show"))
        .subcommand(open)
        .subcommand(of("note").arg(said()))
        .subcommand(add)
        .subcommand(timeline)
        .subcommand(scope)
        .subcommand(contain)
        .subcommand(measure)
        .subcommand(report)
        .subcommand(close)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let opened = Opened::of(context).await?;
    match matches.subcommand() {
        Some(("list", _)) => show::list(context, &opened.incidents(context).await?),
        Some(("show", matches)) => show::one(context, matches, &opened.incidents(context).await?),
        Some(("timeline", matches)) => trail::timeline(context, matches, &opened).await,
        Some(("scope", matches)) => trail::scope(context, matches, &opened).await,
        Some((verb, matches)) => say::run(context, matches, (verb, &opened)).await,
        None => Ok(Exit::Done),
    }
}

/// The vault whose incidents are looked at.
pub(super) struct Opened {
    vault: Arc<Vault>,
}

impl Opened {
    pub(super) async fn of(context: &Context) -> Result<Self> {
        Ok(Self { vault: Arc::new(context.open().await?) })
    }

    /// The incidents as they stand now.
    pub(super) async fn incidents(&self, context: &Context) -> Result<Incidents> {
        let tail = self.tail(context).await?;
        Incidents::read(|options| Engine::over_tail(Arc::clone(&self.vault), &tail, options), Timestamp::now()).await
    }

    async fn tail(&self, context: &Context) -> Result<Tail> {
        newest(context, &self.vault, false, true).await
    }
}
