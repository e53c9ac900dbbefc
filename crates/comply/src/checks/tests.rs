//! The list of checks as a list, and what judgements say of rows.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::Lang;

use super::days::DAY;
use super::scope::Scope;
use super::*;

/// A time by its text.
pub(super) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

/// Rows of a list: who did what, and what came of it.
pub(super) fn acts(rows: &[(&str, &str, &str)]) -> Rows {
    let row = |(actor, operation, status): &(&str, &str, &str)| {
        [Cell::from(*actor), (*operation).into(), (*status).into(), Cell::Number(1), "s:1".into()]
    };
    Rows::of(["actor", "operation", "status", "events", "record"], rows.iter().map(row).collect())
}

/// Arrivals of streams on days of March 2026.
pub(super) fn arrivals(streams: &[(&str, &[i64])]) -> Arrivals {
    let day = |day: i64| Timestamp(time("2026-03-01T00:00:00Z").0 + (day - 1) * DAY);
    let row = |stream: &str, at: i64| {
        let source = stream.split('/').next().unwrap_or_default();
        [source.into(), stream.into(), day(at).into(), Cell::Number(10), day(at).into(), day(at).into()]
    };
    let rows = streams.iter().flat_map(|(stream, days)| days.iter().map(|day| row(stream, *day)));
    let names = ["source", "stream", "day", "records", "first", "last"];
    Arrivals::of(&Rows::of(names, rows.collect()), Tz::UTC)
}

/// What a check says of rows in the days from the 2nd to the 6th of March: status, subject and text, `!` where it is to be reviewed.
pub(super) fn judged_over(check: &Check, arrivals: &Arrivals, vault: &VaultFacts, rows: Vec<Rows>) -> Vec<String> {
    lines(check, arrivals, (vault, &Scope::default()), rows)
}

/// The same with what people said of the scope.
pub(super) fn scoped(check: &Check, arrivals: &Arrivals, scope: &Scope, rows: Vec<Rows>) -> Vec<String> {
    lines(check, arrivals, (&VaultFacts::default(), scope), rows)
}

fn lines(check: &Check, arrivals: &Arrivals, (vault, scope): (&VaultFacts, &Scope), rows: Vec<Rows>) -> Vec<String> {
    let period = Period { from: time("2026-03-02T00:00:00Z"), to: time("2026-03-07T00:00:00Z") };
    let rows = rows.iter().collect();
    let evidence = Evidence {
        period,
        zone: Tz::UTC,
        days: &period.days(Tz::UTC),
        now: time("2026-04-01T00:00:00Z"),
        arrivals,
        scope,
        rows,
        vault,
        gaps: None,
    };
    let mut findings = check.judge(&evidence);
    findings.sort_by_key(|finding| (finding.status, !finding.is_to_review));
    let line = |finding: &Finding| {
        let review = if finding.is_to_review { "!" } else { "" };
        format!("{}{review} {}: {}", finding.status.name(), finding.subject, finding.what)
    };
    findings.iter().map(line).collect()
}

/// The same where these streams speak each day.
pub(super) fn judged(check: &Check, streams: &[&str], rows: Vec<Rows>) -> Vec<String> {
    let streams: Vec<(&str, &[i64])> = streams.iter().map(|name| (*name, [2, 3, 4, 5, 6].as_slice())).collect();
    judged_over(check, &arrivals(&streams), &VaultFacts::default(), rows)
}

#[test]
fn the_list_is_a_list() {
    let mut ids = BTreeSet::new();
    for check in CHECKS {
        assert!(ids.insert(check.id.as_ref()), "`{}` stands twice", check.id);
        let is_of_evidence = check.id.starts_with("evidence_") || check.id.starts_with("vault_");
        assert!(is_of_evidence != check.needs_a_look(), "{}", check.id);
        assert_eq!(check.id.starts_with("inventory_"), check.is_of_inventory(), "{}", check.id);
        assert_eq!(check.id.starts_with("setup_"), check.is_of_setup(), "{}", check.id);
        for lang in [Lang::En, Lang::Ja] {
            for (what, text) in [("title", check.title(lang)), ("asks", check.asks(lang)), ("mend", check.mend(lang))] {
                assert!(!text.is_empty(), "`{}` has no {what} in {lang:?}", check.id);
            }
        }
        assert!(
            check.mend(Lang::En).contains('`') && check.mend(Lang::Ja).contains('`'),
            "`{}` names no command that mends it",
            check.id
        );
    }
}

