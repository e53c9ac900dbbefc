//! Each account speaks in CloudTrail, and each of its regions in which something is.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Check, Habit, Kind, Listening, Severity, Speech, Status};
use crate::inventory::QUERIES;

pub(in crate::checks) const CHECK: Check =
    Check::inventory("inventory_account_speaks", Severity::Critical, (&[], QUERIES), judge);

/// Somewhere in an account something happens each day: what reads it by a schedule is an event too.
const ACCOUNT: Habit = Habit::steady(24);
/// A region in which a cluster or a database is has such events within a week.
const REGION: Habit = Habit::steady(7 * 24);

/// What runs in a region and makes events there. What only stands there (a key, a log group) makes none.
const RUNS: [Kind; 3] = [Kind::Cluster, Kind::Database, Kind::Recorder];

fn judge(at: &Listening<'_>) -> Vec<Speech> {
    let mut accounts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (account, _) in at.looked.places() {
        accounts.entry(account.as_str()).or_default();
    }
    for resource in at.looked.estate.resources() {
        let Some(account) = &resource.account else { continue };
        let regions = accounts.entry(account.as_str()).or_default();
        if RUNS.contains(&resource.kind()) {
            regions.extend(resource.region.as_deref());
        }
    }
    let mut speeches = Vec::new();
    for (account, regions) in accounts {
        let heard = at.spoken.heard(|stream| stream.source == "cloudtrail" && stream.account == account);
        let stream = format!("cloudtrail/{account}");
        let said = ACCOUNT.judged((&stream, heard.as_ref()), None, at.now);
        let is_silent = said.0 != Status::Pass;
        speeches.push(Speech::of_place(account, stream, said).hearing(heard.as_ref()));
        for region in regions {
            speeches.push(of_region(at, (account, region), is_silent));
        }
    }
    speeches
}

/// A region speaks, or its account does not: then that is the failure, and not one more for each region.
fn of_region(at: &Listening<'_>, (account, region): (&str, &str), is_account_silent: bool) -> Speech {
    let is_its = |stream: &crate::inventory::Stream| {
        stream.source == "cloudtrail" && stream.account == account && stream.region == region
    };
    let heard = at.spoken.heard(is_its);
    let (stream, place) = (format!("cloudtrail/{account}/{region}"), format!("{account} {region}"));
    let said = match is_account_silent && heard.is_none() {
        true => (Status::NotApplicable, msg!("inventory-with-account", account = account)),
        false => REGION.judged((&stream, heard.as_ref()), oldest(at, account, region), at.now),
    };
    Speech::of_place(&place, stream, said).hearing(heard.as_ref())
}

/// Since when something is in a region.
fn oldest(at: &Listening<'_>, account: &str, region: &str) -> Option<Timestamp> {
    let here = at.looked.estate.resources().iter().filter(|resource| {
        RUNS.contains(&resource.kind())
            && resource.account.as_deref() == Some(account)
            && resource.region.as_deref() == Some(region)
    });
    // Of one of which it is not known since when it is there, it is not known that it is young.
    here.map(|resource| resource.created).collect::<Option<Vec<_>>>()?.into_iter().min()
}
