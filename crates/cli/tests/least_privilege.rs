//! The policy that `--print-policy` prints is enough, and no right of it is idle: moto asks a user for rights who has that policy and
//! nothing else; and with one right less, what that would have told is no evidence, with the right's name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

mod aws;
mod site;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aws::front::{NOTHING, front};
use serde_json::{Value, json};
use site::{Answer, Site};

/// moto's own account.
const ACCOUNT: &str = "123456789012";
/// How long moto may take to begin: two processors are shared by all that tests start.
const PATIENCE: Duration = Duration::from_secs(120);

fn script(name: &str) -> String {
    format!("{}/tests/aws/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// moto with an estate, and a user whose policy can be changed.
struct Strict {
    python: String,
    port: u16,
    // Both end when their standard input is closed.
    _server: Child,
}

impl Strict {
    fn start(state: &str) -> Option<Self> {
        let Ok(python) = std::env::var("SHOSEKI_TEST_PYTHON") else {
            eprintln!("skipped: `least privilege` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
            return None;
        };
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut server = Command::new(&python);
        server.args([&script("strict.py"), "-p", &port.to_string()]).env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        let server = server.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "moto does not answer");
            thread::yield_now();
        }
        let strict = Self { python, port, _server: server };
        let made = Command::new(&strict.python)
            .args([&script("estate.py"), &strict.endpoint(), ACCOUNT, state])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(strict)
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn user(&self) -> User {
        let mut keeper = Command::new(&self.python);
        keeper.args([&script("least.py"), &self.endpoint(), ACCOUNT]);
        let mut keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (policies, keys) = (keeper.stdin.take().unwrap(), BufReader::new(keeper.stdout.take().unwrap()));
        User { policies, keys, keeper }
    }
}

/// A user with one policy.
struct User {
    policies: ChildStdin,
    keys: BufReader<ChildStdout>,
    keeper: Child,
}

impl User {
    /// What a look sees that this policy allows.
    fn look(&mut self, site: &Site, (endpoint, more): (&str, &[&str]), policy: &Value) -> Value {
        self.run(site, (endpoint, &[&["check", "--live", "-o", "json"], more].concat()), policy).report(1)
    }

    /// Runs the program with this policy and no other right.
    fn run(&mut self, site: &Site, (endpoint, arguments): (&str, &[&str]), policy: &Value) -> Answer {
        writeln!(self.policies, "{policy}").unwrap();
        let mut line = String::new();
        self.keys.read_line(&mut line).unwrap();
        let key: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let mut command = site.command(arguments);
        command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1").env_remove("SHOSEKI_VAULT");
        command.env("AWS_ACCESS_KEY_ID", key["id"].as_str().unwrap());
        command.env("AWS_SECRET_ACCESS_KEY", key["secret"].as_str().unwrap());
        command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN").env_remove("AWS_ENDPOINT_URL_S3");
        Site::finish(command)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// What is not known, by why.
fn unknown(report: &Value) -> Vec<&str> {
    let findings = report["checks"].as_array().unwrap().iter().flat_map(|check| check["findings"].as_array().unwrap());
    findings.filter(|one| one["status"] == "no_evidence").map(|one| one["what"]["en"].as_str().unwrap()).collect()
}

fn check<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap()
}

#[test]
fn the_printed_policy_is_enough_and_each_right_of_it_is_needed() {
    let Some(strict) = Strict::start("sound") else { return };
    let site = Site::empty();
    let mut command = site.command(&["check", "--live", "--print-policy"]);
    command.env_remove("SHOSEKI_VAULT");
    let policy = Site::finish(command).report(0);
    let (endpoint, mut user) = (front(&strict.endpoint(), NOTHING), strict.user());

    // moto has regions of other partitions too, whose accounts are others: of these nothing is known, and that regions are listed is.
    let all = user.look(&site, (&endpoint, &["--all-regions", "--check", "guardduty_detector_is_on"]), &policy);
    assert!(all["settings"]["places"].as_array().unwrap().len() > 10, "{all}");

    let whole = user.look(&site, (&endpoint, &["--region", "us-east-1", "--region", "ap-northeast-1"]), &policy);
    assert_eq!(unknown(&whole), Vec::<&str>::new());
    assert_eq!((&whole["settings"]["refused"], &whole["settings"]["unanswered"]), (&json!(0), &json!(0)));
    // Who has a policy of AWS that allows everything, by himself or by a group, is seen.
    let found = check(&whole, "iam_administrators_are_few")["findings"].as_array().unwrap();
    let failed: Vec<&str> =
        found.iter().filter(|one| one["status"] == "fail").map(|one| one["subject"].as_str().unwrap()).collect();
    let of = |name: &str| format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    assert_eq!(failed, [of("boss"), of("member")]);
    assert!(
        found.iter().any(|one| one["what"]["en"].as_str().unwrap().contains("PowerUserAccess (power)")),
        "{found:?}"
    );

    for (right, id) in [
        ("cloudtrail:GetTrailStatus", "cloudtrail_trail_is_logging"),
        ("cloudtrail:GetInsightSelectors", "cloudtrail_trail_has_insights"),
        ("config:DescribeDeliveryChannels", "config_recorder_delivers"),
        ("logs:DescribeSubscriptionFilters", "logs_subscription_passes_all"),
        ("s3:GetEncryptionConfiguration", "s3_evidence_bucket_is_encrypted_by_kms"),
        ("s3:GetAccountPublicAccessBlock", "s3_account_blocks_public_access"),
        ("s3:ListAllMyBuckets", "s3_evidence_bucket_is_versioned"),
        ("kms:GetKeyPolicy", "kms_key_policy_is_limited"),
        ("eks:DescribeCluster", "eks_cluster_logs_audit"),
        ("rds:DescribeDBParameters", "rds_database_audits"),
        ("iam:GetAccountAuthorizationDetails", "iam_administrators_are_few"),
        ("organizations:DescribePolicy", "organization_denies_stopping_logs"),
        ("securityhub:DescribeHub", "securityhub_hub_is_on"),
        ("guardduty:GetDetector", "guardduty_detector_is_on"),
    ] {
        let mut less = policy.clone();
        let rights = less["Statement"][0]["Action"].as_array_mut().unwrap();
        let count = rights.len();
        rights.retain(|one| one != right);
        assert_eq!(rights.len(), count - 1, "`{right}` is not in the policy");
        let report = user.look(&site, (&endpoint, &[]), &less);
        assert!(report["settings"]["refused"].as_u64().unwrap() > 0, "{right}: {report}");
        let found = check(&report, id)["findings"].as_array().unwrap();
        let names =
            |one: &&Value| one["status"] == "no_evidence" && one["what"]["en"].as_str().unwrap().contains(right);
        assert!(found.iter().find(names).is_some(), "{right}: {found:?}");
    }
}

/// The policy of a set-up. moto holds every call against the resource `*` alone, so that what is limited to some is limited to none here;
/// to which, the tests of `shoseki-aws` say.
fn of_setup(site: &Site) -> Value {
    let mut command = site.command(&["setup", "policy"]);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("SHOSEKI_VAULT");
    let mut policy = Site::finish(command).report(0);
    for statement in policy["Statement"].as_array_mut().unwrap() {
        statement["Resource"] = json!("*");
        statement.as_object_mut().unwrap().remove("Condition");
    }
    policy
}

#[test]
fn the_policy_of_a_set_up_is_enough_and_what_is_missing_is_named() {
    let Some(strict) = Strict::start("half") else { return };
    let site = Site::empty();
    site.write(
        "shoseki.toml",
        "[setup]\nhome_region = \"us-east-1\"\ndata_events = [\"*\"]\ninsights = true\n\
         auditors = [\"arn:aws:iam::123456789012:user/aiko\"]\nreplicate_to = \"ap-northeast-3\"\n\
         eks_delivery = \"firehose\"\ntrail_log_group = true\n",
    );
    let policy = of_setup(&site);
    let (endpoint, mut user) = (strict.endpoint(), strict.user());
    let without = |right: &str| {
        let mut less = policy.clone();
        for statement in less["Statement"].as_array_mut().unwrap() {
            if let Some(rights) = statement["Action"].as_array_mut() {
                rights.retain(|one| one != right);
            }
        }
        assert_ne!(less, policy, "`{right}` is not in the policy");
        less
    };
    let apply = ["setup", "apply", "--yes", "--json"];
    // What is missing in the middle is named, and what needs it waits.
    let right = "s3:PutBucketPolicy";
    let applied = user.run(&site, (&endpoint, &apply), &without(right));
    assert!(applied.err.contains(right), "{applied:?}");
    let applied = applied.report(1);
    let failed: Vec<&Value> =
        applied["applied"].as_array().unwrap().iter().filter(|one| one["why"].is_string()).collect();
    assert!(failed.len() == 3 && failed.iter().all(|one| one["call"] == right), "{failed:?}");
    let applied = user.run(&site, (&endpoint, &apply), &policy).report(0);
    let undone: Vec<&Value> =
        applied["applied"].as_array().unwrap().iter().filter(|one| one["ended"] != "done").collect();
    assert_eq!(undone, Vec::<&Value>::new());
    let plan = user.run(&site, (&endpoint, &["setup", "plan", "--json"]), &policy).report(0);
    assert_eq!((&plan["to_do"], &plan["looked"]["refused"]), (&json!(false), &json!(0)));
}
