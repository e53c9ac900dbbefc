//! Checks: what should be so, judged by the evidence in the vault, or by settings. A check is one file and one word in [`CHECKS`].
//!
//! A check over the evidence is questions and a pure judgement over their rows, so that an auditor can ask the same. Nothing is a
//! pass without evidence: where what a check needs never arrived, it says so (`no_evidence`), with what to do.

mod access_to_evidence_is_recorded;
mod app_arrived;
mod arrived;
mod arrives_promptly;
mod check;
mod clocks_are_in_step;
mod cloudtrail_arrived;
mod config_arrived;
mod console_logins_have_mfa;
mod data_access_is_recorded;
mod database_arrived;
mod days;
mod deployments_were_reviewed;
mod evidence;
mod falco_arrived;
mod finding;
mod findings_have_an_outcome;
mod goes_back_twelve_months;
mod has_no_card_numbers;
mod has_no_open_gap;
mod has_no_secrets;
mod has_the_six_fields;
mod interactive_access_is_listed;
mod inventory;
mod is_parsed;
mod k8s_audit_arrived;
mod leaks;
mod listed;
mod logging_changes_are_listed;
mod logging_was_not_stopped;
mod own;
mod privilege_changes_are_listed;
mod refusals_are_listed;
mod root_use_is_listed;
mod rows;
mod run;
pub mod scope;
mod settings;
mod setup;
mod source_was_not_deleted;
mod system_objects_are_listed;
mod trials_arrived;
mod vault_access_is_recorded;
mod vault_is_anchored;
mod vault_keeps_twelve_months;
mod vault_key_backup_is_checked;
mod vault_restore_is_rehearsed;
mod vault_was_verified;
mod was_reviewed_automatically;
mod was_reviewed_daily;

pub use check::{Check, Judged, Looks, Query, Said};
pub use days::day_of;
pub use evidence::{Arrivals, Evidence, FIRSTS, Period, VaultFacts};
pub use finding::{Finding, Hides, MOST_RECORDS, Severity, Status};
pub use own::Rule;
pub use rows::{Cell, Row, Rows};
pub use run::{About, all_rows, answer, own_rows, run};

pub(crate) use run::rows_of;
pub use settings::{At, judge as judge_settings};

