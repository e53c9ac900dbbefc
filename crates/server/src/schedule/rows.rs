//! What is new in an answer: rows that were not there the last time, by the columns that name them, or that there are none any more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};

use super::history::{History, QUERY_CLOSED, QUERY_OPENED, TOO_MANY};
use super::masked::masked;
use super::{News, Ran, Run};
use crate::config::{Names, QueryJob, Telling};
use crate::{Happening, Severity};

/// How many rows are told apart. An answer of more is a state of its own, which is said once, and fails while it lasts.
const MOST: usize = 1_000;
/// How many new rows are shown to people.
const SHOWN: usize = 5;
/// How many letters of one.
const LONGEST: usize = 300;
/// What names a record, and changes when it is sealed: it tells no row from another.
const NAMES: [&str; 2] = ["@ptr", "record"];

/// What is new in the answer of a run.
pub(super) fn news(run: &Run<'_>, job: &QueryJob, ran: &Ran, history: &History) -> Result<News> {
    let none = Vec::new();
    let rows = ran.report.as_array().unwrap_or(&none);
    let mut news = News { verdict: if rows.is_empty() { "no_rows" } else { "rows" }.to_owned(), ..News::default() };
    news.details.push(("rows", rows.len().to_string()));
    match job.alert {
        Telling::None => {}
        Telling::NoRows => empty(run, ran, rows.is_empty(), (history, &mut news)),
        Telling::Rows => filled(run, (job, ran), rows, (history, &mut news))?,
    }
    Ok(news)
}

/// What of a match people are shown.
const OF_MATCH: [&str; 9] = ["id", "level", "title", "first", "events", "actor", "address", "operation", "resource"];

/// What is new among the matches of rules that nobody bears: each is a row, known by its name.
pub(super) fn of_matches(run: &Run<'_>, ran: &Ran, history: &History) -> Result<News> {
    let unreadable = || Fault::broken(msg!("schedule-unrecorded"));
    let found = ran.report["matches"].as_array().ok_or_else(unreadable)?;
    if ran.report["recorded"] != true {
        return Err(Fault::world(msg!("schedule-unrecorded")));
    }
    if let Some(problem) = ran.report["problems"].as_array().and_then(|problems| problems.first()) {
        return Err(Fault::caller(msg!("schedule-rules", why = problem.as_str().unwrap_or_default())));
    }
    // What was told as it was sealed is not told once more.
    let is_told = |one: &Value| one["id"].as_str().is_some_and(|id| history.is_told_match(id));
    let open = found.iter().filter(|one| one["suppressed"].is_null() && !is_told(one));
    let shown = |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| masked(text).into());
    let row = |one: &Value| -> Value {
        OF_MATCH.iter().map(|name| ((*name).to_owned(), shown(&one[*name]))).collect::<serde_json::Map<_, _>>().into()
    };
    let ran = Ran { report: open.map(row).collect(), ..ran.clone() };
    let job = QueryJob { key: Names(vec!["id".to_owned()]), ..QueryJob::default() };
    news(run, &job, &ran, history)
}

/// The hash of the row of a match.
pub(crate) fn hash_of_match(id: &str) -> String {
    hash_of(&[("id", &id.into())])
}

/// Whether there is no row.
fn empty(run: &Run<'_>, ran: &Ran, is: bool, (history, news): (&History, &mut News)) {
    let name = run.schedule.name.as_str();
    let was = history.matched(name);
    news.details.push(("matched", is.to_string()));
    // Of a question that never had a row it is not said that it has none any more.
    let message = match was {
        None => msg!("schedule-query-none", name = name),
        Some(_) => msg!("schedule-query-empty", name = name),
    };
    let emptied = || opened(run, ran, Happening::failure(QUERY_OPENED, message.clone()));
    let filled = || closed(run, msg!("schedule-query-filled", name = name));
    match (was, is) {
        (None | Some(false), true) => news.tell.push(emptied()),
        (Some(true), false) => news.tell.push(filled()),
        (Some(true), true) => news.again(emptied, &history.untold.of(QUERY_OPENED, name)),
        (None | Some(false), false) => news.again(filled, &history.untold.of(QUERY_CLOSED, name)),
    }
}

