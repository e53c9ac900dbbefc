//! Incidents by cases: what is a subject, until when reports are due, what may be closed, and that the order of reading changes nothing.

use chrono::NaiveDate;
use chrono_tz::Asia::Tokyo;
use chrono_tz::Tz;
use proptest::prelude::*;
use shoseki_event::Timestamp;

use super::*;
use crate::checks::Severity;
use crate::findings::Id;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn told(time: &str, id: &str, said: Said) -> Told {
    Told { at: at(time), id: id.to_owned(), record: format!("record-{id}"), by: Some("mei".to_owned()), said }
}

const NAME: &str = "I-3K7Q2M8";

fn open(title: &str) -> Said {
    Said::Open(Box::new(Open {
        incident: NAME.to_owned(),
        title: title.to_owned(),
        severity: Severity::High,
        known: at("2026-03-05T06:00:00Z"),
        zone: None,
        of_match: None,
        first: None,
        subjects: vec![Subject::read("203.0.113.77").unwrap()],
        records: vec!["a".to_owned()],
        duties: vec![Duty::AppiMalicious],
    }))
}

fn made(form: Form) -> Said {
    Said::Made(Box::new(Made {
        incident: NAME.to_owned(),
        form,
        file: "速報.md".to_owned(),
        sha256: "00".repeat(32),
        bytes: 1,
    }))
}

fn life() -> Vec<Told> {
    let name = || NAME.to_owned();
    let measured = Measured {
        incident: name(),
        cause: Some("a key in a repository".to_owned()),
        text: "keys are rotated".to_owned(),
        check: "source_was_not_deleted".to_owned(),
        finding: Id::drawn("x"),
        due: None,
    };
    let add = Add {
        incident: name(),
        records: vec!["a".to_owned(), "b".to_owned()],
        subjects: vec![Subject::read("aiko").unwrap()],
        duties: Vec::new(),
        why: "the same address".to_owned(),
    };
    vec![
        told("2026-03-05T07:00:00Z", "1", open("a key was stolen")),
        told("2026-03-05T07:00:00Z", "0", Said::Note(Note { incident: name(), text: "told the team".to_owned() })),
        told("2026-03-05T08:00:00Z", "2", Said::Add(add)),
        told("2026-03-06T08:00:00Z", "3", made(Form::AppiPreliminary)),
        told("2026-05-05T08:00:00Z", "4", made(Form::AppiFinal)),
        told("2026-05-06T08:00:00Z", "5", made(Form::Review)),
        told("2026-05-06T09:00:00Z", "6", Said::Measured(Box::new(measured))),
        told("2026-05-07T08:00:00Z", "7", Said::Close(Close { incident: name(), cause: None, despite: None })),
        told("2026-05-08T08:00:00Z", "8", open("another of the same name")),
    ]
}

#[test]
fn a_subject_is_known_by_how_it_is_written() {
    for (text, kind, value) in [
        ("203.0.113.77", Kind::Address, "203.0.113.77"),
        ("2001:db8::1", Kind::Address, "2001:db8::1"),
        ("AKIAEXAMPLEAIKO", Kind::Key, "AKIAEXAMPLEAIKO"),
        ("AKIAbc", Kind::Name, "AKIAbc"),
        ("arn:aws:sts::111122223333:assumed-role/a/b", Kind::Session, "arn:aws:sts::111122223333:assumed-role/a/b"),
        ("arn:aws:iam::111122223333:role/path/a", Kind::Role, "arn:aws:iam::111122223333:role/path/a"),
        ("arn:aws:iam::111122223333:root", Kind::User, "arn:aws:iam::111122223333:root"),
        ("arn:aws:s3:::customers", Kind::Resource, "arn:aws:s3:::customers"),
        ("system:serviceaccount:shop:web", Kind::ServiceAccount, "system:serviceaccount:shop:web"),
        ("pod:shop/web-0", Kind::Resource, "shop/pods/web-0"),
        ("i-0a1b2c3d", Kind::Resource, "i-0a1b2c3d"),
        ("i-am-a-name", Kind::Name, "i-am-a-name"),
        ("name:10.0.0.1", Kind::Name, "10.0.0.1"),
        (" aiko ", Kind::Name, "aiko"),
    ] {
        assert_eq!(Subject::read(text).unwrap(), Subject::new(kind, value), "{text}");
    }
    for wrong in ["", " ", "a\nb", "\u{1b}[2J", &"x".repeat(2_049)] {
        assert_eq!(Subject::read(wrong).unwrap_err().id(), "incident-subject-unreadable", "{wrong:?}");
    }
    let role = Subject::read("arn:aws:iam::111122223333:role/path/a").unwrap();
    assert_eq!((role.last_part(), role.account()), ("a", Some("111122223333")));
}

