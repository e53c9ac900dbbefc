//! Where AWS delivers: folders of a bucket, by the days since a trial began, or a log group.
//!
//! ```text
//! AWSLogs/111122223333/CloudTrail/eu-west-3/2026/03/05/111122223333_CloudTrail_eu-west-3_20260305T0102Z_….json.gz
//! AWSLogs/111122223333/Config/eu-west-3/2026/3/5/ConfigSnapshot/111122223333_Config_eu-west-3_ConfigSnapshot_….json.gz
//! s3/2026-03-05-01-02-03-0123456789ABCDEF
//! ```

use shoseki_event::Timestamp;

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;
/// How much earlier than ours another clock may be, in microseconds.
const SKEW: i64 = 60_000_000;

/// Where something is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Objects of a bucket.
    Objects {
        /// The bucket.
        bucket: String,
        /// Its region.
        region: String,
        /// The account that lists them.
        account: String,
        /// What their keys begin with, with the letters of `strftime` where days stand.
        folder: String,
        /// What the keys of a folder begin with, with the letters of `strftime`: they sort by time. Empty where they do not.
        names: String,
        /// Whether the name alone says that it is what is looked for; else it has the mark in it.
        is_known_by_name: bool,
    },
    /// A log group.
    Group(String),
}

impl Place {
    /// Of a bucket, the prefixes to list, each with the key behind which is new, since a time.
    pub fn prefixes(&self, since: Timestamp, now: Timestamp) -> Vec<(String, String)> {
        let Self::Objects { folder, names, .. } = self else { return Vec::new() };
        let since = Timestamp(since.0.saturating_sub(SKEW));
        let on = |time: Timestamp, format: &str| time.to_utc().map(|utc| utc.format(format).to_string());
        let (mut all, mut time) = (Vec::new(), since);
        loop {
            let Some(prefix) = on(time, folder) else { return all };
            let is_first = all.is_empty();
            if all.last().is_none_or(|(last, _)| *last != prefix) {
                let after = on(time, names).filter(|names| is_first && !names.is_empty());
                let after = after.map(|names| format!("{prefix}{names}")).unwrap_or_default();
                all.push((prefix, after));
            }
            if time >= now {
                return all;
            }
            time = Timestamp(time.0.saturating_add(DAY)).min(now);
        }
    }

    /// What a person knows it by.
    pub fn shown(&self) -> String {
        match self {
            Self::Objects { bucket, .. } => format!("s3://{bucket}"),
            Self::Group(group) => group.clone(),
        }
    }
}

/// A text that stands in a format of `strftime` as it is.
pub(super) fn literal(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &str, names: &str) -> Place {
        let (bucket, region, account) = ("logs".to_owned(), "eu-west-3".to_owned(), "111122223333".to_owned());
        let (folder, names) = (folder.to_owned(), names.to_owned());
        Place::Objects { bucket, region, account, folder, names, is_known_by_name: false }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn each_day_since_the_trial_is_listed_and_the_first_from_its_minute_on() {
        let place = place("AWSLogs/1/%Y/%m/%d/", "1_CloudTrail_%Y%m%dT%H%MZ");
        let one = |prefix: &str, after: &str| (prefix.to_owned(), after.to_owned());
        let first = one("AWSLogs/1/2026/03/05/", "AWSLogs/1/2026/03/05/1_CloudTrail_20260305T2358Z");
        let since = at("2026-03-05T23:59:30Z");
        assert_eq!(place.prefixes(since, at("2026-03-05T23:59:59Z")), std::slice::from_ref(&first));
        let next = one("AWSLogs/1/2026/03/06/", "");
        assert_eq!(place.prefixes(since, at("2026-03-06T00:00:10Z")), [first.clone(), next.clone()]);
        let last = one("AWSLogs/1/2026/03/07/", "");
        assert_eq!(place.prefixes(since, at("2026-03-07T12:00:00Z")), [first, next, last]);
    }

    #[test]
    fn a_folder_without_days_is_listed_once() {
        let place = place("s3/", "%Y-%m-%d-%H-%M-%S");
        let expected = [("s3/".to_owned(), "s3/2026-03-05-01-01-03".to_owned())];
        assert_eq!(place.prefixes(at("2026-03-05T01:02:03Z"), at("2026-03-08T01:02:03Z")), expected);
        assert_eq!(Place::Group("g".to_owned()).prefixes(Timestamp(0), Timestamp(1)), []);
        assert_eq!(literal("100%"), "100%%");
    }
}