/// Which rows are there that were not.
fn filled(
    run: &Run<'_>,
    (job, ran): (&QueryJob, &Ran),
    rows: &[Value],
    (history, news): (&History, &mut News),
) -> Result<()> {
    let name = run.schedule.name.as_str();
    let now = hashes(rows, &job.key.0)?;
    let is_known_as_many = history.is_too_many(name);
    if now.len() > MOST || ran.is_cut {
        // Nobody can say which of them are new, so nothing is said of them, and all that was known stays known.
        let many = || {
            let message = msg!("schedule-query-many", name = name, most = MOST);
            let happening = Happening::failure(QUERY_OPENED, message).with(TOO_MANY, true);
            let happening = as_severe(happening, worst(run, rows.iter()));
            opened(run, ran, happening)
        };
        match is_known_as_many {
            false => news.tell.push(many()),
            true => news.again(many, &history.untold.of(QUERY_OPENED, name)),
        }
        news.verdict = TOO_MANY.to_owned();
        if let Some(was) = history.matched(name) {
            news.details.push(("matched", was.to_string()));
        }
        return Ok(());
    }
    if is_known_as_many {
        let few = closed(run, msg!("schedule-query-few", name = name, most = MOST)).with(TOO_MANY, false);
        news.tell.push(as_severe(few, history.severity(name)));
    }
    let none = BTreeSet::new();
    let known = history.rows(name).unwrap_or(&none);
    let new: Rows<'_> = now.iter().filter(|(hash, _)| !known.contains(*hash)).map(as_row).collect();
    news.details.push(("matched", (!now.is_empty()).to_string()));
    if now.len() != known.len() || !new.is_empty() {
        let all: Vec<&str> = now.keys().map(String::as_str).collect();
        news.details.push(("known", all.join(" ")));
    }
    if !new.is_empty() {
        news.tell.push(matched(run, ran, &new, rows.len()));
    }
    // What is still there and could not be told to somebody, for him alone.
    let mut untold: BTreeMap<BTreeSet<String>, Rows<'_>> = BTreeMap::new();
    for row in now.iter().filter(|(hash, _)| known.contains(*hash)) {
        untold.entry(history.untold.of(QUERY_OPENED, &format!("{name} {}", row.0))).or_default().push(as_row(row));
    }
    for (to, rows_of) in untold.iter().filter(|(to, _)| !to.is_empty()) {
        news.again(|| matched(run, ran, rows_of, rows.len()), to);
    }
    let over = || as_severe(closed(run, msg!("schedule-query-over", name = name)), history.severity(name));
    match (history.matched(name), now.is_empty()) {
        (Some(true), true) => news.tell.push(over()),
        (_, true) => news.again(over, &history.untold.of(QUERY_CLOSED, name)),
        _ => {}
    }
    Ok(())
}

/// The level of the worst match; of rows of a question nothing, whatever their columns are called.
fn worst<'a>(run: &Run<'_>, rows: impl Iterator<Item = &'a Value>) -> Option<Severity> {
    run.schedule.detect.as_ref()?;
    rows.filter_map(|row| Severity::from_name(row["level"].as_str()?)).max()
}

fn as_severe(happening: Happening, severity: Option<Severity>) -> Happening {
    match severity {
        Some(severity) => happening.with("severity", severity.name()),
        None => happening,
    }
}

/// Rows, each with its hash.
type Rows<'a> = Vec<(&'a str, &'a Value)>;

fn as_row<'a>((hash, row): (&'a String, &&'a Value)) -> (&'a str, &'a Value) {
    (hash.as_str(), *row)
}

/// That rows are new, of so many.
fn matched(run: &Run<'_>, ran: &Ran, new: &[(&str, &Value)], all: usize) -> Happening {
    let (name, count) = (run.schedule.name.as_str(), new.len());
    let message = msg!("schedule-query-matched", name = name, count = count, all = all);
    let names: Vec<&str> = new.iter().map(|(hash, _)| *hash).collect();
    let happening = Happening::failure(QUERY_OPENED, message).with("new", count).with("new_rows", names.join(" "));
    let happening = as_severe(happening, worst(run, new.iter().map(|(_, row)| *row)));
    let mut happening = opened(run, ran, happening);
    happening.beside.extend(new.iter().take(SHOWN).map(|(_, row)| msg!("schedule-query-row", row = shown(row))));
    if count > SHOWN {
        happening.beside.push(msg!("schedule-query-more", count = count - SHOWN));
    }
    happening
}

