//! What is done by a schedule: `[[schedule]]`.
//!
//! ```text
//! [[schedule]]
//! name = "pci-nightly"
//! at = "06:30"
//! on = ["weekdays"]
//! tz = "Asia/Tokyo"
//! period = "last 30d"
//! check = { framework = "pci-dss" }
//! ```

use std::path::{Path, PathBuf};

use chrono::Weekday;
use chrono_tz::Tz;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use shoseki_comply::checks::find;
use shoseki_comply::findings::Nature;
use shoseki_comply::frameworks::Framework;
use shoseki_detect::Level;
use shoseki_messages::{Message, msg};

use super::check::nearest;
use super::settings::{self, InventoryJob, Paths, SetupJob};
use super::{Length, Size};
use crate::schedule::{Covering, Plan, When};

/// Something that is done again and again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its name: it stands in records, in alerts and in the names of files.
    pub name: String,
    /// How often, counted from 1970 on: `1h` is each full hour.
    pub every: Option<Length>,
    /// At which time of the day.
    pub at: Option<At>,
    /// On which days; each where absent.
    #[serde(default)]
    pub on: Days,
    /// The zone of its times and days; that of the file where absent.
    pub tz: Option<String>,
    /// Which time it is about; the usual one of what is done where absent.
    pub period: Option<Covering>,
    /// How long it may take.
    #[serde(default = "an_hour")]
    pub timeout: Length,
    /// The most memory for sorting and grouping.
    #[serde(default = "half_a_gibibyte")]
    pub memory: Size,
    /// Checks run.
    pub check: Option<CheckJob>,
    /// A question is asked.
    pub query: Option<QueryJob>,
    /// A report is made.
    pub report: Option<ReportJob>,
    /// A package is made.
    pub package: Option<PackageJob>,
    /// A day's digest is told.
    pub digest: Option<DigestJob>,
    /// What exists is listed against what speaks.
    pub inventory: Option<InventoryJob>,
    /// What a set-up plans is held against what is there.
    pub setup: Option<SetupJob>,
    /// Rules are asked.
    pub detect: Option<DetectJob>,
    /// Replicas are brought forward.
    pub replica: Option<ReplicaJob>,
    /// What is older than its period goes.
    pub retention: Option<RetentionJob>,
}

/// What is older than its class's period is deleted, where no hold keeps it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionJob {
    /// Why, in words, for the commit.
    pub reason: Option<String>,
}

/// All replicas of the vault are brought forward.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplicaJob {
    /// Whether files that compactions replaced are deleted there.
    pub delete_replaced: bool,
}

/// Which rules are asked of what: our own and those of `[detect]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectJob {
    /// The least level; all where absent.
    pub level: Option<Level>,
    /// The sources that it is about; all where absent.
    pub sources: Names,
    /// The streams that it is about; all where absent.
    pub streams: Names,
}

/// Which checks run, and over what: the evidence, accounts as they are, or files of code.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckJob {
    /// The frameworks whose checks run.
    pub framework: Names,
    /// Files with frameworks of one's own.
    pub framework_file: Paths,
    /// Checks, by their names.
    pub checks: Names,
    /// Whether accounts are looked at as AWS answers.
    pub live: bool,
    /// The regions; the usual one of the credentials where absent.
    pub regions: Names,
    /// Whether all regions of an account are looked at.
    pub all_regions: bool,
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The roles to assume, each an account.
    pub roles: Names,
    /// What the roles' owners ask for.
    pub external_id: Option<String>,
    /// Files and folders of code.
    pub iac: Paths,
    /// Of which findings people are told; of failures where absent.
    pub alert: Option<Names>,
}

/// Which question is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryJob {
    /// The name of a saved one.
    pub saved: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// Whether the text is SQL.
    pub sql: bool,
    /// The sources that it is about; all where absent.
    pub sources: Names,
    /// The streams that it is about; all where absent.
    pub streams: Names,
    /// The folder of saved questions; the user's own where absent.
    pub queries: Option<PathBuf>,
    /// When people are told.
    pub alert: Telling,
    /// The columns by which a row is known; the whole row where absent.
    pub key: Names,
}

