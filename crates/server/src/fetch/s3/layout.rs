//! How a bucket is laid out: folders down to those that are named by years, and what lies loose.
//!
//! ```text
//! AWSLogs/[o-…/]111122223333/CloudTrail/ap-northeast-1/2026/03/05/….json.gz
//! AWSLogs/111122223333/Config/ap-northeast-1/2026/3/5/ConfigHistory/….json.gz     no zeros before the numbers
//! audit/year=2026/month=03/day=05/hour=01/…                                       as Hive names partitions; Firehose can
//! audit/dt=2026-03-05/…
//! access/2026-03-05-01-02-03-0A1B2C3D4E5F6071                                     S3's access logs
//! ```
//!
//! A list of everything on every round is what costs; a cursor at the last key is worse, it loses files in silence: keys end in
//! random letters, and without zeros `2016/10/1` sorts before `2016/9/30`. So a place that has days is asked day by day.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::ingest::{Bucket, Object};

/// How deep folders are looked into.
const DEPTH: usize = 12;
/// How many places there may be.
const MAX_PLACES: usize = 50_000;

/// A place in a bucket where objects arrive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// What the keys begin with; ends with `/`, or is empty.
    pub(super) prefix: String,
    pub(super) form: Form,
}

/// How a place is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// By folders of years, months and days.
    Days(Zeros),
    /// By folders `year=`, `month=` and `day=`.
    Keyed(Zeros),
    /// By folders of whole days under this key: `dt=2026-03-05`.
    KeyedDay(&'static str),
    /// By names that begin with a day.
    DayNames,
    /// Not at all.
    Loose,
}

/// Whether months and days have a zero before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zeros {
    Yes,
    No,
    Unknown,
}

/// The places below a prefix, and why a folder could not be looked into, where one could not.
///
/// # Errors
/// Why nothing could be looked into.
pub(super) async fn places(bucket: &Bucket, prefix: &str) -> Result<(Vec<Place>, Option<Fault>)> {
    let (mut places, mut open, mut unseen) = (Vec::new(), vec![(prefix.to_owned(), 0)], None);
    while let Some((prefix, depth)) = open.pop() {
        let level = match bucket.level(&prefix, None).await {
            Ok(level) => level,
            Err(fault) if depth == 0 => return Err(fault),
            Err(fault) => {
                unseen.get_or_insert(fault);
                continue;
            }
        };
        for (is_its, form) in
            [(is_year as fn(&str) -> bool, Form::Days as fn(Zeros) -> Form), (is_keyed_year, Form::Keyed)]
        {
            if let Some(newest) = level.folders.iter().filter(|name| is_its(name)).max() {
                let zeros = zeros(bucket, &format!("{prefix}{newest}/")).await.unwrap_or(Zeros::Unknown);
                places.push(Place { prefix: prefix.clone(), form: form(zeros) });
            }
        }
        let keys: BTreeSet<&'static str> = level.folders.iter().filter_map(|name| day_key(name)).collect();
        places.extend(keys.into_iter().map(|key| Place { prefix: prefix.clone(), form: Form::KeyedDay(key) }));
        if !level.objects.is_empty() {
            let are_days = level.objects.iter().all(|object| begins_with_day(name_of(object)));
            let form = if are_days { Form::DayNames } else { Form::Loose };
            places.push(Place { prefix: prefix.clone(), form });
        }
        let is_of_days = |name: &str| is_year(name) || is_keyed_year(name) || day_key(name).is_some();
        let inner = level.folders.iter().filter(|name| !is_of_days(name));
        open.extend(inner.filter(|_| depth < DEPTH).map(|name| (format!("{prefix}{name}/"), depth + 1)));
        if places.len() + open.len() > MAX_PLACES {
            let url = format!("s3://{}/{prefix}", bucket.name());
            return Err(Fault::caller(msg!("server-fetch-many-folders", url = url, most = MAX_PLACES)));
        }
    }
    places.sort();
    Ok((places, unseen))
}

/// Whether the months of a year, or its days, have a zero before them.
async fn zeros(bucket: &Bucket, year: &str) -> Result<Zeros> {
    let months = bucket.level(year, None).await?.folders;
    let seen = of_names(&months);
    let Some(newest) = months.iter().max().filter(|_| seen == Zeros::Unknown) else { return Ok(seen) };
    Ok(of_names(&bucket.level(&format!("{year}{newest}/"), None).await?.folders))
}

fn of_names(names: &[String]) -> Zeros {
    let numbers = || names.iter().map(|name| name.rsplit('=').next().unwrap_or_default());
    if numbers().any(|name| name.len() == 1) {
        Zeros::No
    } else if numbers().any(|name| name.starts_with('0')) {
        Zeros::Yes
    } else {
        Zeros::Unknown
    }
}

