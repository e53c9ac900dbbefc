//! `shoseki detect`: Sigma rules over the records of a vault; the list of rules, one of them, and their proof by events.

mod coverage;
mod list;
mod prove;
mod run;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_detect::{Level, Problem, Rules};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_server::Config;
use shoseki_server::config::Detect;

use super::{Entry, query};
use crate::Exit;
use crate::context::Context;

pub const ENTRY: Entry = Entry {
    name: "detect",
    arguments,
    run: |context, matches| {
        Box::pin(async move {
            match matches.subcommand() {
                Some(("rules", matches)) => list::run(context, matches),
                Some(("show", matches)) => list::show(context, matches),
                Some(("prove", matches)) => prove::run(context, matches),
                Some(("coverage", matches)) => coverage::run(context, matches).await,
                _ => run::run(context, matches).await,
            }
        })
    },
};

fn arguments(command: Command) -> Command {
    let id = Arg::new("id").value_name("ID").required(true);
    let segments = Arg::new("segments").long("segments").action(ArgAction::SetTrue);
    let coverage = rule_arguments(Command::new("coverage").arg(segments));
    let command = rule_arguments(command)
        .subcommand(range_arguments(coverage))
        .subcommand(rule_arguments(Command::new("rules")))
        .subcommand(rule_arguments(Command::new("show").arg(id)))
        .subcommand(Command::new("prove"));
    let command = range_arguments(command).arg(Arg::new("new").long("new").action(ArgAction::SetTrue)).arg(
        Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(["table", "json", "jsonl"]),
    );
    query::room_arguments(command).args_conflicts_with_subcommands(true)
}

fn range_arguments(command: Command) -> Command {
    command
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("source").long("source").value_name("SOURCE").action(ArgAction::Append))
        .arg(Arg::new("stream").long("stream").value_name("NAME").action(ArgAction::Append))
}

fn rule_arguments(command: Command) -> Command {
    let levels = Level::ALL.map(Level::name);
    command
        .arg(Arg::new("rules").long("rules").value_name("PATH").action(ArgAction::Append))
        .arg(Arg::new("no-own").long("no-own").action(ArgAction::SetTrue).requires("rules"))
        .arg(Arg::new("rule").long("rule").value_name("ID").action(ArgAction::Append))
        .arg(
            Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true).value_name("FILE"),
        )
        .arg(Arg::new("level").long("level").value_name("LEVEL").value_parser(PossibleValuesParser::new(levels)))
}

/// The rules that arguments name.
fn rules(matches: &ArgMatches) -> Result<Rules> {
    let mut paths: Vec<PathBuf> =
        matches.get_many::<String>("rules").into_iter().flatten().map(PathBuf::from).collect();
    paths.extend(configured(matches)?.rules.0);
    let mut rules = Rules::load(!matches.get_flag("no-own"), &paths)?;
    let wanted: Vec<&String> = matches.get_many::<String>("rule").into_iter().flatten().collect();
    for id in &wanted {
        known(&rules, id)?;
    }
    let least = matches.get_one::<String>("level").and_then(|name| Level::by_name(name));
    if !wanted.is_empty() || least.is_some() {
        rules.retain(|rule| {
            let is_wanted = if wanted.is_empty() { !rule.is_base } else { wanted.contains(&&rule.id) };
            is_wanted && least.is_none_or(|least| rule.level >= least)
        });
    }
    Ok(rules)
}

/// What the configuration says of detection, where there is one.
fn configured(matches: &ArgMatches) -> Result<Detect> {
    let path = matches.try_get_one::<String>("config").ok().flatten();
    Ok(path.map(|path| Config::read(path.as_ref())).transpose()?.map(|config| config.detect).unwrap_or_default())
}

fn known(rules: &Rules, id: &str) -> Result<()> {
    if rules.get(id).is_some() {
        return Ok(());
    }
    Err(Fault::caller(match shoseki_insights::nearest(id, rules.all().map(|rule| rule.id.as_str())) {
        Some(near) => msg!("detect-rule-unknown-near", id = id, near = near),
        None => msg!("detect-rule-unknown", id = id),
    }))
}

/// What one of our own rules is called in a language.
pub fn title(id: &str, lang: Lang) -> Option<String> {
    Some(Rules::load(true, &[]).ok()?.get(id)?.title(lang).to_owned())
}

/// Says what could not be read, and how much is about what is not taken in.
fn tell_problems(context: &Context, problems: &[Problem]) {
    const TOLD: usize = 20;
    for problem in problems.iter().take(TOLD) {
        context.note(&msg!("cli-warning", what = problem.why.text(context.lang)));
    }
    if problems.len() > TOLD {
        context.note(&msg!("detect-problems-more", count = problems.len() - TOLD));
    }
}

/// A run that could not ask all the rules that it was given cannot be relied on.
fn of_problems(problems: usize, otherwise: Exit) -> Exit {
    match (problems, otherwise) {
        (1.., Exit::Done) => Exit::Unverifiable,
        (_, exit) => exit,
    }
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use super::*;
    use crate::help;

    /// The words of a command line, with quotes of both kinds.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        for letter in line.chars() {
            match (letter, quote) {
                (_, Some(open)) if letter == open => quote = None,
                ('\'' | '"', None) => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (' ', None) => words.extend(word.take()),
                _ => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }

    /// What a rule tells people to run can be run, and asks what can be asked.
    #[test]
    fn commands_of_responses_are_commands() {
        let rules = Rules::load(true, &[]).unwrap();
        assert!(rules.problems.is_empty(), "{:?}", rules.problems);
        let mut checked = 0;
        for rule in rules.all().filter(|rule| !rule.is_base) {
            for lang in [Lang::En, Lang::Ja] {
                let parts = rule.response(lang).split('`').skip(1).step_by(2);
                for line in parts.filter(|part| part.starts_with("shoseki ")) {
                    let matches = help::command(Lang::En).try_get_matches_from(words(line));
                    let matches = matches.unwrap_or_else(|error| panic!("{}: `{line}`: {error}", rule.id));
                    if let Some(("query", matches)) = matches.subcommand() {
                        let question = query::question(matches);
                        let question = question.unwrap_or_else(|fault| panic!("{}: `{line}`: {fault:?}", rule.id));
                        let parsed = shoseki_insights::parse(&question.text);
                        assert!(
                            question.is_sql || parsed.errors.is_empty(),
                            "{}: `{line}`: {:?}",
                            rule.id,
                            parsed.errors
                        );
                    }
                    checked += 1;
                }
            }
        }
        assert!(checked >= 200, "{checked}");
    }
}