fn opened(run: &Run<'_>, ran: &Ran, happening: Happening) -> Happening {
    run.named(happening)
        .with("command", ran.command.as_str())
        .mended_by(msg!("schedule-query-look", command = ran.command.as_str()))
}

fn closed(run: &Run<'_>, message: shoseki_messages::Message) -> Happening {
    run.named(Happening::new(QUERY_CLOSED, message))
}

/// The rows, each by the hash of what names it; of more than are told apart, one more than that.
fn hashes<'a>(rows: &'a [Value], key: &[String]) -> Result<BTreeMap<String, &'a Value>> {
    let mut all = BTreeMap::new();
    for row in rows {
        let named: Vec<(&str, &Value)> = match (row.as_object(), key.is_empty()) {
            (Some(row), true) => {
                let columns = row.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
                columns.map(|(name, value)| (name.as_str(), value)).collect()
            }
            (Some(row), false) => {
                let column = |name: &String| {
                    let missing = || Fault::caller(msg!("schedule-query-key", column = name));
                    row.get_key_value(name).map(|(name, value)| (name.as_str(), value)).ok_or_else(missing)
                };
                key.iter().map(column).collect::<Result<_>>()?
            }
            (None, _) => Vec::new(),
        };
        all.entry(hash_of(&named)).or_insert(row);
        if all.len() > MOST {
            break;
        }
    }
    Ok(all)
}

/// The hash of what names a row.
fn hash_of(named: &[(&str, &Value)]) -> String {
    let hash = Sha256::digest(serde_json::to_vec(named).unwrap_or_default());
    hex::encode(&hash[..8])
}