#[test]
fn days_are_counted_from_the_moment_it_became_known() {
    let due = |form, known, malicious, zone: Tz| {
        deadline(form, at(known), malicious, zone).map(|due| (due.until, due.end.to_string()))
    };
    let of = |until: &str, end: &str| Some((until.to_owned(), end.to_owned()));
    // 2026-03-05 is a Thursday. In Tokyo it is Friday already at 15:00 UTC: the fifth day is a Tuesday, and not a Monday.
    let known = "2026-03-05T14:59:59Z";
    assert_eq!(due(Form::AppiPreliminary, known, false, Tokyo), of("2026-03-09", "2026-03-09T15:00:00Z"));
    assert_eq!(
        due(Form::AppiPreliminary, "2026-03-05T15:00:00Z", false, Tokyo),
        of("2026-03-10", "2026-03-10T15:00:00Z")
    );
    let sunday = due(Form::AppiPreliminary, "2026-11-25T01:00:00Z", false, Tokyo);
    assert_eq!(sunday, of("2026-11-29", "2026-11-29T15:00:00Z"), "the fifth day, a Sunday");
    assert_eq!(due(Form::AppiFinal, known, false, Tokyo), of("2026-04-03", "2026-04-03T15:00:00Z"));
    assert_eq!(due(Form::AppiFinal, known, true, Tokyo), of("2026-05-04", "2026-05-04T15:00:00Z"), "60 days, a Sunday");
    // 72 hours are hours, whatever the clock does meanwhile: Berlin goes to summer time on 2026-03-29.
    let berlin = chrono_tz::Europe::Berlin;
    let gdpr = due(Form::Gdpr33, "2026-03-27T12:00:00Z", false, berlin);
    assert_eq!(gdpr, of("2026-03-30T14:00:00+02:00", "2026-03-30T12:00:00Z"));
    assert_eq!([Form::Pci1210, Form::Review].map(|form| due(form, known, false, Tokyo)), [None, None]);
    assert_eq!(deadline(Form::Gdpr33, Timestamp(i64::MAX), false, Tokyo), None);
    for form in Form::ALL {
        assert_eq!(Form::from_name(form.name()), Some(form));
        assert_eq!(serde_json::to_value(form).unwrap(), form.name());
    }
}

#[test]
fn the_nth_day_begins_with_the_day_itself() {
    let due = |day: fn(NaiveDate, u64) -> Option<NaiveDate>, known: &str, nth| {
        day(known.parse().unwrap(), nth).unwrap().to_string()
    };
    assert_eq!(due(nth_day, "2026-03-05", 1), "2026-03-05");
    assert_eq!(due(nth_day, "2026-03-05", 3), "2026-03-07", "a preliminary report waits for no Monday");
    assert_eq!(due(nth_day, "2026-03-05", 5), "2026-03-09");
    assert_eq!(due(working_day_from_nth, "2026-03-05", 3), "2026-03-09", "a Saturday is moved to Monday");
    assert_eq!(due(working_day_from_nth, "2026-03-05", 30), "2026-04-03");
}

