//! `shoseki review`: a day's digest, and that a person looked at it; `review list`: which days were reviewed.

mod digest;
mod list;
mod shown;
mod sign;

use chrono::{Days, NaiveDate, TimeZone, Utc};
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_comply::review::Day;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

use super::Entry;
use super::query::room_arguments;
use crate::Exit;
use crate::context::Context;

pub const ENTRY: Entry = Entry { name: "review", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// How many days are shown or signed at once.
const MOST: usize = 31;

fn arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let list = Command::new("list")
        .arg(text("from", "DATE"))
        .arg(text("to", "DATE"))
        .arg(text("period", "PERIOD").conflicts_with_all(["from", "to"]));
    room_arguments(command)
        .arg(Arg::new("day").value_name("DAY").conflicts_with_all(["from", "to"]))
        .arg(text("from", "DATE"))
        .arg(text("to", "DATE"))
        .arg(Arg::new("sign").long("sign").action(ArgAction::SetTrue))
        .arg(text("note", "TEXT").requires("sign"))
        .arg(text("open", "TITLE").action(ArgAction::Append).requires("sign"))
        .arg(text("severity", "SEVERITY").value_parser(["low", "medium", "high", "critical"]).default_value("medium"))
        .arg(
            Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true).value_name("FILE"),
        )
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
        .args_conflicts_with_subcommands(true)
        .subcommand(list)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("list", matches)) => list::run(context, matches).await,
        _ => digest::run(context, matches).await,
    }
}

/// The days that are asked for: one, those of a stretch, or yesterday.
fn days(context: &Context, matches: &ArgMatches) -> Result<Vec<Day>> {
    let yesterday = today(context).checked_sub_days(Days::new(1)).unwrap_or_default();
    let date = |name: &str| matches.get_one::<String>(name).map(|text| date(text)).transpose();
    let (first, last) = match (date("day")?, date("from")?, date("to")?) {
        (Some(day), ..) => (day, day),
        (None, None, None) => (yesterday, yesterday),
        (None, Some(from), to) => (from, to.unwrap_or(yesterday)),
        (None, None, Some(to)) => (to, to),
    };
    let days = stretch(context, first, last)?;
    match days.len() {
        0 => Err(Fault::caller(msg!("cli-range-empty", from = first.to_string(), to = last.to_string()))),
        count if count > MOST => Err(Fault::caller(msg!("cli-review-many", count = count, most = MOST))),
        _ => Ok(days),
    }
}

/// Today in the zone.
fn today(context: &Context) -> NaiveDate {
    Utc::now().with_timezone(&context.zone).date_naive()
}

fn date(text: &str) -> Result<NaiveDate> {
    text.trim().parse().map_err(|error| Fault::caller(msg!("cli-review-day-unreadable", text = text)).because(error))
}

/// The days from the first to the last, each with its beginning and its end in the zone.
fn stretch(context: &Context, first: NaiveDate, last: NaiveDate) -> Result<Vec<Day>> {
    /// More days than any list needs.
    const LONGEST: usize = 4_000;
    let begin = |day: NaiveDate| {
        let local = day.and_hms_opt(0, 0, 0)?;
        // Where clocks jump over midnight, the day begins when they have.
        let later = || context.zone.from_local_datetime(&day.and_hms_opt(1, 0, 0)?).earliest();
        let time = context.zone.from_local_datetime(&local).earliest().or_else(later)?;
        Some(Timestamp(time.timestamp_micros()))
    };
    let one = |day: NaiveDate| {
        let unreadable = || Fault::caller(msg!("cli-review-day-unreadable", text = day.to_string()));
        let (from, to) = begin(day).zip(day.succ_opt().and_then(begin)).ok_or_else(unreadable)?;
        Ok(Day { name: day.to_string(), zone: context.zone, from, to })
    };
    first.iter_days().take_while(|day| *day <= last).take(LONGEST).map(one).collect()
}
