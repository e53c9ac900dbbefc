//! `shoseki check --live` and `--aws-config`: the settings of accounts, as AWS answers now, or as AWS Config recorded them.

mod live;
mod shown;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_aws::inventory;
use shoseki_comply::account::{self, Looked};
use shoseki_comply::checks::{Check, Judged, Status};
use shoseki_comply::frameworks::Framework;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_vault::Vault;

use super::super::query::range;
use super::rows;
use crate::context::Context;
use crate::{Exit, output};

pub(super) use shown::{print, requirements, stands};

/// Where settings are looked at.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// As AWS answers now.
    Live(inventory::Ask),
    /// As AWS Config recorded them before a moment.
    Recorded(Timestamp),
}

/// What was looked at, for who is told of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Accounts with regions, or the moment.
    pub(super) places: Vec<String>,
    pub(super) as_of: Option<Timestamp>,
    pub(super) resources: usize,
    /// Answers, or items.
    pub(super) answers: usize,
    pub(super) refused: usize,
    /// How many answers are records now; nothing where nothing was sealed.
    pub(super) sealed: Option<usize>,
    /// What is to be told beside.
    pub(super) notes: Vec<Message>,
}

pub(super) fn arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value).requires("live");
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    command
        .arg(flag("live").conflicts_with("aws-config"))
        .arg(text("region", "REGION").action(ArgAction::Append))
        .arg(flag("all-regions").requires("live").conflicts_with("region"))
        .arg(text("profile", "NAME"))
        .arg(text("role", "ARN").action(ArgAction::Append))
        .arg(text("external-id", "ID").requires("role"))
        .arg(flag("print-policy").requires("live"))
        .arg(flag("aws-config"))
        .arg(Arg::new("as-of").long("as-of").value_name("TIME").requires("aws-config"))
}

impl Look {
    /// What the arguments ask for; nothing where they ask for no settings.
    pub(super) fn of(context: &Context, matches: &ArgMatches, now: Timestamp) -> Result<Option<Self>> {
        let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<String>>();
        let one = |name: &str| matches.get_one::<String>(name).cloned();
        if matches.get_flag("live") {
            return Ok(Some(Self::Live(inventory::Ask {
                profile: one("profile"),
                roles: all("role"),
                external_id: one("external-id"),
                regions: all("region"),
                is_all_regions: matches.get_flag("all-regions"),
            })));
        }
        if !matches.get_flag("aws-config") {
            return Ok(None);
        }
        // A day is meant to its end, as in `--to`.
        let as_of = one("as-of").map(|text| range(context, None, Some(&text))).transpose()?.and_then(|(_, to)| to);
        Ok(Some(Self::Recorded(as_of.unwrap_or(now).min(now))))
    }

    /// Looks, and keeps what was answered where there is a vault.
    pub(super) async fn look(
        &self,
        context: &Context,
        vault: Option<&Vault>,
        engine: Option<&(dyn Fn(Options) -> Engine + Sync)>,
    ) -> Result<(Looked, Seen)> {
        match (self, engine) {
            (Self::Live(ask), _) => live::look(context, ask, vault).await,
            (Self::Recorded(before), Some(engine)) => {
                let newest = account::newest(engine, *before).await?;
                let looked = account::of_items(&newest);
                let (resources, answers) = (looked.estate.resources().len(), newest.len());
                Ok((looked, Seen { as_of: Some(*before), resources, answers, ..Seen::default() }))
            }
            (Self::Recorded(_), None) => Ok(Default::default()),
        }
    }
}

impl Seen {
    pub(super) fn to_json(&self) -> Value {
        let both = |message: &Message| json!({"en": message.text(Lang::En), "ja": message.text(Lang::Ja)});
        json!({
            "from": if self.as_of.is_some() { "aws-config" } else { "live" },
            "as_of": self.as_of.map(|time| time.to_string()),
            "places": self.places,
            "resources": self.resources,
            "answers": self.answers,
            "refused": self.refused,
            "sealed": self.sealed,
            "notes": self.notes.iter().map(both).collect::<Vec<_>>(),
        })
    }
}

/// The policy that `--live` needs.
pub(super) fn print_policy() -> Result<Exit> {
    output::json(&inventory::policy())?;
    Ok(Exit::Done)
}

/// Without a vault: settings alone, of which nothing is kept.
pub(super) async fn without_vault(
    context: &Context,
    matches: &ArgMatches,
    look: &Look,
    (frameworks, checks): (&[&Framework], &[&Check]),
) -> Result<Exit> {
    let looked = tokio::select! {
        looked = look.look(context, None, None) => looked?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    let (looked, mut seen) = looked;
    seen.notes.push(msg!("cli-check-live-unsealed"));
    let judged = account::judge(&looked, checks);
    let format = matches.get_one::<String>("output").map(String::as_str);
    let is_json = format == Some("json") || (format.is_none() && context.json);
    match format {
        _ if is_json => output::json(&shown::json(&seen, &judged))?,
        Some("csv") => rows::csv_of_checks(context, &judged)?,
        _ => shown::alone(context, &seen, (frameworks, &judged), matches.get_flag("all")),
    }
    Ok(exit(&judged))
}

fn exit(judged: &[Judged<'_>]) -> Exit {
    match Status::of_all(judged.iter().map(Judged::status)) {
        Status::Fail => Exit::Failed,
        Status::NoEvidence => Exit::Unverifiable,
        Status::Pass | Status::NotApplicable => Exit::Done,
    }
}
