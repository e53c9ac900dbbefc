//! Until when who must be told. Days are counted from the moment at which an incident became known; nothing here is legal advice.

use chrono::{DateTime, Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, lookup};

const HOUR: i64 = 3_600_000_000;

/// A report of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Form {
    /// 速報: the preliminary report to the Personal Information Protection Commission (APPI 26, rules 8).
    #[serde(rename = "appi-preliminary")]
    AppiPreliminary,
    /// 確報: the final one.
    #[serde(rename = "appi-final")]
    AppiFinal,
    /// The notification of the supervisory authority (GDPR 33).
    #[serde(rename = "gdpr-33")]
    Gdpr33,
    /// What PCI DSS 12.10 asks of the response to an incident.
    #[serde(rename = "pci-12.10")]
    Pci1210,
    /// The post-incident review.
    #[serde(rename = "review")]
    Review,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::AppiPreliminary, Self::AppiFinal, Self::Gdpr33, Self::Pci1210, Self::Review];

    /// Its name on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::AppiPreliminary => "appi-preliminary",
            Self::AppiFinal => "appi-final",
            Self::Gdpr33 => "gdpr-33",
            Self::Pci1210 => "pci-12.10",
            Self::Review => "review",
        }
    }

    /// The form of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// Its title.
    pub fn title(self, lang: Lang) -> String {
        lookup(&format!("incident-form-{}", self.name().replace('.', "-")), lang).unwrap_or_default()
    }
}

/// A duty to report, as it is said of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Personal data after Japan's act: within 30 days.
    Appi,
    /// The same, where somebody may have meant harm: within 60 days.
    AppiMalicious,
    /// Personal data after the GDPR.
    Gdpr,
    /// Cardholder data.
    Pci,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Appi, Self::AppiMalicious, Self::Gdpr, Self::Pci];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Appi => "appi",
            Self::AppiMalicious => "appi-malicious",
            Self::Gdpr => "gdpr",
            Self::Pci => "pci",
        }
    }

    /// The duty of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.name() == name)
    }

    /// The reports that it asks for.
    pub fn forms(self) -> &'static [Form] {
        match self {
            Self::Appi | Self::AppiMalicious => &[Form::AppiPreliminary, Form::AppiFinal],
            Self::Gdpr => &[Form::Gdpr33],
            Self::Pci => &[Form::Pci1210],
        }
    }
}

/// Until when a report is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The day, or the moment, as people write it.
    pub until: String,
    /// When it is over.
    pub end: Timestamp,
}

/// Until when a report is due that became known at a time; nothing where no number of days is set.
///
/// Of the preliminary report (おおむね3〜5日) this is the end of the fifth day, be it a Sunday; the final one is moved to Monday then. Where harm may have been meant, the final one has 60 days
/// in the place of 30. The 72 hours of GDPR 33(1) are hours.
pub fn deadline(form: Form, known: Timestamp, is_malicious: bool, zone: Tz) -> Option<Deadline> {
    let of_day = |day: fn(NaiveDate, u64) -> Option<NaiveDate>, nth| {
        let day = day(known.to_utc()?.with_timezone(&zone).date_naive(), nth)?;
        let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?.and_local_timezone(zone).earliest()?;
        Some(Deadline { until: day.to_string(), end: Timestamp(midnight.timestamp_micros()) })
    };
    match form {
        Form::AppiPreliminary => of_day(nth_day, 5),
        Form::AppiFinal => of_day(working_day_from_nth, if is_malicious { 60 } else { 30 }),
        Form::Gdpr33 => {
            let end = Timestamp(known.0.checked_add(72 * HOUR)?);
            let local: DateTime<Tz> = end.to_utc()?.with_timezone(&zone);
            Some(Deadline { until: local.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), end })
        }
        Form::Pci1210 | Form::Review => None,
    }
}

/// The nth day, where the day on which it became known is the first, whatever day it is: a preliminary report waits for no Monday.
pub fn nth_day(known: NaiveDate, nth: u64) -> Option<NaiveDate> {
    known.checked_add_days(Days::new(nth.saturating_sub(1)))
}

/// The nth day; one that is a Saturday or a Sunday is moved to Monday. Public holidays are not known here, which moves none too late.
pub fn working_day_from_nth(known: NaiveDate, nth: u64) -> Option<NaiveDate> {
    let day = nth_day(known, nth)?;
    match day.weekday() {
        Weekday::Sat => day.checked_add_days(Days::new(2)),
        Weekday::Sun => day.checked_add_days(Days::new(1)),
        _ => Some(day),
    }
}
