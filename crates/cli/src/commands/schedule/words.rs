//! What is done by a schedule, as the command that a person would type for it.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use shoseki_event::Timestamp;
use shoseki_messages::Lang;
use shoseki_server::config::{
    Accounts, CheckJob, DetectJob, InventoryJob, Names, PackageJob, Paths, QueryJob, ReplicaJob, ReportJob,
    RetentionJob, Schedule, SetupJob,
};
use shoseki_server::schedule::{Plan, Run};

use crate::output;

/// A command, being written.
struct Words(Vec<String>);

impl Words {
    fn of(words: &[&str]) -> Self {
        Self(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn with(&mut self, name: &str, value: impl Into<String>) {
        self.0.extend([name.to_owned(), value.into()]);
    }

    fn flag(&mut self, name: &str, is_set: bool) {
        self.0.extend(is_set.then(|| name.to_owned()));
    }

    fn each(&mut self, name: &str, values: &Names) {
        values.0.iter().for_each(|value| self.with(name, value));
    }

    fn paths<'a>(&mut self, name: &str, paths: impl IntoIterator<Item = &'a PathBuf>) {
        paths.into_iter().for_each(|path| self.with(name, path.display().to_string()));
    }

    /// Paths without a name before them: one that begins like an argument is none.
    fn those(&mut self, paths: &Paths) {
        self.0.extend(paths.0.iter().map(|path| match path.to_string_lossy() {
            text if text.starts_with('-') => format!("./{text}"),
            text => text.into_owned(),
        }));
    }

    fn accounts(&mut self, accounts: Accounts<'_>) {
        self.flag("--live", accounts.is_live);
        self.each("--region", accounts.regions);
        self.flag("--all-regions", accounts.is_all_regions);
        accounts.profile.iter().for_each(|profile| self.with("--profile", *profile));
        self.each("--role", accounts.roles);
        accounts.external_id.iter().for_each(|id| self.with("--external-id", *id));
    }

    fn period(&mut self, (from, to): (Timestamp, Timestamp)) {
        self.with("--from", from.to_string());
        self.with("--to", to.to_string());
    }
}

/// The command of a run, and the file that it makes, where it makes one.
pub(super) fn of(run: &Run<'_>, config: &Path) -> (Vec<String>, Option<PathBuf>) {
    let (schedule, period) = (run.schedule, run.period);
    let (mut words, file) = match schedule {
        Schedule { check: Some(job), .. } if !job.iac.0.is_empty() => (code(job), None),
        Schedule { check: Some(job), .. } => (check(job, period), None),
        Schedule { inventory: Some(job), .. } => (inventory(job), None),
        Schedule { setup: Some(job), .. } => (setup(job), None),
        Schedule { query: Some(job), .. } => (query(job, period), None),
        Schedule { detect: Some(job), .. } => (detect(job, period), None),
        Schedule { replica: Some(job), .. } => (replica(job), None),
        Schedule { retention: Some(job), .. } => (retention(job), None),
        Schedule { report: Some(job), .. } => {
            let file = free(&job.to, &stem(run), ending(&job.format));
            (report(job, period, &file), Some(file))
        }
        Schedule { package: Some(job), .. } => {
            let file = free(&job.to, &stem(run), "zip");
            (package(job, period, &file), Some(file))
        }
        _ => (digest(run.days), None),
    };
    if matches!(schedule.kind(), "check" | "live" | "setup" | "detect" | "report" | "digest") {
        words.with("--config", config.display().to_string());
    }
    words.with("--tz", run.zone.name());
    (words.0, file)
}

/// The command as it would be now.
pub(super) fn trial(schedule: &Schedule, plan: &Plan, config: &Path) -> Vec<String> {
    let due = Timestamp::now();
    let day = due.to_utc().map(|time| time.date_naive()).unwrap_or_default();
    let period = schedule.covering().of(due, plan).unwrap_or((due, due));
    let run = Run { schedule, zone: plan.zone, due, is_late: false, period, days: Some((day, day)) };
    of(&run, config).0
}

fn check(job: &CheckJob, period: (Timestamp, Timestamp)) -> Words {
    let mut words = Words::of(&["check"]);
    match job.live {
        true => {
            words.accounts(job.accounts());
            words.with("--from", period.0.to_string()); // AWS answers what is now
        }
        false => words.period(period),
    }
    words.each("--framework", &job.framework);
    words.paths("--framework-file", &job.framework_file.0);
    words.each("--check", &job.checks);
    words
}

fn code(job: &CheckJob) -> Words {
    let mut words = Words::of(&["check", "iac"]);
    words.those(&job.iac);
    words.each("--framework", &job.framework);
    words.paths("--framework-file", &job.framework_file.0);
    words.each("--check", &job.checks);
    words.flag("--record", true);
    words
}

fn inventory(job: &InventoryJob) -> Words {
    let mut words = Words::of(&["inventory"]);
    words.accounts(job.accounts());
    words
}

fn setup(job: &SetupJob) -> Words {
    let mut words = Words::of(&["setup", "plan", "--record"]);
    job.profile.iter().for_each(|profile| words.with("--profile", profile));
    words
}

fn detect(job: &DetectJob, period: (Timestamp, Timestamp)) -> Words {
    let mut words = Words::of(&["detect"]);
    job.level.iter().for_each(|level| words.with("--level", level.name()));
    words.period(period);
    words.each("--source", &job.sources);
    words.each("--stream", &job.streams);
    words
}

fn replica(job: &ReplicaJob) -> Words {
    let mut words = Words::of(&["replica", "sync"]);
    words.flag("--delete-replaced", job.delete_replaced);
    words
}

fn retention(job: &RetentionJob) -> Words {
    let mut words = Words::of(&["retention", "run", "--yes"]);
    job.reason.iter().for_each(|reason| words.with("--reason", reason));
    words
}

fn query(job: &QueryJob, period: (Timestamp, Timestamp)) -> Words {
    let mut words = Words::of(&["query"]);
    match (&job.saved, &job.text) {
        (Some(name), _) => words.with("--saved", name),
        (None, text) => words.0.push(text.clone().unwrap_or_default()),
    }
    words.flag("--sql", job.sql);
    words.period(period);
    words.each("--source", &job.sources);
    words.each("--stream", &job.streams);
    words.paths("--queries", &job.queries);
    words.flag("--mask", true); // its rows are told to people
    words
}

fn report(job: &ReportJob, period: (Timestamp, Timestamp), file: &Path) -> Words {
    let mut words = Words::of(&["report"]);
    job.framework.iter().for_each(|id| words.with("--framework", id));
    words.paths("--framework-file", &job.framework_file);
    words.period(period);
    words.with("--format", &job.format);
    words.with("--lang", &job.lang);
    words.with("--out", file.display().to_string());
    words
}

fn package(job: &PackageJob, period: (Timestamp, Timestamp), file: &Path) -> Words {
    let mut words = Words::of(&["package", "create"]);
    match (&job.saved, &job.text) {
        (Some(name), _) => words.with("--saved", name),
        (None, text) => words.with("--query", text.clone().unwrap_or_default()),
    }
    words.flag("--sql", job.sql);
    words.period(period);
    words.each("--source", &job.sources);
    words.each("--stream", &job.streams);
    words.paths("--queries", &job.queries);
    words.paths("--mask", &job.mask);
    words.flag("--unmasked", job.unmasked);
    words.flag("--population", job.population);
    words.each("--requirement", &job.requirement);
    words.with("--out", file.display().to_string());
    words
}

fn digest(days: Option<(NaiveDate, NaiveDate)>) -> Words {
    let mut words = Words::of(&["review"]);
    if let Some((first, last)) = days {
        words.with("--from", first.to_string());
        words.with("--to", last.to_string());
    }
    words
}

/// How the file of a format ends.
fn ending(format: &str) -> &str {
    match format {
        "oscal" => "oscal.json",
        "ocsf" => "ocsf.jsonl",
        "junit" => "junit.xml",
        other => other,
    }
}

/// What a file is called: the schedule, with the first and the last day that it is about.
fn stem(run: &Run<'_>) -> String {
    let day = |time: Timestamp| {
        let day = time.to_utc().map(|time| time.with_timezone(&run.zone).date_naive());
        day.map(|day| day.to_string()).unwrap_or_default()
    };
    let (from, to) = (day(run.period.0), day(Timestamp(run.period.1.0.saturating_sub(1))));
    match from == to {
        true => format!("{}_{from}", run.schedule.name),
        false => format!("{}_{from}_{to}", run.schedule.name),
    }
}

/// A name that no file has: what was made before is not replaced, since somebody may have signed it.
fn free(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    /// More files of one period than anybody makes.
    const MOST: u32 = 10_000;
    let plain = folder.join(format!("{stem}.{ending}"));
    let numbered = (2..MOST).map(|number| folder.join(format!("{stem}-{number}.{ending}")));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    names.find(|name| !name.exists()).unwrap_or(plain)
}

/// A command in a line, as a shell reads it.
pub(super) fn line(words: &[String]) -> String {
    std::iter::once("shoseki".to_owned())
        .chain(words.iter().map(|word| output::quoted(word)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The language of what a command says where its schedule names none: machines read it.
pub(super) fn needs_language(words: &[String]) -> Option<Lang> {
    (!words.iter().any(|word| word == "--lang")).then_some(Lang::En)
}

#[cfg(test)]
mod tests {
    use shoseki_server::Config;
    use shoseki_server::schedule::zone_of;

    use super::*;

    fn line_of(text: &str) -> String {
        let config = Config::parse(&format!("tz = \"Asia/Tokyo\"\n{text}"), "shoseki.toml").unwrap();
        let schedule = &config.schedules[0];
        let plan = schedule.plan(zone_of(&config, chrono_tz::Tz::UTC));
        let due = Timestamp::parse("2026-11-01T00:00:00Z").unwrap();
        let days = schedule.digest.as_ref().map(|_| ("2026-10-30".parse().unwrap(), "2026-10-31".parse().unwrap()));
        let period = schedule.covering().of(due, &plan).unwrap();
        let run = Run { schedule, zone: plan.zone, due, is_late: false, period, days };
        line(&of(&run, Path::new("shoseki.toml")).0)
    }

    #[test]
    fn a_schedule_is_the_command_that_a_person_would_type() {
        let head = "[[schedule]]\nname = \"a\"\nat = \"06:30\"\n";
        for (job, expected) in [
            (
                "period = \"yesterday\"\ncheck = { framework = [\"pci-dss\", \"j-sox\"] }",
                "shoseki check --from 2026-10-30T15:00:00Z --to 2026-10-31T15:00:00Z --framework pci-dss --framework j-sox \
                 --config shoseki.toml --tz Asia/Tokyo",
            ),
            (
                "period = \"last 1h\"\nquery = { text = \"filter a = 'b'\", sources = \"app\", key = \"a\" }",
                "shoseki query 'filter a = '\\''b'\\''' --from 2026-10-31T23:00:00Z --to 2026-11-01T00:00:00Z --source app \
                 --mask --tz Asia/Tokyo",
            ),
            (
                "report = { framework = \"pci-dss\", format = \"oscal\", lang = \"ja\", to = \"/nowhere\" }",
                "shoseki report --framework pci-dss --from 2026-09-30T15:00:00Z --to 2026-10-31T15:00:00Z --format oscal \
                 --lang ja --out /nowhere/a_2026-10-01_2026-10-31.oscal.json --config shoseki.toml --tz Asia/Tokyo",
            ),
            (
                "period = \"yesterday\"\npackage = { saved = \"handbook\", requirement = \"PCI DSS 10\", to = \"/nowhere\" }",
                "shoseki package create --saved handbook --from 2026-10-30T15:00:00Z --to 2026-10-31T15:00:00Z \
                 --requirement 'PCI DSS 10' --out /nowhere/a_2026-10-31.zip --tz Asia/Tokyo",
            ),
            (
                "check = { live = true, all_regions = true, roles = [\"arn:aws:iam::111122223333:role/look\"], framework = \"pci-dss\" }",
                "shoseki check --live --all-regions --role arn:aws:iam::111122223333:role/look --from 2026-10-25T00:00:00Z \
                 --framework pci-dss --config shoseki.toml --tz Asia/Tokyo",
            ),
            (
                "check = { iac = [\"infra\", \"-odd\"], checks = \"kms_key_rotates\" }",
                "shoseki check iac infra ./-odd --check kms_key_rotates --record --tz Asia/Tokyo",
            ),
            (
                "inventory = { live = true, regions = [\"us-east-1\", \"eu-west-1\"], profile = \"audit\" }",
                "shoseki inventory --live --region us-east-1 --region eu-west-1 --profile audit --tz Asia/Tokyo",
            ),
            (
                "setup = { profile = \"audit\" }\n[setup]",
                "shoseki setup plan --record --profile audit --config shoseki.toml --tz Asia/Tokyo",
            ),
            ("replica = { delete_replaced = true }", "shoseki replica sync --delete-replaced --tz Asia/Tokyo"),
            ("retention = {}", "shoseki retention run --yes --tz Asia/Tokyo"),
            ("digest = {}", "shoseki review --from 2026-10-30 --to 2026-10-31 --config shoseki.toml --tz Asia/Tokyo"),
        ] {
            assert_eq!(line_of(&format!("{head}{job}\n")), expected);
        }
    }

    #[test]
    fn what_was_made_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let name = || free(folder.path(), "a", "html").file_name().unwrap().to_str().unwrap().to_owned();
        for expected in ["a.html", "a-2.html", "a-3.html"] {
            assert_eq!(name(), expected);
            std::fs::write(folder.path().join(expected), "").unwrap();
        }
    }
}