#[test]
fn without_evidence_nothing_passes() {
    let none = Arrivals::default();
    for check in CHECKS.iter().filter(|check| !check.needs_a_look()) {
        let rows = check.queries().iter().map(|_| Rows::default()).collect();
        for line in judged_over(check, &none, &VaultFacts::default(), rows) {
            assert!(!line.starts_with("pass"), "`{}` says `{line}` of nothing", check.id);
        }
    }
}

#[test]
fn an_arrival_is_judged_by_days_and_by_when_the_stream_began() {
    let check = find("evidence_k8s_audit_arrived", &[]).unwrap_or_else(|| panic!("no check"));
    let since = |first: &str| vec![arrived::firsts(&[("k8s-audit", "k8s-audit/prod", first, "2026-03-06T00:00:00Z")])];
    let over = |days: &[i64], first: &str| {
        judged_over(check, &arrivals(&[("k8s-audit/prod", days)]), &VaultFacts::default(), since(first)).join("\n")
    };
    assert!(over(&[2, 3, 4, 5, 6], "2026-02-01T00:00:00Z").starts_with("pass k8s-audit/prod"));
    let silent = over(&[2, 3, 4], "2026-02-01T00:00:00Z");
    assert!(silent.starts_with("fail") && silent.contains("2026-03-05 – 2026-03-06"), "{silent}");
    let rare = over(&[2, 3, 6], "2026-02-01T00:00:00Z");
    assert!(
        rare.starts_with("no_evidence") && rare.contains("2026-03-04 – 2026-03-05"),
        "little happens there: {rare}"
    );
    let young = over(&[4, 5, 6], "2026-03-04T00:00:00Z");
    assert!(young.starts_with("no_evidence") && young.contains("2026-03-04"), "{young}");
    assert!(over(&[], "2026-02-01T00:00:00Z").starts_with("fail"), "it spoke before, and not in the period");
    // One region of an account may be silent.
    let regions = arrivals(&[("cloudtrail/1/us-east-1", &[2, 4, 6]), ("cloudtrail/1/eu-west-1", &[3, 5])]);
    let check = find("evidence_cloudtrail_arrived", &[]).unwrap_or_else(|| panic!("no check"));
    let rows = vec![arrived::firsts(&[(
        "cloudtrail",
        "cloudtrail/1/us-east-1",
        "2026-01-01T00:00:00Z",
        "2026-03-06T00:00:00Z",
    )])];
    assert!(judged_over(check, &regions, &VaultFacts::default(), rows)[0].starts_with("pass cloudtrail/1"));
}

#[test]
fn a_delay_is_judged_unless_all_came_at_once() {
    let check = find("evidence_arrives_promptly", &[]).unwrap_or_else(|| panic!("no check"));
    let row = |delay: i64, records: i64, heard: (&str, &str)| {
        let (told, heard) =
            ((time("2026-03-02T00:00:00Z"), time("2026-03-06T00:00:00Z")), (time(heard.0), time(heard.1)));
        [
            Cell::from("app/a"),
            Cell::Number(delay),
            Cell::Number(records),
            told.0.into(),
            told.1.into(),
            heard.0.into(),
            heard.1.into(),
            "s:1".into(),
        ]
    };
    let names = ["stream", "delay", "records", "first", "last", "first_received", "last_received", "record"];
    let over = |rows: Vec<[Cell; 8]>| judged(check, &["app/a"], vec![Rows::of(names, rows)]).join("\n");
    let each_day = ("2026-03-02T00:05:00Z", "2026-03-06T00:05:00Z");
    let prompt = over(vec![row(30, 990, each_day), row(400_000, 10, each_day)]);
    assert!(prompt.starts_with("pass") && prompt.contains("30 s"), "{prompt}");
    assert!(over(vec![row(30, 989, each_day), row(400_000, 11, each_day)]).starts_with("fail"));
    let at_once = ("2026-03-20T00:00:00Z", "2026-03-20T00:01:00Z");
    assert!(over(vec![row(1_400_000, 10, at_once)]).starts_with("no_evidence"));
    let one = |delay: i64| {
        let (told, heard) = (time("2026-03-02T00:00:00Z"), time("2026-03-20T00:00:00Z"));
        let [stream, at, records, record] = [Cell::from("app/a"), Cell::Number(delay), Cell::Number(1), "s:1".into()];
        over(vec![[stream, at, records, told.into(), told.into(), heard.into(), heard.into(), record]])
    };
    assert!(one(1_400_000).starts_with("no_evidence"), "a single event that came late was taken in at once too");
    assert!(one(60).starts_with("pass"));
}

