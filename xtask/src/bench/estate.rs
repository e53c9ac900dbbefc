//! The invented estate whose events the benchmark's tree holds: accounts, regions, who works there, what they work on.
//!
//! Made once from a fixed seed; nothing in it names anybody or anything real.

use super::random::{HEX, Random, UPPER};

/// The estate's accounts.
pub const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "777788889999"];
/// The regions in which each account works.
pub const REGIONS: [&str; 4] = ["ap-northeast-1", "ap-northeast-3", "us-east-1", "eu-west-1"];

const PEOPLE: [&str; 16] = [
    "sato",
    "suzuki",
    "takahashi",
    "tanaka",
    "ito",
    "yamamoto",
    "nakamura",
    "kobayashi",
    "kato",
    "yoshida",
    "yamada",
    "sasaki",
    "mori",
    "abe",
    "ikeda",
    "hashimoto",
];
const PARTS: [&str; 24] = [
    "orders", "billing", "ledger", "search", "catalog", "payments", "invoices", "login", "profile", "shipping",
    "stock", "reports", "mailer", "metrics", "images", "tickets", "fraud", "export", "import", "archive", "gateway",
    "session", "pricing", "audit",
];
const ROLES: [&str; 8] = ["worker", "api", "cron", "reader", "writer", "stream", "batch", "proxy"];
const AGENTS: [&str; 12] = [
    "Boto3/1.34.119 md/Botocore#1.34.119 ua/2.0 os/linux#6.1.91-99.172.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.3 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.34.119",
    "aws-sdk-go-v2/1.27.2 os/linux lang/go#1.22.4 md/GOOS#linux md/GOARCH#arm64 api/s3#1.55.1",
    "APN/1.0 HashiCorp/1.0 Terraform/1.8.5 (+https://www.terraform.io) terraform-provider-aws/5.53.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.27.1 os/linux lang/go#1.22.2 md/GOOS#linux md/GOARCH#amd64",
    "aws-sdk-java/2.25.66 Linux/5.10.217-205.860.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.11+9-LTS Java/17.0.11 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy",
    "aws-cli/2.16.5 md/awscrt#0.20.11 ua/2.0 os/linux#6.5.0-41-generic md/arch#x86_64 lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
    "aws-sdk-js/3.592.0 ua/2.1 os/linux#5.10.216-225.855.amzn2.x86_64 lang/js md/nodejs#20.14.0 api/dynamodb#3.592.0 exec-env/AWS_Lambda_nodejs20.x",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "kube-controller-manager/v1.29.4 (linux/amd64) kubernetes/4c96e7a aws-sdk-go/1.50.8 (go1.21.9; linux; amd64)",
    "amazon-ssm-agent/3.3.380.0",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.730 Linux/5.10.216-204.855.amzn2int.x86_64 OpenJDK_64-Bit_Server_VM/25.372-b08 java/1.8.0_372 vendor/Oracle_Corporation cfg/retry-mode/standard]",
    "secretsmanager.amazonaws.com",
];

/// Somebody or something that acts: its `userIdentity`, its addresses, its user agent.
pub struct Actor {
    /// The JSON object, with room for `invokedBy` before its last brace.
    pub identity: String,
    /// The addresses that it works from.
    pub addresses: [String; 3],
    /// What it calls AWS with.
    pub agent: &'static str,
}

/// Everything that an event's template can name.
pub struct Estate {
    /// For each account, who acts in it; the first act most.
    pub actors: Vec<Vec<Actor>>,
    /// For each kind of thing ([`Thing`]), its names; the first are used most.
    things: Vec<Vec<String>>,
}

/// The kinds of things that have names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Bucket,
    User,
    Role,
    Function,
    Table,
    Secret,
    Parameter,
    Cluster,
    Instance,
    Vpc,
    Subnet,
    Group,
    Kms,
    Prefix,
}

impl Thing {
    /// All kinds with their name in a template and how many the estate has.
    pub const ALL: [(Self, &'static str, usize); 14] = [
        (Self::Bucket, "bucket", 300),
        (Self::User, "user", 160),
        (Self::Role, "role", 190),
        (Self::Function, "function", 420),
        (Self::Table, "table", 140),
        (Self::Secret, "secret", 380),
        (Self::Parameter, "parameter", 600),
        (Self::Cluster, "cluster", 24),
        (Self::Instance, "instance", 2_400),
        (Self::Vpc, "vpc", 24),
        (Self::Subnet, "subnet", 96),
        (Self::Group, "group", 800),
        (Self::Kms, "kms", 150),
        (Self::Prefix, "prefix", 500),
    ];
}

impl Estate {
    /// The estate of a seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let things = Thing::ALL.iter().map(|(kind, _, count)| things(*kind, *count, &mut random)).collect();
        let mut estate = Self { actors: Vec::new(), things };
        for account in ACCOUNTS {
            let actors = (0..700).map(|n| estate.actor(account, n, &mut random)).collect();
            estate.actors.push(actors);
        }
        estate
    }

