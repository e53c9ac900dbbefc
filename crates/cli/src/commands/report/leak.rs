//! `report leak`: the draft of a leak report after Japan's act on the protection of personal information: until when it is due, `shoseki_comply::incident` counts.

use chrono::{NaiveDate, Utc};
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_comply::incident::{nth_day, working_day_from_nth};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_report::assessment::Leak;

use super::super::query::room_arguments;
use crate::context::Context;
use crate::time;

/// The framework whose checks show what of an incident is in the records.
pub(super) const FRAMEWORK: &str = "appi";
/// What the record of such a report calls it.
pub(super) const NAME: &str = "appi-leak";

pub(super) fn arguments() -> Command {
    room_arguments(Command::new("leak"))
        .arg(Arg::new("from").long("incident-from").value_name("TIME").required(true).allow_hyphen_values(true))
        .arg(Arg::new("to").long("incident-to").value_name("TIME").required(true).allow_hyphen_values(true))
        .arg(Arg::new("known").long("known").value_name("DAY").required(true))
        .arg(
            Arg::new("stage")
                .long("stage")
                .value_name("STAGE")
                .default_value("preliminary")
                .value_parser(["preliminary", "final"]),
        )
        .arg(Arg::new("malicious").long("malicious").action(ArgAction::SetTrue))
        .arg(Arg::new("format").long("format").value_name("FORMAT").default_value("html").value_parser(["html", "pdf"]))
        .arg(
            Arg::new("font")
                .long("font")
                .env("SHOSEKI_FONT")
                .hide_env_values(true)
                .value_name("FILE")
                .action(ArgAction::Append),
        )
        .arg(Arg::new("out").long("out").value_name("FILE"))
        .arg(crate::whole_file::force())
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
}

/// What is asked for, with the days until which it is due.
///
/// # Errors
/// The caller's mistake: what is no day, and a day before the incident began.
pub(super) fn of(context: &Context, matches: &ArgMatches, begin: Timestamp) -> Result<Leak> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let unreadable = || Fault::caller(msg!("cli-report-known", day = text("known")));
    let known: NaiveDate = text("known").parse().map_err(|_| unreadable())?;
    let over = |day: NaiveDate| time::parse(&day.to_string(), context.zone, Utc::now(), true);
    if over(known)? <= begin {
        let begin = context.local(begin);
        return Err(Fault::caller(msg!("cli-report-known-before", day = text("known"), begin = begin)));
    }
    if known > Utc::now().with_timezone(&context.zone).date_naive() {
        return Err(Fault::caller(msg!("cli-report-known-future", day = text("known"))));
    }
    let is_malicious = matches.get_flag("malicious");
    let said = |day: Option<NaiveDate>| day.map(|day| day.to_string()).ok_or_else(unreadable);
    Ok(Leak {
        is_final: text("stage") == "final",
        known: known.to_string(),
        preliminary: (said(nth_day(known, 3))?, said(nth_day(known, 5))?),
        last: said(working_day_from_nth(known, if is_malicious { 60 } else { 30 }))?,
    })
}