/// When people are told of an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// A row is there that was not there the last time.
    #[default]
    Rows,
    /// No row is there any more.
    NoRows,
    /// Never: only the record is left.
    None,
}

/// Which report is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportJob {
    /// The framework; that of the file where absent.
    pub framework: Option<String>,
    /// A file with a framework of one's own.
    pub framework_file: Option<PathBuf>,
    /// The format.
    #[serde(default = "html")]
    pub format: String,
    /// The language.
    #[serde(default = "english")]
    pub lang: String,
    /// The folder that it goes to.
    pub to: PathBuf,
}

/// Which package is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageJob {
    /// The name of a saved question.
    pub saved: Option<String>,
    /// The text of the question.
    pub text: Option<String>,
    /// Whether the text is SQL.
    #[serde(default)]
    pub sql: bool,
    /// The sources that it is about; all where absent.
    #[serde(default)]
    pub sources: Names,
    /// The streams that it is about; all where absent.
    #[serde(default)]
    pub streams: Names,
    /// The folder of saved questions; the user's own where absent.
    pub queries: Option<PathBuf>,
    /// A file that says what else is masked.
    pub mask: Option<PathBuf>,
    /// Whether nothing is masked.
    #[serde(default)]
    pub unmasked: bool,
    /// Whether all records that the question could be about are in it.
    #[serde(default)]
    pub population: bool,
    /// The requirements whose documents are in it.
    #[serde(default)]
    pub requirement: Names,
    /// The folder that it goes to.
    pub to: PathBuf,
}

/// A day's digest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DigestJob {
    /// How long after its end a day may be without a signature until that is told.
    pub unsigned_after: UnsignedAfter,
}

/// Three days, unless it is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct UnsignedAfter(pub Length);

impl Default for UnsignedAfter {
    fn default() -> Self {
        Self(Length::seconds(3 * 86_400))
    }
}

/// One name, or several; never a list of none: that would mean all, or nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = || D::Error::custom("expected a text, or a list of texts that has one at least");
        let text = |value: toml::Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let names = match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(all) if all.is_empty() => None,
            toml::Value::Array(all) => all.into_iter().map(text).collect(),
            one => text(one).map(|one| vec![one]),
        };
        names.map(Self).ok_or_else(expected)
    }
}

/// A time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let two = |part: &str, below: u32| {
            let number = (part.len() == 2).then(|| part.parse().ok()).flatten();
            number.filter(|number| *number < below)
        };
        let read = text.split_once(':').and_then(|(hour, minute)| Some((two(hour, 24)?, two(minute, 60)?)));
        let expected = || D::Error::custom("expected a time of the day such as `06:30`");
        read.map(|(hour, minute)| Self { hour, minute }).ok_or_else(expected)
    }
}

/// A day on which something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A day of the week.
    Week(Weekday),
    /// A day of the month; its last one where it is shorter.
    Month(u32),
}

/// Days; each where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(pub Vec<On>);

/// The days of the week, as they are written.
pub(crate) const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            || D::Error::custom("expected days such as `\"mon\"`, `[\"mon\", \"thu\"]`, `\"weekdays\"` or `1`");
        let one = |value: &toml::Value| -> Option<Vec<On>> {
            match value {
                toml::Value::Integer(day) => {
                    let day = u32::try_from(*day).ok().filter(|day| (1..=31).contains(day))?;
                    Some(vec![On::Month(day)])
                }
                toml::Value::String(name) if name == "weekdays" => {
                    Some(WEEK.iter().take(5).map(|(_, day)| On::Week(*day)).collect())
                }
                toml::Value::String(name) => {
                    WEEK.iter().find(|(known, _)| known == name).map(|(_, day)| vec![On::Week(*day)])
                }
                _ => None,
            }
        };
        let days = match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(all) if !all.is_empty() => all.iter().map(one).collect::<Option<Vec<_>>>(),
            value => one(&value).map(|days| vec![days]),
        };
        days.map(|days| Self(days.concat())).ok_or_else(expected)
    }
}

