//! Policies that people write, and what they miss.

use proptest::prelude::*;

use super::*;

/// The example of the operations handbook, chapter 2.1.1.
const HANDBOOK: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
    - level: RequestResponse
      resources:
          - group: ""
            resources: ["pods", "secrets"]
      verbs: ["create", "update", "delete"]
"#;

fn failures(text: &str) -> Vec<String> {
    let report = judge("policy", text).unwrap_or_else(|fault| panic!("{fault:?}"));
    let failed = |(id, found): &(&str, Vec<Finding>)| {
        let id = id.trim_start_matches("audit_policy_").to_owned();
        let all: Vec<&Finding> = found.iter().filter(|finding| finding.status == Status::Fail).collect();
        all.into_iter().map(|finding| format!("{id} | {} | {}", finding.subject, finding.what)).collect::<Vec<_>>()
    };
    report.findings.iter().flat_map(failed).collect()
}

fn has(failures: &[String], start: &str, verbs: &str) -> bool {
    failures.iter().any(|failure| failure.starts_with(start) && failure.ends_with(verbs))
}

#[test]
fn the_handbooks_example_misses_what_matters_and_records_secrets_bodies() {
    let found = failures(HANDBOOK);
    for (start, verbs) in [
        ("records_changes | pods |", "patch, deletecollection"),
        ("records_changes | secrets |", "patch, deletecollection"),
        ("records_changes | configmaps |", "create, update, patch, delete, deletecollection"),
        (
            "records_changes | clusterrolebindings (rbac.authorization.k8s.io) |",
            "create, update, patch, delete, deletecollection",
        ),
        ("records_changes | serviceaccounts/token |", "create"),
        ("records_interactive_access | pods/exec |", "create, get"),
        ("records_interactive_access | pods/ephemeralcontainers |", "update, patch"),
        ("records_secret_reads | secrets |", "get, list, watch"),
        ("records_reviews | tokenreviews (authentication.k8s.io) |", "create"),
        ("leaves_secrets_out | secrets |", "create, update"),
    ] {
        assert!(has(&found, start, verbs), "{start} {verbs}\n{}", found.join("\n"));
    }
    assert!(!found.iter().any(|failure| failure.starts_with("is_taken") || failure.starts_with("records_outcomes")));
}

#[test]
fn metadata_of_everything_misses_nothing() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: ['system:kube-proxy']\n  \
                verbs: [watch]\n  resources: [{group: '', resources: [endpoints]}]\n- level: None\n  nonResourceURLs: ['/healthz*']\n- level: Metadata\n";
    let report = judge("policy", text).unwrap_or_else(|fault| panic!("{fault:?}"));
    assert_eq!(report.status(), Status::Pass);
    assert!(report.rows.iter().all(|row| row.less.is_empty()), "what is left out does not matter here");
}

#[test]
fn of_whom_less_is_recorded_is_said() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [admin]\n  namespaces: [kube-system]\n  verbs: [get]\n\
                - level: None\n  userGroups: ['system:nodes']\n- level: Metadata\n";
    let report = judge("policy", text).unwrap_or_else(|fault| panic!("{fault:?}"));
    let secrets = report.rows.iter().find(|row| row.matter.ask == Ask::SecretReads).unwrap_or_else(|| panic!("no row"));
    let less: Vec<(&str, Vec<&str>)> =
        secrets.less.iter().map(|(who, verbs)| (who.as_str(), verbs.iter().copied().collect())).collect();
    assert_eq!(
        less,
        [("group system:nodes", vec!["get", "list", "watch"]), ("user admin, namespace kube-system", vec!["get"])]
    );
    assert_eq!(report.status(), Status::Pass);
}

#[test]
fn what_the_api_server_refuses_is_said() {
    let with = |rules: &str| failures(&format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}"));
    let is_refused = |rules: &str| with(rules).iter().any(|failure| failure.starts_with("is_taken"));
    for rules in [
        "  []",
        "- level: Everything",
        "- verbs: [get]",
        "- level: Metadata\n  omitStages: [ResponseDone]",
        "- level: None\n  nonResourceURLs: ['/a']\n  resources: [{group: ''}]",
        "- level: None\n  nonResourceURLs: ['healthz']",
        "- level: None\n  nonResourceURLs: ['/a*/b']",
        "- level: Metadata\n  resources: [{group: 'rbac.authorization.k8s.io/v1'}]",
        "- level: Metadata\n  resources: [{group: '', resourceNames: [a]}]",
        "- level: Metadata\n  resource: [pods]",
    ] {
        assert!(is_refused(rules), "{rules}");
    }
    assert!(!is_refused("- level: Metadata"));
    assert!(
        failures("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: Metadata}]")[0]
            .starts_with("is_taken")
    );
    assert!(judge("policy", "rules: 3").is_err_and(|fault| fault.id() == "comply-yaml"));
}

#[test]
fn outcomes_that_are_left_out_are_said() {
    let found = failures(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseComplete]\nrules: [{level: Metadata}]",
    );
    assert!(has(&found, "records_outcomes | pods/exec |", "create, get"), "{found:?}");
    let none = judge("policy", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]");
    assert!(none.is_ok_and(|report| report.findings[5].1[0].status == Status::NoEvidence));
}

proptest! {
    /// Whatever stands in a file, it is judged or refused in words.
    #[test]
    fn no_file_is_too_odd(
        text in prop_oneof![
            any::<String>(),
            proptest::collection::vec(
                prop_oneof![
                    Just("rules:"), Just("- level: "), Just("None"), Just("Request"), Just("\n"), Just("  "), Just("verbs: [get]"), Just("["),
                    Just("]"), Just("resources: "), Just("{group: a, resources: ['*/x', 'y/*', '/', '*/', '/*']}"), Just("&a"), Just("*a"),
                    Just("kind: Policy"), Just("apiVersion: audit.k8s.io/v1"), Just("nonResourceURLs: ['*', '', '/*']"), Just("? "), Just("!!str "),
                ],
                0..24,
            )
            .prop_map(|parts| parts.concat()),
        ],
    ) {
        if let Ok(report) = judge("policy", &text) {
            prop_assert_eq!(report.rows.len(), MATTERS.len());
            prop_assert!(report.findings.iter().all(|(_, found)| !found.is_empty()));
        }
    }
}