#[test]
fn a_clock_that_is_fast_is_proved_and_times_that_cannot_be_are_said() {
    let check = find("evidence_clocks_are_in_step", &[]).unwrap_or_else(|| panic!("no check"));
    let with = |origin: &str, later: i64, most: i64| {
        let (later, most) = (Cell::Number(later), Cell::Number(most));
        let row = [Cell::from("app/a"), origin.into(), Cell::Number(100), later, most, "s:1".into()];
        let names = ["stream", "time_origin", "records", "later", "most", "record"];
        judged(check, &["app/a"], vec![Rows::of(names, vec![row])])[0].split(' ').next().map(str::to_owned)
    };
    let over = |origin: &str, later: i64| with(origin, later, 7);
    assert_eq!(over("event", 0).as_deref(), Some("pass"));
    assert_eq!(with("event", 0, -30).as_deref(), Some("pass"));
    assert_eq!(with("event", 0, -86_400).as_deref(), Some("no_evidence"), "in an archive a fast clock does not show");
    assert_eq!(over("event", 1).as_deref(), Some("fail"));
    assert_eq!(over("implausible", 0).as_deref(), Some("fail"));
    assert_eq!(over("received", 0).as_deref(), Some("no_evidence"));
}

#[test]
fn what_is_not_there_on_every_day_passes_nothing() {
    let check = |id: &str| find(id, &[]).unwrap_or_else(|| panic!("no check {id}"));
    let over = |id: &str, streams: &[(&str, &[i64])], rows: Vec<Rows>| {
        judged_over(check(id), &arrivals(streams), &VaultFacts::default(), rows)
    };
    let thin: [(&str, &[i64]); 1] = [("cloudtrail/1/us-east-1", &[2, 3, 6])];
    let said = "no_evidence cloudtrail: records are there for 3 of 5 days only: of the others nothing is known";
    for id in ["evidence_logging_was_not_stopped", "evidence_root_use_is_listed"] {
        assert_eq!(over(id, &thin, vec![acts(&[])]), [said], "{id}");
    }
    assert!(over("evidence_has_no_secrets", &thin, vec![Rows::default()])[0].starts_with("no_evidence cloudtrail"));
    // What was seen is said all the same, and a failure is one.
    let stopped = over("evidence_logging_was_not_stopped", &thin, vec![acts(&[("a", "StopLogging", "success")])]);
    let heads: Vec<&str> = stopped.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(heads, ["fail", "no_evidence"]);
    // Accounts and regions make up for each other; the region of global services does not.
    let both: [(&str, &[i64]); 2] = [("cloudtrail/1/us-east-1", &[2, 3]), ("cloudtrail/2/eu-west-1", &[4, 5, 6])];
    assert_eq!(over("evidence_root_use_is_listed", &both, vec![acts(&[])]), ["pass cloudtrail: root did nothing"]);
    let elsewhere: [(&str, &[i64]); 1] = [("cloudtrail/1/eu-west-1", &[2, 3, 4, 5, 6])];
    let changed =
        over("evidence_privilege_changes_are_listed", &elsewhere, vec![acts(&[("a", "CreateAccessEntry", "success")])]);
    let heads: Vec<&str> = changed.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        heads,
        ["no_evidence cloudtrail", "no_evidence k8s-audit", "no_evidence mariadb-audit, pgaudit", "pass! a"]
    );
}

#[test]
fn each_of_the_six_fields_is_judged_by_its_share() {
    let check = find("evidence_has_the_six_fields", &[]).unwrap_or_else(|| panic!("no check"));
    let over = |source: &str, who: i64, outcome: i64, received: i64| {
        let counts = [1_000, who, 1_000, 1_000, outcome, 1_000, 1_000].map(Cell::Number);
        let [a, b, c, d, e, f, g] = counts;
        let names = ["source", "records", "who", "what", "at", "outcome", "origin", "on_what"];
        let rows = Rows::of(names, vec![[source.into(), a, b, c, d, e, f, g]]);
        let received = Rows::of(["received"], vec![[Cell::Number(received)]]);
        let all = judged(check, &["cloudtrail/1/us-east-1"], vec![rows, received]);
        let absent = all.iter().filter(|line| line.contains("no record of it arrived")).count();
        assert_eq!(absent, if ["cloudtrail", "k8s-audit"].contains(&source) { 3 } else { 4 }, "{all:?}");
        all.into_iter().filter(|line| !line.contains("no record of it arrived")).collect::<Vec<_>>()
    };
    assert!(over("cloudtrail", 990, 1_000, 0)[0].starts_with("pass"));
    assert_eq!(over("cloudtrail", 989, 900, 0).len(), 2);
    assert!(over("cloudtrail", 989, 1_000, 0)[0].contains("who"));
    assert!(over("k8s-audit", 1_000, 500, 500)[0].starts_with("pass"), "what was only received has no outcome yet");
    assert!(over("falco", 0, 0, 0).is_empty(), "an alert is no log of what somebody did");
}

