//! Quiet hours: pure arithmetic of times and zones.
//!
//! ```text
//! quiet = { from = "22:00", to = "07:00", zone = "Asia/Tokyo", but = "critical" }
//! ```

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use shoseki_event::Timestamp;

use super::Severity;
use crate::config::Quiet;
use crate::schedule::moment;

impl Quiet {
    /// When somebody may be told of what is so severe: nothing where that is now.
    pub(crate) fn until(&self, now: Timestamp, severity: Severity) -> Option<Timestamp> {
        match self.but.is_some_and(|least| severity >= least) {
            true => None,
            false => self.end(now),
        }
    }

    /// The end of the quiet hours that a time lies in. They may have begun on the day before. Where clocks jump over a time, it is the
    /// first after the jump; where they show it twice, the first of both.
    fn end(&self, time: Timestamp) -> Option<Timestamp> {
        let zone: Tz = self.zone.parse().ok()?;
        let today = DateTime::<Utc>::from_timestamp_micros(time.0)?.with_timezone(&zone).date_naive();
        let over_midnight = u64::from((self.from.hour, self.from.minute) >= (self.to.hour, self.to.minute));
        let of = |day: NaiveDate| {
            let from = moment(day, (self.from.hour, self.from.minute), zone)?;
            let last = day.checked_add_days(Days::new(over_midnight))?;
            let to = moment(last, (self.to.hour, self.to.minute), zone)?;
            (from <= time && time < to).then_some(to)
        };
        [today.pred_opt(), Some(today)].into_iter().flatten().find_map(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, zone: &str) -> Quiet {
        toml::from_str(&format!("from = \"{from}\"\nto = \"{to}\"\nzone = \"{zone}\"\nbut = \"critical\"\n")).unwrap()
    }

    fn until(quiet: &Quiet, at: &str) -> Option<String> {
        quiet.until(Timestamp::parse(at).unwrap(), Severity::High).map(|end| end.to_string())
    }

    #[test]
    fn hours_may_go_over_midnight_and_have_an_end() {
        let night = quiet("22:00", "07:00", "Asia/Tokyo");
        // 21:59:59, 22:00, 23:30, 06:59:59 and 07:00 of Tokyo.
        assert_eq!(until(&night, "2026-11-27T12:59:59Z"), None);
        let end = Some("2026-11-27T22:00:00Z".to_owned());
        for at in ["2026-11-27T13:00:00Z", "2026-11-27T14:30:00Z", "2026-11-27T21:59:59Z"] {
            assert_eq!(until(&night, at).map(|end| end.replace(".000", "")), end, "{at}");
        }
        assert_eq!(until(&night, "2026-11-27T22:00:00Z"), None);
        let noon = quiet("12:00", "13:00", "UTC");
        assert!(until(&noon, "2026-11-27T12:30:00Z").is_some() && until(&noon, "2026-11-27T13:00:00Z").is_none());
        let at = Timestamp::parse("2026-11-27T14:30:00Z").unwrap();
        assert_eq!(night.until(at, Severity::Critical), None, "what is severe enough wakes");
        assert!(Quiet { but: None, ..night }.until(at, Severity::Critical).is_some());
    }

    #[test]
    fn days_on_which_clocks_change_have_quiet_hours_too() {
        // In Berlin, 2026-03-29 has no 02:30 (clocks jump from 02:00 to 03:00, at 01:00Z), 2026-10-25 has it twice (at 00:30Z and 01:30Z).
        let is = |quiet: &Quiet, at: &str, end: Option<&str>| {
            let end = end.map(|end| Timestamp::parse(end).unwrap());
            assert_eq!(quiet.until(Timestamp::parse(at).unwrap(), Severity::High), end, "{at}");
        };
        let to = quiet("22:00", "02:30", "Europe/Berlin");
        is(&to, "2026-03-29T00:59:59Z", Some("2026-03-29T01:00:00Z"));
        is(&to, "2026-03-29T01:00:00Z", None);
        is(&to, "2026-10-25T00:29:59Z", Some("2026-10-25T00:30:00Z"));
        is(&to, "2026-10-25T01:10:00Z", None); // 02:10 for the second time: they ended with the first
        let from = quiet("02:30", "07:00", "Europe/Berlin");
        is(&from, "2026-03-29T00:59:59Z", None);
        is(&from, "2026-03-29T01:00:00Z", Some("2026-03-29T05:00:00Z"));
        is(&from, "2026-10-25T00:30:00Z", Some("2026-10-25T06:00:00Z"));
        // A night of nine hours has eight on one day, and ten on the other.
        let night = quiet("22:00", "07:00", "Europe/Berlin");
        is(&night, "2026-03-28T21:00:00Z", Some("2026-03-29T05:00:00Z"));
        is(&night, "2026-10-24T20:00:00Z", Some("2026-10-25T06:00:00Z"));
    }
}
