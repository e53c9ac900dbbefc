//! The incident, minute by minute, and how it was ended. Times are UTC; Tokyo is nine hours ahead.

use super::cloudtrail::{ACCOUNT, Call, TOKYO};
use super::k8s_audit::Request;
use super::office::{OFFICE, cli, login, user};

/// Where the stolen key is used from.
const THIEF: &str = "203.0.113.77";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const TRAIL: &str = r#"{"name":"arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/hinode-trail"}"#;

fn at(hour: u64, minute: u64, second: u64) -> u64 {
    hour * 3600 + minute * 60 + second
}

/// A call with the stolen key.
fn thief(time: u64, service: &'static str, name: &'static str, command: &str) -> Call {
    Call::new(time, service, name, user("deploy-bot")).from(THIEF, cli(command))
}

fn denied(call: Call, action: &str) -> Call {
    let message = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/deploy-bot is not authorized to perform: {action} because no identity-based policy allows the action"
    );
    call.fails("AccessDenied", message)
}

/// What CloudTrail saw.
pub fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    look_around(&mut calls);
    take_over(&mut calls);
    blind(&mut calls);
    take_and_destroy(&mut calls);
    destroy_by_hand(&mut calls);
    enter_the_cluster(&mut calls);
    clean_up(&mut calls);
    calls
}

