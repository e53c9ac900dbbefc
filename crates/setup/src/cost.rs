//! What a set-up costs a month: list prices, which are data with their date (`crates/setup/data/prices.toml`), by what an account has
//! and, where that is not known before it records, by assumptions that anybody can state otherwise.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shoseki_messages::{Fault, Result, msg};

use crate::found::{many, number, text};
use crate::plan::{Plan, State};
use crate::site::Site;
use crate::wish::Delivery;

/// The prices, as they are read.
const PRICES: &str = include_str!("../data/prices.toml");

/// The list of prices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The day as of which they were read.
    pub as_of: String,
    /// The region that they are of.
    pub region: String,
    #[serde(rename = "price")]
    all: Vec<Price>,
}

/// A price.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What it is the price of.
    pub id: String,
    /// In US dollars.
    pub usd: f64,
    /// Of how many.
    pub per: f64,
    /// Whether it was read on a page that states it.
    pub verified: bool,
    /// Where it is to be looked up.
    #[serde(rename = "where")]
    pub place: String,
}

impl Prices {
    /// The list that comes with the program.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn read() -> Result<Self> {
        toml::from_str(PRICES).map_err(|error| Fault::broken(msg!("setup-prices")).because(error))
    }

    /// A price.
    ///
    /// # Errors
    /// Our own broken invariant: there is none of this name.
    pub fn of(&self, id: &str) -> Result<&Price> {
        self.all.iter().find(|price| price.id == id).ok_or_else(|| Fault::broken(msg!("setup-prices")))
    }
}

impl Price {
    /// What so many cost, in US dollars.
    pub fn usd_of(&self, count: f64) -> f64 {
        count / self.per * self.usd
    }
}

/// What is assumed of a month where it is not known: each can be stated otherwise in `[setup.volumes]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Volumes {
    /// Files that CloudTrail and AWS Config deliver.
    pub files: f64,
    /// Gigabytes of them.
    pub gigabytes: f64,
    /// Data events of all buckets that are named.
    pub data_events: f64,
    /// Management events.
    pub management_events: f64,
    /// Items that AWS Config records, in each region.
    pub config_items: f64,
    /// Evaluations of each rule.
    pub evaluations: f64,
    /// Gigabytes of logs of each cluster.
    pub cluster_gigabytes: f64,
    /// Gigabytes of the audit of each database.
    pub database_gigabytes: f64,
    /// Gigabytes of the trail, as it goes to a log group.
    pub trail_gigabytes: f64,
}

impl Default for Volumes {
    fn default() -> Self {
        Self {
            // A trail of all regions writes up to a file each five minutes in each region in which something happens.
            files: 30_000.0,
            gigabytes: 2.0,
            data_events: 1_000_000.0,
            management_events: 500_000.0,
            config_items: 3_000.0,
            evaluations: 300.0,
            cluster_gigabytes: 20.0,
            database_gigabytes: 10.0,
            // Files are packed to about a tenth.
            trail_gigabytes: 20.0,
        }
    }
}

impl Volumes {
    /// Whether each is a number that there can be so many of.
    pub(crate) fn are_fit(&self) -> bool {
        let all = [
            self.files,
            self.gigabytes,
            self.data_events,
            self.management_events,
            self.config_items,
            self.evaluations,
            self.cluster_gigabytes,
            self.database_gigabytes,
            self.trail_gigabytes,
        ];
        all.iter().all(|one| (0.0..1e15).contains(one))
    }
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The account says so.
    Measured,
    /// It is assumed, or stated.
    Assumed,
}

impl Basis {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Assumed => "assumed",
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The piece that it is of.
    pub piece: &'static str,
    /// The price.
    pub price: Price,
    /// How many a month.
    pub count: f64,
    /// Where the number comes from.
    pub basis: Basis,
    /// Whether it is what the other way would cost that was not chosen: it counts for nothing.
    pub is_instead: bool,
}

impl Cost {
    /// What it comes to, in US dollars a month.
    pub fn usd(&self) -> f64 {
        self.price.usd_of(self.count)
    }
}