impl<'de> Deserialize<'de> for Covering {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "expected a period such as `yesterday`, `last 24h`, `last 7d`, `last week`, `last month`, \
                        `last quarter` or `last year`";
        Self::parse(&text).ok_or_else(|| D::Error::custom(expected))
    }
}

fn an_hour() -> Length {
    Length::seconds(3_600)
}

fn half_a_gibibyte() -> Size {
    Size(512 << 20)
}

fn html() -> String {
    "html".to_owned()
}

fn english() -> String {
    "en".to_owned()
}

impl Schedule {
    /// What is done, in a word: `check`, `live`, `iac`, `inventory`, `setup`, `query`, `detect`, `replica`, `retention`,
    /// `report`, `package`, `digest`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self { check: Some(job), .. } if !job.iac.0.is_empty() => "iac",
            Self { check: Some(CheckJob { live: true, .. }), .. } => "live",
            Self { check: Some(_), .. } => "check",
            Self { inventory: Some(_), .. } => "inventory",
            Self { setup: Some(_), .. } => "setup",
            Self { query: Some(_), .. } => "query",
            Self { detect: Some(_), .. } => "detect",
            Self { replica: Some(_), .. } => "replica",
            Self { retention: Some(_), .. } => "retention",
            Self { report: Some(_), .. } => "report",
            Self { package: Some(_), .. } => "package",
            _ => "digest",
        }
    }

    /// When it is done; `usual` is the zone where neither it nor the file names one.
    pub fn plan(&self, usual: Tz) -> Plan {
        let zone = self.tz.as_ref().and_then(|tz| tz.parse().ok()).unwrap_or(usual);
        let when = match (self.every, self.at) {
            (_, Some(at)) => When::At(at, self.on.0.clone()),
            (every, None) => When::Every(every.unwrap_or_else(an_hour).0),
        };
        Plan { when, zone }
    }

    /// Which time it is about.
    pub fn covering(&self) -> Covering {
        let usual = match self.kind() {
            "check" | "live" => Covering::Last(7 * 86_400),
            // What is now: a day, so that what is gone is gone.
            "iac" | "inventory" | "setup" | "replica" | "retention" => Covering::Last(86_400),
            "query" | "detect" => Covering::Last(self.twice()),
            "digest" => Covering::Yesterday,
            _ => Covering::Month,
        };
        self.period.unwrap_or(usual)
    }

    /// Twice its interval, in seconds, and two days at least: what arrives late is seen by the next run, and no row is told twice.
    fn twice(&self) -> u64 {
        const DAY: u64 = 86_400;
        let interval = match &self.every {
            Some(every) => every.0.as_secs(),
            None if self.on.0.is_empty() => DAY,
            None if self.on.0.iter().all(|on| matches!(on, On::Week(_))) => 7 * DAY,
            None => 31 * DAY,
        };
        interval.saturating_mul(2).max(2 * DAY)
    }

    /// Of which findings people are told.
    pub(crate) fn natures(&self) -> Vec<Nature> {
        let of_inventory = self.inventory.as_ref().and_then(|job| job.alert.as_ref());
        let of_setup = self.setup.as_ref().and_then(|job| job.alert.as_ref());
        let named = self.check.as_ref().and_then(|check| check.alert.as_ref()).or(of_inventory).or(of_setup);
        match named {
            Some(Names(names)) => names.iter().filter_map(|name| nature(name)).collect(),
            None => vec![Nature::Fail],
        }
    }

    /// Makes paths relative to the configuration's folder.
    pub(super) fn below(&mut self, folder: &Path) {
        let mut paths: Vec<&mut PathBuf> = Vec::new();
        if let Some(check) = &mut self.check {
            paths.extend(check.framework_file.0.iter_mut().chain(check.iac.0.iter_mut()));
        }
        if let Some(query) = &mut self.query {
            paths.extend(query.queries.iter_mut());
        }
        if let Some(report) = &mut self.report {
            paths.extend(report.framework_file.iter_mut().chain([&mut report.to]));
        }
        if let Some(package) = &mut self.package {
            paths.extend(package.queries.iter_mut().chain(package.mask.iter_mut()).chain([&mut package.to]));
        }
        for path in paths {
            *path = folder.join(&*path);
        }
    }
}

