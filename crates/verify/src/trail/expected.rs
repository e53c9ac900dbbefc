//! Which accounts and regions must have digests, whether or not anything of them is left: those that are named, those of a
//! file, and the region in which a trail was made. Nothing is read here.
//!
//! ```toml
//! accounts = ["111122223333", "444455556666"]
//! regions = ["ap-northeast-1", "us-east-1"]
//! ```

use std::collections::BTreeSet;

use serde::Deserialize;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Message, Result, msg};
use shoseki_sources::ObjectName;

use super::coverage::Pair;
use super::discover::TrailFilter;
use super::finding::{ChainName, Finding, Flaw};
use super::report::{ChainSummary, Draft};

/// The most accounts × regions that a file may ask for.
const MAX_PAIRS: usize = 1_000_000;

/// Accounts and regions that must have digests: each account in each region. Where no accounts are told, each that is there;
/// where no regions are told, each in which the trail has digests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrailExpectation {
    /// Accounts.
    pub accounts: BTreeSet<String>,
    /// Regions.
    pub regions: BTreeSet<String>,
}

impl TrailExpectation {
    /// Reads a file of TOML.
    ///
    /// # Errors
    /// The caller's mistake where it is no such file, asks for nothing or for too much, or has what is no account or region.
    pub fn parse(text: &str) -> Result<Self> {
        let expectation: Self = toml::from_str(text).map_err(|error| {
            let why = error.message().to_owned();
            Fault::caller(msg!("trail-expect-toml", why = why)).because(error)
        })?;
        let Self { accounts, regions } = &expectation;
        let is_region = |name: &str| {
            (1..=32).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if let Some(account) = accounts.iter().find(|account| !super::discover::is_account(account)) {
            return Err(Fault::caller(msg!("trail-expect-account", name = account.as_str())));
        }
        if let Some(region) = regions.iter().find(|region| !is_region(region)) {
            return Err(Fault::caller(msg!("trail-expect-region", name = region.as_str())));
        }
        if accounts.is_empty() && regions.is_empty() {
            return Err(Fault::caller(msg!("trail-expect-nothing")));
        }
        if accounts.len().max(1).saturating_mul(regions.len().max(1)) > MAX_PAIRS {
            return Err(Fault::caller(msg!("trail-expect-much", most = MAX_PAIRS)));
        }
        Ok(expectation)
    }
}

/// What is known of what must be there.
pub(crate) struct Expected<'a> {
    /// What is asked about: it is expected too.
    pub(crate) filter: &'a TrailFilter,
    pub(crate) file: &'a TrailExpectation,
    /// Accounts of which there is anything, in whatever region.
    pub(crate) accounts: &'a BTreeSet<String>,
    /// Accounts and regions of which there are digests, or a finding that there are none.
    pub(crate) known: &'a BTreeSet<Pair>,
    /// Whether what was given would hold an object of this name beside a chain.
    pub(crate) could_hold: &'a dyn Fn(&ObjectName, &ChainSummary) -> bool,
}

