//! `schedule list`: when each is due, when it ran last, and what came of it.

use clap::ArgMatches;
use serde_json::json;
use shoseki_messages::{Lang, Result, lookup, msg};
use shoseki_server::config::Schedule;
use shoseki_server::schedule::{History, LastRun, word as spoken};

use super::super::serve;
use super::{configured, desk, due, verdict, words};
use crate::context::Context;
use crate::{Exit, output};

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (path, config) = configured(matches)?;
    let opened = serve::open_beside(context, &config).await?;
    let desk = desk(context, &config, &path, &opened);
    let history = desk.history().await?;
    let is_failed = config.schedules.iter().any(|one| history.last(&one.name).is_some_and(LastRun::is_failing));
    if context.json {
        let row = |schedule: &Schedule| {
            let plan = schedule.plan(desk.zone);
            let last = history.last(&schedule.name).map(|last| {
                json!({
                    "at": last.at.to_string(), "due": last.due.to_string(), "verdict": verdict(&history, &schedule.name),
                    "why": last.why(Lang::En),
                })
            });
            let next = due(&plan);
            // What it will be when it is due, a digest with all the days that are due then.
            let run = desk.asked(schedule, (next, false), &history);
            let command = run.ok().map(|run| words::line(&words::of(&run, &path).0));
            json!({
                "name": schedule.name, "does": schedule.kind(), "plan": plan.line(), "next": next.to_string(),
                "last": last, "command": command,
            })
        };
        output::json(&json!({"schedules": config.schedules.iter().map(row).collect::<Vec<_>>()}))?;
    } else {
        print(&context.clone().in_zone(desk.zone), &config.schedules, &history);
    }
    Ok(if is_failed { Exit::Failed } else { Exit::Done })
}

fn print(context: &Context, schedules: &[Schedule], history: &History) {
    let word = |name: &str| lookup(&format!("schedule-head-{name}"), context.lang).unwrap_or_default();
    let mut table = output::table(&["name", "does", "when", "next", "last", "verdict"].map(word));
    for schedule in schedules {
        let plan = schedule.plan(context.zone);
        let last = history.last(&schedule.name);
        let said = verdict(history, &schedule.name);
        let said = said.map_or_else(|| word("never"), |verdict| spoken(verdict).text(context.lang));
        table.add_row([
            schedule.name.clone(),
            lookup(&format!("schedule-does-{}", schedule.kind()), context.lang).unwrap_or_default(),
            plan.said().text(context.lang),
            context.local(due(&plan)),
            last.map(|last| context.local(last.at)).unwrap_or_default(),
            said,
        ]);
    }
    output::line(&table.to_string());
    for schedule in schedules {
        if let Some(why) = history.last(&schedule.name).and_then(|last| last.why(context.lang)) {
            context.note(&msg!("schedule-failed-last", name = &schedule.name, why = why));
        }
    }
}
