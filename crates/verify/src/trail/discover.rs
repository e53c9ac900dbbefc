//! Which accounts and regions what is given holds, found with few listings: the folders that end in a region, and files that
//! lie outside of such. Each account and region is judged by itself, so that memory holds the names of one at a time.
//!
//! ```text
//! [<prefix>/]AWSLogs/[<organisation>/]<account>/CloudTrail-Digest/<region>/2026/03/05/…
//! [<prefix>/]AWSLogs/[<organisation>/]<account>/CloudTrail/<region>/2026/03/05/…
//! ```

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use shoseki_event::{Day, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_sources::TrailFileName;

use super::place::last;
use super::tree::{Listing, Object, TrailPlace};

/// How the folders of an account begin in which digests name files, or lie: `CloudTrail`, `CloudTrail-Insight`.
const KIND: &str = "CloudTrail";
/// The folder of digests.
const DIGESTS: &str = "CloudTrail-Digest";
/// How deep folders are looked into for accounts.
const MAX_DEPTH: usize = 16;
/// How many folders are looked into at the most: what is given may hold other things than trails.
const MAX_FOLDERS: usize = 200_000;
/// How many listings go on at once.
const AT_ONCE: usize = 32;
/// Up to how many days are listed one by one.
const MAX_DAYS: i32 = 62;

/// An account and a region, and where its files lie.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) leaves: Vec<Leaf>,
    /// Files that lie outside of such folders.
    pub(crate) loose: Vec<Object>,
}

/// A folder of an account and a region.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) place: usize,
    pub(crate) folder: String,
    /// Whether folders of years lie right below it.
    has_days: bool,
}

/// Only these accounts and regions; all where there is none.
#[derive(Clone, Debug, Default)]
pub struct TrailFilter {
    /// Accounts.
    pub accounts: BTreeSet<String>,
    /// Regions.
    pub regions: BTreeSet<String>,
}

impl TrailFilter {
    fn takes_account(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }

    fn takes(&self, account: &str, region: &str) -> bool {
        self.takes_account(account) && (self.regions.is_empty() || self.regions.contains(region))
    }
}

/// What is there.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By account and region.
    pub(crate) groups: BTreeMap<(String, String), Group>,
    /// Accounts of which there is anything, also in regions that are not asked about.
    pub(crate) accounts: BTreeSet<String>,
}

/// Looks for accounts and regions in one of the places.
pub(crate) async fn discover(place: usize, there: &TrailPlace, filter: &TrailFilter, found: &mut Found) -> Result<()> {
    let root = there.root().path.clone();
    let parts: Vec<&str> = root.split('/').collect();
    let within = parts.windows(3).rposition(|three| is_account(three[0]) && three[1].starts_with(KIND));
    if let Some(at) = within
        && let (Some(account), Some(region)) = (parts.get(at), parts.get(at + 2))
    {
        // What is given is a region, or a part of one.
        let has_days = parts.len() == at + 3;
        leaf(Leaf { place, folder: root.clone(), has_days }, (account, region), filter, found);
        return Ok(());
    }
    let (mut level, mut visited) = (vec![root], 0);
    for _ in 0..MAX_DEPTH {
        visited += level.len();
        if visited > MAX_FOLDERS {
            return Err(Fault::caller(msg!(
                "verify-trail-too-many-folders",
                place = there.shown(there.root().path.as_str())
            )));
        }
        let listing = level.into_iter().map(|folder| async move {
            let listing = there.children(place, &folder).await;
            (folder, listing)
        });
        let mut listing = std::pin::pin!(futures::stream::iter(listing).buffer_unordered(AT_ONCE));
        let mut next = Vec::new();
        while let Some((folder, listing)) = listing.next().await {
            next.extend(sort_out(place, &folder, listing?, (filter, found)));
        }
        level = next;
    }
    Ok(())
}

/// Takes the regions and the files of a folder; gives the folders that are to be looked into.
fn sort_out(place: usize, folder: &str, listing: Listing, (filter, found): (&TrailFilter, &mut Found)) -> Vec<String> {
    let (kind, above) = (last(folder), last(folder.rsplit_once('/').map_or("", |(above, _)| above)));
    for file in listing.files {
        take(file, (kind, above), filter, found);
    }
    let mut next = Vec::new();
    for below in listing.folders {
        let name = last(&below);
        let is_of_another_service = is_account(kind) && !name.starts_with(KIND);
        let is_of_another_account = is_account(name) && !filter.takes_account(name);
        if kind.starts_with(KIND) && is_account(above) {
            let region = name.to_owned();
            leaf(Leaf { place, folder: below, has_days: true }, (above, &region), filter, found);
        } else if !is_of_another_service && !is_of_another_account {
            next.push(below);
        }
    }
    next
}

/// Whether a name is that of an account.
pub(crate) fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn leaf(leaf: Leaf, (account, region): (&str, &str), filter: &TrailFilter, found: &mut Found) {
    if filter.takes_account(account) {
        found.accounts.insert(account.to_owned());
    }
    if filter.takes(account, region) {
        found.groups.entry((account.to_owned(), region.to_owned())).or_default().leaves.push(leaf);
    }
}

/// A file outside of the folders of regions: by its name, or where it has none of CloudTrail's, by the folder.
fn take(file: Object, (kind, above): (&str, &str), filter: &TrailFilter, found: &mut Found) {
    let name = last(&file.path);
    let stem = name.strip_suffix(SIDE_CAR).unwrap_or(name);
    let key = match TrailFileName::read(stem) {
        Some(read) => (read.account.to_owned(), read.region.to_owned()),
        None if kind.starts_with(KIND) && is_account(above) => (above.to_owned(), String::new()),
        None => return,
    };
    if filter.takes_account(&key.0) {
        found.accounts.insert(key.0.clone());
    }
    if filter.takes(&key.0, &key.1) {
        found.groups.entry(key).or_default().loose.push(file);
    }
}

/// What is put behind a digest's name for the answer of `aws s3api head-object`, in which its signature stands.
pub(crate) const SIDE_CAR: &str = ".head.json";

impl Leaf {
    /// The folder of a region.
    pub(crate) fn of_region(place: usize, folder: String) -> Self {
        Self { place, folder, has_days: true }
    }

    /// Whether digests lie in it.
    pub(crate) fn has_digests(&self) -> bool {
        self.folder.split('/').any(|part| part == DIGESTS)
    }

    /// The folders to be listed for a time: its days, where they are few.
    pub(crate) fn folders(&self, from: Option<Timestamp>, to: Timestamp) -> Vec<String> {
        let Some(from) = from.filter(|_| self.has_days) else { return vec![self.folder.clone()] };
        // From 1970 on, for some centuries: CloudTrail is younger, and no day outside has a name of eight digits.
        let (first, last) = (from.day().0.saturating_sub(1).max(0), to.day().0.saturating_add(1).min(400_000));
        if last.saturating_sub(first) > MAX_DAYS {
            return vec![self.folder.clone()];
        }
        (first..=last).map(|day| format!("{}/{}", self.folder, Day(day).to_string().replace('-', "/"))).collect()
    }
}