/// What a plan costs a month, once all that is kept is there.
pub(crate) fn costs(site: &Site<'_>, plan: &Plan) -> Result<Vec<Cost>> {
    let prices = Prices::read()?;
    let prices: BTreeMap<&str, &Price> = prices.all.iter().map(|price| (price.id.as_str(), price)).collect();
    let (wish, volumes) = (site.wish, &site.wish.volumes);
    let mut costs = Vec::new();
    let mut add = |piece: &'static str, id: &str, count: f64, basis: Basis| {
        let Some(price) = prices.get(id) else { return Err(Fault::broken(msg!("setup-prices"))) };
        if count > 0.0 {
            costs.push(Cost { piece, price: (*price).clone(), count, basis, is_instead: false });
        }
        Ok(())
    };
    let of =
        |piece: &str| plan.items.iter().filter(|item| item.piece == piece && item.state != State::Elsewhere).count();
    let count = |piece: &str| u32::try_from(of(piece)).map_or(f64::MAX, f64::from);
    add("evidence_key", "kms-key", count("evidence_key"), Basis::Measured)?;
    if of("evidence_bucket") > 0 {
        add("evidence_key", "kms-requests", volumes.files, Basis::Assumed)?;
        // What is kept for as long as the frameworks ask lies there in the end.
        let months = u32::try_from(wish.months()).map_or(f64::MAX, f64::from);
        add("evidence_bucket", "s3-storage", volumes.gigabytes * months, Basis::Assumed)?;
        add("evidence_bucket", "s3-puts", volumes.files, Basis::Assumed)?;
    }
    if !wish.data_events.is_empty() {
        add("trail", "trail-data-events", volumes.data_events, Basis::Assumed)?;
    }
    if wish.insights {
        add("trail", "trail-insights", volumes.management_events, Basis::Assumed)?;
    }
    if of("trail_events_queue") > 0 {
        // A file is told, received and deleted.
        add("trail_events_queue", "sqs-requests", volumes.files * 3.0, Basis::Assumed)?;
    }
    add("config_recorder", "config-items", count("config_recorder") * volumes.config_items, Basis::Assumed)?;
    let rules: usize =
        plan.items.iter().filter(|item| item.piece == "config_rules").map(|item| item.settings.len()).sum();
    let rules = u32::try_from(rules).map_or(f64::MAX, f64::from);
    add("config_rules", "config-rules", rules * volumes.evaluations, Basis::Assumed)?;
    for (piece, each) in [("eks_logging", volumes.cluster_gigabytes), ("database_audit", volumes.database_gigabytes)] {
        add(piece, "logs-taken-in", count(piece) * each, Basis::Assumed)?;
    }
    add("eks_logging", "logs-kept", kept(site), Basis::Measured)?;
    if of("trail_log_group") > 0 {
        add("trail_log_group", "logs-taken-in", volumes.trail_gigabytes, Basis::Assumed)?;
    }
    if of("replica_bucket") > 0 {
        let months = u32::try_from(wish.months()).map_or(f64::MAX, f64::from);
        add("replica_key", "kms-key", count("replica_key"), Basis::Measured)?;
        add("replica_key", "kms-requests", volumes.files, Basis::Assumed)?;
        add("replica_bucket", "s3-storage", volumes.gigabytes * months, Basis::Assumed)?;
        add("evidence_replication", "s3-puts", volumes.files, Basis::Assumed)?;
        add("evidence_replication", "region-transfer", volumes.gigabytes, Basis::Assumed)?;
    }
    let logged = count("eks_logging") * volumes.cluster_gigabytes;
    add("eks_delivery", "firehose", logged, Basis::Assumed)?;
    add("eks_delivery", "logs-read", logged, Basis::Assumed)?;
    // Both ways stand beside each other, and one of them is paid.
    let not_chosen = if wish.eks_delivery == Delivery::Firehose { "logs-read" } else { "firehose" };
    costs.iter_mut().for_each(|cost| cost.is_instead = cost.price.id == not_chosen);
    Ok(costs)
}

/// How many gigabytes the log groups of clusters and databases hold now.
fn kept(site: &Site<'_>) -> f64 {
    const GIGABYTE: f64 = 1e9;
    let is_ours = |one: &&Value| {
        let name = text(one, "logGroupName").unwrap_or_default();
        name.starts_with("/aws/eks/") || name.starts_with("/aws/rds/")
    };
    let groups = site.accounts.iter().flat_map(|account| {
        let (pages, _) = site.found.lists("logs:DescribeLogGroups", account, None);
        pages.into_iter().flat_map(|page| many(&page["logGroups"])).collect::<Vec<_>>()
    });
    let bytes: u64 = groups.filter(is_ours).filter_map(|one| number(one, "storedBytes")).sum();
    // Seventeen digits are enough for a price.
    bytes as f64 / GIGABYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prices_have_a_day_and_each_says_where_it_is_to_be_looked_up() {
        let prices = Prices::read().unwrap();
        assert!(prices.as_of.len() == 10 && prices.region == "ap-northeast-1");
        let mut ids: Vec<&str> = prices.all.iter().map(|price| price.id.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for price in &prices.all {
            assert!(
                (price.usd > 0.0 || price.id == "logs-read")
                    && price.per >= 1.0
                    && price.place.starts_with("https://aws.amazon.com/"),
                "{price:?}"
            );
        }
    }

    #[test]
    fn a_cost_is_a_count_by_a_price() {
        let price = Price { id: String::new(), usd: 0.10, per: 100_000.0, verified: true, place: String::new() };
        let (count, basis) = (2_000_000.0, Basis::Assumed);
        let cost = Cost { piece: "trail", price, count, basis, is_instead: false };
        assert!((cost.usd() - 2.0).abs() < 1e-9);
    }
}
