//! `shoseki setup`: what `[setup]` of `shoseki.toml` asks of accounts of AWS, as a plan (`plan`), done (`apply`), proven to deliver
//! (`check`), as code (`export`), and the rights that all need (`policy`).

mod apply;
mod check;
mod export;
mod look;
mod record;
mod show;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_aws::{change, inventory, probe};
use shoseki_messages::{Fault, Result, msg};
use shoseki_server::Config;
use shoseki_setup::export::What;
use shoseki_setup::{Setup, VaultPlace};

use super::Entry;
use super::query::room_arguments;
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "setup", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// The configuration where none is named.
const CONFIG: &str = "shoseki.toml";

fn arguments(command: Command) -> Command {
    let config =
        || Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true).value_name("FILE");
    let profile = || Arg::new("profile").long("profile").value_name("NAME");
    let record = Arg::new("record").long("record").action(ArgAction::SetTrue);
    let plan = room_arguments(Command::new("plan")).arg(config()).arg(profile()).arg(record);
    let yes = Arg::new("yes").long("yes").action(ArgAction::SetTrue);
    let adopt = Arg::new("adopt").long("adopt").action(ArgAction::SetTrue);
    let apply = Command::new("apply").arg(config()).arg(profile()).arg(yes).arg(adopt);
    let policy = Command::new("policy").arg(config());
    let check = check::command().arg(config()).arg(profile());
    let export = exported(Command::new("export").arg(config()).arg(profile()));
    let command = command.subcommand_required(true).subcommand(plan).subcommand(apply).subcommand(check);
    command.subcommand(policy).subcommand(export)
}

fn exported(command: Command) -> Command {
    let what = Arg::new("what").value_name("WHAT").required(true).num_args(1..);
    let what = what.value_parser(What::ALL.map(What::name));
    let database = Arg::new("database").long("database").value_name("ENGINE:VERSION").action(ArgAction::Append);
    let out = Arg::new("out").long("out").value_name("DIR");
    let live = Arg::new("live").long("live").action(ArgAction::SetTrue).conflicts_with("database");
    command.arg(what).arg(database).arg(live).arg(out).arg(crate::whole_file::force())
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("plan", matches)) => look::plan(context, matches).await,
        Some(("apply", matches)) => apply::run(context, matches).await,
        Some(("check", matches)) => check::run(context, matches).await,
        Some(("policy", matches)) => policy(matches),
        Some(("export", matches)) => export::run(context, matches).await,
        _ => Err(Fault::broken(msg!("cli-command-not-wired"))),
    }
}

/// Whether a plan could be made so: the configuration has a set-up, in regions that there are. Nothing is asked.
///
/// # Errors
/// The caller's mistake.
pub(super) fn could_run(matches: &ArgMatches) -> Result<()> {
    Wanted::of(matches).map(drop)
}

/// What is wanted, as the configuration says.
struct Wanted {
    setup: Setup,
    /// The home first; none where the credentials' own region is meant.
    regions: Vec<String>,
    /// The vault that the configuration names.
    vault: Option<String>,
    /// All of the configuration, but what lies in files beside it.
    config: Config,
    path: PathBuf,
}

impl Wanted {
    fn of(matches: &ArgMatches) -> Result<Self> {
        let path = matches.get_one::<String>("config").map_or(CONFIG, String::as_str);
        // What `serve` needs beside, such as secrets in files, need not be on the machine of whoever sets up.
        let text = std::fs::read_to_string(path)
            .map_err(|error| Fault::caller(msg!("cli-setup-config", path = path)).because(error))?;
        let config = Config::parse(&text, path)?;
        let Some(mut setup) = config.setup.clone() else {
            return Err(Fault::caller(msg!("cli-setup-none", path = path)));
        };
        let regions = setup.all_regions(config.region.as_deref());
        super::check::look::known_regions(&regions)?;
        super::check::look::known_regions(setup.replicate_to.as_slice())?;
        setup.home_region = regions.first().cloned();
        let folder = Path::new(path).parent().unwrap_or_else(|| Path::new("."));
        let vault = config.vault.clone().map(|vault| match vault.contains("://") {
            true => vault,
            false => folder.join(&vault).display().to_string(),
        });
        let in_bucket = vault.as_deref().filter(|url| url.starts_with("s3://"));
        if let (Some(collector), Some(url)) = (&mut setup.collector, in_bucket) {
            let place = VaultPlace::of(url).ok_or_else(|| Fault::caller(msg!("cli-setup-vault", url = url)));
            collector.vault = Some(place?);
        }
        Ok(Self { setup, regions, vault, config, path: PathBuf::from(path) })
    }

    /// Whom to ask, and where.
    fn ask(&self, matches: &ArgMatches) -> inventory::Ask {
        inventory::Ask {
            profile: matches.get_one::<String>("profile").cloned(),
            roles: self.setup.roles.clone(),
            external_id: self.setup.external_id.clone(),
            regions: self.regions.clone(),
            is_all_regions: false,
            setup: Some(self.setup.name.clone()),
            setup_regions: self.setup.replicate_to.clone().into_iter().collect(),
        }
    }
}

/// The policy of IAM that `plan`, `apply` and `check` need. Only the name is taken from a configuration, where there is one.
fn policy(matches: &ArgMatches) -> Result<Exit> {
    let is_named = matches.get_one::<String>("config").is_some();
    let name = match is_named || Path::new(CONFIG).exists() {
        true => Wanted::of(matches)?.setup.name,
        false => Setup::default().name,
    };
    let mut statements = vec![inventory::statement_of_setup()];
    statements.extend(change::statements(&name));
    statements.extend(probe::statements());
    output::json(&json!({"Version": "2012-10-17", "Statement": statements}))?;
    Ok(Exit::Done)
}