#[test]
fn an_incident_is_closed_when_its_cause_its_measure_and_its_reports_are_there() {
    let life = life();
    let missing = |count: usize| {
        let all = Incidents::of(life[..count].to_vec());
        all.find(NAME).unwrap().unclosable(None, Tokyo).iter().map(|why| why.id()).collect::<Vec<_>>()
    };
    let (cause, measure, report) = ("incident-needs-cause", "incident-needs-measure", "incident-needs-report");
    assert_eq!(missing(1), [cause, measure, report, report, report]);
    assert_eq!(missing(4), [cause, measure, report, report]);
    assert_eq!(missing(7), Vec::<&str>::new());
    let all = Incidents::of(life);
    let one = all.find("i-3k7").unwrap();
    assert_eq!((one.open.title.as_str(), one.closed.is_some()), ("a key was stolen", true));
    assert_eq!((one.records.len(), one.subjects.len(), one.history.len()), (2, 2, 8));
    assert_eq!(one.cause.as_deref(), Some("a key in a repository"));
    let late: Vec<(&str, bool)> =
        one.owed(Tokyo).iter().map(|owed| (owed.form.name(), owed.is_late(at("2027-01-01T00:00:00Z")))).collect();
    assert_eq!(
        late,
        [("appi-preliminary", false), ("appi-final", true), ("review", false)],
        "a day after the sixtieth"
    );
    assert_eq!(all.find("I-9").unwrap_err().id(), "incident-unknown");
    assert_eq!(all.find("F-3K7Q2M8").unwrap_err().id(), "incident-unknown");
}

#[test]
fn a_name_is_new_and_one_that_is_none_of_ours_is_no_incident() {
    let all = Incidents::default();
    let name = all.name("drawn");
    assert!(name.len() == 9 && name.starts_with("I-"), "{name}");
    let mut evil = life().remove(0);
    let Said::Open(open) = &mut evil.said else { panic!() };
    open.incident = name.clone();
    let taken = Incidents::of(vec![evil.clone()]);
    assert_ne!(taken.name("drawn"), name);
    let Said::Open(open) = &mut evil.said else { panic!() };
    open.incident = "I-$(reboot)".to_owned();
    assert!(Incidents::of(vec![evil]).all().is_empty());
}

proptest! {
    #[test]
    fn the_order_in_which_records_are_read_changes_nothing(shuffled in Just(life()).prop_shuffle()) {
        let of = |told| Incidents::of(told).all().into_iter().cloned().collect::<Vec<_>>();
        let twice = [shuffled.clone(), shuffled].concat();
        prop_assert_eq!(of(twice), of(life()));
    }
}

/// A record of CloudTrail.
fn call(time: &str, id: &str, event: serde_json::Value) -> Seen {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Seen {
        time: at(time),
        source: "cloudtrail".to_owned(),
        actor: text(&event["userIdentity"]["arn"]),
        action: text(&event["eventName"]),
        resource: text(&event["what"]),
        outcome: if event["errorCode"].is_string() { "failure" } else { "success" }.to_owned(),
        error: text(&event["errorCode"]),
        address: text(&event["sourceIPAddress"]),
        deed: Deed::Changed,
        record: id.to_owned(),
        raw: event,
    }
}

fn assumes(time: &str, id: &str, (by, gives): (serde_json::Value, &str)) -> Seen {
    let event = serde_json::json!({"eventName": "AssumeRole", "userIdentity": by, "recipientAccountId": "111122223333",
        "sourceIPAddress": "203.0.113.77",
        "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/path/worker", "roleSessionName": "s1"},
        "responseElements": {"credentials": {"accessKeyId": gives}}});
    call(time, id, event)
}

fn by_key(key: &str) -> serde_json::Value {
    serde_json::json!({"type": "AssumedRole", "accessKeyId": key, "arn": "arn:aws:sts::111122223333:assumed-role/worker/s1"})
}

fn subjects(texts: &[&str]) -> Vec<Subject> {
    texts.iter().map(|text| Subject::read(text).unwrap()).collect()
}

/// Takes all records hop by hop, as if each had been found.
fn trail(texts: &[&str], records: &[Seen]) -> Trail {
    let mut trail = Trail::of(&subjects(texts));
    let mut asked = 0;
    while asked < trail.identities.len() {
        let hop = asked..trail.identities.len();
        asked = hop.end;
        trail.take(records.to_vec(), hop);
    }
    trail
}

fn names(trail: &Trail) -> Vec<(&str, usize)> {
    trail.identities.iter().map(|one| (one.subject.value.as_str(), one.hop)).collect()
}

