//! `shoseki package create|verify`: what an auditor is given, and how it is judged.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;
use shoseki_messages::{Fault, Result, msg};
use shoseki_report::{Draw, Mask, Packed, Request, Running, pack, verify_again};
use shoseki_vault::Vault;

use super::{Entry, attach, query, verify};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "package", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// How many records of a sample the record of its package names.
const NAMED: usize = 1_000;

fn arguments(command: Command) -> Command {
    let create = query::memory_arguments(query::range_arguments(Command::new("create")))
        .arg(Arg::new("query").long("query").value_name("QUERY"))
        .arg(Arg::new("file").long("file").short('f').value_name("FILE").conflicts_with("query"))
        .arg(Arg::new("saved").long("saved").value_name("NAME").conflicts_with_all(["query", "file", "sql"]))
        .arg(Arg::new("out").long("out").value_name("FILE").required(true))
        .arg(Arg::new("mask").long("mask").value_name("FILE"))
        .arg(Arg::new("unmasked").long("unmasked").action(ArgAction::SetTrue).conflicts_with("mask"))
        .arg(Arg::new("population").long("population").action(ArgAction::SetTrue))
        .arg(Arg::new("sample").long("sample").value_name("N").value_parser(value_parser!(u64).range(1..)))
        .arg(Arg::new("seed").long("seed").value_name("TEXT").requires("sample"))
        .arg(Arg::new("drawn-by").long("drawn-by").value_name("NAME").requires("sample"))
        .arg(Arg::new("attachments").long("attachments").action(ArgAction::SetTrue))
        .arg(Arg::new("requirement").long("requirement").value_name("NAME").action(ArgAction::Append))
        .arg(query::lookups_argument())
        .arg(whole_file::force());
    let verify = Command::new("verify")
        .arg(Arg::new("file").value_name("FILE").required(true))
        .arg(Arg::new("key").long("key").value_name("KEY").required(true))
        .arg(Arg::new("against").long("against").value_name("CHECKPOINT"));
    let verify = query::room_arguments(verify);
    command.subcommand_required(true).subcommand(create).subcommand(verify)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("create", matches)) => create(context, matches).await,
        Some((_, matches)) => judge(context, matches).await,
        None => Err(Fault::broken(msg!("cli-command-not-wired"))),
    }
}

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error))
}

async fn judge(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let path = text("file").unwrap_or_default();
    let key = verify::verifier(text("key").unwrap_or_default())?;
    let known = text("against").map(read).transpose()?;
    let file = File::open(path)
        .map_err(|error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error))?;
    let mut head = [0; 2];
    let is_zip = (&file).read_exact(&mut head).is_ok() && head == *b"PK";
    if !is_zip {
        return Err(Fault::caller(msg!("cli-package-none", path = path)));
    }
    let limits = query::limits(matches)?;
    let running = Running { memory: limits.memory, spill: limits.spill, ..Running::default() };
    let length = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let shown = progress::of_package(&running.read, length, context.lang);
    let report = tokio::select! {
        report = verify_again(file, key, known, running) => report?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    drop(shown);
    verify::show(context, &report)?;
    Ok(verify::exit(report.verdict))
}

async fn create(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let path = text("out").unwrap_or_default();
    let may_replace = whole_file::may_replace(matches);
    whole_file::refuse_existing(Path::new(&path), may_replace)?;
    let mask = match (matches.get_flag("unmasked"), text("mask")) {
        (true, _) => None,
        (false, None) => Some(Mask::new(None)?),
        (false, Some(file)) => Some(Mask::new(Some(&String::from_utf8_lossy(&read(&file)?)))?),
    };
    let question = query::question(matches)?;
    let options = query::limits(matches)?.apply(query::options(context, matches)?);
    let (population, sample) = (matches.get_flag("population"), sample(matches)?);
    let vault = Arc::new(context.open().await?);
    let access = query::asked(Access::new("package.create"), &question, &options);
    let (query, sql) = (question.text, question.is_sql);
    let requirements = attach::requirements(matches)?;
    let attachments = (matches.get_flag("attachments") || !requirements.is_empty()).then_some(requirements);
    let access = access.with("attachments", attachments.clone());
    let request = Request { query, sql, options, mask, population, sample, attachments };
    let access =
        access.with("file", path.as_str()).with("masked", request.mask.is_some()).with("population", population);
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let ended = put_together(context, (&path, may_replace), (&vault, &request), &mut recorded).await;
    recorded.ended(ended)
}

