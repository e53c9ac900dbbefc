//! What lying in a class, reading from it and moving into it cost, by the list of prices. S3 counts a gigabyte as 2³⁰ bytes.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use shoseki_messages::Result;

use super::class::{self, Class, SMALL};
use super::survey::{Lying, Total};
use crate::cost::{Price, Prices};

const GIGABYTE: f64 = (1_u64 << 30) as f64;

/// The list of prices, as classes ask for it.
#[derive(Clone, Debug)]
pub struct Tariff(Prices);

/// Which prices of classes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those of reading.
    Reading,
    /// Those of lying there and of moving there, too.
    All,
}

/// US dollars, where they depend on what is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Span {
    /// At least.
    pub least: f64,
    /// At most.
    pub most: f64,
}

impl Span {
    pub(super) fn add(&mut self, other: Self) {
        self.least += other.least;
        self.most += other.most;
    }
}

/// What is read of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The class, as S3 writes it.
    pub class: String,
    /// How many files.
    pub files: u64,
    /// How many GETs.
    pub requests: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl Tariff {
    /// The list that comes with the program.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn read() -> Result<Self> {
        Prices::read().map(Self)
    }

    /// The day as of which its prices were read.
    pub fn as_of(&self) -> &str {
        &self.0.as_of
    }

    /// The region whose prices they are.
    pub fn region(&self) -> &str {
        &self.0.region
    }

    fn usd(&self, id: &str, count: f64) -> Result<f64> {
        self.0.of(id).map(|price| price.usd_of(count))
    }

    /// What files cost a month, in US dollars. Of Intelligent-Tiering a listing does not tell how long a file was not read, so that it
    /// is a span: all were, or none.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn month(&self, class: &Class, total: &Total) -> Result<Span> {
        let gigabytes = gigabytes(total.billed);
        let most = self.usd(class.storage, gigabytes)?;
        let least = class.storage_at_rest.map_or(Ok(most), |id| self.usd(id, gigabytes))?;
        let looked_at = class.monitoring.map_or(Ok(0.0), |id| self.usd(id, number(total.files)))?;
        Ok(Span { least: least + looked_at, most: most + looked_at })
    }

    /// What a reading costs once, in US dollars; `None` where its class must be restored first, or is not known.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn reading(&self, reading: &Reading) -> Result<Option<f64>> {
        let Some(class) = Class::named(&reading.class).filter(|class| class.is_read_at_once) else { return Ok(None) };
        let requests = self.usd(class.gets, number(reading.requests))?;
        let retrieved = class.retrieval.map_or(Ok(0.0), |id| self.usd(id, gigabytes(reading.bytes)))?;
        Ok(Some(requests + retrieved))
    }

    /// What moving files into a class costs once, in US dollars.
    ///
    /// # Errors
    /// The caller's mistake where nothing is moved into that class.
    pub fn moving(&self, class: &Class, files: u64) -> Result<f64> {
        class.moves.map_or_else(|| Err(class::unknown(class.word)), |id| self.usd(id, number(files)))
    }

    /// The prices of classes, as they are shown beside what was computed by them.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn of_classes<'c>(&self, of: Of, classes: impl IntoIterator<Item = &'c str>) -> Result<Vec<&Price>> {
        let mut ids = BTreeSet::new();
        for class in classes.into_iter().filter_map(Class::named) {
            ids.extend([Some(class.gets), class.retrieval].into_iter().flatten());
            if of == Of::All {
                let lying = [Some(class.storage), class.storage_at_rest, class.monitoring, class.moves];
                ids.extend(lying.into_iter().flatten());
            }
        }
        ids.into_iter().map(|id| self.0.of(id)).collect()
    }

    /// They as JSON, with where each is to be looked up.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn to_json<'c>(&self, of: Of, classes: impl IntoIterator<Item = &'c str>) -> Result<Value> {
        let price = |price: &Price| {
            json!({
                "price": price.id, "usd": price.usd, "per": price.per, "verified": price.verified, "where": price.place,
            })
        };
        let all: Vec<Value> = self.of_classes(of, classes)?.into_iter().map(price).collect();
        Ok(json!({"as_of": self.as_of(), "region": self.region(), "list": all}))
    }
}

