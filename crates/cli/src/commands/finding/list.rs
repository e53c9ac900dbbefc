//! `finding list`: findings as they stand, the most pressing first.

use clap::ArgMatches;
use serde_json::json;
use shoseki_comply::findings::{Case, Nature, Register, State};
use shoseki_comply::frameworks::Framework;
use shoseki_messages::{Lang, Result, lookup, msg};

use super::super::check::ours;
use crate::context::Context;
use crate::{Exit, csv, output};

/// How long a text in the table may be, in letters.
const LONGEST: usize = 140;

/// The columns of the CSV.
const COLUMNS: [&str; 16] = [
    "id",
    "state",
    "overdue",
    "severity",
    "nature",
    "check",
    "subject",
    "what",
    "requirements",
    "first_seen",
    "last_seen",
    "open_since",
    "due",
    "accepted_until",
    "owner",
    "records",
];

pub(super) fn run(context: &Context, matches: &ArgMatches, register: &Register) -> Result<Exit> {
    let cases = chosen(matches, register)?;
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("csv") => {
            csv::print(context, &COLUMNS, &cases.iter().map(|case| line(context, register, case)).collect::<Vec<_>>())?
        }
        Some("json") => print_json(register, &cases)?,
        None if context.json => print_json(register, &cases)?,
        _ => print(context, register, &cases),
    }
    Ok(Exit::Done)
}

fn chosen<'a>(matches: &ArgMatches, register: &'a Register) -> Result<Vec<&'a Case>> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let asked: Vec<&String> = matches.get_many::<String>("status").into_iter().flatten().collect();
    let of_state = |case: &&Case| match asked.is_empty() {
        true => case.state() == State::Open,
        false => asked.iter().any(|name| *name == "all" || *name == case.state().name()),
    };
    let natures: Vec<&String> = matches.get_many::<String>("nature").into_iter().flatten().collect();
    let of_nature = |case: &&Case| match natures.is_empty() {
        true => case.nature() != Nature::Review,
        false => natures.iter().any(|name| *name == "all" || *name == case.nature().name()),
    };
    let framework =
        text("framework").map(Framework::find).transpose()?.map(|framework| format!("{} ", framework.attach));
    let of_framework = |case: &&Case| {
        let is_its = |framework: &String| case.requirements().iter().any(|name| name.starts_with(framework.as_str()));
        framework.as_ref().is_none_or(is_its)
    };
    let check = text("check");
    // A check of a user's own framework is known by what it found.
    if let Some(id) = check.filter(|id| register.iter().all(|case| case.check() != Some(*id))) {
        ours(id)?;
    }
    let of_check = |case: &&Case| check.is_none_or(|check| case.check() == Some(check));
    let of_severity = |case: &&Case| text("severity").is_none_or(|severity| case.severity().name() == severity);
    let is_asked = |case: &&Case| !matches.get_flag("overdue") || case.overdue(register.at).is_some();
    let all =
        register.iter().filter(of_state).filter(of_nature).filter(of_framework).filter(of_check).filter(of_severity);
    let mut cases: Vec<&Case> = all.filter(is_asked).collect();
    cases.sort_by_key(|case| {
        let is_overdue = case.overdue(register.at).is_some();
        (case.state(), !is_overdue, std::cmp::Reverse(case.severity()), case.nature(), case.first_seen)
    });
    Ok(cases)
}

fn print_json(register: &Register, cases: &[&Case]) -> Result<()> {
    let count = |state: State| (state.name().to_owned(), json!(register.in_state(state).count()));
    output::json(&json!({
        "at": register.at.to_string(),
        "last_run": register.last_run.map(|at| at.to_string()),
        "counts": serde_json::Value::Object(State::ALL.map(count).into_iter().collect()),
        "findings": cases.iter().map(|case| case.to_json(register.letters(), register.at)).collect::<Vec<_>>(),
    }))
}

fn line(context: &Context, register: &Register, case: &Case) -> Vec<String> {
    let exception = case.exception.as_ref();
    vec![
        register.short(&case.id),
        case.state().name().to_owned(),
        case.overdue(register.at).is_some().to_string(),
        case.severity().name().to_owned(),
        case.nature().name().to_owned(),
        case.check().unwrap_or_default().to_owned(),
        case.subject().to_owned(),
        case.what(context.lang).to_owned(),
        case.requirements().join("; "),
        context.local(case.first_seen),
        context.local(case.last_seen),
        context.local(case.open_since),
        case.due().map(|due| due.day.clone()).unwrap_or_default(),
        exception.map(|accept| accept.until.day.clone()).unwrap_or_default(),
        exception.map(|accept| accept.owner.clone()).unwrap_or_default(),
        case.records().join(" "),
    ]
}

/// The word for how a finding stands, with what presses or protects it.
pub(super) fn standing(lang: Lang, register: &Register, case: &Case) -> String {
    let word = case.state().word(lang);
    if let (State::Accepted, Some(accept)) = (case.state(), &case.exception) {
        let (until, owner) = (accept.until.day.as_str(), accept.owner.as_str());
        return msg!("cli-check-accepted", until = until, owner = owner).text(lang);
    }
    match case.overdue(register.at) {
        Some(_) => format!("{word}\n{}", lookup("cli-finding-overdue", lang).unwrap_or_default()),
        None => word,
    }
}

/// As much of a text as a table has room for.
fn short(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What a finding is about: by which check, where one found it.
fn about(case: &Case, lang: Lang) -> String {
    let what = output::on_one_line(&format!("{}: {}", case.subject(), case.what(lang)));
    case.check().map_or_else(|| what.clone(), |check| format!("{check}\n{what}"))
}

fn print(context: &Context, register: &Register, cases: &[&Case]) {
    let lang = context.lang;
    if cases.is_empty() {
        context.say(&msg!("cli-finding-none"));
    } else {
        let heads = ["id", "state", "severity", "nature", "about", "since", "due"];
        let heads = heads.map(|name| lookup(&format!("cli-finding-{name}"), lang).unwrap_or_default());
        let mut table = output::table(&heads);
        for case in cases {
            table.add_row([
                register.short(&case.id),
                standing(lang, register, case),
                case.severity().word(lang),
                case.nature().word(lang),
                short(about(case, lang)),
                context.local(case.open_since),
                case.due().map(|due| due.day.clone()).unwrap_or_default(),
            ]);
        }
        output::line(&table.to_string());
    }
    let count = |state: State| register.in_state(state).count();
    let (open, accepted, resolved) = (count(State::Open), count(State::Accepted), count(State::Resolved));
    let review = register.in_state(State::Open).filter(|case| case.nature() == Nature::Review).count();
    context.say(&msg!("cli-finding-counts", open = open, review = review, accepted = accepted, resolved = resolved));
    match register.last_run {
        Some(at) => context.note(&msg!("cli-finding-last-run", time = context.local(at))),
        None => context.note(&msg!("cli-finding-never-ran")),
    }
}