/// A row as people read it in a line.
fn shown(row: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let columns = row.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let all = columns.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(", ");
    let all = all.replace(char::is_control, " ");
    match all.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", all.get(..at).unwrap_or_default()),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(rows: &[Value], key: &[&str]) -> Vec<String> {
        let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
        hashes(rows, &key).map_or_else(|fault| vec![fault.id().to_owned()], |all| all.into_keys().collect())
    }

    #[test]
    fn a_row_is_known_by_its_columns_and_not_by_where_it_lies() {
        let row = |user: &str, n: u32, place: &str| json!({"user": user, "n": n, "@ptr": place});
        let (before, after) = ([row("a", 1, "0:1")], [row("a", 1, "seg:7")]);
        assert_eq!(keys(&before, &[]), keys(&after, &[]));
        assert_ne!(keys(&before, &[]), keys(&[row("a", 2, "0:1")], &[]));
        assert_eq!(keys(&before, &["user"]), keys(&[row("a", 2, "0:1")], &["user"]));
        assert_ne!(keys(&before, &["user"]), keys(&[row("b", 1, "0:1")], &["user"]));
        assert_eq!(keys(&before, &["usr"]), ["schedule-query-key"]);
        assert_eq!(keys(&[before, after].concat(), &[]).len(), 1);
        let many: Vec<Value> = (0..2 * MOST).map(|n| json!({"n": n})).collect();
        assert_eq!(keys(&many, &[]).len(), MOST + 1, "that there are more is known");
    }

    /// What a run over these rows tells: its verdict, the actions, and the sentences.
    fn told(history: &mut History, alert: &str, rows: Vec<Value>) -> (String, Vec<(&'static str, String)>) {
        let text = format!(
            "[[schedule]]\nname = \"a\"\nevery = \"1h\"\nquery = {{ text = \"fields n\", alert = \"{alert}\" }}\n"
        );
        let config = crate::Config::parse(&text, "shoseki.toml").unwrap();
        let schedule = &config.schedules[0];
        let (zone, due) = (chrono_tz::Tz::UTC, shoseki_event::Timestamp(0));
        let run = Run { schedule, zone, due, is_late: false, period: (due, due), days: None };
        let ran = Ran { command: String::new(), report: Value::Array(rows), said: String::new(), is_cut: false };
        let news = news(&run, schedule.query.as_ref().unwrap(), &ran, history).unwrap();
        let mut done = run.named(Happening::new(super::super::DONE, msg!("schedule-ran", name = "a", verdict = "")));
        done = done.with("verdict", &news.verdict);
        for (detail, value) in news.details {
            done = done.with(detail, value);
        }
        news.tell.iter().chain([&done]).for_each(|happening| history.told(happening));
        (news.verdict, news.tell.iter().map(|told| (told.action, told.message.to_string())).collect())
    }

    #[test]
    fn too_many_rows_are_a_state_of_its_own_that_is_said_once() {
        let rows = |from: usize, to: usize| (from..to).map(|n| json!({"n": n})).collect::<Vec<Value>>();
        let mut history = History::default();
        assert_eq!(told(&mut history, "rows", rows(0, 3)).1.len(), 1);
        let (verdict, tell) = told(&mut history, "rows", rows(0, MOST + 1));
        assert_eq!((verdict.as_str(), tell.len(), tell[0].0), ("too_many", 1, QUERY_OPENED));
        assert!(tell[0].1.contains("more than 1000 rows"), "{tell:?}");
        assert!(history.last("a").unwrap().is_failing());
        let (verdict, tell) = told(&mut history, "rows", rows(5, MOST + 7));
        assert_eq!((verdict.as_str(), tell.len()), ("too_many", 0), "it was said");
        // When they are few again, that is said, and what is new since the rows were known.
        let (verdict, tell) = told(&mut history, "rows", rows(0, 5));
        let actions: Vec<&str> = tell.iter().map(|(action, _)| *action).collect();
        assert_eq!((verdict.as_str(), actions), ("rows", vec![QUERY_CLOSED, QUERY_OPENED]));
        assert!(tell[1].1.contains("2 new rows"), "{tell:?}");
        assert_eq!(told(&mut history, "rows", rows(0, MOST)).0, "rows", "so many are told apart");
    }

    #[test]
    fn none_any_more_is_said_only_where_there_were_some() {
        let mut history = History::default();
        let mut said = |rows: Vec<Value>| told(&mut history, "no_rows", rows).1.pop().map(|(_, said)| said);
        let row = || vec![json!({"n": 1})];
        assert_eq!(said(Vec::new()).as_deref(), Some("the question of `a` has no rows"));
        assert_eq!(said(Vec::new()), None);
        assert_eq!(said(row()).as_deref(), Some("the question of `a` has rows again"));
        assert_eq!(said(Vec::new()).as_deref(), Some("the question of `a` has no rows any more"));
    }

    #[test]
    fn matches_are_as_severe_as_their_worst_rule_and_so_is_their_end() {
        let config = crate::Config::parse("[[schedule]]\nname = \"a\"\nevery = \"1h\"\ndetect = {}\n", "shoseki.toml");
        let config = config.unwrap();
        let (zone, due, mut history) = (chrono_tz::Tz::UTC, shoseki_event::Timestamp(0), History::default());
        let run = Run { schedule: &config.schedules[0], zone, due, is_late: false, period: (due, due), days: None };
        let mut severities = |levels: &[&str]| -> Vec<(&'static str, Option<String>)> {
            let one = |level: &&str| json!({"id": format!("M-{level}"), "level": level, "title": "t"});
            let report =
                json!({"recorded": true, "problems": [], "matches": levels.iter().map(one).collect::<Vec<_>>()});
            let ran = Ran { command: String::new(), report, said: String::new(), is_cut: false };
            let news = of_matches(&run, &ran, &history).unwrap();
            let mut done =
                run.named(Happening::new(super::super::DONE, msg!("schedule-ran", name = "a", verdict = "")));
            for (detail, value) in &news.details {
                done = done.with(detail, value);
            }
            news.tell.iter().chain([&done]).for_each(|happening| history.told(happening));
            news.tell.iter().map(|told| (told.action, told.details.get("severity").cloned())).collect()
        };
        let of = |action, severity: &str| vec![(action, Some(severity.to_owned()))];
        assert_eq!(severities(&["medium", "critical"]), of(QUERY_OPENED, "critical"));
        assert_eq!(severities(&["medium", "critical", "informational"]), of(QUERY_OPENED, "info"));
        assert_eq!(severities(&[]), of(QUERY_CLOSED, "critical"), "of all that was told since");
        assert_eq!(severities(&["low"]), of(QUERY_OPENED, "low"));
        assert_eq!(severities(&[]), of(QUERY_CLOSED, "low"));
    }

    #[test]
    fn a_row_is_a_line() {
        assert_eq!(shown(&json!({"user": "ai\nko", "n": 3, "x": null})), "n=3, user=ai ko");
        assert_eq!(shown(&json!({"a": "é".repeat(400)})).chars().count(), LONGEST + 1);
    }
}
