//! `shoseki finding`: what checks and auditors found, and what became of it. What people say of a finding is evidence as all is: a
//! record of its own, sealed.

mod list;
mod say;
mod show;

use std::sync::Arc;

use chrono::Utc;
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_comply::findings::Register;
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::Engine;
use shoseki_vault::Vault;

use super::Entry;
use super::query::newest;
use crate::context::Context;
use crate::{Exit, time};

pub const ENTRY: Entry = Entry { name: "finding", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let many = |name: &'static str, value: &'static str| text(name, value).action(ArgAction::Append);
    let severity = || text("severity", "SEVERITY").value_parser(["low", "medium", "high", "critical"]);
    let of = |name: &'static str| Command::new(name).arg(Arg::new("id").value_name("ID").required(true));
    let said = || Arg::new("text").value_name("TEXT").required(true);
    let list = Command::new("list")
        .arg(many("status", "STATUS").value_parser(["open", "accepted", "resolved", "all"]))
        .arg(many("nature", "WHAT").value_parser(["fail", "outside", "no_evidence", "review", "all"]))
        .arg(text("framework", "ID"))
        .arg(text("check", "ID"))
        .arg(severity())
        .arg(Arg::new("overdue").long("overdue").action(ArgAction::SetTrue))
        .arg(text("at", "TIME").allow_hyphen_values(true))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(["table", "csv", "json"]));
    let add = Command::new("add")
        .arg(text("from", "WHO").required(true))
        .arg(text("title", "TEXT").required(true))
        .arg(text("text", "TEXT"))
        .arg(many("requirement", "NAME"))
        .arg(severity().default_value("medium"))
        .arg(text("due", "DATE"))
        .arg(text("owner", "WHO"))
        .arg(many("document", "RECORD"));
    let measure =
        of("measure").arg(said()).arg(text("due", "DATE")).arg(text("check", "ID")).arg(many("framework-file", "FILE"));
    let accept = of("accept")
        .arg(text("owner", "WHO").required(true))
        .arg(text("reason", "TEXT").required(true))
        .arg(text("until", "DATE").required(true))
        .arg(text("approved-by", "WHO"))
        .arg(Arg::new("long").long("long").action(ArgAction::SetTrue));
    let resolve = of("resolve")
        .arg(text("cause", "TEXT"))
        .arg(text("measure", "TEXT"))
        .arg(many("document", "RECORD"))
        .arg(text("without-proof", "REASON"));
    command
        .subcommand_required(true)
        .subcommand(list)
        .subcommand(of("show").arg(text("at", "TIME").allow_hyphen_values(true)))
        .subcommand(accept)
        .subcommand(resolve)
        .subcommand(of("note").arg(said()))
        .subcommand(add)
        .subcommand(of("cause").arg(said()))
        .subcommand(measure)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let opened = Opened { vault: Arc::new(context.open().await?) };
    match matches.subcommand() {
        Some(("list", matches)) => {
            list::run(context, matches, &opened.register_at(context, at(context, matches)?).await?)
        }
        Some(("show", matches)) => {
            show::run(context, matches, &opened.register_at(context, at(context, matches)?).await?)
        }
        Some((verb, matches)) => say::run(context, matches, (verb, &opened)).await,
        None => Ok(Exit::Done),
    }
}

/// The time that `--at` names, a day's end; else now.
fn at(context: &Context, matches: &ArgMatches) -> Result<Timestamp> {
    let text = matches.get_one::<String>("at").map(String::as_str);
    let at = text.map(|text| time::parse(text, context.zone, Utc::now(), true)).transpose()?;
    Ok(at.unwrap_or_else(Timestamp::now))
}

/// The vault whose findings are looked at.
pub(super) struct Opened {
    pub(super) vault: Arc<Vault>,
}

impl Opened {
    /// The register as it stands now.
    pub(super) async fn register(&self, context: &Context) -> Result<Register> {
        self.register_at(context, Timestamp::now()).await
    }

    /// The register as it stood at a time, or as it will stand by what is known now.
    async fn register_at(&self, context: &Context, at: Timestamp) -> Result<Register> {
        let tail = newest(context, &self.vault, false, true).await?;
        Register::read(|options| Engine::over_tail(Arc::clone(&self.vault), &tail, options), at).await
    }
}
