//! `review list`: which days were reviewed, by whom, and how long after their end; and which were not.

use chrono::Days;
use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_comply::checks::own_rows;
use shoseki_comply::review::{Day, LATEST, REVIEWS, Reviews};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_query::Engine;
use std::sync::Arc;

use super::super::check::period;
use super::super::query::newest;
use super::{date, stretch, today};
use crate::context::Context;
use crate::{Exit, output};

/// How many days are listed where nothing is said.
const USUAL: u64 = 30;

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let now = Timestamp::now();
    let days = asked(context, matches)?;
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let rows = own_rows(|options| Engine::over_tail(Arc::clone(&vault), &tail, options), REVIEWS, now).await?;
    let reviews = Reviews::of(&rows);
    let over: Vec<&Day> = days.iter().filter(|day| day.to <= now).collect();
    let missing = over.iter().filter(|day| reviews.first_of((day.from, day.to)).is_none()).count();
    if context.json {
        output::json(&json!({
            "days": over.iter().map(|day| day_json(day, &reviews)).collect::<Vec<_>>(),
            "reviewed": over.len() - missing,
            "missing": missing,
        }))?;
    } else {
        print(context, &over, &reviews);
        context.say(&msg!("cli-review-listed", reviewed = over.len() - missing, missing = missing));
    }
    Ok(if missing > 0 { Exit::Failed } else { Exit::Done })
}

fn asked(context: &Context, matches: &ArgMatches) -> Result<Vec<Day>> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let yesterday = today(context).checked_sub_days(Days::new(1)).unwrap_or_default();
    let usual = || today(context).checked_sub_days(Days::new(USUAL)).unwrap_or_default();
    let (first, last) = match text("period") {
        Some(text) => period::days(text).ok_or_else(|| Fault::caller(msg!("cli-check-period", text = text)))?,
        None => {
            let from = text("from").map(date).transpose()?.unwrap_or_else(usual);
            (from, text("to").map(date).transpose()?.unwrap_or(yesterday))
        }
    };
    let last = if text("period").is_some() { last.pred_opt().unwrap_or(last) } else { last };
    if first > last {
        return Err(Fault::caller(msg!("cli-range-empty", from = first.to_string(), to = last.to_string())));
    }
    stretch(context, first, last.min(today(context)))
}

fn day_json(day: &Day, reviews: &Reviews) -> Value {
    let within = (day.from, day.to);
    let all = reviews.of_day(within).map(|done| {
        json!({
            "at": done.at.to_string(), "by": done.by, "record": done.record, "note": done.said.note,
            "sha256": done.said.digest_sha256, "findings": done.said.findings,
        })
    });
    let first = reviews.first_of(within);
    json!({
        "day": day.name,
        "reviewed": first.is_some(),
        "hours_after": first.map(|done| done.delay() / HOUR),
        "late": first.map(|done| done.delay() > LATEST),
        "reviews": all.collect::<Vec<_>>(),
    })
}

const HOUR: i64 = 3_600_000_000;

fn print(context: &Context, days: &[&Day], reviews: &Reviews) {
    let lang = context.lang;
    let word = |name: &str| lookup(&format!("cli-review-{name}"), lang).unwrap_or_default();
    let mut table = output::table(&["day", "by", "at", "after", "note"].map(word));
    for day in days {
        let row = match reviews.first_of((day.from, day.to)) {
            None => [day.name.clone(), word("nobody"), String::new(), String::new(), String::new()],
            Some(done) => {
                let mut after = msg!("cli-review-hours", hours = done.delay() / HOUR).text(lang);
                if done.delay() > LATEST {
                    after = format!("{after} ({})", word("late"));
                }
                let note = done.said.note.clone().unwrap_or_default();
                [day.name.clone(), done.by.clone().unwrap_or_default(), context.local(done.at), after, note]
            }
        };
        table.add_row(row);
    }
    output::line(&table.to_string());
}