fn is_year(name: &str) -> bool {
    name.len() == 4 && name.parse().is_ok_and(|year: u32| (1990..2200).contains(&year))
}

fn is_keyed_year(name: &str) -> bool {
    name.strip_prefix("year=").is_some_and(is_year)
}

/// The key of a folder that is named by a key and a whole day.
fn day_key(name: &str) -> Option<&'static str> {
    let (key, day) = name.split_once('=')?;
    let key = ["dt", "date", "day"].into_iter().find(|known| *known == key)?;
    (day.len() == 10 && begins_with_day(day)).then_some(key)
}

/// The last part of a key.
fn name_of(object: &Object) -> &str {
    object.key().rsplit('/').next().unwrap_or_default()
}

fn begins_with_day(name: &str) -> bool {
    name.get(..10).is_some_and(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok())
}

impl Place {
    /// What the keys of a day begin with.
    pub(super) fn day(&self, day: NaiveDate) -> Vec<String> {
        let Self { prefix, form } = self;
        let (year, month, number) = (day.year(), day.month(), day.day());
        let (with, without, zeros) = match form {
            Form::Days(zeros) => {
                (format!("{year}/{month:02}/{number:02}/"), format!("{year}/{month}/{number}/"), *zeros)
            }
            Form::Keyed(zeros) => (
                format!("year={year}/month={month:02}/day={number:02}/"),
                format!("year={year}/month={month}/day={number}/"),
                *zeros,
            ),
            Form::KeyedDay(key) => return vec![format!("{prefix}{key}={}/", day.format("%Y-%m-%d"))],
            Form::DayNames | Form::Loose => return Vec::new(),
        };
        let days = match zeros {
            Zeros::Yes => vec![with],
            Zeros::No => vec![without],
            Zeros::Unknown if with == without => vec![with],
            Zeros::Unknown => vec![with, without],
        };
        days.into_iter().map(|day| format!("{prefix}{day}")).collect()
    }

    /// The objects of a day.
    pub(super) async fn objects_of(&self, bucket: &Bucket, day: NaiveDate) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        for prefix in self.day(day) {
            objects.extend(bucket.objects(&prefix).await?);
        }
        Ok(objects)
    }

    /// The objects since a day, where they are not ordered by folders.
    pub(super) async fn objects_since(&self, bucket: &Bucket, day: NaiveDate) -> Result<Vec<Object>> {
        let day = day.format("%Y-%m-%d").to_string();
        let after = (self.form == Form::DayNames).then_some(day.as_str());
        Ok(bucket.level(&self.prefix, after).await?.objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_asked_for_as_the_place_writes_it() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        let of = |form, day| Place { prefix: "a/".to_owned(), form }.day(day);
        assert_eq!(of(Form::Days(Zeros::Yes), day), ["a/2026/03/05/"]);
        assert_eq!(of(Form::Days(Zeros::No), day), ["a/2026/3/5/"]);
        assert_eq!(of(Form::Days(Zeros::Unknown), day), ["a/2026/03/05/", "a/2026/3/5/"]);
        assert_eq!(of(Form::Keyed(Zeros::Yes), day), ["a/year=2026/month=03/day=05/"]);
        assert_eq!(of(Form::Keyed(Zeros::No), day), ["a/year=2026/month=3/day=5/"]);
        assert_eq!(of(Form::KeyedDay("dt"), day), ["a/dt=2026-03-05/"]);
        let day = NaiveDate::from_ymd_opt(2026, 12, 15).unwrap();
        assert_eq!(of(Form::Days(Zeros::Unknown), day), ["a/2026/12/15/"]);
    }

    #[test]
    fn names_tell_of_zeros() {
        let of = |names: &[&str]| of_names(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!([of(&["10", "9"]), of(&["09", "10"]), of(&["10", "11"])], [Zeros::No, Zeros::Yes, Zeros::Unknown]);
        assert_eq!([of(&["month=9"]), of(&["month=09"]), of(&["month=11"])], [Zeros::No, Zeros::Yes, Zeros::Unknown]);
        assert!(is_keyed_year("year=2026") && !is_keyed_year("year=26") && !is_keyed_year("2026"));
        let keys = ["dt=2026-03-05", "date=2026-03-05", "day=2026-03-05", "day=05", "dt=2026-03-05x", "at=2026-03-05"];
        assert_eq!(keys.map(day_key), [Some("dt"), Some("date"), Some("day"), None, None, None]);
        assert!(is_year("2026") && !is_year("0026") && !is_year("+202") && !is_year("20260"));
        assert!(
            begins_with_day("2026-03-05-01-02-03-AB") && !begins_with_day("2026-13-05-x") && !begins_with_day("証跡")
        );
    }
}
