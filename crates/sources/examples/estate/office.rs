//! The ordinary day in AWS: machines at their intervals, people between nine and seven, a deployment every hour or two.

use super::cloudtrail::{ACCOUNT, Call, VIRGINIA};
use super::random::Random;

/// The office's address.
pub const OFFICE: &str = "198.51.100.7";
/// The build machines' address, the only one that `deploy-bot` works from.
const BUILD: &str = "198.51.100.20";
const BROWSER: &str =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/145.0.0.0 Safari/537.36";

const HOUR: u64 = 3600;
const DAY: u64 = 12 * HOUR;

/// An IAM user.
pub fn user(name: &str) -> String {
    let id: String = name.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        r#"{{"type":"IAMUser","principalId":"AIDAEXAMPLE{id}","arn":"arn:aws:iam::{ACCOUNT}:user/{name}","accountId":"{ACCOUNT}","accessKeyId":"AKIAEXAMPLE{id}","userName":"{name}"}}"#
    )
}

fn role(name: &str, session: &str) -> String {
    format!(
        r#"{{"type":"AssumedRole","principalId":"AROAEXAMPLE:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}","accountId":"{ACCOUNT}","accessKeyId":"ASIAEXAMPLE","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::{ACCOUNT}:role/{name}","accountId":"{ACCOUNT}","userName":"{name}"}},"attributes":{{"mfaAuthenticated":"false"}}}}}}"#
    )
}