    /// The name of a thing; `choice` is any number, and the same for the same thing.
    pub fn name(&self, kind: Thing, choice: u64) -> &str {
        let names = &self.things[kind as usize];
        let index = Random::new(choice ^ (kind as u64) << 56).skewed(names.len());
        &names[index]
    }

    fn actor(&self, account: &str, n: usize, random: &mut Random) -> Actor {
        let identity = if n % 4 < 3 {
            let user = &self.things[Thing::User as usize][n % 160];
            user_identity(account, user, random)
        } else {
            let role = &self.things[Thing::Role as usize][n % 190];
            role_identity(account, role, random)
        };
        let private = |r: &mut Random| format!("10.{}.{}.{}", r.below(256), r.below(256), 1 + r.below(254));
        let addresses = [private(random), private(random), public_address(random)];
        Actor { identity, addresses, agent: AGENTS[random.skewed(AGENTS.len())] }
    }
}

/// An address of the internet, never one of 203.0.113.0/24, in which the benchmark's needle is.
pub fn public_address(random: &mut Random) -> String {
    const FIRST: [usize; 8] = [3, 13, 18, 35, 52, 54, 126, 198];
    let first = FIRST[random.below(FIRST.len())];
    format!("{first}.{}.{}.{}", random.below(256), random.below(256), 1 + random.below(254))
}

fn user_identity(account: &str, user: &str, random: &mut Random) -> String {
    let (principal, key) = (id("AIDA", 17, random), id("AKIA", 16, random));
    format!(
        r#"{{"type":"IAMUser","principalId":"{principal}","arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}","accessKeyId":"{key}","userName":"{user}"}}"#
    )
}

fn role_identity(account: &str, role: &str, random: &mut Random) -> String {
    let (principal, key) = (id("AROA", 17, random), id("ASIA", 16, random));
    let mut session = String::new();
    match random.below(3) {
        0 => {
            session.push_str("i-0");
            random.text(&mut session, HEX, 16);
        }
        1 => session.push_str(PEOPLE[random.below(PEOPLE.len())]),
        _ => random.uuid(&mut session),
    }
    let (day, hour, minute) = (10 + random.below(7), random.below(24), random.below(60));
    format!(
        r#"{{"type":"AssumedRole","principalId":"{principal}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}","accountId":"{account}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{principal}","arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2024-06-{day}T{hour:02}:{minute:02}:07Z","mfaAuthenticated":"false"}}}}}}"#
    )
}

fn id(prefix: &str, length: usize, random: &mut Random) -> String {
    let mut text = prefix.to_owned();
    random.text(&mut text, UPPER, length);
    text
}

fn things(kind: Thing, count: usize, random: &mut Random) -> Vec<String> {
    (0..count).map(|n| thing(kind, n, random)).collect()
}

fn thing(kind: Thing, n: usize, random: &mut Random) -> String {
    let (part, role) = (PARTS[n % PARTS.len()], ROLES[n / PARTS.len() % ROLES.len()]);
    let mut text = match kind {
        Thing::Bucket => format!("acme-{part}-{role}-"),
        Thing::User => return format!("{}.{}{}", PEOPLE[n % PEOPLE.len()], part, n / PEOPLE.len()),
        Thing::Role => return format!("{part}-{role}-role"),
        Thing::Function => return format!("{part}-{role}-{}", n / 192),
        Thing::Table => return format!("{part}-{role}"),
        Thing::Secret => format!("prod/{part}/{role}-"),
        Thing::Parameter => return format!("prod/{part}/{role}/{}", n / 192),
        Thing::Cluster => return format!("{part}-cluster"),
        Thing::Prefix => return format!("{part}/{role}"),
        Thing::Instance => "i-0".to_owned(),
        Thing::Vpc => "vpc-0".to_owned(),
        Thing::Subnet => "subnet-0".to_owned(),
        Thing::Group => "sg-0".to_owned(),
        Thing::Kms => String::new(),
    };
    match kind {
        Thing::Bucket => random.text(&mut text, HEX, 8),
        Thing::Secret => random.text(&mut text, UPPER, 6),
        Thing::Kms => random.uuid(&mut text),
        _ => random.text(&mut text, HEX, 16),
    }
    text
}
