//! A question and what it is about, from its arguments.

use std::io::{IsTerminal, Read};

use chrono::Utc;
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Failure, Language, Options, source_names};

use super::saved;
use crate::access::Access;
use crate::context::Context;
use crate::{output, time};

/// A question in either language.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its text.
    pub text: String,
    /// Whether it is SQL.
    pub is_sql: bool,
    /// Its name, where it was saved under one.
    pub saved: Option<String>,
}

impl Question {
    /// Its language.
    pub fn language(&self) -> Language {
        if self.is_sql { Language::Sql } else { Language::Insights }
    }

    /// What the record says of whoever asks it, about these events and over a tree of this size. The text is kept whole: it is
    /// evidence.
    pub fn access(&self, options: &Options, tree_size: u64) -> Access {
        asked(Access::new("query.run"), self, options).with("tree_size", tree_size)
    }
}

/// An access with a question and what it is about.
pub fn asked(access: Access, question: &Question, options: &Options) -> Access {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    access
        .with("query", question.text.as_str())
        .with("language", if question.is_sql { "sql" } else { "insights" })
        .with("saved", question.saved.clone())
        .with("from", time(options.from))
        .with("to", time(options.to))
        .with("sources", options.sources.clone())
        .with("streams", options.streams.clone())
}

/// The arguments that say which events a question is about; packages take them too.
pub fn range_arguments(command: Command) -> Command {
    command
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("source").long("source").value_name("SOURCE").action(ArgAction::Append))
        .arg(Arg::new("stream").long("stream").value_name("NAME").action(ArgAction::Append))
        .arg(Arg::new("sql").long("sql").action(ArgAction::SetTrue))
}

/// A range of time; `None` for an open end.
pub type Range = (Option<Timestamp>, Option<Timestamp>);

/// The range that two texts name.
pub fn range(context: &Context, from: Option<&str>, to: Option<&str>) -> Result<Range> {
    let now = Utc::now();
    let bound =
        |text: Option<&str>, is_end: bool| text.map(|text| time::parse(text, context.zone, now, is_end)).transpose();
    let (from, to) = (bound(from, false)?, bound(to, true)?);
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Fault::caller(msg!("cli-range-empty", from = from.to_string(), to = to.to_string())));
    }
    Ok((from, to))
}

/// Makes sure that sources are known.
///
/// # Errors
/// The caller's mistake, with the nearest name.
pub fn known_sources(sources: &[String]) -> Result<()> {
    if let Some(source) = sources.iter().find(|source| source_names().all(|known| known != source.as_str())) {
        let nearest = shoseki_insights::nearest(source, source_names()).unwrap_or("cloudtrail");
        let known = source_names().collect::<Vec<_>>().join(", ");
        return Err(Fault::caller(msg!("cli-query-source", source = source, nearest = nearest, known = known)));
    }
    Ok(())
}

/// What a question is about, from its arguments.
pub fn options(context: &Context, matches: &ArgMatches) -> Result<Options> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let all = |name: &str| -> Vec<String> { matches.get_many::<String>(name).into_iter().flatten().cloned().collect() };
    let (from, to) = range(context, text("from"), text("to"))?;
    let mut sources = all("source");
    if let (true, Ok(Some(name))) = (sources.is_empty(), matches.try_get_one::<String>("saved")) {
        sources.extend(saved::find(name, saved::folder(matches).as_deref())?.source);
    }
    known_sources(&sources)?;
    Ok(Options {
        from,
        to,
        include_internal: sources.iter().any(|source| source == "shoseki"),
        sources,
        streams: all("stream"),
        zone: context.zone,
        now: Timestamp::now(),
        ..Options::default()
    })
}

/// The text of the question: the argument, a file, or standard input.
pub fn text(matches: &ArgMatches) -> Result<String> {
    let unreadable =
        |path: &str, error: std::io::Error| Fault::caller(msg!("cli-query-unreadable", path = path)).because(error);
    if let Some(path) = matches.get_one::<String>("file") {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        // Some editors put a byte order mark before it.
        return Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text));
    }
    match matches.get_one::<String>("query").map(String::as_str) {
        Some("-") => {}
        Some(text) => return Ok(text.to_owned()),
        None if std::io::stdin().is_terminal() => return Err(Fault::caller(msg!("cli-query-missing"))),
        None => {}
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| unreadable("-", error))?;
    Ok(text)
}

/// Why there is no answer; mistakes in the question are shown under their places.
pub fn fault(context: &Context, text: &str, failure: Failure) -> Fault {
    match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(errors) => {
            output::aside(&shoseki_insights::render(text, &errors, context.lang));
            Fault::caller(msg!("cli-query-mistakes", count = errors.len()))
        }
    }
}
