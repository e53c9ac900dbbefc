//! What of a vault lies in which storage class of its bucket, and what reading it costs: for `retention tier`, `query` and `verify`.
//! A vault in a folder costs nothing to read.

use std::collections::HashMap;

use serde_json::{Value, json};
use shoseki_aws::Caller;
use shoseki_aws::classes::{Classes, Object};
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_setup::tiering::{Class, Of, Reading, Stored, Tariff};

use crate::context::Context;
use crate::output;

/// The bucket of a vault, and what the vault's keys begin with.
#[derive(Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What keys begin with, without a slash at its end.
    pub place: String,
    /// Who asks for its classes.
    pub classes: Classes,
}

impl Bucket {
    /// The bucket of a URL; `None` where it is a folder.
    pub async fn of(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("s3://")?;
        let (name, place) = rest.split_once('/').unwrap_or((rest, ""));
        let place = place.trim_matches('/').to_owned();
        let classes = Classes::of(&Caller::default(), name).await;
        Some(Self { name: name.to_owned(), place, classes })
    }

    /// The same, where there must be one.
    ///
    /// # Errors
    /// The caller's mistake: the vault lies in a folder.
    pub async fn need(url: &str) -> Result<Self> {
        Self::of(url).await.ok_or_else(|| Fault::caller(msg!("tier-no-bucket", url = url)))
    }

    /// The objects of the vault whose names begin so.
    ///
    /// # Errors
    /// The world's failure.
    pub async fn stored(&self, below: &str) -> Result<Vec<Stored>> {
        let own = if self.place.is_empty() { String::new() } else { format!("{}/", self.place) };
        let of = |object: Object| {
            let name = object.key.strip_prefix(&own)?.to_owned();
            Some(Stored { name, size: object.size, modified: object.modified, class: object.class })
        };
        Ok(self.classes.list(&format!("{own}{below}")).await?.into_iter().filter_map(of).collect())
    }
}

/// What is read of files, by the classes that they lie in. Files that lie nowhere cost nothing: they are in memory.
pub struct Readings(HashMap<String, String>);

impl Readings {
    /// Of the objects that were listed.
    pub fn new(stored: Vec<Stored>) -> Self {
        Self(stored.into_iter().map(|one| (one.name, one.class)).collect())
    }

    /// Puts together what is read of each file: its name, requests and bytes.
    pub fn of(&self, files: impl IntoIterator<Item = (String, u64, u64)>) -> Vec<Reading> {
        let mut all: Vec<Reading> = Vec::new();
        for (name, requests, bytes) in files {
            let Some(class) = self.0.get(&name) else { continue };
            let one = Reading { class: class.clone(), files: 1, requests, bytes };
            match all.iter_mut().find(|known| known.class == one.class) {
                Some(known) => {
                    known.files += 1;
                    known.requests += requests;
                    known.bytes += bytes;
                }
                None => all.push(one),
            }
        }
        all.sort_by(|a, b| a.class.cmp(&b.class));
        all
    }
}

/// Readings as JSON, each with what it costs in US dollars.
///
/// # Errors
/// Our own broken invariant.
pub fn as_json(tariff: &Tariff, readings: &[Reading]) -> Result<Value> {
    let mut all = Vec::with_capacity(readings.len());
    for reading in readings {
        all.push(json!({
            "class": reading.class, "files": reading.files, "requests": reading.requests, "bytes": reading.bytes,
            "usd": tariff.reading(reading)?,
        }));
    }
    Ok(json!({"by_class": all, "usd": sum(tariff, readings)?}))
}

/// What all of it costs; what must be restored first costs nothing here, since it cannot be read.
///
/// # Errors
/// Our own broken invariant.
pub fn sum(tariff: &Tariff, readings: &[Reading]) -> Result<f64> {
    readings.iter().map(|reading| Ok(tariff.reading(reading)?.unwrap_or_default())).sum()
}

/// Prints readings as a table, with their sum and the prices that it was computed by.
///
/// # Errors
/// Our own broken invariant.
pub fn print(context: &Context, tariff: &Tariff, readings: &[Reading]) -> Result<()> {
    let word = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let heads = ["cli-tier-class", "cli-tier-files", "cli-tier-bytes", "cli-tier-requests", "cli-tier-usd"];
    let mut table = output::table(&heads.map(word));
    for reading in readings {
        let usd = tariff.reading(reading)?;
        table.add_row([
            reading.class.clone(),
            output::count(reading.files),
            output::bytes(reading.bytes),
            output::count(reading.requests),
            usd.map_or_else(|| word("cli-tier-not-read"), dollars),
        ]);
    }
    output::line(&table.to_string());
    for reading in readings {
        if Class::named(&reading.class).is_some_and(|class| !class.is_read_at_once) {
            let files = output::count(reading.files);
            context.say(&msg!("cli-tier-archived", class = reading.class.as_str(), files = files));
        }
    }
    Ok(())
}

/// Says by which prices it was computed; those that were not read on a page that states them have a mark.
///
/// # Errors
/// Our own broken invariant.
pub fn say_prices<'c>(
    context: &Context,
    tariff: &Tariff,
    of: Of,
    classes: impl IntoIterator<Item = &'c str>,
) -> Result<()> {
    let word = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let price = |price: &shoseki_setup::Price| {
        let per = if price.per > 1.0 { format!(" / {}", output::count(price.per as u64)) } else { String::new() };
        let mark = if price.verified { "" } else { " *" };
        format!("{}: {}{per}{mark}", word(&format!("tier-price-{}", price.id)), price.usd)
    };
    let all = tariff.of_classes(of, classes)?.into_iter().map(price).collect::<Vec<_>>().join("; ");
    context.say(&msg!("cli-tier-prices", day = tariff.as_of(), region = tariff.region(), prices = all));
    Ok(())
}

/// Says that nothing is paid: the vault lies in a folder.
///
/// # Errors
/// Our own broken invariant.
pub fn say_free(context: &Context) -> Result<()> {
    if context.json {
        return output::json(&json!({"paid": false}));
    }
    context.say(&msg!("cli-tier-free"));
    Ok(())
}

/// US dollars for people: of little money the first figures.
pub fn dollars(usd: f64) -> String {
    match usd {
        usd if usd == 0.0 || usd >= 0.01 => format!("{usd:.2}"),
        usd if usd >= 0.000_001 => format!("{usd:.6}"),
        _ => "< 0.000001".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use shoseki_event::Timestamp;

    use super::*;

    #[test]
    fn little_money_is_seen_too() {
        assert_eq!(
            [0.0, 12.346, 0.01, 0.000_37, 0.000_000_4].map(dollars),
            ["0.00", "12.35", "0.01", "0.000370", "< 0.000001"]
        );
    }

    #[test]
    fn what_is_read_is_put_together_by_class_and_memory_costs_nothing() {
        let stored = |name: &str, class: &str| Stored {
            name: name.to_owned(),
            size: 9,
            modified: Timestamp(0),
            class: class.to_owned(),
        };
        let readings =
            Readings::new(vec![stored("a", "STANDARD"), stored("b", "GLACIER_IR"), stored("c", "GLACIER_IR")]);
        let read = |name: &str, requests, bytes| (name.to_owned(), requests, bytes);
        let all = readings.of([read("a", 1, 5), read("b", 2, 7), read("c", 3, 11), read("in memory", 9, 99)]);
        let seen: Vec<_> = all.iter().map(|one| (one.class.as_str(), one.files, one.requests, one.bytes)).collect();
        assert_eq!(seen, [("GLACIER_IR", 2, 5, 18), ("STANDARD", 1, 1, 5)]);
    }
}
