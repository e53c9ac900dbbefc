//! Which time something that is done by a schedule is about, seen from when it is due: so a run that comes late is about the same.

use chrono::{Datelike, Days, Months, NaiveDate};
use shoseki_event::Timestamp;

use super::plan::{Plan, moment};

/// Seconds of a day.
const DAY: u64 = 86_400;
/// How many days a digest is of, at most.
const MOST_DAYS: u64 = 31;

/// Which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covering {
    /// The day before.
    Yesterday,
    /// So many seconds up to when it is due.
    Last(u64),
    /// The week before, from Monday on.
    Week,
    /// The month before.
    Month,
    /// The quarter before.
    Quarter,
    /// The year before.
    Year,
}

impl Covering {
    /// From its text: `yesterday`, `last 24h`, `last 7d`, `last month`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = match text.trim() {
            "yesterday" => return Some(Self::Yesterday),
            text => text.strip_prefix("last ")?.trim(),
        };
        let units = [("m", 60), ("h", 3_600), ("d", DAY), ("w", 7 * DAY)];
        match rest {
            "day" => Some(Self::Yesterday),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            "quarter" => Some(Self::Quarter),
            "year" => Some(Self::Year),
            _ => {
                let (number, unit) = units.iter().find_map(|(name, unit)| Some((rest.strip_suffix(name)?, unit)))?;
                let seconds = number.parse::<u64>().ok()?.checked_mul(*unit)?;
                (1..=3_660 * DAY).contains(&seconds).then_some(Self::Last(seconds))
            }
        }
    }

    /// How many whole days it is, where it is some.
    pub(crate) fn days(self) -> Option<u64> {
        match self {
            Self::Yesterday => Some(1),
            Self::Last(seconds) if seconds % DAY == 0 => Some(seconds / DAY).filter(|days| *days <= MOST_DAYS),
            _ => None,
        }
    }

    /// The time that it is for something that is due then; its end does not belong to it.
    pub fn of(self, due: Timestamp, plan: &Plan) -> Option<(Timestamp, Timestamp)> {
        let today = plan.day_of(due);
        let begin = |day: NaiveDate| moment(day, (0, 0), plan.zone);
        let whole = |from: NaiveDate, to: NaiveDate| Some((begin(from)?, begin(to)?));
        let month = today.with_day(1)?;
        let back = |months: u32, length: u32| {
            let to = month.checked_sub_months(Months::new(months))?;
            whole(to.checked_sub_months(Months::new(length))?, to)
        };
        match self {
            Self::Last(seconds) => {
                let length = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
                Some((Timestamp(due.0.checked_sub(length)?), due))
            }
            Self::Yesterday => whole(today.pred_opt()?, today),
            Self::Week => {
                let to = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
                whole(to.checked_sub_days(Days::new(7))?, to)
            }
            Self::Month => back(0, 1),
            Self::Quarter => back(today.month0() % 3, 3),
            Self::Year => back(today.month0(), 12),
        }
    }

    /// The first and the last day, for what is about whole days. `since` is the day after the last one that was told: days that were
    /// left out meanwhile are told too, as many as are told at once.
    pub(crate) fn days_of(
        self,
        due: Timestamp,
        plan: &Plan,
        since: Option<NaiveDate>,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let last = plan.day_of(due).pred_opt()?;
        let back = |days: u64| last.checked_sub_days(Days::new(days.saturating_sub(1)));
        let first = back(self.days()?)?;
        let since = since.unwrap_or(first).max(back(MOST_DAYS)?);
        Some((first.min(since), last))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::super::plan::When;
    use super::*;

    fn of(text: &str, due: &str, zone: Tz) -> String {
        let plan = Plan { when: When::Every(std::time::Duration::from_secs(1)), zone };
        let covering = Covering::parse(text).unwrap();
        let (from, to) = covering.of(Timestamp::parse(due).unwrap(), &plan).unwrap();
        format!("{from} {to}")
    }

    #[test]
    fn a_period_is_seen_from_when_it_is_due() {
        let due = "2026-03-05T21:30:00Z"; // in Tokyo, Friday the 6th of March, 06:30
        for (text, period) in [
            ("yesterday", "2026-03-04T15:00:00Z 2026-03-05T15:00:00Z"),
            ("last day", "2026-03-04T15:00:00Z 2026-03-05T15:00:00Z"),
            ("last 24h", "2026-03-04T21:30:00Z 2026-03-05T21:30:00Z"),
            ("last 2w", "2026-02-19T21:30:00Z 2026-03-05T21:30:00Z"),
            ("last week", "2026-02-22T15:00:00Z 2026-03-01T15:00:00Z"),
            ("last month", "2026-01-31T15:00:00Z 2026-02-28T15:00:00Z"),
            ("last quarter", "2025-09-30T15:00:00Z 2025-12-31T15:00:00Z"),
            ("last year", "2024-12-31T15:00:00Z 2025-12-31T15:00:00Z"),
        ] {
            assert_eq!(of(text, due, chrono_tz::Asia::Tokyo), period, "{text}");
        }
        assert_eq!(of("last quarter", "2026-09-30T00:00:00Z", Tz::UTC), "2026-04-01T00:00:00Z 2026-07-01T00:00:00Z");
        for wrong in ["", "last", "last 7", "last -7d", "last 0d", "last 99999999d", "next 7d", "last 7y"] {
            assert_eq!(Covering::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_that_were_left_out_are_told_too() {
        let plan = Plan { when: When::Every(std::time::Duration::from_secs(1)), zone: Tz::UTC };
        let due = Timestamp::parse("2026-03-05T08:00:00Z").unwrap();
        let days = |covering: Covering, since: Option<&str>| {
            let since = since.map(|day| day.parse().unwrap());
            let (first, last) = covering.days_of(due, &plan, since).unwrap();
            format!("{first} {last}")
        };
        assert_eq!(days(Covering::Yesterday, None), "2026-03-04 2026-03-04");
        assert_eq!(days(Covering::Yesterday, Some("2026-03-04")), "2026-03-04 2026-03-04");
        assert_eq!(days(Covering::Yesterday, Some("2026-03-02")), "2026-03-02 2026-03-04");
        assert_eq!(days(Covering::Yesterday, Some("2025-01-01")), "2026-02-02 2026-03-04");
        assert_eq!(days(Covering::Last(3 * DAY), Some("2026-03-04")), "2026-03-02 2026-03-04");
        assert_eq!(Covering::Last(DAY / 2).days_of(due, &plan, None), None);
    }
}
