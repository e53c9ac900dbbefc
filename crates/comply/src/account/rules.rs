//! The guide's table of AWS Config's rules: it names checks that there are, in both languages alike, and no rule of AWS's conformance
//! packs that touches evidence is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::checks::CHECKS;

const PAGES: [&str; 2] =
    [include_str!("../../../../docs/guide/config-rules.md"), include_str!("../../../../docs/ja/guide/config-rules.md")];

/// AWS's packs, where they are at hand.
const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/config/conformance-packs");

/// What stands in the name of a rule that touches evidence.
const TOUCHES: [&str; 17] = [
    "CLOUD_TRAIL",
    "CLOUDTRAIL",
    "LOGGING",
    "_LOGS_",
    "_LOGS",
    "ACCESSLOGS",
    "AUDIT_LOG",
    "LOG_GROUP",
    "LOGGROUP",
    "LOG_EXPORT",
    "LOG_CONFIGURATION",
    "S3_BUCKET",
    "KMS_ACTIONS",
    "CMK",
    "GUARDDUTY",
    "MFA",
    "SECURITYHUB",
];

/// The same of rules whose names do not say so; of a name above, what is about something else.
const OTHERS: [&str; 12] = [
    "EKS_SECRETS_ENCRYPTED",
    "EKS_ENDPOINT_NO_PUBLIC_ACCESS",
    "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
    "IAM_ROOT_ACCESS_KEY_CHECK",
    "RDS_CLUSTER_DELETION_PROTECTION_ENABLED",
    "RDS_INSTANCE_DELETION_PROTECTION_ENABLED",
    "RDS_STORAGE_ENCRYPTED",
    "REDSHIFT_CLUSTER_CONFIGURATION_CHECK",
    "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS",
    "S3_DEFAULT_ENCRYPTION_KMS",
    "S3_LIFECYCLE_POLICY_CHECK",
];
/// Secrets of applications, encrypted by a key of one's own.
const NOT: [&str; 1] = ["SECRETSMANAGER_USING_CMK"];

/// The rules of a page, each with what stands beside it.
fn table(page: &'static str) -> BTreeMap<&'static str, &'static str> {
    page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).collect()
}

fn checks(cell: &str) -> Vec<&str> {
    cell.split('`').filter(|word| word.contains('_')).collect()
}

#[test]
fn the_table_names_checks_that_there_are_in_both_languages_alike() {
    let [en, ja] = PAGES.map(table);
    assert!(en.len() > 60, "{}", en.len());
    assert_eq!(en.keys().collect::<Vec<_>>(), ja.keys().collect::<Vec<_>>());
    for (rule, cell) in &en {
        assert_eq!(checks(cell), checks(ja[rule]), "{rule}");
        assert!(checks(cell).iter().all(|id| CHECKS.iter().any(|check| check.id == *id)), "{rule}: {cell}");
        assert!(!checks(cell).is_empty() || cell.starts_with("no check: "), "{rule}: {cell}");
    }
}

#[test]
fn no_rule_of_the_packs_that_touches_evidence_is_left_out() {
    let Ok(packs) = std::fs::read_dir(Path::new(PACKS)) else {
        eprintln!("skipped: AWS's conformance packs are not at `{PACKS}`");
        return;
    };
    let mut rules = BTreeSet::new();
    for pack in packs {
        let text = std::fs::read_to_string(pack.unwrap().path()).unwrap();
        let named = text.lines().filter_map(|line| line.trim().strip_prefix("SourceIdentifier:"));
        rules.extend(named.map(|rule| rule.trim().trim_matches(['"', '\'']).to_owned()));
    }
    assert!(rules.len() > 150, "{}", rules.len());
    let table = table(PAGES[0]);
    let touches = |rule: &&String| {
        let is_named = TOUCHES.iter().any(|part| rule.contains(part)) || OTHERS.contains(&rule.as_str());
        is_named && !NOT.contains(&rule.as_str())
    };
    let left_out: Vec<&String> =
        rules.iter().filter(touches).filter(|rule| !table.contains_key(rule.as_str())).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
