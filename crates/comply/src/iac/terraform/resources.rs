//! Resources of Terraform's provider for AWS as facts. A type is one line in the list and one function.

use shoseki_messages::msg;

use super::buckets;
use crate::iac::seen::{Place, Seen};
use crate::iac::selectors::{self, Names};
use crate::settings::{
    Channel, Cluster, Database, Detector, Fact, IamPolicy, IamRole, IamUser, Key, LogGroup, OptionGroup,
    ParameterGroup, Policy, Recorder, Trail, Value,
};

type Reader = fn(&Place<'_>, &Value, &mut Seen);

/// The types that are read.
const TYPES: [(&str, Reader); 32] = [
    ("aws_cloudtrail", trail),
    ("aws_config_configuration_recorder", recorder),
    ("aws_config_configuration_recorder_status", recorder_status),
    ("aws_config_delivery_channel", channel),
    ("aws_cloudwatch_log_group", log_group),
    ("aws_guardduty_detector", detector),
    ("aws_s3_account_public_access_block", buckets::account_public_access),
    ("aws_s3_bucket", buckets::bucket),
    ("aws_s3_bucket_acl", buckets::acl),
    ("aws_s3_bucket_versioning", buckets::versioning),
    ("aws_s3_bucket_server_side_encryption_configuration", buckets::encryption),
    ("aws_s3_bucket_public_access_block", buckets::public_access),
    ("aws_s3_bucket_logging", buckets::logging),
    ("aws_s3_bucket_lifecycle_configuration", buckets::lifecycle),
    ("aws_s3_bucket_policy", buckets::policy),
    ("aws_s3_bucket_object_lock_configuration", buckets::lock),
    ("aws_s3_bucket_replication_configuration", buckets::replication),
    ("aws_kms_key", key),
    ("aws_kms_key_policy", key_policy),
    ("aws_eks_cluster", cluster),
    ("aws_db_instance", instance),
    ("aws_rds_cluster", database_cluster),
    ("aws_rds_cluster_instance", member),
    ("aws_db_parameter_group", parameter_group),
    ("aws_rds_cluster_parameter_group", parameter_group),
    ("aws_db_option_group", option_group),
    ("aws_iam_policy", policy),
    ("aws_iam_role_policy", policy),
    ("aws_iam_user_policy", policy),
    ("aws_iam_group_policy", policy),
    ("aws_iam_role", role),
    ("aws_iam_user", user),
];

/// How a trail's selectors are spelled.
const SELECTORS: Names = Names {
    basic: "event_selector",
    kinds: "read_write_type",
    has_management: "include_management_events",
    excluded: "exclude_management_event_sources",
    data: "data_resource",
    of: "type",
    values: "values",
    advanced: "advanced_event_selector",
    fields: "field_selector",
    field: "field",
    equals: "equals",
    others: ["not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with"],
};

/// Whether a type is read.
pub(super) fn is_known(kind: &str) -> bool {
    TYPES.iter().any(|(name, _)| *name == kind)
}

/// Makes facts of a resource.
pub(super) fn resource(at: &Place<'_>, kind: &str, values: &Value, seen: &mut Seen) {
    if let Some((_, read)) = TYPES.iter().find(|(name, _)| *name == kind) {
        read(at, values, seen);
    }
}

fn trail(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let trail = Trail {
        name: name.clone(),
        bucket: values.at("s3_bucket_name").to_target(),
        key: values.at("kms_key_id").to_target(),
        log_group: values.at("cloud_watch_logs_group_arn").to_target(),
        is_multi_region: values.at("is_multi_region_trail").is(),
        has_global_services: values.at("include_global_service_events").is(),
        validates_files: values.at("enable_log_file_validation").is(),
        is_logging: values.at("enable_logging").is(),
        selectors: selectors::read(values, &SELECTORS),
    };
    seen.resource(at, &name, trail);
}

fn recorder(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let (name, group) = (values.at("name").to_text(), values.at("recording_group"));
    let mut strategy = group.at("recording_strategy").at("use_only").to_word();
    if strategy.is_absent() && !group.at("exclusion_by_resource_types").at("resource_types").entries().is_empty() {
        strategy = Fact::Known("EXCLUSION_BY_RESOURCE_TYPES".to_owned());
    }
    let recorder = Recorder {
        name: name.clone(),
        is_all: Recorder::takes_all(group.at("all_supported").is(), &strategy),
        has_global: group.at("include_global_resource_types").is(),
        is_recording: Fact::Absent,
    };
    seen.resource(at, &name, recorder);
}

fn recorder_status(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let recorder = Recorder { is_recording: values.at("is_enabled").is(), ..Recorder::default() };
    seen.piece(at, values.at("name").to_target(), "status", recorder);
}

fn channel(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    seen.resource(at, &name, Channel { name: name.clone(), bucket: values.at("s3_bucket_name").to_target() });
}

fn log_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    // Zero is how Terraform says that nothing expires.
    let retention = values.at("retention_in_days").to_number();
    let retention = if retention == Fact::Known(0) { Fact::Absent } else { retention };
    seen.resource(at, &name, LogGroup { name: name.clone(), retention, key: values.at("kms_key_id").to_target() });
}

