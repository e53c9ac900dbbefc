//! `shoseki check --live` and `--aws-config`: the settings of accounts, as AWS answers now, or as AWS Config recorded them; and what
//! exists against what speaks.

mod listen;
mod live;
mod regions;
mod shown;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_aws::inventory;
use shoseki_comply::account::{self, Looked};
use shoseki_comply::checks::{Check, Judged, Period, Status};
use shoseki_comply::findings::{Looking, Teller};
use shoseki_comply::frameworks::Framework;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Message, Result, msg};
use shoseki_query::{Engine, Options};
use shoseki_vault::Vault;

use super::super::query::range;
use super::rows;
use crate::context::Context;
use crate::{Exit, output};

pub(in super::super) use listen::{Heard, OfKept, heard, kept};
pub(in super::super) use live::take;
pub(in super::super) use shown::print;
pub(super) use shown::{requirements, stands};

/// Where settings are looked at.
#[derive(Clone, Debug)]
pub(in super::super) enum Look {
    /// As AWS answers now.
    Live(inventory::Ask),
    /// As AWS Config recorded them before a moment; before the end of the period, where none is named.
    Recorded(Option<Timestamp>),
}

/// What was looked at, for who is told of it.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Seen {
    /// Accounts with regions, or the moment.
    pub(super) places: Vec<String>,
    /// The same as findings name places, and who told of them.
    pub(in super::super) looking: Looking,
    pub(in super::super) as_of: Option<Timestamp>,
    pub(super) resources: usize,
    /// Answers, or items.
    pub(in super::super) answers: usize,
    pub(super) refused: usize,
    /// How many calls nobody answered.
    pub(super) unanswered: usize,
    /// How many answers are records now; nothing where nothing was sealed.
    pub(super) sealed: Option<usize>,
    /// What is to be told beside.
    pub(super) notes: Vec<Message>,
}

pub(in super::super) fn arguments(command: Command) -> Command {
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
        .arg(Arg::new("as-of").long("as-of").value_name("TIME").requires("aws-config").conflicts_with("live"))
}

impl Look {
    /// What the arguments ask for; nothing where they ask for no settings.
    pub(in super::super) fn of(context: &Context, matches: &ArgMatches, now: Timestamp) -> Result<Option<Self>> {
        let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<String>>();
        let one = |name: &str| matches.get_one::<String>(name).cloned();
        if matches.get_flag("live") {
            known_regions(&all("region"))?;
            return Ok(Some(Self::Live(inventory::Ask {
                profile: one("profile"),
                roles: all("role"),
                external_id: one("external-id"),
                regions: all("region"),
                is_all_regions: matches.get_flag("all-regions"),
                setup: None,
                setup_regions: Vec::new(),
            })));
        }
        if !matches.get_flag("aws-config") {
            return Ok(None);
        }
        // A day is meant to its end, as in `--to`.
        let as_of = one("as-of").map(|text| range(context, None, Some(&text))).transpose()?.and_then(|(_, to)| to);
        Ok(Some(Self::Recorded(as_of.map(|as_of| as_of.min(now)))))
    }

    /// Up to when is judged at most: settings as of a moment say nothing of what came later.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Recorded(Some(moment)) => *moment,
            Self::Recorded(None) | Self::Live(_) => now,
        }
    }

    /// The same over a period: what AWS answers now is not what a period was that is over.
    pub(super) fn over(self, period: Period, now: Timestamp) -> Result<Self> {
        match self {
            Self::Live(_) if period.to < now => {
                Err(Fault::caller(msg!("cli-check-live-past", to = period.to.to_string())))
            }
            Self::Recorded(None) => Ok(Self::Recorded(Some(period.to))),
            other => Ok(other),
        }
    }

    /// The moment as of which it looks.
    pub(in super::super) fn moment(&self, now: Timestamp) -> Timestamp {
        self.until(now)
    }

    /// Looks, and keeps what was answered where there is a vault.
    pub(in super::super) async fn look(
        &self,
        context: &Context,
        vault: Option<&Vault>,
        engine: Option<&(dyn Fn(Options) -> Engine + Sync)>,
    ) -> Result<(Looked, Seen)> {
        let (mut looked, seen) = self.ask(context, vault, engine).await?;
        let bucket = vault.and_then(bucket_of);
        bucket.into_iter().for_each(|bucket| looked.estate.keep_vault(bucket));
        Ok((looked, seen))
    }

    async fn ask(
        &self,
        context: &Context,
        vault: Option<&Vault>,
        engine: Option<&(dyn Fn(Options) -> Engine + Sync)>,
    ) -> Result<(Looked, Seen)> {
        match (self, engine) {
            (Self::Live(ask), _) => live::look(context, ask, vault).await,
            (Self::Recorded(before), Some(engine)) => {
                let before = before.unwrap_or_else(Timestamp::now);
                let newest = account::newest(engine, before).await?;
                let looked = account::of_items(&newest);
                let (resources, answers) = (looked.estate.resources().len(), newest.len());
                let looking = Looking { from: Teller::AwsConfig, places: looked.place_texts() };
                Ok((looked, Seen { as_of: Some(before), looking, resources, answers, ..Seen::default() }))
            }
            (Self::Recorded(_), None) => Ok(Default::default()),
        }
    }
}

impl Seen {
    pub(in super::super) fn to_json(&self) -> Value {
        let both = |message: &Message| json!({"en": message.text(Lang::En), "ja": message.text(Lang::Ja)});
        json!({
            "from": if self.as_of.is_some() { "aws-config" } else { "live" },
            "as_of": self.as_of.map(|time| time.to_string()),
            "places": self.places,
            "resources": self.resources,
            "answers": self.answers,
            "refused": self.refused,
            "unanswered": self.unanswered,
            "sealed": self.sealed,
            "notes": self.notes.iter().map(both).collect::<Vec<_>>(),
        })
    }
}

/// The bucket that a vault lies in, where it lies in one.
pub(in super::super) fn bucket_of(vault: &Vault) -> Option<&str> {
    vault.store().url().strip_prefix("s3://")?.split('/').next()
}

/// Takes names of regions that there are, or may be.
///
/// # Errors
/// The caller's mistake, with the nearest name.
pub(in super::super) fn known_regions(all: &[String]) -> Result<()> {
    all.iter().try_for_each(|region| regions::known(region))
}

/// The policy that `--live` needs.
pub(in super::super) fn print_policy() -> Result<Exit> {
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