#[test]
fn a_chain_of_roles_is_followed_by_its_keys() {
    let records = [
        assumes("2026-03-05T01:00:00Z", "1", (by_key("ASIAEXAMPLEAAAAAAAAA"), "ASIAEXAMPLEBBBBBBBBB")),
        assumes("2026-03-05T02:00:00Z", "2", (by_key("ASIAEXAMPLEBBBBBBBBB"), "ASIAEXAMPLECCCCCCCCC")),
        call(
            "2026-03-05T03:00:00Z",
            "3",
            serde_json::json!({"eventName": "X", "userIdentity": by_key("ASIAEXAMPLECCCCCCCCC")}),
        ),
        // Somebody else's session of the same role and the same name.
        call(
            "2026-03-05T03:00:00Z",
            "4",
            serde_json::json!({"eventName": "X", "userIdentity": by_key("ASIAEXAMPLEDDDDDDDDD")}),
        ),
    ];
    let all = trail(&["ASIAEXAMPLEAAAAAAAAA"], &records);
    let keys = [("ASIAEXAMPLEAAAAAAAAA", 0), ("ASIAEXAMPLEBBBBBBBBB", 1), ("ASIAEXAMPLECCCCCCCCC", 2)];
    assert_eq!(names(&all), keys);
    let steps: Vec<(&str, usize)> = all.steps().map(|step| (step.seen.record.as_str(), step.identity)).collect();
    assert_eq!(steps, [("1", 0), ("2", 1), ("3", 2)]);
    // From its end the record that gave the key is shown; who asked for it is not followed.
    let end = trail(&["ASIAEXAMPLECCCCCCCCC"], &records);
    let steps: Vec<(&str, bool)> = end.steps().map(|step| (step.seen.record.as_str(), step.is_origin)).collect();
    assert_eq!((names(&end).len(), steps), (1, vec![("2", true), ("3", false)]));
}

#[test]
fn where_no_key_is_named_a_session_lasts_twelve_hours() {
    let user = serde_json::json!({"type": "IAMUser", "accessKeyId": "AKIAEXAMPLEAIKO1", "arn": "arn:aws:iam::111122223333:user/aiko"});
    let mut assumed = assumes("2026-03-05T01:00:00Z", "1", (user, ""));
    let later = |time, id| {
        call(time, id, serde_json::json!({"eventName": "X", "userIdentity": by_key("ASIAEXAMPLEBBBBBBBBB")}))
    };
    let records = |first: &Seen| {
        [
            first.clone(),
            later("2026-03-05T00:59:59Z", "before"),
            later("2026-03-05T12:59:59Z", "in"),
            later("2026-03-05T13:00:00Z", "after"),
        ]
    };
    let all = trail(&["arn:aws:iam::111122223333:user/aiko"], &records(&assumed));
    assert_eq!(names(&all)[1], ("arn:aws:sts::111122223333:assumed-role/worker/s1", 1));
    assert_eq!(all.steps().map(|step| step.seen.record.as_str()).collect::<Vec<_>>(), ["1", "in"]);
    assumed.outcome = "failure".to_owned();
    assert_eq!(names(&trail(&["arn:aws:iam::111122223333:user/aiko"], &records(&assumed))).len(), 1, "it was refused");
}

#[test]
fn an_address_leads_to_nobody_and_a_service_account_to_its_role() {
    let identity = serde_json::json!({"type": "WebIdentityUser", "userName": "system:serviceaccount:shop:web"});
    let irsa = {
        let mut seen = assumes("2026-03-05T01:00:00Z", "1", (identity, "ASIAEXAMPLEBBBBBBBBB"));
        seen.raw["eventName"] = "AssumeRoleWithWebIdentity".into();
        seen.action = "AssumeRoleWithWebIdentity".to_owned();
        seen
    };
    let token = Seen {
        source: "k8s-audit".to_owned(),
        raw: serde_json::json!({"verb": "create", "user": {"username": "kenji", "extra": {"accessKeyId": ["ASIAEXAMPLEAAAAAAAAA"]}},
            "objectRef": {"resource": "serviceaccounts", "subresource": "token", "namespace": "shop", "name": "web"}}),
        ..call("2026-03-05T00:30:00Z", "0", serde_json::Value::Null)
    };
    let records = [token, irsa];
    assert_eq!(names(&trail(&["203.0.113.77"], &records)), [("203.0.113.77", 0)]);
    let all = trail(&["ASIAEXAMPLEAAAAAAAAA"], &records);
    let chain = [("ASIAEXAMPLEAAAAAAAAA", 0), ("system:serviceaccount:shop:web", 1), ("ASIAEXAMPLEBBBBBBBBB", 2)];
    assert_eq!(names(&all), chain);
}