fn service(name: &str) -> String {
    format!(r#"{{"type":"AWSService","invokedBy":"{name}.amazonaws.com"}}"#)
}

/// A console log-in.
pub fn login(time: u64, name: &str, address: &'static str, mfa: &str) -> Call {
    let mut call = Call::new(time, "signin", "ConsoleLogin", user(name)).from(address, BROWSER);
    call.response = r#"{"ConsoleLogin":"Success"}"#.to_owned();
    call.more = format!(
        r#""additionalEventData":{{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"{mfa}"}},"#
    );
    call
}

/// All of the day's ordinary calls.
pub fn calls(random: &mut Random) -> Vec<Call> {
    let mut calls = Vec::new();
    machines(random, &mut calls);
    people(random, &mut calls);
    deployments(random, &mut calls);
    mishaps(&mut calls);
    calls
}

fn machines(random: &mut Random, calls: &mut Vec<Call>) {
    for start in (0..DAY).step_by(300) {
        let time = start + random.below(240);
        let monitor = role("monitoring", "grafana");
        calls.push(Call::new(time, "monitoring", "GetMetricData", monitor).from("192.0.2.31", "grafana/12.1"));
        if start % 600 == 0 {
            let scaling = service("autoscaling");
            let describe = Call::new(time + 7, "ec2", "DescribeInstances", scaling);
            calls.push(describe.from("autoscaling.amazonaws.com", "autoscaling.amazonaws.com"));
        }
        if start % 900 == 0 {
            let config = role("AWSServiceRoleForConfig", "AWSConfig-Describe");
            let name = *random.pick(&["DescribeSecurityGroups", "DescribeVolumes", "DescribeSubnets", "DescribeVpcs"]);
            calls.push(Call::new(time + 20, "ec2", name, config).from("config.amazonaws.com", "config.amazonaws.com"));
        }
    }
    for number in 0..150 {
        let time = number * DAY / 150 + random.below(200);
        let worker = || role("invoice-worker", "invoice-worker");
        let lambda = "lambda.amazonaws.com";
        let assume = Call::new(time, "sts", "AssumeRole", service("lambda")).from(lambda, lambda);
        calls.push(assume.with(format!(
            r#"{{"roleArn":"arn:aws:iam::{ACCOUNT}:role/invoice-worker","roleSessionName":"invoice-worker"}}"#
        )));
        let agent = "aws-sdk-rust/1.9 os/linux lang/rust exec-env/AWS_Lambda_provided.al2023";
        let key = format!("2026/03/05/invoice-{:05}.json", 41_000 + number);
        let call = |after: u64, service: &'static str, name: &'static str| {
            Call::new(time + after, service, name, worker()).from("192.0.2.58", agent)
        };
        calls.push(call(1, "s3", "GetObject").object("hinode-orders", &key));
        calls.push(call(2, "s3", "PutObject").object("hinode-invoices", &key));
        if number % 2 == 0 {
            calls.push(call(1, "kms", "Decrypt").with(r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#));
        }
    }
}

fn people(random: &mut Random, calls: &mut Vec<Call>) {
    let looks: &[(&str, &str)] = &[
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeSecurityGroups"),
        ("eks", "DescribeCluster"),
        ("eks", "ListNodegroups"),
        ("logs", "DescribeLogGroups"),
        ("logs", "FilterLogEvents"),
        ("monitoring", "DescribeAlarms"),
        ("rds", "DescribeDBInstances"),
        ("s3", "ListBuckets"),
        ("s3", "GetBucketLocation"),
        ("lambda", "ListFunctions20150331"),
        ("iam", "ListRoles"),
        ("iam", "GetUser"),
        ("cloudtrail", "LookupEvents"),
        ("cloudtrail", "DescribeTrails"),
    ];
    let hours = [("aiko", 0, 10), ("kenji", 1, 10), ("haruto", 0, 9), ("mei", 1, 8)];
    for (name, from, until) in hours {
        let morning = from * HOUR + 300 + random.below(1500);
        calls.push(login(morning, name, OFFICE, "Yes"));
        calls.push(login(morning + 5 * HOUR + random.below(600), name, OFFICE, "Yes"));
        for _ in 0..65 {
            let time = morning + 60 + random.below((until - from) * HOUR - 3000);
            let (service, call) = *random.pick(if name == "mei" { &looks[7..10] } else { looks });
            calls.push(Call::new(time, service, call, user(name)).from(OFFICE, BROWSER));
        }
    }
    for minute in [95, 260, 430] {
        let terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.13.1";
        let list =
            [("iam", "GetRole"), ("iam", "ListRolePolicies"), ("ec2", "DescribeVpcs"), ("s3", "GetBucketPolicy")];
        for (after, (service, name)) in list.into_iter().enumerate() {
            let call = Call::new(minute * 60 + after as u64, service, name, user("aiko"));
            calls.push(call.from(OFFICE, terraform));
        }
        let tag = Call::new(minute * 60 + 9, "iam", "TagRole", user("aiko")).from(OFFICE, terraform);
        calls.push(tag.with(r#"{"roleName":"invoice-worker","tags":[{"key":"cost-centre","value":"1200"}]}"#));
    }
}

fn deployments(random: &mut Random, calls: &mut Vec<Call>) {
    for start in [40, 125, 190, 270, 345, 455, 530] {
        let steps: &[(&str, &str, &str, &str)] = &[
            ("sts", "GetCallerIdentity", "sts.get-caller-identity", "null"),
            ("ecr", "GetAuthorizationToken", "ecr.get-login-password", "{}"),
            ("ecr", "BatchCheckLayerAvailability", "docker", r#"{"repositoryName":"web"}"#),
            ("ecr", "InitiateLayerUpload", "docker", r#"{"repositoryName":"web"}"#),
            ("ecr", "PutImage", "docker", r#"{"repositoryName":"web"}"#),
            (
                "lambda",
                "UpdateFunctionCode20150331v2",
                "lambda.update-function-code",
                r#"{"functionName":"invoice-worker","publish":true}"#,
            ),
            ("eks", "DescribeCluster", "eks.describe-cluster", r#"{"name":"hinode"}"#),
        ];
        let mut time = start * 60 + random.below(300);
        for (service, name, command, parameters) in steps {
            let call = Call::new(time, service, name, user("deploy-bot"));
            calls.push(call.from(BUILD, cli(command)).with(*parameters));
            time += 5 + random.below(40);
        }
    }
}

/// What the command line calls itself.
pub fn cli(command: &str) -> String {
    format!("aws-cli/2.24.1 Python/3.12.6 Linux/6.8.0 exe/x86_64 prompt/off command/{command}")
}

fn mishaps(calls: &mut Vec<Call>) {
    let mut wrong = login(70 * 60, "kenji", OFFICE, "No").gives(r#"{"ConsoleLogin":"Failure"}"#);
    wrong.error = None;
    wrong.more.push_str(r#""errorMessage":"Failed authentication","#);
    calls.push(wrong);
    for (minute, service, name) in [(105, "iam", "GetRole"), (262, "s3", "GetBucketPolicy")] {
        let call =
            Call::new(minute * 60, service, name, user("aiko")).from(OFFICE, "APN/1.0 HashiCorp/1.0 Terraform/1.13.1");
        let (code, message) = match service {
            "iam" => ("NoSuchEntityException", "The role with name invoice-reader cannot be found."),
            _ => ("NoSuchBucketPolicy", "The bucket policy does not exist"),
        };
        calls.push(call.fails(code, message));
    }
    for minute in [151, 152, 380] {
        let call = Call::new(minute * 60, "rds", "DescribeDBInstances", user("mei")).from(OFFICE, BROWSER);
        calls.push(call.fails("AccessDenied", "User: mei is not authorized to perform: rds:DescribeDBInstances"));
    }
    for (minute, service, name) in
        [(222, "monitoring", "DeleteAlarms"), (224, "lambda", "UpdateFunctionConfiguration20150331v2")]
    {
        calls.push(Call::new(minute * 60, service, name, user("haruto")).from(OFFICE, BROWSER));
    }
    let distributions = Call::new(200 * 60, "cloudfront", "ListDistributions", user("haruto")).from(OFFICE, BROWSER);
    calls.push(distributions.in_region(VIRGINIA));
}
