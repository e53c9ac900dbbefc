//! `shoseki attach FILE --requirement NAME`: a document as evidence. `--list` shows what is attached.

use std::io::Read;
use std::path::Path;

use chrono::NaiveDate;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_comply::frameworks::Framework;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_segment::attachment::{MAX_DOCUMENT_BYTES, MAX_NAME, MAX_NOTE};
use shoseki_vault::{Attach, Attached, Statement, Vault};

use super::Entry;
use crate::access::{self, actor};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "attach", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    command
        .arg(Arg::new("file").value_name("FILE").required_unless_present("list"))
        .arg(text("requirement", "NAME").action(ArgAction::Append).required_unless_present("list"))
        .arg(text("title", "TEXT"))
        .arg(text("note", "TEXT"))
        .arg(text("valid-from", "DATE"))
        .arg(text("valid-to", "DATE"))
        .arg(Arg::new("list").long("list").action(ArgAction::SetTrue).conflicts_with("file"))
}

/// The requirements that are named, each once, with one space where there are many.
pub fn requirements(matches: &ArgMatches) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for given in matches.get_many::<String>("requirement").into_iter().flatten() {
        let name = given.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = checked("requirement", name, MAX_NAME)?;
        if !all.contains(&name) {
            all.push(name);
        }
    }
    Ok(all)
}

/// A text within its bounds, without control characters.
pub fn checked(argument: &str, text: String, most: usize) -> Result<String> {
    let is_good = !text.is_empty() && text.chars().count() <= most;
    if is_good && text.chars().all(|c| !c.is_control() || "\n\t".contains(c)) {
        return Ok(text);
    }
    Err(Fault::caller(msg!("cli-attach-text", argument = argument, most = most)))
}

fn day(matches: &ArgMatches, name: &str) -> Result<Option<String>> {
    let Some(text) = matches.get_one::<String>(name) else { return Ok(None) };
    let day: NaiveDate = text
        .parse()
        .map_err(|error| Fault::caller(msg!("cli-attach-day", argument = name, text = text.as_str())).because(error))?;
    Ok(Some(day.format("%Y-%m-%d").to_string()))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if matches.get_flag("list") {
        let vault = context.open().await?;
        let snapshot = vault.snapshot().await?;
        let mut all = vault.attachments(&snapshot).await?;
        let wanted = requirements(matches)?;
        all.retain(|one| wanted.is_empty() || wanted.contains(&one.attachment.details.requirement));
        list(context, &all)?;
        return Ok(Exit::Done);
    }
    let attach = document(matches)?;
    let vault = context.open().await?;
    access::take_in(context, &vault).await;
    attached(context, &vault, &attach).await
}

/// The document that the arguments name.
fn document(matches: &ArgMatches) -> Result<Attach> {
    let text = |name: &str, most: usize| {
        matches.get_one::<String>(name).map(|text| checked(name, text.clone(), most)).transpose()
    };
    let path = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    let unreadable =
        |error: std::io::Error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error);
    let file = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = checked("FILE", file, MAX_NAME)?;
    let valid = (day(matches, "valid-from")?, day(matches, "valid-to")?);
    if let (Some(from), Some(to)) = &valid
        && from > to
    {
        return Err(Fault::caller(msg!("cli-range-empty", from = from.as_str(), to = to.as_str())));
    }
    // One byte more than may be: what is longer is refused without being read.
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    opened.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.is_empty() {
        return Err(Fault::caller(msg!("cli-attach-empty", path = path)));
    }
    Ok(Attach {
        file,
        bytes: bytes.into(),
        requirements: requirements(matches)?,
        title: text("title", MAX_NAME)?,
        note: text("note", MAX_NOTE)?,
        valid,
        actor: actor(),
    })
}

/// Says of each name of a requirement that no report would show: it is kept as it is, it may be of a framework of one's own.
pub fn doubt(context: &Context, requirements: &[String]) -> Result<()> {
    let known = Framework::all()?;
    for doubt in requirements.iter().filter_map(|name| Framework::doubt(name, &known)) {
        context.note(&msg!("cli-warning", what = doubt.text(context.lang)));
    }
    Ok(())
}

async fn attached(context: &Context, vault: &Vault, attach: &Attach) -> Result<Exit> {
    let Attached { document, new, known, tree_size, warnings } = vault.attach(attach).await?;
    if context.json {
        output::json(&json!({
            "file": attach.file, "sha256": document.sha256, "size": document.size, "new": new, "known": known,
            "tree_size": tree_size,
        }))?;
    } else {
        let (file, sha256) = (attach.file.as_str(), document.sha256.as_str());
        for requirement in &new {
            context.say(&msg!("cli-attach-new", file = file, requirement = requirement, sha256 = sha256));
        }
        for requirement in &known {
            context.say(&msg!("cli-attach-known", file = file, requirement = requirement));
        }
        if !new.is_empty() {
            context.say(&msg!("cli-attach-sealed", size = tree_size));
        }
    }
    for warning in warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    doubt(context, &attach.requirements)?;
    Ok(Exit::Done)
}

fn list(context: &Context, all: &[Statement]) -> Result<()> {
    if context.json {
        let rows = all.iter().map(|one| {
            let mut row = json!(one.attachment.details);
            row["record"] = json!(one.id.to_string());
            row["attached"] = json!(one.attachment.time);
            row["actor"] = one.attachment.actor.clone();
            row
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    let heads = ["cli-attach-requirement", "cli-attach-title", "cli-original-file", "cli-attach-valid"];
    let heads = heads.into_iter().chain(["cli-attach-time", "cli-original-size", "cli-original-sha256"]);
    let heads: Vec<String> = heads.map(|id| lookup(id, context.lang).unwrap_or_default()).collect();
    let mut table = output::table(&heads);
    for one in all {
        let document = &one.attachment.details;
        let valid = [&document.valid_from, &document.valid_to].map(|day| day.clone().unwrap_or_default());
        let time = shoseki_event::Timestamp::parse(&one.attachment.time).map(|time| context.local(time));
        table.add_row([
            document.requirement.clone(),
            document.title.clone().unwrap_or_default(),
            document.file.clone(),
            valid.join(" – ").trim_matches([' ', '–']).to_owned(),
            time.unwrap_or_else(|_| one.attachment.time.clone()),
            output::bytes(document.size),
            document.sha256.chars().take(16).collect(),
        ]);
    }
    output::line(&table.to_string());
    Ok(())
}
