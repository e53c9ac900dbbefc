//! Files of code from anybody: HCL, plans, templates, manifests. An input is each of them, and each is judged to its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shoseki_comply::checks::{CHECKS, Check};
use shoseki_comply::iac::{Source, judge};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.is_of_settings()).collect();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    for path in ["a/main.tf", "a/main.tf.json", "a/terraform.tfvars", "plan.json", "a.yaml", "stack.template"] {
        let source = Source { path: path.to_owned(), text: text.to_owned(), unread: None, is_named: true };
        let report = judge(&[source], &checks, today);
        // What panics on its thread is said to be broken.
        assert!(report.problems.iter().all(|problem| problem.what.id() != "iac-broken"));
        for row in &report.rows {
            assert!(!row.finding.subject.is_empty() && row.place().0 == path);
        }
    }
});
