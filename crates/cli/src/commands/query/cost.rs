//! `--cost`: what a question may read of a vault in a bucket, and what that costs, before anything is read. `--explain` says it too, of
//! what the files' indexes leave.

use std::collections::HashSet;

use serde_json::{Value, json};
use shoseki_messages::{Result, msg};
use shoseki_query::{Engine, Explanation, Toll};
use shoseki_segment::layout::EVENTS;
use shoseki_setup::tiering::{Of, Reading, Tariff};

use super::question::{Question, fault};
use crate::context::Context;
use crate::output;
use crate::storage::{self, Bucket, Readings};

/// What a question may read, by class.
pub struct Paid {
    tariff: Tariff,
    /// Each file as often as it is opened, whole.
    whole: Vec<Reading>,
    /// The most that can be read.
    most: Vec<Reading>,
    /// What was read of indexes to know it.
    asking: Vec<Reading>,
}

/// Prints what a question may cost. Nothing is read but commits and the bucket's listing.
pub async fn show(context: &Context, engine: &Engine, question: &Question) -> Result<()> {
    let toll = toll(context, engine, question).await?;
    let Some(paid) = Paid::of(context, toll, engine).await? else { return storage::say_free(context) };
    if context.json {
        return output::json(&paid.to_json()?);
    }
    paid.print(context)
}

async fn toll(context: &Context, engine: &Engine, question: &Question) -> Result<Vec<Toll>> {
    let toll = engine.toll(&question.text, question.language()).await;
    toll.map_err(|failure| fault(context, &question.text, failure))
}

impl Paid {
    /// Of an explanation: of the files that indexes leave. `None` where the vault lies in a folder.
    pub async fn of_explanation(
        context: &Context,
        engine: &Engine,
        question: &Question,
        explanation: &Explanation,
    ) -> Result<Option<Self>> {
        if !context.url()?.starts_with("s3://") {
            return Ok(None);
        }
        let chosen = explanation.files.iter().filter(|file| file.passed_over.is_none());
        let chosen: HashSet<&str> = chosen.map(|file| file.path.as_str()).collect();
        let mut toll = toll(context, engine, question).await?;
        toll.retain(|file| chosen.contains(file.path.as_str()));
        Self::of(context, toll, engine).await
    }

    async fn of(context: &Context, toll: Vec<Toll>, engine: &Engine) -> Result<Option<Self>> {
        let Some(bucket) = Bucket::of(context.url()?).await else { return Ok(None) };
        let readings = Readings::new(bucket.stored(&format!("{EVENTS}/class=")).await?);
        let name = |path: &str| format!("{EVENTS}/{path}");
        let whole = toll.iter().map(|file| (name(&file.path), file.times, file.bytes.saturating_mul(file.times)));
        let most = toll.iter().map(|file| (name(&file.path), file.most_requests, file.most_bytes));
        let asking = engine.fetched().into_iter().map(|file| (name(&file.path), file.requests, file.bytes));
        Ok(Some(Self {
            whole: readings.of(whole),
            most: readings.of(most),
            asking: readings.of(asking),
            tariff: Tariff::read()?,
        }))
    }

    /// It as JSON.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn to_json(&self) -> Result<Value> {
        let readings = |readings: &[Reading]| storage::as_json(&self.tariff, readings);
        Ok(json!({
            "paid": true, "whole": readings(&self.whole)?, "at_most": readings(&self.most)?,
            "asking": readings(&self.asking)?, "prices": self.tariff.to_json(Of::Reading, self.classes())?,
        }))
    }

    /// Prints it.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn print(&self, context: &Context) -> Result<()> {
        let usd = |readings: &[Reading]| storage::sum(&self.tariff, readings).map(storage::dollars);
        if self.whole.is_empty() {
            context.say(&msg!("cli-tier-nothing-read"));
        } else {
            storage::print(context, &self.tariff, &self.whole)?;
            context.say(&msg!("cli-tier-query", whole = usd(&self.whole)?, most = usd(&self.most)?));
        }
        if !self.asking.is_empty() {
            let sum = |of: fn(&Reading) -> u64| self.asking.iter().map(of).sum::<u64>();
            context.say(&msg!(
                "cli-tier-asking",
                bytes = output::bytes(sum(|one| one.bytes)),
                requests = output::count(sum(|one| one.requests)),
                usd = usd(&self.asking)?
            ));
        }
        storage::say_prices(context, &self.tariff, Of::Reading, self.classes())
    }

    fn classes(&self) -> impl Iterator<Item = &str> {
        self.whole.iter().chain(&self.asking).map(|reading| reading.class.as_str())
    }
}
