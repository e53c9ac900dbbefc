//! `detect coverage`: which evidence these rules have looked at, by the records of the runs. "No match" says something only there.
//! Stream by stream, and with `--segments` segment by segment, with all rules that looked at each.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::ArgMatches;
use serde::Serialize;
use shoseki_comply::checks::{Rows, own_rows};
use shoseki_detect::{Coverage, ENGINE, Part, Run, Seen};
use shoseki_event::Timestamp;
use shoseki_messages::{Result, lookup, msg};
use shoseki_query::Engine;
use shoseki_segment::OWN_SOURCE;

use super::super::query;
use super::{rules, tell_problems};
use crate::context::Context;
use crate::{Exit, output};

/// The runs that came to their end.
const RUNS: &str = "select raw -> 'details' ->> 'rules_sha256' as rules, raw -> 'details' ->> 'from' as \"from\", \
     raw -> 'details' ->> 'to' as \"to\", raw -> 'details' ->> 'sources' as sources, raw -> 'details' ->> 'streams' as streams, \
     raw -> 'details' ->> 'engine' as engine, try_cast(raw -> 'details' ->> 'since' as bigint) as since, try_cast(raw -> 'details' ->> 'tree_size' as bigint) as size\n\
     from events\nwhere kind = 'event' and operation = 'detect.run' and raw -> 'details' ->> 'ended' = 'whole'";

/// What was looked at of a stream.
#[derive(Debug, Default, Serialize)]
struct Row {
    source: String,
    /// Records by these rules.
    records: u64,
    looked_at: u64,
    /// Records of segments of which runs looked at a part of the time.
    in_part: u64,
    not_looked_at: u64,
    /// Of those that were not looked at, or in part, records that other rules have looked at.
    by_other_rules: u64,
    /// The time of the first and of the last that was not looked at whole.
    from: Option<String>,
    to: Option<String>,
    #[serde(skip)]
    open: Option<(Timestamp, Timestamp)>,
    /// The segments that were not looked at whole.
    segments: Vec<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    rules_sha256: &'a str,
    engine: &'static str,
    runs: usize,
    streams: BTreeMap<String, Row>,
    /// The segments, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Vec<Segment>>,
}

/// What was looked at of the records of one stream in a segment.
#[derive(Debug, Serialize)]
struct Segment {
    segment: String,
    /// The commit that sealed them, and the file that holds them now.
    commit: u64,
    file: String,
    source: String,
    stream: String,
    /// The times of the first and of the last event.
    from: String,
    to: String,
    records: u64,
    /// By these rules: `whole`, `in_part`, `nothing`.
    looked_at: &'static str,
    /// All rules that looked at anything of it, these too.
    by: Vec<By>,
}

/// Rules that looked.
#[derive(Debug, Serialize)]
struct By {
    rules_sha256: String,
    engine: String,
    looked_at: &'static str,
}

/// The word of JSON for how much was looked at.
fn word_of(seen: Seen) -> &'static str {
    match seen {
        Seen::Whole => "whole",
        Seen::Some => "in_part",
        Seen::Nothing => "nothing",
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let rules = rules(matches)?;
    let hash = rules.hash();
    let asked = query::options(context, matches)?;
    let vault = Arc::new(context.open().await?);
    let tail = query::newest(context, &vault, false, true).await?;
    let said =
        own_rows(|options| Engine::over_tail(Arc::clone(&vault), &tail, options), RUNS, Timestamp::now()).await?;
    let (runs, engines) = (runs(&said), engines(&said));
    let count = runs.iter().filter(|run| run.rules == hash).count();
    let coverage = Coverage::of(runs);
    let mut streams: BTreeMap<String, Row> = BTreeMap::new();
    let mut segments = matches.get_flag("segments").then(Vec::new);
    let replay = &tail.snapshot.replay;
    for (file, tag) in replay.files().flat_map(|file| file.add.tags.segments.iter().map(move |tag| (file, tag))) {
        // Our own records grow with each run: they are never all looked at.
        let is_asked = match asked.sources.is_empty() {
            true => tag.source != OWN_SOURCE,
            false => asked.sources.contains(&tag.source),
        };
        let Some(commit) = replay.commit_of(tag.id).filter(|_| is_asked) else { continue };
        for stream in tag.streams.iter().filter(|stream| is_in(&asked, &stream.name, (stream.min, stream.max))) {
            let (min, max) = (stream.min, stream.max);
            let part = Part { commit, source: &tag.source, stream: &stream.name, min, max };
            let row = streams.entry(stream.name.clone()).or_default();
            let seen = coverage.seen_by(&hash, &part);
            row.source.clone_from(&tag.source);
            row.take(seen, u64::from(stream.count), (min, max));
            if let Some(segments) = &mut segments {
                let by = coverage.rules().map(|rules| (rules, coverage.seen_by(rules, &part)));
                let by = by.filter(|(_, seen)| *seen != Seen::Nothing).map(|(rules, seen)| By {
                    rules_sha256: rules.to_owned(),
                    engine: engines.get(rules).cloned().unwrap_or_default(),
                    looked_at: word_of(seen),
                });
                segments.push(Segment {
                    segment: tag.id.to_string(),
                    commit,
                    file: file.add.path(),
                    source: tag.source.clone(),
                    stream: stream.name.clone(),
                    from: min.to_string(),
                    to: max.to_string(),
                    records: u64::from(stream.count),
                    looked_at: word_of(seen),
                    by: by.collect(),
                });
            }
            if seen != Seen::Whole {
                row.segments.push(tag.id.to_string());
                let by_others = coverage.rules().any(|other| coverage.seen_by(other, &part) == Seen::Whole);
                row.by_other_rules += if by_others { u64::from(stream.count) } else { 0 };
            }
        }
    }
    for row in streams.values_mut() {
        (row.from, row.to) = row.open.map(|(from, to)| (from.to_string(), to.to_string())).unzip();
    }
    if streams.is_empty() {
        // Where nothing is, nothing was looked at: that is no answer.
        context.note(&msg!("detect-covers-nothing"));
        return Ok(Exit::Unverifiable);
    }
    let is_whole = streams.values().all(|row| row.segments.is_empty());
    if let Some(segments) = &mut segments {
        segments.sort_by(|a, b| (a.commit, &a.stream, &a.segment).cmp(&(b.commit, &b.stream, &b.segment)));
    }
    print(context, &Report { rules_sha256: &hash, engine: ENGINE, runs: count, streams, segments })?;
    tell_problems(context, &rules.problems);
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

fn is_in(asked: &shoseki_query::Options, stream: &str, (min, max): (Timestamp, Timestamp)) -> bool {
    let is_named = asked.streams.is_empty() || asked.streams.iter().any(|name| name == stream);
    is_named && asked.from.is_none_or(|from| max >= from) && asked.to.is_none_or(|to| min < to)
}

fn runs(rows: &Rows) -> Vec<Run> {
    let names = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap_or_default();
    let time = |text: &str| Timestamp::parse(text).ok();
    let one = |row: shoseki_comply::checks::Row<'_>| Run {
        rules: row.text("rules").to_owned(),
        from: time(row.text("from")),
        to: time(row.text("to")),
        sources: names(row.text("sources")),
        streams: names(row.text("streams")),
        since: row.count("since"),
        size: row.count("size"),
    };
    rows.iter().map(one).collect()
}