#[test]
fn a_pod_that_is_entered_is_that_pod() {
    let entered = |name: &str| Seen {
        source: "k8s-audit".to_owned(),
        resource: format!("shop/pods/exec/{name}"),
        raw: serde_json::json!({"verb": "create", "user": {"username": "kenji"},
            "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "shop", "name": name}}),
        ..call("2026-03-05T00:30:00Z", name, serde_json::Value::Null)
    };
    let all = trail(&["pod:shop/web-0"], &[entered("web-0"), entered("web-01")]);
    assert_eq!(all.steps().map(|step| step.seen.record.as_str()).collect::<Vec<_>>(), ["web-0"]);
}

#[test]
fn what_is_cut_is_said() {
    let key = |nth: usize| format!("ASIAEXAMPLE{nth:09}");
    let chain: Vec<Seen> = (0..12)
        .map(|nth| assumes("2026-03-05T01:00:00Z", &nth.to_string(), (by_key(&key(nth)), &key(nth + 1))))
        .collect();
    let all = trail(&[&key(0)], &chain);
    assert_eq!((all.identities.len(), all.cut[0].id()), (1 + HOPS, "incident-cut-hops"));
    let many: Vec<Seen> =
        (1..300).map(|nth| assumes("2026-03-05T01:00:00Z", &nth.to_string(), (by_key(&key(0)), &key(nth)))).collect();
    let all = trail(&[&key(0)], &many);
    assert_eq!((all.identities.len(), all.cut[0].id()), (IDENTITIES, "incident-cut-identities"));
}

#[test]
fn what_was_done_to_a_folder_is_one_line_and_what_is_kept_is_the_earliest() {
    let by = serde_json::json!({"userIdentity": by_key("AKIAEXAMPLEAIKO")});
    let seen = |nth: usize, deed: Deed, resource: &str| Seen {
        deed,
        resource: resource.to_owned(),
        ..call(&format!("2026-03-05T01:00:{nth:02}Z"), &nth.to_string(), by.clone())
    };
    let object = |name: &str| format!("arn:aws:s3:::customers/{name}");
    let records = [
        seen(0, Deed::Read, &object("a/1")),
        seen(1, Deed::Read, &object("a/2")),
        seen(2, Deed::Read, &object("b/1")),
        seen(3, Deed::Read, &object("a/3")),
        seen(4, Deed::Read, &object("b/2")),
        seen(5, Deed::Deleted, &object("a/1")),
        seen(6, Deed::Read, "shop/secrets/a"),
    ];
    let mut all = trail(&["AKIAEXAMPLEAIKO"], &records);
    let scope = Scope::of(&all);
    let folded = |deed| -> Vec<(String, usize, usize)> {
        scope.folded(deed).into_iter().map(|(line, things)| (line.resource, things, line.records)).collect()
    };
    let line = |resource: String, things| (resource, things, things);
    let (one, two) = (line(object("b/1"), 1), line(object("b/2"), 1));
    let secret = line("shop/secrets/a".to_owned(), 1);
    assert_eq!(folded(Deed::Read), [line(object("a/"), 3), one, two, secret], "two objects are two lines");
    assert_eq!(folded(Deed::Deleted), [line(object("a/1"), 1)]);

    all.keep(&[Deed::Read], Some(2));
    let kept: Vec<&str> = all.steps().map(|step| step.seen.record.as_str()).collect();
    assert_eq!(kept, ["0", "1"]);
    let cut: Vec<&str> = all.cut.iter().map(|cut| cut.id()).collect();
    assert_eq!(cut, ["incident-cut-deeds", "incident-cut-limit"]);
    all.keep(&[], Some(2));
    assert_eq!(all.cut.len(), 2, "nothing more is left out");
}

proptest! {
    #[test]
    fn a_literal_needs_no_escape_and_stands_in_its_subject(text in "\\PC{1,40}") {
        let Ok(subject) = Subject::read(&text) else { return Ok(()) };
        if let Some(literal) = trail::literal(&subject) {
            prop_assert!(subject.value.contains(literal) && !literal.is_empty());
            prop_assert!(literal.chars().all(|c| c.is_ascii() && !"\"\\/%".contains(c) && !c.is_control()), "{literal}");
        }
    }
}