impl Reading {
    /// All of what lies in a class, each file by one request.
    pub fn whole(lying: &Lying) -> Self {
        Self { class: lying.class.clone(), files: lying.all.files, requests: lying.all.files, bytes: lying.all.bytes }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.requests += other.requests;
        self.bytes += other.bytes;
    }
}

/// How many gigabytes S3 bills for so many bytes.
fn gigabytes(bytes: u64) -> f64 {
    number(bytes) / GIGABYTE
}

/// Seventeen digits are enough for a price.
fn number(count: u64) -> f64 {
    count as f64
}

/// Whether a life cycle moves an object of this size: by default it moves nothing that is smaller.
pub(super) fn is_moved(size: u64) -> bool {
    size >= SMALL
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prices that the arithmetic of these tests was done by.
    fn tariff() -> Tariff {
        let prices = [
            ("s3-storage", 0.025, 1),
            ("s3-gets", 0.0004, 1_000),
            ("s3-gir-storage", 0.005, 1),
            ("s3-gir-gets", 0.01, 1_000),
            ("s3-gir-retrieval", 0.03, 1),
            ("s3-gir-moves", 0.02, 1_000),
            ("s3-int-monitoring", 0.0025, 1_000),
        ];
        let price = |(id, usd, per): &(&str, f64, u64)| {
            format!("[[price]]\nid = \"{id}\"\nusd = {usd}\nper = {per}\nverified = false\nwhere = \"x\"\n")
        };
        let list: String = prices.iter().map(price).collect();
        Tariff(toml::from_str(&format!("as_of = \"2026-01-01\"\nregion = \"x\"\n{list}")).unwrap())
    }

    fn near(is: f64, expected: f64) {
        assert!((is - expected).abs() < 1e-9, "{is} is not {expected}");
    }

    #[test]
    fn a_month_is_gigabytes_by_the_price_of_the_class() {
        let hundred = Total { files: 2_000, bytes: 100 << 30, billed: 100 << 30 };
        let month = |name: &str| tariff().month(Class::named(name).unwrap(), &hundred).unwrap();
        near(month("STANDARD").most, 2.5);
        near(month("GLACIER_IR").most, 0.5);
        assert_eq!(month("GLACIER_IR").least.to_bits(), month("GLACIER_IR").most.to_bits());
        // Two thousand objects are looked at, and whether any is read nobody knows.
        near(month("INTELLIGENT_TIERING").most, 2.505);
        near(month("INTELLIGENT_TIERING").least, 0.505);
    }

    #[test]
    fn reading_is_requests_and_what_is_retrieved() {
        let reading = |class: &str| {
            let reading = Reading { class: class.to_owned(), files: 10, requests: 5_000, bytes: 10 << 30 };
            tariff().reading(&reading).unwrap()
        };
        near(reading("STANDARD").unwrap(), 0.002);
        near(reading("GLACIER_IR").unwrap(), 0.05 + 0.3);
        assert_eq!((reading("GLACIER"), reading("SNOW")), (None, None), "nothing is read there without a restore");
    }

    #[test]
    fn moving_is_paid_by_the_file() {
        near(tariff().moving(Class::named("GLACIER_IR").unwrap(), 50_000).unwrap(), 1.0);
        let refused = tariff().moving(Class::named("STANDARD").unwrap(), 1).unwrap_err();
        assert_eq!(refused.id(), "tier-class-unknown");
    }

    #[test]
    fn the_list_that_comes_with_the_program_knows_all_classes() {
        let tariff = Tariff::read().unwrap();
        let all = super::super::CLASSES.iter().map(|class| class.name);
        assert!(tariff.of_classes(Of::All, all.clone()).unwrap().len() >= 13);
        assert_eq!(tariff.of_classes(Of::Reading, all).unwrap().len(), 5);
        assert!(tariff.of_classes(Of::All, ["SNOW"]).unwrap().is_empty());
    }
}