/// The engine of each set of rules.
fn engines(rows: &Rows) -> BTreeMap<String, String> {
    rows.iter().map(|row| (row.text("rules").to_owned(), row.text("engine").to_owned())).collect()
}

impl Row {
    fn take(&mut self, seen: Seen, records: u64, (min, max): (Timestamp, Timestamp)) {
        self.records += records;
        match seen {
            Seen::Whole => {
                self.looked_at += records;
                return;
            }
            Seen::Some => self.in_part += records,
            Seen::Nothing => self.not_looked_at += records,
        }
        let (from, to) = self.open.unwrap_or((min, max));
        self.open = Some((from.min(min), to.max(max)));
    }
}

fn print(context: &Context, report: &Report<'_>) -> Result<()> {
    if context.json {
        return output::json(report);
    }
    let word = |name: &str| lookup(&format!("detect-head-{name}"), context.lang).unwrap_or_default();
    let heads = ["stream", "records", "looked-at", "in-part", "not-looked-at", "by-others", "open"];
    let mut table = output::table(&heads.map(word));
    for (name, row) in &report.streams {
        let open = row.open.map(|(from, to)| format!("{} – {}", context.local(from), context.local(to)));
        table.add_row([
            name.clone(),
            output::count(row.records),
            output::count(row.looked_at),
            output::count(row.in_part),
            output::count(row.not_looked_at),
            output::count(row.by_other_rules),
            open.unwrap_or_default(),
        ]);
    }
    output::line(&table.to_string());
    if let Some(segments) = &report.segments {
        output::line(&of_segments(context, segments)?);
    }
    let open: u64 = report.streams.values().map(|row| row.in_part + row.not_looked_at).sum();
    let sha256 = report.rules_sha256.get(..12).unwrap_or_default();
    context.say(&match open {
        0 => msg!("detect-covered", runs = report.runs, sha256 = sha256),
        _ => msg!("detect-not-covered", records = output::count(open), sha256 = sha256),
    });
    Ok(())
}

/// The segments for people.
fn of_segments(context: &Context, segments: &[Segment]) -> Result<String> {
    let word = |name: &str| lookup(&format!("detect-head-{name}"), context.lang).unwrap_or_default();
    let seen = |seen: &str| {
        word(match seen {
            "whole" => "looked-at",
            "in_part" => "in-part",
            _ => "not-looked-at",
        })
    };
    let heads = ["commit", "segment", "stream", "from-to", "records", "these-rules", "rules-engines"];
    let mut table = output::table(&heads.map(word));
    for one in segments {
        let by = one.by.iter().map(|by| {
            let rules = by.rules_sha256.get(..12).unwrap_or_default();
            let part = if by.looked_at == "whole" { String::new() } else { format!(" ({})", seen(by.looked_at)) };
            format!("{rules}… {}{part}", by.engine)
        });
        let time = |text: &str| Timestamp::parse(text).map(|time| context.local(time));
        table.add_row([
            one.commit.to_string(),
            one.segment.clone(),
            one.stream.clone(),
            format!("{} – {}", time(&one.from)?, time(&one.to)?),
            output::count(one.records),
            seen(one.looked_at),
            by.collect::<Vec<_>>().join("\n"),
        ]);
    }
    Ok(table.to_string())
}
