//! The shell's own commands, which begin with `\`. A new one is a line in [`COMMANDS`], its arm in [`run`], and its text
//! `cli-shell-help-<name>` in the catalogue.

use std::path::PathBuf;

use chrono_tz::Tz;
use shoseki_messages::{Fault, Result, lookup, msg};

use super::session::{Next, Session};
use crate::commands::query::{self, Question};
use crate::output;

/// One of them.
pub struct MetaCommand {
    /// Its name without `\`.
    pub name: &'static str,
    /// What it takes.
    takes: &'static str,
}

/// The list, in the order of `\help`.
pub const COMMANDS: &[MetaCommand] = &[
    MetaCommand { name: "help", takes: "" },
    MetaCommand { name: "range", takes: "[FROM [TO] | all]" },
    MetaCommand { name: "tz", takes: "[ZONE]" },
    MetaCommand { name: "o", takes: "FORMAT [FILE] [--force]" },
    MetaCommand { name: "sql", takes: "[QUERY]" },
    MetaCommand { name: "insights", takes: "[QUERY]" },
    MetaCommand { name: "saved", takes: "" },
    MetaCommand { name: "run", takes: "NAME" },
    MetaCommand { name: "explain", takes: "[QUERY]" },
    MetaCommand { name: "timing", takes: "[on | off]" },
    MetaCommand { name: "quit", takes: "" },
];

/// Does what a line asks for.
pub async fn run(session: &mut Session, line: &str) -> Result<Next> {
    let line = line.trim_start().trim_start_matches('\\');
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match name {
        "help" | "h" | "?" => help(session),
        "range" => range(session, rest)?,
        "tz" => zone(session, rest)?,
        "o" => target(session, rest)?,
        "sql" | "insights" => return language(session, name == "sql", rest).await,
        "saved" => query::list_saved(&session.context, session.folder.as_deref())?,
        "run" => return saved(session, rest).await,
        "explain" => explain(session, rest).await?,
        "timing" => timing(session, rest)?,
        "quit" | "q" => return Ok(Next::Leave),
        _ => return Err(unknown(name)),
    }
    Ok(Next::Again)
}

fn unknown(name: &str) -> Fault {
    Fault::caller(match shoseki_insights::nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => msg!("cli-shell-unknown-near", name = name, near = near),
        None => msg!("cli-shell-unknown", name = name),
    })
}

fn help(session: &Session) {
    let mut table = output::table(&[]);
    for MetaCommand { name, takes } in COMMANDS {
        let does = lookup(&format!("cli-shell-help-{name}"), session.context.lang).unwrap_or_default();
        table.add_row([format!("\\{name} {takes}"), does]);
    }
    output::line(&table.to_string());
    session.context.say(&msg!("cli-shell-keys"));
}

fn range(session: &mut Session, rest: &str) -> Result<()> {
    let words: Vec<&str> = split(rest);
    let asked = match words[..] {
        [] => None,
        ["all"] => Some((None, None)),
        [from] => Some((Some(from), None)),
        [from, to] => Some((Some(from), Some(to))),
        _ => return Err(usage("range")),
    };
    if let Some((from, to)) = asked {
        query::range(&session.context, from, to)?;
        session.range = (from.map(str::to_owned), to.map(str::to_owned));
    }
    let (from, to) = &session.range;
    let (from, to) = query::range(&session.context, from.as_deref(), to.as_deref())?;
    let shown = |time: Option<_>| time.map_or_else(|| "…".to_owned(), |time| session.context.local(time));
    session.context.say(&msg!("cli-shell-range", from = shown(from), to = shown(to)));
    Ok(())
}

/// Words, of which one may have blanks where it stands in quotes: `'2026-03-05 14:00'`.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let quote = Some(first).filter(|first| ['"', '\''].contains(first));
        let inside = if quote.is_some() { &rest[1..] } else { rest };
        let is_end = |c: char| quote.map_or(c.is_whitespace(), |quote| c == quote);
        let end = inside.find(is_end).unwrap_or(inside.len());
        words.push(&inside[..end]);
        rest = inside.get(end + usize::from(quote.is_some())..).unwrap_or_default().trim_start();
    }
    words
}