async fn put_together(
    context: &Context,
    (path, may_replace): (&str, bool),
    (vault, request): (&Arc<Vault>, &Request),
    recorded: &mut Recorded,
) -> Result<Exit> {
    // Only its owner reads it, for it holds evidence; dropped before its end it leaves nothing.
    let whole = WholeFile::begin_private(Path::new(path), may_replace)?;
    let (out, synced) = (whole.file()?, Arc::new(whole.file()?));
    let shown = progress::of_packing(&synced, context.lang);
    let packed = tokio::select! {
        packed = pack(vault, request, out) => Some(packed),
        _ = tokio::signal::ctrl_c() => None,
    };
    drop(shown);
    let packed = match packed {
        Some(Ok(packed)) => packed,
        Some(Err(failure)) => {
            return Err(whole_file::named_in(Path::new(path), query::fault(context, &request.query, failure)));
        }
        None => return Ok(Exit::Stopped),
    };
    whole.finish()?;
    let key = vault.verifier()?.to_string();
    recorded.detail("rows", packed.rows);
    recorded.detail("records", packed.records);
    recorded.detail("documents", packed.documents);
    recorded.detail("tree_size", packed.tree_size);
    if let Some((sample, names)) = &packed.sample {
        let drawn: Vec<&String> = names.iter().take(NAMED).collect();
        recorded.detail(
            "sample",
            json!({
                "take": sample.take, "from": sample.from, "seed": sample.seed, "drawn_by": sample.drawn_by, "drawn_at": sample.drawn,
                "drawn": drawn,
            }),
        );
    }
    tell(context, path, &packed, (&key, recorded.is_recorded()))?;
    Ok(Exit::Done)
}

/// How a sample is to be drawn, where one is. The seed is asked for and never made up: one that the audited side chooses proves
/// nothing.
fn sample(matches: &ArgMatches) -> Result<Option<Draw>> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let Some(take) = matches.get_one::<u64>("sample").copied() else { return Ok(None) };
    let seed = text("seed").filter(|seed| !seed.is_empty());
    let seed = seed.ok_or_else(|| Fault::caller(msg!("cli-package-seed-missing")))?;
    let user =
        || ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    let by = text("drawn-by").or_else(user).ok_or_else(|| Fault::caller(msg!("cli-package-drawn-by-missing")))?;
    Ok(Some(Draw { take, seed, by }))
}

/// Says what was packed.
fn tell(context: &Context, file: &str, packed: &Packed, (key, is_recorded): (&str, bool)) -> Result<()> {
    if context.json {
        return output::json(&json!({
            "file": file, "rows": packed.rows, "records": packed.records, "drawn_from": packed.drawn_from,
            "population": packed.population, "documents": packed.documents, "tree_size": packed.tree_size, "verifier_key": key,
            "recorded": is_recorded,
        }));
    }
    let (rows, records) = (output::count(packed.rows), output::count(packed.records));
    context.say(&msg!(
        "cli-package-done",
        file = file,
        rows = rows,
        records = records.as_str(),
        size = packed.tree_size
    ));
    if let Some(from) = packed.drawn_from {
        context.say(&msg!("cli-package-drawn", count = records, from = output::count(from)));
    }
    if let Some(population) = packed.population {
        context.say(&msg!("cli-package-population", records = output::count(population)));
    }
    if packed.documents > 0 {
        context.say(&msg!("cli-package-documents", count = packed.documents));
    }
    context.say(&msg!("cli-package-key", file = file, key = key));
    Ok(())
}