impl Expected<'_> {
    /// The region in which the trail of a chain was made, where it is asked about and lies in what was given.
    pub(crate) fn home<'c>(&self, chain: &'c ChainSummary) -> Option<&'c str> {
        let ChainName { region, home_region, .. } = &chain.name;
        let is_asked = self.filter.regions.is_empty() || self.filter.regions.contains(home_region);
        if home_region.is_empty() || home_region == region || !is_asked {
            return None;
        }
        let ObjectName { bucket, key } = &chain.newest;
        // The last: the bucket's own prefix may name a region, too.
        let (before, after) = key.rsplit_once(&format!("/{region}/"))?;
        let key = format!("{before}/{home_region}/{after}");
        let there = ObjectName { bucket: bucket.clone(), key: key.into() };
        (self.could_hold)(&there, chain).then_some(home_region.as_str())
    }

    /// What must be there and is not told of yet.
    pub(crate) fn absent(&self, from: Option<Timestamp>, horizon: Timestamp, draft: &mut Draft) {
        let Self { filter, file, .. } = *self;
        let chains = draft.chains.iter().filter(|chain| !chain.name.backfill);
        let first = chains.clone().map(|chain| chain.first).min();
        let mut told: BTreeSet<Pair> = self.known.clone();
        told.extend(chains.map(|chain| (chain.name.account.clone(), chain.name.region.clone())));
        let regions_there: BTreeSet<String> = told.iter().map(|(_, region)| region.clone()).collect();
        told.extend(draft.findings.pairs(Flaw::RegionAbsent));
        let accounts_there: BTreeSet<String> = told.iter().map(|(account, _)| account.clone()).collect();
        // Whoever names what is asked about narrows the file too.
        let one = |named: &BTreeSet<String>, told: &BTreeSet<String>| match named.is_empty() {
            true => told.clone(),
            false => named.clone(),
        };
        let (named, regions) = (one(&filter.accounts, &file.accounts), one(&filter.regions, &file.regions));
        let mut expected: BTreeSet<Pair> = BTreeSet::new();
        if regions.is_empty() {
            for account in named.iter().filter(|account| !accounts_there.contains(*account)) {
                expected.extend(regions_there.iter().map(|region| (account.clone(), region.clone())));
                if regions_there.is_empty() {
                    expected.insert((account.clone(), String::new()));
                }
            }
        } else {
            let accounts = if named.is_empty() { self.accounts } else { &named };
            for account in accounts {
                expected.extend(regions.iter().map(|region| (account.clone(), region.clone())));
            }
        }
        for (account, region) in expected.difference(&told) {
            let name = unnamed_chain(account, region);
            let message = msg!("trail-region-expected");
            let from = from.or(first).unwrap_or(horizon).min(horizon);
            draft.findings.push(absence(&name, message).during(from, horizon));
        }
    }
}

/// An account and a region, of which no chain tells a trail's name.
fn unnamed_chain(account: &str, region: &str) -> ChainName {
    ChainName {
        account: account.to_owned(),
        region: region.to_owned(),
        trail: String::new(),
        home_region: String::new(),
        backfill: false,
    }
}

/// That an account and region has no digests.
pub(crate) fn absence(chain: &ChainName, message: Message) -> Finding {
    let ChainName { account, region, .. } = chain;
    let what = match region.is_empty() {
        true => format!("{account}/CloudTrail-Digest/"),
        false => format!("{account}/CloudTrail-Digest/{region}/"),
    };
    Finding::new(Flaw::RegionAbsent, chain, what, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_must_be_there() {
        let read = TrailExpectation::parse("accounts = [\"111122223333\"]\nregions = [\"us-east-1\"]").unwrap();
        assert_eq!((read.accounts.len(), read.regions.len()), (1, 1));
        for (text, id) in [
            ("", "trail-expect-nothing"),
            ("accounts = []", "trail-expect-nothing"),
            ("accounts = [\"prod\"]", "trail-expect-account"),
            ("regions = [\"us east\"]", "trail-expect-region"),
            ("region = [\"us-east-1\"]", "trail-expect-toml"),
            ("accounts = \"111122223333\"", "trail-expect-toml"),
        ] {
            assert_eq!(TrailExpectation::parse(text).unwrap_err().id(), id, "{text}");
        }
        let many = |what: &str, of: &dyn Fn(usize) -> String| {
            let names: Vec<String> = (0..1_001).map(|n| format!("\"{}\"", of(n))).collect();
            format!("{what} = [{}]\n", names.join(","))
        };
        let text = many("accounts", &|n| format!("{n:012}")) + &many("regions", &|n| format!("r-{n}"));
        assert_eq!(TrailExpectation::parse(&text).unwrap_err().id(), "trail-expect-much");
    }
}
