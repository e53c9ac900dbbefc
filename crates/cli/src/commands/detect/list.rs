//! `detect rules` and `detect show`.

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_detect::{Origin, Rule};
use shoseki_messages::{Lang, Result, lookup, msg};

use super::{known, of_problems, rules, tell_problems};
use crate::context::Context;
use crate::{Exit, output};

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let rules = rules(matches)?;
    let mut listed: Vec<&Rule> = rules.all().filter(|rule| !rule.is_base).collect();
    listed.sort_by_key(|rule| (rule.sources.clone(), std::cmp::Reverse(rule.level), rule.title(Lang::En).to_owned()));
    if context.json {
        let all: Vec<Value> = listed.iter().map(|rule| report(rule)).collect();
        let problems: Vec<String> = rules.problems.iter().map(|problem| problem.why.text(Lang::En)).collect();
        output::json(&json!({
            "rules": all, "sha256": rules.hash(), "elsewhere": rules.elsewhere, "problems": problems,
        }))?;
    } else {
        let word = |name: &str| lookup(&format!("detect-head-{name}"), context.lang).unwrap_or_default();
        let mut table = output::table(&["level", "source", "title", "rule"].map(word));
        for rule in &listed {
            let level = lookup(&format!("detect-level-{}", rule.level.name()), context.lang).unwrap_or_default();
            table.add_row([level, rule.sources.join(", "), rule.title(context.lang).to_owned(), rule.id.clone()]);
        }
        output::line(&table.to_string());
        context.say(&msg!("detect-rules-count", count = listed.len(), elsewhere = rules.elsewhere));
    }
    tell_problems(context, &rules.problems);
    Ok(of_problems(rules.problems.len(), Exit::Done))
}

/// A rule as JSON, in both languages.
fn report(rule: &Rule) -> Value {
    let texts = |lang: Lang| {
        json!({
            "title": rule.title(lang), "description": rule.description(lang), "response": rule.response(lang),
            "false_positives": rule.false_positives(lang),
        })
    };
    json!({
        "id": rule.id, "level": rule.level, "sources": rule.sources, "tags": rule.tags, "sha256": rule.hash,
        "correlation": rule.is_correlation,
        "file": match &rule.origin { Origin::Own => None, Origin::File(path) => Some(path) },
        "en": texts(Lang::En), "ja": texts(Lang::Ja),
    })
}

pub(super) fn show(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let rules = rules(matches)?;
    let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
    known(&rules, id)?;
    let Some(rule) = rules.get(id) else { return Ok(Exit::Done) };
    if context.json {
        output::json(&report(rule))?;
        return Ok(Exit::Done);
    }
    let lang = context.lang;
    let mut table = output::table(&[]);
    let level = lookup(&format!("detect-level-{}", rule.level.name()), lang).unwrap_or_default();
    let from = match &rule.origin {
        Origin::Own => "shoseki".to_owned(),
        Origin::File(path) => path.display().to_string(),
    };
    for (name, value) in [
        ("rule", rule.id.clone()),
        ("title", rule.title(lang).to_owned()),
        ("level", level),
        ("source", rule.sources.join(", ")),
        ("tags", rule.tags.join(", ")),
        ("description", rule.description(lang).to_owned()),
        ("false-positives", rule.false_positives(lang).join("; ")),
        ("response", rule.response(lang).to_owned()),
        ("from", from),
        ("sha256", rule.hash.clone()),
    ] {
        if !value.is_empty() {
            table.add_row([lookup(&format!("detect-head-{name}"), lang).unwrap_or_default(), value]);
        }
    }
    output::line(&table.to_string());
    Ok(Exit::Done)
}
