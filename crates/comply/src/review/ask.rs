//! Asking for a day's digest.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};

use super::fresh::{
    ADDRESSES, ADDRESSES_BEFORE, Fresh, Names, OPERATIONS, OPERATIONS_BEFORE, PRINCIPALS, PRINCIPALS_BEFORE, STREAMS,
    STREAMS_BEFORE,
};
use super::{Day, Digest, Findings, Principal, Source};
use crate::checks::{self, CHECKS, Check, Period, Query, Rows, VaultFacts, rows_of};
use crate::findings::{self, Register};
use crate::gaps::Expected;

/// The checks that are run over a day. Those that open every event (secrets), or need more than a day, are none of them.
pub const CHECKS_OF_A_DAY: [&str; 14] = [
    "evidence_has_no_open_gap",
    "evidence_arrives_promptly",
    "evidence_is_parsed",
    "evidence_logging_was_not_stopped",
    "evidence_logging_changes_are_listed",
    "evidence_source_was_not_deleted",
    "evidence_access_to_evidence_is_recorded",
    "evidence_refusals_are_listed",
    "evidence_privilege_changes_are_listed",
    "evidence_root_use_is_listed",
    "evidence_console_logins_have_mfa",
    "evidence_interactive_access_is_listed",
    "evidence_system_objects_are_listed",
    "vault_was_verified",
];

/// With how many days before a day is compared.
const BEFORE: i64 = 30;
const DAY: i64 = 86_400_000_000;
/// How many of who did something are in the digest: the busiest, and as many of those who failed most.
const BUSIEST: usize = 10;

/// Who read evidence or handled keys on the day.
const ACCESSES: &str = "select actor, operation, count(*) as events\nfrom events\n\
     where kind = 'event' and stream = 'shoseki/access' and operation not in ('finding.seen', 'review.digest')\ngroup by 1, 2\norder by 3 desc, 1, 2";

/// Makes the digest of a day. `engine` gives an engine for what is asked about.
///
/// # Errors
/// What the questions say.
pub async fn digest(
    engine: impl Fn(Options) -> Engine,
    (day, now, tree_size): (&Day, Timestamp, u64),
    (expected, vault): (Vec<Expected>, VaultFacts),
) -> Result<Digest> {
    let before = (Timestamp(day.from.0.saturating_sub(BEFORE * DAY)), day.from);
    let on = async |text: &'static str, is_own: bool| asked(&engine, text, (day.from, day.to), is_own).await;
    let of_before = async |text: &'static str| asked(&engine, text, before, false).await;
    let (streams, streams_before) = (on(STREAMS, false).await?, of_before(STREAMS_BEFORE).await?);
    let actors = on(PRINCIPALS, false).await?;
    let fresh = Fresh {
        is_compared: !streams_before.is_empty(),
        streams: Names::of(&streams, &streams_before),
        principals: Names::of(&actors, &of_before(PRINCIPALS_BEFORE).await?),
        operations: Names::of(&on(OPERATIONS, false).await?, &of_before(OPERATIONS_BEFORE).await?),
        addresses: Names::of(&on(ADDRESSES, false).await?, &of_before(ADDRESSES_BEFORE).await?),
    };
    let accesses = on(ACCESSES, true).await?;
    let access =
        |row: checks::Row<'_>| (row.text("actor").to_owned(), row.text("operation").to_owned(), row.count("events"));
    let register = Register::read(&engine, now).await?;
    let period = Period { from: day.from, to: day.to.min(now) };
    let about = checks::About { period, zone: day.zone, now, expected, vault };
    let (mut judged, _) = checks::run(&engine, &about, &of_a_day()).await?;
    // What is known of each is shown. What the register lacks, a run of `check` has yet to seal.
    findings::state(&mut judged, &register, findings::About { period, run: "", looked: None }, &|_| Vec::new());
    Ok(Digest {
        day: day.clone(),
        made: now,
        tree_size,
        sources: sources(&streams, &streams_before, day.from),
        principals: principals(&actors),
        principals_in_all: actors.len() as u64,
        accesses: accesses.iter().map(access).take(super::MOST).collect(),
        fresh,
        checks: judged,
        findings: Findings::of(&register, day),
    })
}

/// The checks of a day, in the order of the list.
fn of_a_day() -> Vec<&'static Check> {
    CHECKS.iter().filter(|check| CHECKS_OF_A_DAY.contains(&check.id.as_ref())).collect()
}

async fn asked(
    engine: &impl Fn(Options) -> Engine,
    text: &'static str,
    (from, to): (Timestamp, Timestamp),
    is_own: bool,
) -> Result<Rows> {
    let sources = if is_own { vec!["shoseki".to_owned()] } else { Vec::new() };
    let options = Options { from: Some(from), to: Some(to), sources, include_internal: is_own, ..Options::default() };
    rows_of(&engine(options), &Query::sql(text)).await
}

/// What each source said, beside what it said on a day since it spoke first, within the thirty days before; also one that is silent
/// today.
pub(super) fn sources(day: &Rows, before: &Rows, from: Timestamp) -> Vec<Source> {
    let mut all: BTreeMap<&str, (u64, u64, u64, Timestamp)> = BTreeMap::new();
    let empty = (0, 0, 0, from);
    for row in day.iter() {
        let source = all.entry(row.text("of")).or_insert(empty);
        source.0 += row.count("events");
        source.1 += row.count("failed");
    }
    for row in before.iter() {
        let source = all.entry(row.text("of")).or_insert(empty);
        source.2 += row.count("events");
        source.3 = row.time("first").map_or(source.3, |first| first.min(source.3));
    }
    let one = |(name, (events, failed, before, first)): (&str, (u64, u64, u64, Timestamp))| {
        let days = u64::try_from(from.0.saturating_sub(first.0)).unwrap_or_default().div_ceil(DAY.unsigned_abs());
        Source { name: name.to_owned(), events, failed, usual: before.div_ceil(days.max(1)) }
    };
    let mut sources: Vec<Source> = all.into_iter().map(one).collect();
    sources.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
    sources
}

/// The busiest, and those who failed most, each once.
pub(super) fn principals(rows: &Rows) -> Vec<Principal> {
    let one = |row: checks::Row<'_>| Principal {
        name: row.text("name").to_owned(),
        events: row.count("events"),
        failed: row.count("failed"),
        record: row.text("record").to_owned(),
    };
    let mut all: Vec<Principal> = rows.iter().map(one).collect();
    all.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
    let rest = all.split_off(all.len().min(BUSIEST));
    let mut failed: Vec<Principal> = rest.into_iter().filter(|one| one.failed > 0).collect();
    failed.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.name.cmp(&b.name)));
    failed.truncate(BUSIEST);
    all.extend(failed);
    all
}