#[test]
fn what_is_kept_for_a_year_passes_and_what_is_younger_is_not_judged() {
    let check = find("evidence_goes_back_twelve_months", &[]).unwrap_or_else(|| panic!("no check"));
    let rows = arrived::firsts(&[
        ("app", "app/old", "2025-03-07T00:00:00Z", "2026-03-06T00:00:00Z"),
        ("app", "app/young", "2025-03-08T00:00:00Z", "2026-03-06T00:00:00Z"),
    ]);
    let found = judged(check, &["app/old"], vec![rows]);
    assert!(found[0].starts_with("no_evidence app/young") && found[1].starts_with("pass app/old"), "{found:?}");
}

#[test]
fn card_numbers_and_secrets_are_told_apart() {
    let rows = || {
        let row = |stream: &str, kinds: &str| [Cell::from(stream), kinds.into(), Cell::Number(2), "s:1".into()];
        vec![Rows::of(
            ["stream", "kinds", "events", "record"],
            vec![row("app/a", "password, card-number"), row("app/b", "jwt")],
        )]
    };
    let of = |id: &str| judged(find(id, &[]).unwrap_or_else(|| panic!("no check")), &["app/a"], rows()).len();
    assert_eq!((of("evidence_has_no_card_numbers"), of("evidence_has_no_secrets")), (1, 2));
}

#[test]
fn a_backup_is_checked_here_or_by_a_record_and_grows_old() {
    let check = find("vault_key_backup_is_checked", &[]).unwrap_or_else(|| panic!("no check"));
    let over = |here: Option<&str>, recorded: Option<&str>| {
        let vault = VaultFacts { backup_checked: here.map(time), ..VaultFacts::default() };
        let row = recorded.map(|at| [Cell::from(time(at)), Cell::from("s:1")]);
        let rows = Rows::of(["last", "record"], row.into_iter().collect());
        judged_over(check, &Arrivals::default(), &vault, vec![rows])[0].split(' ').next().map(str::to_owned)
    };
    assert_eq!(over(None, None).as_deref(), Some("no_evidence"));
    assert_eq!(over(Some("2026-03-01T00:00:00Z"), None).as_deref(), Some("pass"));
    assert_eq!(over(None, Some("2026-03-01T00:00:00Z")).as_deref(), Some("pass"));
    assert_eq!(over(Some("2024-01-01T00:00:00Z"), None).as_deref(), Some("fail"));
}

#[test]
fn rules_of_data_judge_rows() {
    let rule = |name: &str| Rule::from_name(name).unwrap_or_else(|| panic!("{name}"));
    let over = |name: &str, rows: Rows| {
        let check = Check {
            id: "own_a".into(),
            severity: Severity::Low,
            looks: Looks::Own { query: Query::insights("fields @ptr"), rule: rule(name) },
            said: None,
        };
        judged(&check, &["app/a"], vec![rows])[0].split(' ').next().map(str::to_owned).unwrap_or_default()
    };
    let (none, one) = (Rows::default, || Rows::of(["@ptr"], vec![["s:1".into()]]));
    assert_eq!((over("no_rows", none()).as_str(), over("no_rows", one()).as_str()), ("pass", "fail"));
    assert_eq!((over("some_rows", none()).as_str(), over("some_rows", one()).as_str()), ("fail", "pass"));
    assert_eq!((over("review", none()).as_str(), over("review", one()).as_str()), ("pass", "pass!"));
    let days = |days: &[u32]| {
        let row = |day: &u32| [Cell::from(time(&format!("2026-03-{day:02}T00:00:00Z"))), Cell::Number(3)];
        Rows::of(["day", "events"], days.iter().map(row).collect())
    };
    assert_eq!(over("at_least_3_a_day", days(&[2, 3, 4, 5, 6])), "pass");
    assert_eq!(over("at_least_4_a_day", days(&[2, 3, 4, 5, 6])), "fail");
    assert_eq!(over("at_least_1_a_day", days(&[2, 3, 5, 6])), "fail");
    assert_eq!(over("at_least_1_a_day", one()), "no_evidence");
    assert!(Rule::from_name("at_least_x_a_day").is_none());
}
