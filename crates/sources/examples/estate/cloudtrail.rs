//! How a CloudTrail event and its log file are written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::File;
use super::random::Random;

/// The account of the estate.
pub const ACCOUNT: &str = "111122223333";
/// Where most things run.
pub const TOKYO: &str = "ap-northeast-1";
/// Where IAM's events are recorded.
pub const VIRGINIA: &str = "us-east-1";

/// A call to AWS. Texts that are JSON are written as they stand.
pub struct Call {
    /// Seconds since midnight, UTC.
    pub time: u64,
    /// The region that records it.
    pub region: &'static str,
    /// The service, without `.amazonaws.com`.
    pub service: &'static str,
    /// The call's name.
    pub name: &'static str,
    /// `userIdentity` as JSON.
    pub user: String,
    /// Where it came from: an address or a service.
    pub address: &'static str,
    /// What it came with.
    pub agent: String,
    /// `requestParameters` as JSON.
    pub parameters: String,
    /// `responseElements` as JSON.
    pub response: String,
    /// `errorCode` and `errorMessage`.
    pub error: Option<(&'static str, String)>,
    /// More members as JSON, each with a comma behind it.
    pub more: String,
}

impl Call {
    /// A call with neither parameters nor an answer.
    pub fn new(time: u64, service: &'static str, name: &'static str, user: String) -> Self {
        let region = if service == "iam" { VIRGINIA } else { TOKYO };
        let null = || "null".to_owned();
        let (agent, more) = (String::new(), String::new());
        let (parameters, response) = (null(), null());
        Self { time, region, service, name, user, address: "", agent, parameters, response, error: None, more }
    }

    /// The same from an address, with an agent.
    pub fn from(mut self, address: &'static str, agent: impl Into<String>) -> Self {
        (self.address, self.agent) = (address, agent.into());
        self
    }

    /// The same with `requestParameters`.
    pub fn with(mut self, parameters: impl Into<String>) -> Self {
        self.parameters = parameters.into();
        self
    }

    /// The same with `responseElements`.
    pub fn gives(mut self, response: impl Into<String>) -> Self {
        self.response = response.into();
        self
    }

    /// The same, refused or failed.
    pub fn fails(mut self, code: &'static str, message: impl Into<String>) -> Self {
        self.error = Some((code, message.into()));
        self
    }

    /// The same recorded in another region.
    pub fn in_region(mut self, region: &'static str) -> Self {
        self.region = region;
        self
    }

    /// A call to an S3 object.
    pub fn object(self, bucket: &str, key: &str) -> Self {
        let parameters =
            format!(r#"{{"bucketName":"{bucket}","Host":"{bucket}.s3.{TOKYO}.amazonaws.com","key":"{key}"}}"#);
        let mut call = self.with(parameters);
        call.more = format!(
            r#""resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"}},{{"accountId":"{ACCOUNT}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}],"#
        );
        call
    }

    fn json(&self, random: &mut Random) -> String {
        let Self { region, service, name, user, address, agent, parameters, response, more, .. } = self;
        let time = clock(self.time);
        let error = match &self.error {
            Some((code, message)) => format!(r#""errorCode":"{code}","errorMessage":"{message}","#),
            None => String::new(),
        };
        let kind = match *name {
            "ConsoleLogin" => "AwsConsoleSignIn",
            _ => "AwsApiCall",
        };
        let is_data = *service == "s3" && name.ends_with("Object");
        let category = if is_data { "Data" } else { "Management" };
        let reads = ["Get", "List", "Describe", "Head", "Lookup", "Decrypt", "Batch"];
        let read = reads.iter().any(|verb| name.starts_with(verb));
        let tls = match address.parse::<std::net::Ipv4Addr>() {
            Ok(_) => format!(
                r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.{region}.amazonaws.com"}}"#
            ),
            Err(_) => String::new(),
        };
        let (request, event) = (random.uuid(), random.uuid());
        format!(
            r#"{{"eventVersion":"1.11","userIdentity":{user},"eventTime":"{time}","eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"{agent}",{error}"requestParameters":{parameters},"responseElements":{response},{more}"requestID":"{request}","eventID":"{event}","readOnly":{read},"eventType":"{kind}","managementEvent":{},"recipientAccountId":"{ACCOUNT}","eventCategory":"{category}"{tls}}}"#,
            !is_data
        )
    }
}

/// The time of the day as CloudTrail writes it.
pub fn clock(seconds: u64) -> String {
    format!("2026-03-05T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The log files, one a region and hour, as the service names them.
pub fn files(mut calls: Vec<Call>, random: &mut Random) -> Vec<File> {
    calls.sort_by_key(|call| call.time);
    let mut hours: BTreeMap<(&str, u64), Vec<String>> = BTreeMap::new();
    for call in &calls {
        hours.entry((call.region, call.time / 3600)).or_default().push(call.json(random));
    }
    let file = |((region, hour), events): ((&str, u64), Vec<String>)| {
        let folder = format!("cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/03/05");
        let name = format!("{ACCOUNT}_CloudTrail_{region}_20260305T{:02}05Z_{}.json.gz", hour + 1, random.code(16));
        (PathBuf::from(folder).join(name), format!(r#"{{"Records":[{}]}}"#, events.join(",")).into_bytes())
    };
    hours.into_iter().map(file).collect()
}
