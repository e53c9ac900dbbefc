//! The frameworks that come with the program, read as a list.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_framework_can_be_read_and_says_each_thing_in_both_languages() {
    let all = Framework::all().unwrap_or_else(|fault| panic!("{fault:?}"));
    let ids: Vec<&str> = all.iter().map(|framework| framework.id.as_str()).collect();
    assert_eq!(ids, ["appi", "gdpr", "handbook", "iso27001", "j-sox", "pci-dss"]);
    for framework in &all {
        assert!(!framework.requirements.is_empty() && framework.own.is_empty());
        let name = |what: &str| format!("{} {what}", framework.id);
        for one in &framework.requirements {
            let manual = one.manual.iter().map(|manual| Text { en: manual.en.clone(), ja: manual.ja.clone() });
            let texts = [one.title.clone(), one.asks.clone()].into_iter().chain(manual);
            for text in texts.chain(one.not_applicable.clone()).chain(one.unverified.clone()) {
                assert!(
                    text.en.is_ascii() || text.en.contains(['–', '’', '“', '§', '個']),
                    "{}: {}",
                    name(&one.number),
                    text.en
                );
                let is_japanese = |c: char| ('\u{3040}'..'\u{a000}').contains(&c);
                assert!(text.ja.chars().any(is_japanese), "{}: {}", name(&one.number), text.ja);
                assert!(!text.en.trim().is_empty());
            }
            assert!(one.manual.iter().all(|manual| (1..=36).contains(&manual.months)), "{}", name(&one.number));
        }
    }
}

#[test]
fn every_check_is_asked_for() {
    let all = Framework::all().unwrap_or_default();
    let named: BTreeSet<&str> =
        all.iter().flat_map(|one| &one.requirements).flat_map(|one| &one.checks).map(String::as_str).collect();
    for check in CHECKS {
        assert!(named.contains(check.id.as_ref()), "`{}` is asked for by no framework", check.id);
    }
}

#[test]
fn none_that_was_to_be_there_is_left_out() {
    let wanted: [(&str, &[&str]); 5] = [
        (
            "pci-dss",
            &[
                "3.3.1", "3.4.1", "3.5.1", "7.2.4", "7.2.5.1", "8.2.1", "8.2.6", "8.3.4", "8.4.1", "8.4.2", "8.4.3",
                "8.5.1", "8.6.1", "10.1.1", "10.1.2", "10.2.1", "10.2.1.1", "10.2.1.2", "10.2.1.3", "10.2.1.4",
                "10.2.1.5", "10.2.1.6", "10.2.1.7", "10.2.2", "10.3.1", "10.3.2", "10.3.3", "10.3.4", "10.4.1",
                "10.4.1.1", "10.4.2", "10.4.2.1", "10.4.3", "10.5.1", "10.6.1", "10.6.2", "10.6.3", "10.7.1", "10.7.2",
                "10.7.3", "11.5.2", "12.3.1", "12.8.5", "12.10.1", "12.10.5", "12.10.7",
            ],
        ),
        (
            "iso27001",
            &[
                "9.2", "10.2", "A.5.15", "A.5.16", "A.5.17", "A.5.18", "A.5.23", "A.5.24", "A.5.25", "A.5.26",
                "A.5.27", "A.5.28", "A.5.31", "A.5.33", "A.5.34", "A.5.35", "A.5.36", "A.5.37", "A.8.2", "A.8.3",
                "A.8.5", "A.8.9", "A.8.10", "A.8.11", "A.8.12", "A.8.13", "A.8.15", "A.8.16", "A.8.17", "A.8.18",
                "A.8.24", "A.8.32", "A.8.34",
            ],
        ),
        ("gdpr", &["5(1)(e)", "5(1)(f)", "5(2)", "17", "25", "30", "32", "33(1)", "33(2)", "33(5)", "34"]),
        ("appi", &["23", "24", "25", "26", "28"]),
        ("j-sox", &[]),
    ];
    for (id, numbers) in wanted {
        let framework = Framework::find(id).unwrap_or_else(|fault| panic!("{fault:?}"));
        for number in numbers {
            assert!(framework.requirements.iter().any(|one| one.number == *number), "{id} {number}");
        }
    }
    assert!(Framework::find("hipaa").is_err_and(|fault| fault.id() == "comply-framework-unknown"));
}

const OWN: &str = "id: own\ntitle: {en: Ours, ja: 社内}\nattach: Ours\nrequirements:\n  - number: \"1\"\n    title: {en: a, ja: 甲}\n    \
                   asks: {en: a, ja: 甲}\n    whose: customer\n    checks: [own_a, vault_is_anchored]\nchecks:\n  - id: own_a\n    \
                   title: {en: a, ja: 甲}\n    mend: {en: a, ja: 甲}\n    severity: high\n    query: fields @ptr\n    rule: no_rows\n";

#[test]
fn a_users_own_is_read_and_its_mistakes_are_said() {
    let own = Framework::of("own.yaml", OWN).unwrap_or_else(|fault| panic!("{fault:?}"));
    let checks: Vec<&str> = own.checks().iter().map(|check| check.id.as_ref()).collect();
    assert_eq!(checks, ["vault_is_anchored", "own_a"]);
    assert_eq!(own.attach_name(&own.requirements[0]), "Ours 1");
    for (from, to, id) in [
        ("severity: high", "severity: urgent", "comply-framework-value"),
        ("rule: no_rows", "rule: never", "comply-framework-value"),
        ("rule: no_rows", "rule: at_least_0_a_day", "comply-framework-value"),
        ("checks: [own_a, ", "checks: [own_b, ", "comply-framework-check"),
        ("checks: [own_a, vault_is_anchored]", "checks: []", "comply-framework-empty"),
        ("- id: own_a", "- id: vault_is_anchored", "comply-framework-check-ours"),
        ("checks: [own_a, ", "checks: [", "comply-framework-unused"),
        ("id: own\n", "id: pci-dss\n", "comply-framework-ours"),
        ("checks: [own_a", "manual: {en: a, ja: 甲, months: 0}\n    checks: [own_a", "comply-framework-months"),
        ("whose: customer", "whose: nobody", "comply-yaml"),
        ("attach: Ours", "attached: Ours", "comply-yaml"),
    ] {
        let text = OWN.replace(from, to);
        let found = Framework::of("own.yaml", &text).map(drop).map_err(|fault| fault.id());
        assert_eq!(found, Err(id), "{to}");
    }
}
