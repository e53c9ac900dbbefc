//! Running checks: each question is asked once, however many checks share it.

use std::collections::HashMap;

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_query::{Engine, Failure, Options};

use super::evidence::ARRIVALS;
use super::scope::{SCOPE, Scope};
use super::{Arrivals, Check, Evidence, Judged, Looks, Period, Query, Rows, VaultFacts};
use crate::gaps::{self, Expected, Register};

/// What is judged.
#[derive(Clone, Debug)]
pub struct About {
    /// The time.
    pub period: Period,
    /// The zone that days are of.
    pub zone: Tz,
    /// Now.
    pub now: Timestamp,
    /// Stated rhythms of streams, for the gap register.
    pub expected: Vec<Expected>,
    /// What is known of the vault itself.
    pub vault: VaultFacts,
}

/// Asks what the checks ask, and judges. `engine` gives an engine for what is asked about. Checks of settings, and of what exists, do not
/// run here: where nobody looked, they say nothing.
///
/// # Errors
/// What the questions say: a user's own may have mistakes.
pub async fn run<'a>(
    engine: impl Fn(Options) -> Engine,
    about: &About,
    checks: &[&'a Check],
) -> Result<(Vec<Judged<'a>>, Arrivals)> {
    let arrivals = Arrivals::of(&answer(&engine, about, &Query::sql(ARRIVALS)).await?, about.zone);
    let scope = Scope::of(&own_rows(&engine, SCOPE, about.now).await?);
    let mut answers: HashMap<&Query, Rows> = HashMap::new();
    for query in checks.iter().filter(|check| !check.needs_a_look()).flat_map(|check| check.queries()) {
        if !answers.contains_key(query) {
            answers.insert(query, answer(&engine, about, query).await?);
        }
    }
    let register = match checks.iter().any(|check| matches!(check.looks, Looks::Gaps(_))) {
        true => Some(register(&engine, about).await?),
        false => None,
    };
    let days = about.period.days(about.zone);
    let judge = |check: &&'a Check| {
        let evidence = Evidence {
            period: about.period,
            zone: about.zone,
            days: &days,
            now: about.now,
            arrivals: &arrivals,
            scope: &scope,
            rows: check.queries().iter().filter_map(|query| answers.get(query)).collect(),
            vault: &about.vault,
            gaps: register.as_ref(),
        };
        let mut findings = check.judge(&evidence);
        findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
        Judged { check, findings }
    };
    let judged = checks.iter().filter(|check| !check.needs_a_look()).map(judge).collect();
    Ok((judged, arrivals))
}

async fn register(engine: &impl Fn(Options) -> Engine, about: &About) -> Result<Register> {
    let asked = gaps::Asked { from: about.period.from, to: about.period.to, expected: about.expected.clone() };
    gaps::register(engine, &asked).await
}

/// The rows of a question about the period.
///
/// # Errors
/// What the question says.
pub async fn answer(engine: &impl Fn(Options) -> Engine, about: &About, query: &Query) -> Result<Rows> {
    let options = Options {
        from: (!query.is_whole).then_some(about.period.from),
        to: (!query.is_open).then_some(about.period.to),
        sources: query.source.iter().map(|source| source.clone().into_owned()).collect(),
        include_internal: query.is_own(),
        now: about.now,
        ..Options::default()
    };
    rows_of(&engine(options), query).await
}

/// The rows of a question in SQL about all our own records.
///
/// # Errors
/// What the question says.
pub async fn own_rows(engine: impl Fn(Options) -> Engine, text: &'static str, now: Timestamp) -> Result<Rows> {
    let sources = vec!["shoseki".to_owned()];
    let options = Options { sources, include_internal: true, now, ..Options::default() };
    rows_of(&engine(options), &Query::own_whole_sql(text)).await
}

/// The rows of a question in SQL about all evidence, ours left out.
///
/// # Errors
/// What the question says.
pub async fn all_rows(engine: impl Fn(Options) -> Engine, text: &'static str, now: Timestamp) -> Result<Rows> {
    rows_of(&engine(Options { now, ..Options::default() }), &Query::whole_sql(text)).await
}

/// The rows of a question.
pub(crate) async fn rows_of(engine: &Engine, query: &Query) -> Result<Rows> {
    let asked = if query.is_sql { engine.sql(&query.text).await } else { engine.insights(&query.text).await };
    let mut answer = asked.map_err(|failure| match failure {
        Failure::Fault(fault) if fault.kind() == Kind::Caller => {
            Fault::caller(msg!("check-question", query = query.text.as_ref())).because(fault)
        }
        Failure::Fault(fault) => fault,
        Failure::Mistakes(errors) => {
            let why: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
            Fault::caller(msg!("check-question", query = query.text.as_ref())).because(why.join("; "))
        }
    })?;
    let mut rows = Rows::default();
    while let Some(batch) = answer.next().await? {
        rows.add(&batch)?;
    }
    rows.hinted(answer.hints());
    Ok(rows)
}
