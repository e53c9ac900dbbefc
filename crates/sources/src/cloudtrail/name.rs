//! The names that CloudTrail gives its files: they say account, region and time before a byte was read.
//!
//! ```text
//! 111122223333_CloudTrail_ap-northeast-1_20260305T0105Z_JE3SSPFD0ZVGNUEO.json.gz
//! 111122223333_CloudTrail-Digest_ap-northeast-1_main-trail_us-east-1_20260305T020000Z.json.gz
//! 111122223333_CloudTrail-Digest_ap-northeast-1_main-trail_us-east-1_20260305T020000Z_backfill.json.gz
//! ```
//!
//! What lies gunzipped keeps its name without `.gz`. A name proves nothing: that a file is what it is called, the chain says.

use shoseki_event::Timestamp;

/// What stands between the account and the region in the name of each kind of file.
const DIGEST: &str = "_CloudTrail-Digest_";
const LOG: &str = "_CloudTrail_";
/// `_CloudTrail-Insight_`, and whatever comes after it.
const OTHER: &str = "_CloudTrail-";
/// The mark of a digest of files that came late.
const BACKFILL: &str = "_backfill";

/// The name of one of CloudTrail's files, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailFileName<'n> {
    /// The account, twelve digits.
    pub account: &'n str,
    /// The region whose events are in it.
    pub region: &'n str,
    /// When it was delivered, or up to when it speaks.
    pub time: Timestamp,
    /// Which of them it is.
    pub kind: TrailFile<'n>,
}

/// The kinds of CloudTrail's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailFile<'n> {
    /// A digest.
    Digest {
        /// The trail's name.
        trail: &'n str,
        /// The region in which the trail was made.
        home: &'n str,
        /// Whether it names files that came late.
        is_backfill: bool,
    },
    /// A log file.
    Log,
    /// A log file of another kind of events, such as Insights.
    Other,
}

impl<'n> TrailFileName<'n> {
    /// Reads the last part of a key or a path; `None` where it is no name of CloudTrail's.
    pub fn read(name: &'n str) -> Option<Self> {
        let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")?;
        let (account, rest) = stem.split_at_checked(12)?;
        if !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if let Some(rest) = rest.strip_prefix(DIGEST) {
            return Self::digest(account, rest);
        }
        let (rest, kind) = match rest.strip_prefix(LOG) {
            Some(rest) => (rest, TrailFile::Log),
            None => {
                let (kind, rest) = rest.strip_prefix(OTHER)?.split_once('_')?;
                let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
                (Some(rest).filter(|_| is_kind)?, TrailFile::Other)
            }
        };
        let (region, rest) = rest.split_once('_')?;
        let (time, random) = rest.split_once('_')?;
        let is_random = !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let time = is_random.then(|| read_time(time, false))??;
        is_region(region).then_some(Self { account, region, time, kind })
    }

    /// A trail's name may hold underscores, so the rest is read from both ends.
    fn digest(account: &'n str, rest: &'n str) -> Option<Self> {
        let (region, rest) = rest.split_once('_')?;
        let (rest, is_backfill) = match rest.strip_suffix(BACKFILL) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (rest, time) = rest.rsplit_once('_')?;
        let (trail, home) = rest.rsplit_once('_')?;
        let time = read_time(time, true)?;
        let kind = TrailFile::Digest { trail, home, is_backfill };
        let is_name = !trail.is_empty() && is_region(region) && is_region(home);
        is_name.then_some(Self { account, region, time, kind })
    }
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `20260305T020000Z`, or the same without seconds.
fn read_time(text: &str, has_seconds: bool) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = if has_seconds { time.to_owned() } else { format!("{time}00") };
    let is_whole = date.len() == 8 && time.len() == 6;
    if !is_whole || !date.bytes().chain(time.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let ((year, day), (hour, rest)) = (date.split_at(4), time.split_at(2));
    let ((month, day), (minute, second)) = (day.split_at(2), rest.split_at(2));
    Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let read = |name| TrailFileName::read(name).unwrap();
        let log = read("111122223333_CloudTrail_ap-northeast-1_20260305T0105Z_JE3SSPFD0ZVGNUEO.json.gz");
        assert_eq!((log.account, log.region, log.kind), ("111122223333", "ap-northeast-1", TrailFile::Log));
        assert_eq!(log.time.to_string(), "2026-03-05T01:05:00Z");
        let digest = read("111122223333_CloudTrail-Digest_eu-west-1_my_trail.x_us-east-1_20260305T020003Z.json.gz");
        let kind = TrailFile::Digest { trail: "my_trail.x", home: "us-east-1", is_backfill: false };
        assert_eq!(
            (digest.region, digest.kind, digest.time.to_string()),
            ("eu-west-1", kind, "2026-03-05T02:00:03Z".into())
        );
        let late = read("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260305T020003Z_backfill.json");
        assert_eq!(late.kind, TrailFile::Digest { trail: "t", home: "us-east-1", is_backfill: true });
        let insight = read("111122223333_CloudTrail-Insight_eu-west-1_20260305T0200Z_x.json.gz");
        assert_eq!(insight.kind, TrailFile::Other);
    }

    #[test]
    fn what_is_no_name_of_cloudtrails_is_none() {
        for name in [
            "",
            "証跡_CloudTrail_x.json.gz",
            "111122223333_CloudTrail_ap-northeast-1_20260305T0105Z_.json.gz",
            "111122223333_CloudTrail_ap-northeast-1_20260305T0105Z_a.json.gz.head.json",
            "111122223333_CloudTrail_ap-northeast-1_20261305T0105Z_a.json.gz",
            "111122223333_CloudTrail-_ap-northeast-1_20260305T0105Z_a.json.gz",
            "111122223333_CloudTrail_ap/northeast_20260305T0105Z_a.json.gz",
            "111122223333_CloudTrail-Digest_eu-west-1_us-east-1_20260305T020003Z.json.gz",
            "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260305T0200Z.json.gz",
            "11112222333x_CloudTrail_ap-northeast-1_20260305T0105Z_a.json.gz",
            "111122223333_Config_ap-northeast-1_20260305T0105Z_a.json.gz",
        ] {
            assert_eq!(TrailFileName::read(name), None, "{name}");
        }
    }
}