/// The list, in the order in which an auditor asks: is it there, is it whole, what does it say, is it safe; and then what settings say, and a set-up.
#[rustfmt::skip] // one a line, so that a new one is one line
pub static CHECKS: &[Check] = &[
    cloudtrail_arrived::CHECK,
    config_arrived::CHECK,
    k8s_audit_arrived::CHECK,
    falco_arrived::CHECK,
    app_arrived::CHECK,
    database_arrived::CHECK,
    has_no_open_gap::CHECK,
    arrives_promptly::CHECK,
    clocks_are_in_step::CHECK,
    has_the_six_fields::CHECK,
    is_parsed::CHECK,
    goes_back_twelve_months::CHECK,
    logging_was_not_stopped::CHECK,
    logging_changes_are_listed::CHECK,
    source_was_not_deleted::CHECK,
    access_to_evidence_is_recorded::CHECK,
    data_access_is_recorded::CHECK,
    refusals_are_listed::CHECK,
    privilege_changes_are_listed::CHECK,
    root_use_is_listed::CHECK,
    console_logins_have_mfa::CHECK,
    interactive_access_is_listed::CHECK,
    system_objects_are_listed::CHECK,
    deployments_were_reviewed::CHECK,
    trials_arrived::CHECK,
    was_reviewed_automatically::CHECK,
    was_reviewed_daily::CHECK,
    findings_have_an_outcome::CHECK,
    has_no_card_numbers::CHECK,
    has_no_secrets::CHECK,
    vault_was_verified::CHECK,
    vault_is_anchored::CHECK,
    vault_key_backup_is_checked::CHECK,
    vault_restore_is_rehearsed::CHECK,
    vault_keeps_twelve_months::CHECK,
    vault_access_is_recorded::CHECK,
    inventory::account_speaks::CHECK,
    inventory::recorder_speaks::CHECK,
    inventory::cluster_speaks::CHECK,
    inventory::database_speaks::CHECK,
    inventory::bucket_speaks::CHECK,
    settings::cloudtrail_trail_is_logging::CHECK,
    settings::cloudtrail_trail_is_multi_region::CHECK,
    settings::cloudtrail_trail_records_global_services::CHECK,
    settings::cloudtrail_trail_records_management_events::CHECK,
    settings::cloudtrail_trail_records_data_events::CHECK,
    settings::cloudtrail_trail_validates_files::CHECK,
    settings::cloudtrail_trail_is_encrypted::CHECK,
    settings::cloudtrail_trail_goes_to_log_group::CHECK,
    settings::cloudtrail_trail_has_insights::CHECK,
    settings::organization_trail_records_all_accounts::CHECK,
    settings::organization_denies_stopping_logs::CHECK,
    settings::config_recorder_is_on::CHECK,
    settings::config_recorder_records_all::CHECK,
    settings::config_recorder_delivers::CHECK,
    settings::s3_account_blocks_public_access::CHECK,
    settings::s3_bucket_access_is_logged::CHECK,
    settings::s3_bucket_can_take_access_logs::CHECK,
    settings::s3_evidence_bucket_is_versioned::CHECK,
    settings::s3_evidence_bucket_is_kept_a_year::CHECK,
    settings::s3_vault_bucket_keeps_objects::CHECK,
    settings::s3_evidence_bucket_denies_deletion::CHECK,
    settings::s3_evidence_bucket_has_mfa_delete::CHECK,
    settings::s3_evidence_bucket_is_encrypted_by_kms::CHECK,
    settings::s3_evidence_bucket_demands_tls::CHECK,
    settings::s3_evidence_bucket_blocks_public_access::CHECK,
    settings::s3_evidence_bucket_is_not_public::CHECK,
    settings::s3_evidence_bucket_access_is_listed::CHECK,
    settings::kms_key_rotates::CHECK,
    settings::kms_key_is_usable::CHECK,
    settings::kms_key_policy_is_limited::CHECK,
    settings::logs_group_is_kept_a_year::CHECK,
    settings::logs_group_is_encrypted::CHECK,
    settings::logs_subscription_passes_all::CHECK,
    settings::eks_cluster_logs_audit::CHECK,
    settings::eks_cluster_encrypts_secrets::CHECK,
    settings::eks_cluster_endpoint_is_limited::CHECK,
    settings::rds_database_audits::CHECK,
    settings::rds_database_exports_audit::CHECK,
    settings::rds_database_is_encrypted::CHECK,
    settings::rds_database_is_protected::CHECK,
    settings::iam_policy_is_not_all::CHECK,
    settings::iam_policy_guards_evidence::CHECK,
    settings::iam_policy_does_not_escalate::CHECK,
    settings::iam_role_trust_is_limited::CHECK,
    settings::iam_user_has_mfa::CHECK,
    settings::iam_user_is_in_use::CHECK,
    settings::iam_user_keys_are_young::CHECK,
    settings::iam_root_has_no_keys::CHECK,
    settings::iam_administrators_are_few::CHECK,
    settings::guardduty_detector_is_on::CHECK,
    settings::securityhub_hub_is_on::CHECK,
    settings::securityhub_hub_follows_fsbp::CHECK,
    settings::k8s_role_is_limited::CHECK,
    settings::k8s_audit_policy_records::CHECK,
    settings::falco_output_is_json::CHECK,
    settings::falco_is_forwarded::CHECK,
    settings::plan_keeps_evidence::CHECK,
    setup::STORE,
    setup::TRAIL,
    setup::CONFIG,
    setup::LOGS,
    setup::ROLES,
    setup::NOTICES,
];

/// The check of a name among ours and a user's own.
pub fn find<'a>(id: &str, own: &'a [Check]) -> Option<&'a Check> {
    own.iter().chain(CHECKS).find(|check| check.id == id)
}

#[cfg(test)]
mod tests;
