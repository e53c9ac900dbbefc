//! Resources of CloudFormation as facts. A type is one line in the list and one function.

use std::collections::BTreeMap;

use crate::iac::seen::{Place, Seen};
use crate::iac::selectors::{self, Names};
use crate::settings::{
    Bucket, Channel, Cluster, Database, Detector, Encryption, Fact, Facts, IamPolicy, IamRole, Key, LifecycleRule,
    Lock, LogGroup, OptionGroup, ParameterGroup, Policy, PublicAccess, Recorder, Selectors, Trail, Value,
};

type Reader = fn(&Place<'_>, &Value, &mut Seen);

/// The types that are read.
const TYPES: [(&str, Reader); 21] = [
    ("AWS::CloudTrail::Trail", trail),
    ("AWS::Config::ConfigurationRecorder", recorder),
    ("AWS::Config::DeliveryChannel", channel),
    ("AWS::Logs::LogGroup", log_group),
    ("AWS::GuardDuty::Detector", detector),
    ("AWS::S3::Bucket", bucket),
    ("AWS::S3::BucketPolicy", bucket_policy),
    ("AWS::KMS::Key", key),
    ("AWS::EKS::Cluster", cluster),
    ("AWS::RDS::DBInstance", instance),
    ("AWS::RDS::DBCluster", database_cluster),
    ("AWS::RDS::DBParameterGroup", parameter_group),
    ("AWS::RDS::DBClusterParameterGroup", parameter_group),
    ("AWS::RDS::OptionGroup", option_group),
    ("AWS::IAM::Policy", policy),
    ("AWS::IAM::ManagedPolicy", policy),
    ("AWS::IAM::RolePolicy", policy),
    ("AWS::IAM::UserPolicy", policy),
    ("AWS::IAM::GroupPolicy", policy),
    ("AWS::IAM::Role", role),
    ("AWS::IAM::Group", inline),
];

/// Makes facts of a resource.
pub(super) fn resource(at: &Place<'_>, kind: &str, values: &Value, seen: &mut Seen) {
    if let Some((_, read)) = TYPES.iter().find(|(name, _)| *name == kind) {
        if !seen.has_room() {
            return seen.is_cut(at.path, at.line);
        }
        read(at, values, seen);
    }
}

/// CloudFormation starts a recorder by itself, once there is a channel.
pub(super) fn start_recorders(seen: &mut Seen) {
    let channels = seen.resources.iter().filter(|resource| resource.channel().is_some());
    // One that is there for certain speaks before one that may not be.
    let is_recording = match channels.map(|channel| channel.doubt.clone()).min_by_key(Option::is_some) {
        None => Fact::Known(false),
        Some(None) => Fact::Known(true),
        Some(Some(why)) => Fact::Unknown(why),
    };
    for resource in &mut seen.resources {
        if let Facts::Recorder(recorder) = &mut resource.facts {
            recorder.is_recording = is_recording.clone();
        }
    }
}

/// What a trail selects; the API itself names it as CloudFormation does.
pub(crate) fn selectors(values: &Value) -> Fact<Selectors> {
    selectors::read(values, &SELECTORS)
}

/// How selectors are spelled.
const SELECTORS: Names = Names {
    basic: "EventSelectors",
    kinds: "ReadWriteType",
    has_management: "IncludeManagementEvents",
    excluded: "ExcludeManagementEventSources",
    data: "DataResources",
    of: "Type",
    values: "Values",
    advanced: "AdvancedEventSelectors",
    fields: "FieldSelectors",
    field: "Field",
    equals: "Equals",
    others: ["NotEquals", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith"],
};

fn trail(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("TrailName").to_text();
    let trail = Trail {
        name: name.clone(),
        bucket: values.at("S3BucketName").to_target(),
        key: values.at("KMSKeyId").to_target(),
        log_group: values.at("CloudWatchLogsLogGroupArn").to_target(),
        is_multi_region: values.at("IsMultiRegionTrail").is(),
        has_global_services: values.at("IncludeGlobalServiceEvents").is(),
        validates_files: values.at("EnableLogFileValidation").is(),
        is_logging: values.at("IsLogging").is(),
        selectors: selectors(values),
    };
    seen.resource(at, &name, trail);
}

fn recorder(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let (name, group) = (values.at("Name").to_text(), values.at("RecordingGroup"));
    let mut strategy = group.at("RecordingStrategy").at("UseOnly").to_word();
    if strategy.is_absent() && !group.at("ExclusionByResourceTypes").at("ResourceTypes").entries().is_empty() {
        strategy = Fact::Known("EXCLUSION_BY_RESOURCE_TYPES".to_owned());
    }
    let is_all = match group.at("AllSupported").is() {
        // A group that does not say so names its types.
        Fact::Absent if matches!(group, Value::Map(_)) => Fact::Known(false),
        said => said,
    };
    let recorder = Recorder {
        name: name.clone(),
        is_all: Recorder::takes_all(is_all, &strategy),
        has_global: group.at("IncludeGlobalResourceTypes").is(),
        is_recording: Fact::Absent,
    };
    seen.resource(at, &name, recorder);
}

fn channel(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("Name").to_text();
    seen.resource(at, &name, Channel { name: name.clone(), bucket: values.at("S3BucketName").to_target() });
}

fn log_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("LogGroupName").to_text();
    let group = LogGroup {
        name: name.clone(),
        retention: values.at("RetentionInDays").to_number(),
        key: values.at("KmsKeyId").to_target(),
    };
    seen.resource(at, &name, group);
}

fn detector(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    seen.resource(at, &Fact::Absent, Detector { is_enabled: values.at("Enable").is() });
}

fn bucket(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("BucketName").to_text();
    let versions = values.at("VersioningConfiguration");
    let access = values.at("PublicAccessBlockConfiguration");
    let encryption = values.at("BucketEncryption").at("ServerSideEncryptionConfiguration");
    let acl = values.at("AccessControl").to_word().map(|acl| canned(&acl));
    let bucket = Bucket {
        name: name.clone(),
        is_versioned: versions.at("Status").is_word("Enabled"),
        has_mfa_delete: versions.at("MfaDelete").is_word("Enabled"),
        encryption: encryption.list().map(|_| {
            let said = encryption.at("ServerSideEncryptionByDefault");
            Encryption { algorithm: said.at("SSEAlgorithm").to_word(), key: said.at("KMSMasterKeyID").to_target() }
        }),
        public_access: map(access).map(|access| PublicAccess {
            blocks_acls: access.at("BlockPublicAcls").is(),
            ignores_acls: access.at("IgnorePublicAcls").is(),
            blocks_policy: access.at("BlockPublicPolicy").is(),
            restricts: access.at("RestrictPublicBuckets").is(),
        }),
        logs_to: map(values.at("LoggingConfiguration"))
            .and_then(|logging| logging.at("DestinationBucketName").to_target()),
        lifecycle: values.at("LifecycleConfiguration").at("Rules").list().map(|all| all.iter().map(rule).collect()),
        policy: Fact::Absent,
        lock: map(values.at("ObjectLockConfiguration").at("Rule")).map(|rule| {
            let said = rule.at("DefaultRetention");
            let days = said.at("Days").to_number();
            let years = said.at("Years").to_number().map(|years| years.saturating_mul(365));
            Lock { mode: said.at("Mode").to_word(), days: if days.is_absent() { years } else { days } }
        }),
        replicates_to: values.at("ReplicationConfiguration").at("Rules").list().map(|all| {
            let bucket = |rule: &Value| rule.at("Destination").at("Bucket").to_target().known().cloned();
            all.iter().filter_map(bucket).collect()
        }),
        acl,
    };
    seen.resource(at, &name, bucket);
}

/// A canned ACL as S3's API has it: `PublicRead` is `public-read`.
fn canned(acl: &str) -> String {
    let mut text = String::new();
    for c in acl.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// A part that is a map, where it is set.
fn map(value: &Value) -> Fact<&Value> {
    match value {
        Value::Null => Fact::Absent,
        value => value.unknown().map_or(Fact::Known(value), Fact::Unknown),
    }
}

fn rule(value: &Value) -> LifecycleRule {
    let days = |names: &[&str]| value.any(names).to_number();
    let nested = value.at("NoncurrentVersionExpiration").at("NoncurrentDays").to_number();
    let noncurrent = if nested.is_absent() { days(&["NoncurrentVersionExpirationInDays"]) } else { nested };
    LifecycleRule {
        id: value.at("Id").to_text(),
        is_enabled: value.at("Status").is_word("Enabled"),
        is_partial: !value.any(&["Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]).is_null(),
        expires: days(&["ExpirationInDays"]),
        expires_on: value.at("ExpirationDate").to_text(),
        noncurrent_expires: noncurrent,
        archives: LifecycleRule::archive(["Transition", "Transitions"].map(|name| value.at(name)), "StorageClass"),
    }
}

fn bucket_policy(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let policy = Policy::of(values.at("PolicyDocument"));
    seen.piece(at, values.at("Bucket").to_target(), "policy", Bucket { policy, ..Bucket::default() });
}

fn key(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let key = Key {
        rotates: values.at("EnableKeyRotation").is(),
        rotation_days: values.at("RotationPeriodInDays").to_number(),
        spec: values.at("KeySpec").to_word(),
        policy: Policy::of(values.at("KeyPolicy")),
        is_pending_deletion: Fact::Absent,
        is_enabled: values.at("Enabled").is(),
    };
    seen.resource(at, &Fact::Absent, key);
}

fn cluster(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("Name").to_text();
    let types = values.at("Logging").at("ClusterLogging").at("EnabledTypes");
    let log_types = types.list().and_then(|all| {
        let names: Option<Vec<String>> = all.iter().map(|one| one.at("Type").to_text().known().cloned()).collect();
        match names {
            Some(names) => Fact::Known(names),
            None => Value::List(all.iter().map(|one| one.at("Type").clone()).collect()).to_texts(),
        }
    });
    let (encryption, access) = (values.at("EncryptionConfig"), values.at("ResourcesVpcConfig"));
    let encrypts = encryption
        .list()
        .and_then(|_| encryption.at("Resources").to_texts().map(|all| all.iter().any(|one| one == "secrets")));
    let cluster = Cluster {
        name: name.clone(),
        log_types,
        encrypts_secrets: encrypts,
        is_public: access.at("EndpointPublicAccess").is(),
        public_from: access.at("PublicAccessCidrs").to_texts(),
    };
    seen.resource(at, &name, cluster);
}

fn database(values: &Value, name: &str, parameters: &str) -> Database {
    Database {
        name: values.at(name).to_text(),
        engine: values.at("Engine").to_word(),
        is_member: false,
        exports: values.at("EnableCloudwatchLogsExports").to_texts(),
        parameters: values.at(parameters).to_target(),
        options: values.at("OptionGroupName").to_target(),
        is_encrypted: values.at("StorageEncrypted").is(),
        is_protected: values.at("DeletionProtection").is(),
    }
}

fn instance(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let mut database = database(values, "DBInstanceIdentifier", "DBParameterGroupName");
    database.is_member = !values.at("DBClusterIdentifier").is_null();
    seen.resource(at, &database.name.clone(), database);
}

fn database_cluster(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let database = database(values, "DBClusterIdentifier", "DBClusterParameterGroupName");
    seen.resource(at, &database.name.clone(), database);
}

fn parameter_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.any(&["DBClusterParameterGroupName", "DBParameterGroupName"]).to_text();
    let parameters = match values.at("Parameters") {
        Value::Map(all) => {
            let all = all.iter().map(|(name, value)| (name.clone(), value.to_text()));
            Fact::Known(all.collect::<BTreeMap<String, Fact<String>>>())
        }
        other => other.unknown().map_or(Fact::Absent, Fact::Unknown),
    };
    seen.resource(at, &name, ParameterGroup { name: name.clone(), parameters });
}

fn option_group(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.at("OptionGroupName").to_text();
    let options = values
        .at("OptionConfigurations")
        .list()
        .map(|all| all.iter().filter_map(|one| one.at("OptionName").to_text().known().cloned()).collect());
    seen.resource(at, &name, OptionGroup { name: name.clone(), options });
}

fn policy(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    let name = values.any(&["PolicyName", "ManagedPolicyName"]).to_text();
    let document = Policy::of(values.at("PolicyDocument"));
    seen.resource(at, &name, IamPolicy { name: name.clone(), document, is_of_aws: false });
}

/// Policies that stand within a role, a user or a group.
fn inline(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    for one in values.at("Policies").entries() {
        let (name, document) = (one.at("PolicyName").to_text(), Policy::of(one.at("PolicyDocument")));
        seen.resource(at, &Fact::Absent, IamPolicy { name, document, is_of_aws: false });
    }
}

fn role(at: &Place<'_>, values: &Value, seen: &mut Seen) {
    inline(at, values, seen);
    let name = values.at("RoleName").to_text();
    let role = IamRole {
        name: name.clone(),
        trust: Policy::of(values.at("AssumeRolePolicyDocument")),
        managed: values.at("ManagedPolicyArns").to_texts(),
    };
    seen.resource(at, &name, role);
}
