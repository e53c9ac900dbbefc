//! What a report asks beside its checks: what is known of findings, reviews, reports before and samples, and whose accounts spoke.

use serde_json::Value;
use shoseki_comply::checks::{self, About, Arrivals, Check, Judged, Query, own_rows};
use shoseki_comply::findings::{Looking, RECORDS, Told, by};
use shoseki_comply::gaps;
use shoseki_comply::review::{REVIEWS, Reviews};
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};
use shoseki_report::assessment::{Made, REPORTS, Sampled};

use super::super::check::look::{OfKept, kept};

/// How many accounts are named.
const ACCOUNTS: usize = 100;

/// The accounts that spoke in the period.
const OWNERS: &str = "select account, count(*) as events\nfrom events\nwhere kind = 'event' and account is not null\ngroup by 1\norder by 2 desc, 1";

/// The packages that were made, with what was drawn.
const PACKAGES: &str = "select time, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation = 'package.create'\norder by time";

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) told: Vec<Told>,
    pub(super) judged: Vec<Judged<'a>>,
    /// Where an inventory was taken, where one is young enough.
    pub(super) looked: Option<Looking>,
    pub(super) arrivals: Arrivals,
    pub(super) gaps: gaps::Register,
    pub(super) reviews: Reviews,
    pub(super) reports: Vec<Made>,
    pub(super) samples: Vec<Sampled>,
    pub(super) accounts: Vec<(String, u64)>,
}

/// Asks for all of it.
pub(super) async fn all<'a>(
    engine: impl Fn(Options) -> Engine,
    about: &About,
    chosen: &[&'a Check],
    vault: Option<&str>,
) -> Result<Asked<'a>> {
    let rows = own_rows(&engine, RECORDS, about.now).await?;
    let told = rows.iter().filter_map(Told::of).collect();
    let reviews = Reviews::of(&own_rows(&engine, REVIEWS, about.now).await?);
    let reports = Made::all(&own_rows(&engine, REPORTS, about.now).await?);
    let samples = samples(&own_rows(&engine, PACKAGES, about.now).await?, about);
    let owners = checks::answer(&engine, about, &Query::sql(OWNERS)).await?;
    let accounts = owners.iter().take(ACCOUNTS).map(|row| (row.text("account").to_owned(), row.count("events")));
    let accounts = accounts.collect();
    let (from, to) = (about.period.from, about.period.to);
    let gaps = gaps::register(&engine, &gaps::Asked { from, to, expected: about.expected.clone() }).await?;
    let (mut judged, arrivals) = checks::run(&engine, about, chosen).await?;
    // What exists, and how it is set, is known where an inventory was sealed in the last days of the period.
    let inventory: Vec<&Check> = chosen.iter().copied().filter(|check| check.is_of_inventory()).collect();
    let settings: Vec<&Check> = chosen.iter().copied().filter(|check| check.is_of_settings()).collect();
    let asked = OfKept { inventory: &inventory, settings: &settings, is_named: false, vault };
    let heard = kept(&engine, about.period.to, asked).await?;
    let looked = heard.map(|heard| {
        judged.extend(heard.judged);
        heard.looking
    });
    Ok(Asked { told, judged, looked, arrivals, gaps, reviews, reports, samples, accounts })
}

/// The samples whose population lies in the period.
fn samples(rows: &checks::Rows, about: &About) -> Vec<Sampled> {
    let sampled = |row: checks::Row<'_>| {
        let event: Value = serde_json::from_str(row.text("raw")).ok()?;
        let (details, sample) = (&event["details"], &event["details"]["sample"]);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let time = |value: &Value| value.as_str().and_then(|text| Timestamp::parse(text).ok());
        let asked = (time(&details["from"]), time(&details["to"]));
        let is_within = asked.0.is_some_and(|from| from >= about.period.from)
            && asked.1.is_some_and(|to| to <= about.period.to)
            && event["outcome"] == "success";
        let drawn = sample["drawn"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        is_within.then_some(())?;
        Some(Sampled {
            at: row.time("time")?,
            by: text(&sample["drawn_by"]).or_else(|| by(&event["actor"]))?,
            record: row.text("record").to_owned(),
            file: text(&details["file"]).unwrap_or_default(),
            query: text(&details["query"]).unwrap_or_default(),
            asked: (text(&details["from"]), text(&details["to"])),
            from: sample["from"].as_u64()?,
            take: sample["take"].as_u64()?,
            seed: text(&sample["seed"])?,
            has_population: details["population"].as_bool().unwrap_or_default(),
            drawn: drawn.collect(),
        })
    };
    rows.iter().filter_map(sampled).collect()
}