/// The natures of findings that people may be told of.
const NATURES: [Nature; 3] = [Nature::Fail, Nature::NoEvidence, Nature::Review];

fn nature(name: &str) -> Option<Nature> {
    NATURES.into_iter().find(|nature| nature.name() == name)
}

/// What is wrong with one, beyond its form and its name. What only its command knows (saved questions, formats), the command says.
pub(super) fn mistakes(schedule: &Schedule, found: &mut Vec<Message>) {
    let name = schedule.name.as_str();
    if schedule.every.is_some() == schedule.at.is_some() {
        found.push(msg!("schedule-config-when", name = name));
    }
    if schedule.every.is_some() && !schedule.on.0.is_empty() {
        found.push(msg!("schedule-config-on", name = name));
    }
    if schedule.every.is_some_and(|every| every.0.is_zero()) || schedule.timeout.0.is_zero() {
        found.push(msg!("schedule-config-every", name = name));
    }
    if let Some(tz) = schedule.tz.as_ref().filter(|tz| tz.parse::<Tz>().is_err()) {
        found.push(msg!("schedule-config-tz", name = name, zone = tz));
    }
    let jobs = [
        schedule.check.is_some(),
        schedule.query.is_some(),
        schedule.report.is_some(),
        schedule.package.is_some(),
        schedule.digest.is_some(),
        schedule.inventory.is_some(),
        schedule.setup.is_some(),
        schedule.detect.is_some(),
        schedule.replica.is_some(),
        schedule.retention.is_some(),
    ];
    if jobs.into_iter().filter(|is_one| *is_one).count() != 1 {
        found.push(msg!("schedule-config-jobs", name = name));
    }
    let sources = schedule.query.iter().flat_map(|query| &query.sources.0);
    let sources = sources.chain(schedule.detect.iter().flat_map(|detect| &detect.sources.0));
    for source in sources.chain(schedule.package.iter().flat_map(|package| &package.sources.0)) {
        if shoseki_sources::by_id(source).is_none() {
            let near = nearest(source, shoseki_sources::all().map(|known| known.id()));
            found.push(msg!("server-config-source", name = name, source = source, nearest = near));
        }
    }
    if let Some(check) = &schedule.check {
        of_check(name, check, found);
    }
    settings::mistakes(schedule, found);
    let of_inventory = schedule.inventory.as_ref().and_then(|job| job.alert.as_ref());
    let of_setup = schedule.setup.as_ref().and_then(|job| job.alert.as_ref());
    let alert = schedule.check.as_ref().and_then(|check| check.alert.as_ref()).or(of_inventory).or(of_setup);
    for word in alert.iter().flat_map(|alert| &alert.0).filter(|word| nature(word).is_none()) {
        let known = NATURES.map(|nature| format!("`{}`", nature.name())).join(", ");
        found.push(msg!("schedule-config-alert", name = name, word = word, known = known));
    }
    if schedule.digest.as_ref().is_some_and(|digest| digest.unsigned_after.0.0.is_zero()) {
        found.push(msg!("schedule-config-unsigned", name = name));
    }
    if let Some(query) = &schedule.query {
        of_question(name, (&query.saved, &query.text, query.sql), found);
        if !query.key.0.is_empty() && query.alert != Telling::Rows {
            found.push(msg!("schedule-config-key", name = name));
        }
    }
    if let Some(package) = &schedule.package {
        of_question(name, (&package.saved, &package.text, package.sql), found);
    }
    if let Some(report) = &schedule.report {
        match (&report.framework, &report.framework_file) {
            (None, None) => found.push(msg!("schedule-config-report", name = name)),
            (Some(id), None) => framework(name, id, found),
            _ => {}
        }
    }
    let is_of_days = matches!(schedule.covering(), Covering::Yesterday) || schedule.covering().days().is_some();
    if schedule.digest.is_some() && !is_of_days {
        found.push(msg!("schedule-config-digest", name = name));
    }
}