fn look_around(calls: &mut Vec<Call>) {
    calls.push(thief(at(5, 12, 4), "sts", "GetCallerIdentity", "sts.get-caller-identity"));
    calls.push(thief(at(5, 12, 41), "s3", "ListBuckets", "s3api.list-buckets"));
    let refused: &[(&str, &str, &str, &str)] = &[
        ("iam", "ListUsers", "iam.list-users", "iam:ListUsers"),
        (
            "iam",
            "GetAccountAuthorizationDetails",
            "iam.get-account-authorization-details",
            "iam:GetAccountAuthorizationDetails",
        ),
        ("secretsmanager", "ListSecrets", "secretsmanager.list-secrets", "secretsmanager:ListSecrets"),
        ("secretsmanager", "GetSecretValue", "secretsmanager.get-secret-value", "secretsmanager:GetSecretValue"),
        ("secretsmanager", "GetSecretValue", "secretsmanager.get-secret-value", "secretsmanager:GetSecretValue"),
        ("ssm", "DescribeParameters", "ssm.describe-parameters", "ssm:DescribeParameters"),
        ("rds", "DescribeDBSnapshots", "rds.describe-db-snapshots", "rds:DescribeDBSnapshots"),
        ("ec2", "DescribeInstances", "ec2.describe-instances", "ec2:DescribeInstances"),
        (
            "organizations",
            "DescribeOrganization",
            "organizations.describe-organization",
            "organizations:DescribeOrganization",
        ),
        ("sts", "AssumeRole", "sts.assume-role", "sts:AssumeRole"),
    ];
    for (number, (service, name, command, action)) in refused.iter().enumerate() {
        let call = thief(at(5, 13, 10) + number as u64 * 37, service, name, command);
        calls.push(denied(call, action));
    }
    calls.push(
        thief(at(5, 20, 2), "iam", "ListAttachedUserPolicies", "iam.list-attached-user-policies")
            .with(r#"{"userName":"deploy-bot"}"#),
    );
    calls.push(
        thief(at(5, 20, 30), "iam", "GetUserPolicy", "iam.get-user-policy")
            .with(r#"{"userName":"deploy-bot","policyName":"deploy"}"#),
    );
}

fn take_over(calls: &mut Vec<Call>) {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = |time, name: &str| {
        thief(time, "iam", "AttachUserPolicy", "iam.attach-user-policy")
            .with(format!(r#"{{"userName":"{name}","policyArn":"{admin}"}}"#))
    };
    calls.push(attach(at(5, 22, 18), "deploy-bot"));
    calls.push(thief(at(5, 23, 0), "iam", "ListUsers", "iam.list-users"));
    calls.push(
        thief(at(5, 24, 11), "iam", "CreateAccessKey", "iam.create-access-key")
            .with(r#"{"userName":"backup-svc"}"#)
            .gives(r#"{"accessKey":{"userName":"backup-svc","status":"Active","accessKeyId":"AKIAEXAMPLESTOLEN2"}}"#),
    );
    calls.push(thief(at(5, 26, 40), "iam", "CreateUser", "iam.create-user").with(r#"{"userName":"support-temp"}"#));
    let profile = r#"{"userName":"support-temp","passwordResetRequired":false}"#;
    calls.push(thief(at(5, 27, 5), "iam", "CreateLoginProfile", "iam.create-login-profile").with(profile));
    calls.push(attach(at(5, 27, 31), "support-temp"));
    calls.push(login(at(5, 31, 9), "support-temp", THIEF, "No"));
    for (second, service, name) in
        [(20, "iam", "ListUsers"), (44, "secretsmanager", "ListSecrets"), (58, "cloudtrail", "DescribeTrails")]
    {
        calls.push(Call::new(at(5, 32, second), service, name, user("support-temp")).from(THIEF, FIREFOX));
    }
}

fn blind(calls: &mut Vec<Call>) {
    calls.push(thief(at(5, 34, 2), "cloudtrail", "GetTrailStatus", "cloudtrail.get-trail-status").with(TRAIL));
    calls.push(thief(at(5, 34, 25), "cloudtrail", "StopLogging", "cloudtrail.stop-logging").with(TRAIL));
    calls.push(
        thief(at(5, 35, 3), "cloudtrail", "UpdateTrail", "cloudtrail.update-trail")
            .with(r#"{"name":"hinode-trail","s3BucketName":"hinode-logs-archive","isMultiRegionTrail":false}"#),
    );
    for second in [12, 50] {
        let delete = thief(at(5, 36, second), "cloudtrail", "DeleteTrail", "cloudtrail.delete-trail").with(TRAIL);
        calls.push(delete.fails("AccessDenied", "explicit deny in a service control policy: cloudtrail:DeleteTrail"));
    }
    let detector = thief(at(5, 37, 30), "guardduty", "DeleteDetector", "guardduty.delete-detector");
    calls.push(detector.fails("AccessDenied", "explicit deny in a service control policy: guardduty:DeleteDetector"));
}

fn take_and_destroy(calls: &mut Vec<Call>) {
    calls.push(
        thief(at(5, 40, 1), "s3", "ListObjects", "s3api.list-objects-v2").with(r#"{"bucketName":"hinode-customers"}"#),
    );
    for number in 0..14 {
        let key = format!("export/2026-02/part-{number:03}.csv.gz");
        calls.push(thief(at(5, 40, 20) + number * 4, "s3", "GetObject", "s3.cp").object("hinode-customers", &key));
    }
    for number in 0..5 {
        let key = format!("export/2026-02/part-{number:03}.csv.gz");
        let delete = thief(at(5, 43, 0) + number * 3, "s3", "DeleteObject", "s3api.delete-object");
        calls.push(delete.object("hinode-customers", &key));
    }
    for number in 0..4 {
        let key = format!("AWSLogs/{ACCOUNT}/CloudTrail/{TOKYO}/2026/03/05/part-{number}.json.gz");
        let delete = thief(at(5, 44, 30) + number * 6, "s3", "DeleteObject", "s3api.delete-object");
        let delete = delete.object("hinode-logs-archive", &key);
        calls.push(delete.fails("AccessDenied", "Access Denied because object protected by object lock."));
    }
}

/// The same through the console. Its browser does not name the command, so that a search for `delete` in lower case,
/// which finds the command line's calls, does not find these.
fn destroy_by_hand(calls: &mut Vec<Call>) {
    let call =
        |second, service, name| Call::new(at(5, 46, second), service, name, user("support-temp")).from(THIEF, FIREFOX);
    calls.push(call(5, "s3", "DeleteBucketPolicy").with(r#"{"bucketName":"hinode-customers"}"#));
    calls.push(
        call(31, "ec2", "DeleteFlowLogs")
            .with(r#"{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-0a1b2c3d"}}}"#),
    );
    calls.push(call(52, "iam", "UpdateAssumeRolePolicy").with(r#"{"roleName":"invoice-worker"}"#));
}

fn enter_the_cluster(calls: &mut Vec<Call>) {
    calls.push(thief(at(5, 49, 0), "eks", "ListClusters", "eks.list-clusters").with("{}"));
    let entry = format!(r#"{{"name":"hinode","principalArn":"arn:aws:iam::{ACCOUNT}:user/deploy-bot"}}"#);
    calls.push(thief(at(5, 49, 40), "eks", "CreateAccessEntry", "eks.create-access-entry").with(entry));
    let policy =
        r#"{"name":"hinode","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}"#;
    calls.push(thief(at(5, 50, 12), "eks", "AssociateAccessPolicy", "eks.associate-access-policy").with(policy));
}

fn clean_up(calls: &mut Vec<Call>) {
    let aiko = |time, service, name, command: &str, parameters: &str| {
        Call::new(time, service, name, user("aiko")).from(OFFICE, cli(command)).with(parameters)
    };
    let key = r#"{"userName":"deploy-bot","status":"Inactive","accessKeyId":"AKIAEXAMPLEDEPLOYBOT"}"#;
    let name = r#"{"userName":"support-temp"}"#;
    let policy = r#"{"userName":"deploy-bot","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;
    calls.push(login(at(6, 18, 44), "aiko", OFFICE, "Yes"));
    calls.push(aiko(at(6, 20, 10), "iam", "UpdateAccessKey", "iam.update-access-key", key));
    calls.push(aiko(at(6, 21, 0), "iam", "DetachUserPolicy", "iam.detach-user-policy", policy));
    calls.push(aiko(at(6, 22, 31), "cloudtrail", "StartLogging", "cloudtrail.start-logging", TRAIL));
    calls.push(aiko(at(6, 24, 2), "iam", "DeleteLoginProfile", "iam.delete-login-profile", name));
    calls.push(aiko(at(6, 24, 40), "iam", "DeleteUser", "iam.delete-user", name));
    let second = r#"{"userName":"backup-svc","accessKeyId":"AKIAEXAMPLESTOLEN2"}"#;
    calls.push(aiko(at(6, 26, 15), "iam", "DeleteAccessKey", "iam.delete-access-key", second));
}

/// What the cluster's audit log saw.
pub fn requests() -> Vec<Request> {
    let thief = |time, verb, resource, namespace, name: &str| {
        let mut request = Request::new(time, "deploy-bot", verb, resource).of(namespace, name);
        request.address = THIEF;
        request
    };
    let mut requests = vec![
        thief(at(5, 52, 3), "create", "selfsubjectaccessreviews", "", ""),
        thief(at(5, 52, 30), "create", "selfsubjectrulesreviews", "", ""),
        thief(at(5, 53, 1), "list", "secrets", "", ""),
        thief(at(5, 53, 40), "get", "secrets", "shop", "db-credentials"),
        thief(at(5, 53, 48), "get", "secrets", "shop", "payment-api-key"),
        thief(at(5, 53, 55), "get", "secrets", "shop", "smtp"),
        thief(at(5, 54, 6), "get", "secrets", "argocd", "argocd-initial-admin-secret"),
        thief(at(5, 54, 20), "get", "secrets", "kube-system", "registry-pull"),
    ];
    let mut pod = thief(at(5, 58, 2), "create", "pods", "kube-system", "node-debug");
    pod.code = 201;
    pod.body = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"node-debug","namespace":"kube-system"},"spec":{"hostPID":true,"containers":[{"name":"sh","image":"docker.io/library/busybox","command":["sleep","3600"],"securityContext":{"privileged":true}}]}}"#;
    requests.push(pod);
    let mut exec = thief(at(5, 59, 15), "create", "pods/exec", "kube-system", "node-debug");
    exec.code = 101;
    requests.push(exec);
    let mut binding = thief(at(6, 3, 20), "update", "rolebindings", "shop", "support");
    binding.body = r#"{"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"support","namespace":"shop"},"subjects":[{"kind":"User","name":"support-temp"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}}"#;
    requests.push(binding);
    requests.push(thief(at(6, 8, 41), "delete", "pods", "logging", "audit-forwarder-0"));
    requests.push(thief(at(6, 11, 2), "delete", "pods", "kube-system", "node-debug"));
    let aiko =
        |time, verb, resource, namespace, name: &str| Request::new(time, "aiko", verb, resource).of(namespace, name);
    requests.push(aiko(at(6, 28, 0), "get", "rolebindings", "shop", "support"));
    requests.push(aiko(at(6, 29, 12), "update", "rolebindings", "shop", "support"));
    requests.push(aiko(at(6, 31, 40), "get", "pods", "logging", "audit-forwarder-0"));
    requests
}