fn usage(name: &'static str) -> Fault {
    let takes = COMMANDS.iter().find(|command| command.name == name).map_or("", |command| command.takes);
    Fault::caller(msg!("cli-shell-usage", name = name, takes = takes))
}

fn zone(session: &mut Session, rest: &str) -> Result<()> {
    if !rest.is_empty() {
        session.context.zone = rest.parse::<Tz>().map_err(|_| Fault::caller(msg!("cli-zone-unknown", zone = rest)))?;
    }
    session.context.say(&msg!("cli-shell-zone", zone = session.context.zone.name()));
    Ok(())
}

fn target(session: &mut Session, rest: &str) -> Result<()> {
    let (format, file, may_replace) = match split(rest)[..] {
        [format] => (format, None, false),
        [format, file] => (format, Some(PathBuf::from(file)), false),
        [format, file, "--force"] => (format, Some(PathBuf::from(file)), true),
        _ => return Err(usage("o")),
    };
    let known = query::known_format(format).ok_or_else(|| usage("o"))?;
    query::Target { format: known, file: file.clone(), may_replace, bom: false, mask: None }.checked()?;
    match file {
        Some(file) => {
            let path = file.display().to_string();
            session.context.say(&msg!("cli-shell-out-file", path = path, format = known));
            session.file = Some((file, known, may_replace));
        }
        None => {
            session.context.say(&msg!("cli-shell-out", format = known));
            session.format = Some(known);
        }
    }
    Ok(())
}

async fn language(session: &mut Session, is_sql: bool, rest: &str) -> Result<Next> {
    if !rest.is_empty() {
        return session.ask(Question { text: rest.to_owned(), is_sql, saved: None }).await;
    }
    session.turn_to(is_sql);
    session.context.say(&if is_sql { msg!("cli-shell-sql") } else { msg!("cli-shell-insights") });
    Ok(Next::Again)
}

async fn saved(session: &mut Session, name: &str) -> Result<Next> {
    if name.is_empty() {
        return Err(usage("run"));
    }
    let saved = query::find_saved(name, session.folder.as_deref())?;
    session.ask(Question { text: saved.text, is_sql: saved.is_sql, saved: Some(saved.name) }).await
}

async fn explain(session: &mut Session, rest: &str) -> Result<()> {
    let question = match (rest, &session.last) {
        ("", None) => return Err(Fault::caller(msg!("cli-shell-nothing-before"))),
        ("", Some(last)) => last.clone(),
        (text, _) => session.question(text)?,
    };
    let (engine, _) = session.engine().await?;
    query::explain(&session.context, &engine, &question).await
}

fn timing(session: &mut Session, rest: &str) -> Result<()> {
    session.is_timed = match rest {
        "" => !session.is_timed,
        "on" => true,
        "off" => false,
        _ => return Err(usage("timing")),
    };
    session.context.say(&if session.is_timed { msg!("cli-shell-timed") } else { msg!("cli-shell-untimed") });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoseki_messages::Lang;

    #[test]
    fn every_command_has_a_text_in_both_languages() {
        for MetaCommand { name, .. } in COMMANDS {
            for lang in [Lang::En, Lang::Ja] {
                assert!(lookup(&format!("cli-shell-help-{name}"), lang).is_some(), "{name} {lang:?}");
            }
        }
    }

    #[test]
    fn words_may_stand_in_quotes() {
        assert_eq!(split("-7d now"), ["-7d", "now"]);
        assert_eq!(split("'2026-03-05 14:00'  \"b c\" d"), ["2026-03-05 14:00", "b c", "d"]);
        assert_eq!(split(" "), Vec::<&str>::new());
        assert_eq!(split("'open 証"), ["open 証"]);
    }
}
