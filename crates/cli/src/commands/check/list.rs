//! What checks and frameworks there are: `check list`, `check show`, `check frameworks`.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_comply::audit_policy;
use shoseki_comply::checks::{CHECKS, Check, find};
use shoseki_comply::frameworks::{Framework, named_by};
use shoseki_messages::{Fault, Result, lookup, msg};

use crate::context::Context;
use crate::{Exit, output};

/// The longest file of a framework that is read, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// The frameworks of the files that are given.
pub(in super::super) fn own(matches: &ArgMatches) -> Result<Vec<Framework>> {
    let paths = matches.get_many::<String>("framework-file").into_iter().flatten();
    paths.map(|path| Framework::of(path, &read(path)?)).collect()
}

/// The text of a file of a user's own.
pub(super) fn read(path: &str) -> Result<String> {
    let unreadable =
        |error: std::io::Error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error);
    let size = std::fs::metadata(Path::new(path)).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        return Err(Fault::caller(msg!("comply-yaml-long", name = path, most = MOST_BYTES >> 20)));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// All frameworks, ours and those of the files.
pub(in super::super) fn all(own: &[Framework]) -> Result<Vec<&Framework>> {
    Ok(Framework::all()?.into_iter().chain(own).collect())
}

/// The check of a name, among ours and those of the frameworks.
pub(super) fn check<'a>(id: &str, own: &'a [Framework]) -> Result<&'a Check> {
    let known = || CHECKS.iter().chain(own.iter().flat_map(|framework| &framework.own));
    let found = own.iter().find_map(|framework| find(id, &framework.own)).or_else(|| find(id, &[]));
    found.ok_or_else(|| {
        let near = shoseki_insights::nearest(id, known().map(|check| check.id.as_ref()));
        Fault::caller(match near {
            Some(near) => msg!("cli-check-unknown-near", check = id, near = near),
            None => msg!("cli-check-unknown", check = id),
        })
    })
}

pub(super) fn heads<const N: usize>(context: &Context, names: [&str; N]) -> [String; N] {
    names.map(|name| lookup(&format!("cli-check-{name}"), context.lang).unwrap_or_default())
}

/// `check list`.
pub(super) fn checks(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let own = own(matches)?;
    let all: Vec<&Check> = CHECKS.iter().chain(own.iter().flat_map(|framework| &framework.own)).collect();
    if context.json {
        let ours = all.iter().map(|check| check.to_json());
        let of_policies = audit_policy::CHECKS.iter().map(|(id, severity)| {
            json!({"id": id, "severity": severity.name(), "title": both(&format!("check-title-{id}"))})
        });
        output::json(&json!({
            "checks": ours.collect::<Vec<Value>>(), "audit_policy": of_policies.collect::<Vec<Value>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let mut table = output::table(&heads(context, ["check", "severity", "title"]));
    for check in all {
        table.add_row([check.id.to_string(), check.severity.word(context.lang), check.title(context.lang)]);
    }
    for (id, severity) in audit_policy::CHECKS {
        let title = lookup(&format!("check-title-{id}"), context.lang).unwrap_or_default();
        table.add_row([id.to_owned(), severity.word(context.lang), title]);
    }
    output::line(&table.to_string());
    context.note(&msg!("cli-check-how"));
    Ok(Exit::Done)
}

fn both(id: &str) -> Value {
    let text = |lang| lookup(id, lang).unwrap_or_default();
    json!({"en": text(shoseki_messages::Lang::En), "ja": text(shoseki_messages::Lang::Ja)})
}

/// `check show ID`: what it asks, how it judges, and the questions that an auditor can ask himself.
pub(super) fn show(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let own = own(matches)?;
    let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
    let check = check(id, &own)?;
    let named = named_by(&check.id, &all(&own)?);
    if context.json {
        let mut value = check.to_json();
        value["requirements"] = json!(named);
        output::json(&value)?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    output::line(&format!("{} ({})", check.id, check.severity.word(lang)));
    output::line(&check.title(lang));
    output::line("");
    output::line(&check.asks(lang));
    context.say(&msg!("cli-check-mend", what = check.mend(lang)));
    super::iac::terraform(check);
    context.say(&msg!("cli-check-asked-by", requirements = named.join(", ")));
    for query in check.queries() {
        output::line("");
        output::line(&query.command(("FROM", "TO")));
    }
    Ok(Exit::Done)
}

/// `check frameworks`.
pub(super) fn frameworks(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let own = own(matches)?;
    let all = all(&own)?;
    if context.json {
        let rows = all.iter().map(|framework| {
            json!({
                "id": framework.id,
                "title": framework.title.to_json(),
                "attach": framework.attach,
                "note": framework.note.as_ref().map(|note| note.to_json()),
                "requirements": framework.requirements.iter().map(|one| json!({
                    "number": one.number, "title": one.title.to_json(), "asks": one.asks.to_json(), "whose": one.whose.to_string(),
                    "checks": one.checks,
                    "manual": one.manual.as_ref().map(|manual| json!({"en": manual.en, "ja": manual.ja, "months": manual.months})),
                    "attach": framework.attach_name(one),
                })).collect::<Vec<_>>(),
            })
        });
        output::json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let mut table = output::table(&heads(context, ["framework", "title", "requirements", "seen", "documents-head"]));
    for framework in all {
        let count = |is: fn(&shoseki_comply::frameworks::Requirement) -> bool| {
            framework.requirements.iter().filter(|one| is(one)).count().to_string()
        };
        table.add_row([
            framework.id.clone(),
            framework.title.of(context.lang).to_owned(),
            framework.requirements.len().to_string(),
            count(|one| !one.checks.is_empty()),
            count(|one| one.manual.is_some()),
        ]);
    }
    output::line(&table.to_string());
    Ok(Exit::Done)
}