fn of_check(name: &str, check: &CheckJob, found: &mut Vec<Message>) {
    if !check.framework.0.is_empty() && !check.checks.0.is_empty() {
        found.push(msg!("schedule-config-both", name = name));
    }
    if check.framework_file.0.is_empty() {
        check.framework.0.iter().for_each(|id| framework(name, id, found));
        for id in check.checks.0.iter().filter(|id| find(id, &[]).is_none()) {
            let near = nearest(id, shoseki_comply::checks::CHECKS.iter().map(|check| check.id.as_ref()));
            found.push(msg!("schedule-config-check", name = name, check = id, nearest = near));
        }
    }
}

fn framework(name: &str, id: &str, found: &mut Vec<Message>) {
    if Framework::find(id).is_err() {
        let all = Framework::all().unwrap_or_default();
        let near = nearest(id, all.iter().map(|framework| framework.id.as_str()));
        found.push(msg!("schedule-config-framework", name = name, framework = id, nearest = near));
    }
}

fn of_question(name: &str, (saved, text, is_sql): (&Option<String>, &Option<String>, bool), found: &mut Vec<Message>) {
    if saved.is_some() == text.is_some() || (is_sql && text.is_none()) {
        found.push(msg!("schedule-config-question", name = name));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(more: &str) -> Result<Config, String> {
        let text = format!("[[schedule]]\nname = \"a\"\n{more}");
        Config::parse(&text, "shoseki.toml").map_err(|fault| fault.chain(shoseki_messages::Lang::En))
    }

    fn refused(more: &str, parts: &[&str]) {
        let said = read(more).unwrap_err();
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn what_is_done_and_when_is_read() {
        let config = read("every = \"1h\"\ncheck = { framework = \"pci-dss\" }\n").unwrap();
        let schedule = &config.schedules[0];
        assert_eq!((schedule.kind(), schedule.covering()), ("check", Covering::Last(7 * 86_400)));
        assert_eq!(schedule.natures(), [Nature::Fail]);
        let config =
            read("at = \"06:30\"\non = [\"mon\", 31]\nquery = { text = \"fields a\", key = \"a\" }\n").unwrap();
        assert_eq!(config.schedules[0].on.0, [On::Week(Weekday::Mon), On::Month(31)]);
        let config = read("at = \"07:00\"\non = \"weekdays\"\nperiod = \"last 3d\"\ndigest = {}\n").unwrap();
        assert_eq!((config.schedules[0].kind(), config.schedules[0].on.0.len()), ("digest", 5));
        assert_eq!(read("every = \"5m\"\nreplica = {}\n").unwrap().schedules[0].kind(), "replica");
        assert_eq!(read("at = \"03:00\"\nretention = {}\n").unwrap().schedules[0].kind(), "retention");
        let report = "at = \"07:00\"\non = 1\nreport = { framework = \"j-sox\", to = \"reports\" }\n";
        assert_eq!(read(report).unwrap().schedules[0].covering(), Covering::Month);
    }

    #[test]
    fn mistakes_are_named() {
        let check = "check = { framework = \"pci-dss\" }\n";
        refused(check, &["exactly one of `every` and `at`"]);
        refused(&format!("every = \"1h\"\nat = \"06:30\"\n{check}"), &["exactly one of `every` and `at`"]);
        refused(&format!("every = \"1h\"\non = \"mon\"\n{check}"), &["`on`"]);
        refused(&format!("every = \"0s\"\n{check}"), &["`1s`"]);
        refused(&format!("at = \"6:30\"\n{check}"), &["`06:30`"]);
        refused(&format!("at = \"24:00\"\n{check}"), &["`06:30`"]);
        refused(&format!("at = \"06:30\"\non = \"monday\"\n{check}"), &["`\"weekdays\"`"]);
        refused(&format!("at = \"06:30\"\non = 32\n{check}"), &["`\"weekdays\"`"]);
        refused(&format!("at = \"06:30\"\ntz = \"Tokyo\"\n{check}"), &["`Tokyo`", "Asia/Tokyo"]);
        refused(&format!("at = \"06:30\"\nperiod = \"last decade\"\n{check}"), &["`last month`"]);
        refused("every = \"1h\"\n", &["exactly one of `check`"]);
        refused("every = \"1h\"\nreplica = { all = true }\n", &["`all`", "`delete_replaced`"]);
        refused("every = \"1h\"\nperiod = \"last 1h\"\nreplica = {}\n", &["`period`"]);
        refused("at = \"03:00\"\nretention = { months = 12 }\n", &["`months`", "`reason`"]);
        refused(&format!("every = \"1h\"\ndigest = {{}}\n{check}"), &["exactly one of `check`"]);
        refused("every = \"1h\"\ncheck = { framework = \"pci-ds\" }\n", &["`pci-ds`", "`pci-dss`"]);
        refused("every = \"1h\"\ncheck = { checks = \"vault_is_anchord\" }\n", &["`vault_is_anchored`"]);
        refused("every = \"1h\"\ncheck = { checks = \"iam_user_has_mfa\" }\n", &["settings"]);
        for empty in ["checks = []", "alert = []", "framework = \"\"", "framework_file = []"] {
            refused(&format!("every = \"1h\"\ncheck = {{ {empty} }}\n"), &["one at least"]);
        }
        refused("every = \"1h\"\nquery = { text = \"a\", key = [] }\n", &["one at least"]);
        refused("at = \"06:30\"\ndigest = { unsigned_after = \"0d\" }\n", &["`unsigned_after`", "`3d`"]);
        refused("every = \"1h\"\ncheck = { alert = [\"failure\"] }\n", &["`failure`", "`no_evidence`"]);
        refused("every = \"1h\"\ncheck = { framework = \"gdpr\", checks = \"a\" }\n", &["`checks`"]);
        refused("every = \"1h\"\nquery = { key = \"a\" }\n", &["exactly one of `saved` and `text`"]);
        refused("every = \"1h\"\nquery = { saved = \"a\", sql = true }\n", &["`sql`"]);
        refused("every = \"1h\"\nquery = { text = \"a\", alert = \"no_rows\", key = \"a\" }\n", &["`key`"]);
        refused("every = \"1h\"\nquery = { text = \"a\", alerts = \"rows\" }\n", &["`alerts`", "`alert`", "line 4"]);
        refused("at = \"06:30\"\nperiod = \"last month\"\ndigest = {}\n", &["`yesterday`"]);
        refused("at = \"06:30\"\nreport = { to = \"a\" }\n", &["`framework`"]);
        let twice = format!("every = \"1h\"\n{check}[[schedule]]\nname = \"a\"\nevery = \"1h\"\n{check}");
        refused(&twice, &["twice"]);
        refused(&format!("every = \"1h\"\n{check}[[sender]]\nname = \"b c\"\nreceivers = []\n"), &["`b c`"]);
        assert!(
            Config::parse("tz = \"Tokio\"", "a").unwrap_err().chain(shoseki_messages::Lang::En).contains("`Tokio`")
        );
    }
}