fn detector(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    seen.resource(at, &Fact::Absent, Detector { is_enabled: values.at("enable").is() });
}

fn key(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let key = Key {
        rotates: values.at("enable_key_rotation").is(),
        rotation_days: values.at("rotation_period_in_days").to_number(),
        spec: values.any(&["customer_master_key_spec", "key_spec"]).to_word(),
        policy: Policy::of(values.at("policy")),
        is_pending_deletion: Fact::Absent,
        is_enabled: values.at("is_enabled").is(),
    };
    seen.resource(at, &Fact::Absent, key);
}

fn key_policy(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let key = Key { policy: Policy::of(values.at("policy")), ..Key::default() };
    seen.piece(at, values.at("key_id").to_target(), "policy", key);
}

fn cluster(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let access = values.at("vpc_config");
    let encryption = values.at("encryption_config");
    let encrypts = encryption
        .list()
        .and_then(|_| encryption.at("resources").to_texts().map(|all| all.iter().any(|one| one == "secrets")));
    let cluster = Cluster {
        name: name.clone(),
        log_types: values.at("enabled_cluster_log_types").to_texts(),
        encrypts_secrets: encrypts,
        is_public: access.at("endpoint_public_access").is(),
        public_from: access.at("public_access_cidrs").to_texts(),
    };
    seen.resource(at, &name, cluster);
}

fn database(values: &Value, name: &str, parameters: &str) -> Database {
    let engine = values.at("engine").to_word();
    Database {
        name: values.at(name).to_text(),
        engine,
        is_member: false,
        exports: values.at("enabled_cloudwatch_logs_exports").to_texts(),
        parameters: values.at(parameters).to_target(),
        options: values.at("option_group_name").to_target(),
        is_encrypted: values.at("storage_encrypted").is(),
        is_protected: values.at("deletion_protection").is(),
    }
}

fn instance(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let database = database(values, "identifier", "parameter_group_name");
    seen.resource(at, &database.name.clone(), database);
}

fn database_cluster(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let mut database = database(values, "cluster_identifier", "db_cluster_parameter_group_name");
    if database.engine.is_absent() {
        database.engine = Fact::Known("aurora".to_owned());
    }
    seen.resource(at, &database.name.clone(), database);
}

fn member(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("identifier").to_text();
    seen.resource(at, &name, Database { name: name.clone(), is_member: true, ..Database::default() });
}

fn parameter_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let parameters = values.at("parameter").list().map(|all| {
        let one = |value: &Value| Some((value.at("name").to_text().known()?.clone(), value.at("value").to_text()));
        all.iter().filter_map(one).collect()
    });
    seen.resource(at, &name, ParameterGroup { name: name.clone(), parameters });
}

fn option_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let options = values
        .at("option")
        .list()
        .map(|all| all.iter().filter_map(|value| value.at("option_name").to_text().known().cloned()).collect());
    seen.resource(at, &name, OptionGroup { name: name.clone(), options });
}

fn policy(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let document = Policy::of(values.at("policy"));
    seen.resource(at, &name, IamPolicy { name: name.clone(), document, is_of_aws: false });
}

fn role(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    for one in values.at("inline_policy").entries() {
        let inline =
            IamPolicy { name: one.at("name").to_text(), document: Policy::of(one.at("policy")), is_of_aws: false };
        seen.resource(at, &Fact::Absent, inline);
    }
    let role = IamRole {
        name: name.clone(),
        trust: Policy::of(values.at("assume_role_policy")),
        managed: values.at("managed_policy_arns").to_texts(),
    };
    seen.resource(at, &name, role);
}

fn user(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("name").to_text();
    let unseen = || Fact::Unknown(msg!("iac-not-in-code", name = "login profile"));
    let (has_password, has_mfa) = (unseen(), unseen());
    let (active_keys, idle_days) = (Fact::Unknown(msg!("iac-not-in-code", name = "access keys")), Fact::Absent);
    let user = IamUser { name: name.clone(), has_password, has_mfa, active_keys, idle_days, ..IamUser::default() };
    seen.resource(at, &name, user);
}
