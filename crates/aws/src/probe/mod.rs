//! Probes: harmless calls that leave an event with a mark in it, and looks at whether that event is where AWS delivers it. They change
//! nothing: a call names what does not exist, or asks AWS Config for the files that it writes in any case.
//!
//! ```text
//! cloudtrail:GetTrailStatus  Name=shoseki-check-69280b5e1a2b3c4d5e    400 TrailNotFoundException  CloudTrail has the name
//! s3:GetObject               /shop-uploads/shoseki-check/69280b5e…     404 NoSuchKey, or 403       so have data events and access logs
//! config:DeliverConfigSnapshot                                          200                         a file below `ConfigSnapshot/`
//! sts:GetCallerIdentity      signed, and not sent                       a token for a cluster of EKS
//! ```

mod looks;
mod token;

use std::collections::BTreeMap;

use aws_config::{Region, SdkConfig};
use serde_json::{Value, json};
use shoseki_messages::{Fault, Result, msg};

pub use looks::Delivered;

use crate::call::{Failure, Json, Rest, escaped, failed};
use crate::cloudtrail::CLOUDTRAIL;
use crate::inventory::services::{CONFIG, S3};

/// The statements of IAM that probes and looks need. Nobody is let into more than where evidence lies and where nothing does: objects below
/// `AWSLogs` and `shoseki-check`, log groups of clusters and databases. A cluster's token needs no right.
pub fn statements() -> Vec<Value> {
    let allowed = |sid: &str, action: Value, resource: Value| json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource});
    let with = |mut statement: Value, name: &str, values: Value| {
        statement["Condition"] = json!({"StringLike": {name: values}});
        statement
    };
    let asks = json!(["cloudtrail:GetTrailStatus", "config:DeliverConfigSnapshot"]);
    let objects = json!(["arn:*:s3:::*/AWSLogs/*", "arn:*:s3:::*/shoseki-check/*"]);
    let groups = json!(["arn:*:logs:*:*:log-group:/aws/eks/*", "arn:*:logs:*:*:log-group:/aws/rds/*"]);
    let lists = allowed("ShosekiCheckLists", json!("s3:ListBucket"), json!("arn:*:s3:::*"));
    let decrypts = allowed("ShosekiCheckDecrypts", json!("kms:Decrypt"), json!("*"));
    vec![
        allowed("ShosekiCheckAsks", asks, json!("*")),
        allowed("ShosekiCheckObjects", json!("s3:GetObject"), objects),
        with(lists, "s3:prefix", json!(["AWSLogs/*", "*/AWSLogs/*"])),
        with(decrypts, "kms:ViaService", json!("s3.*.amazonaws.com*")),
        allowed("ShosekiCheckLogs", json!("logs:FilterLogEvents"), groups),
    ]
}

/// Who probes: the accounts that an inventory was taken of, as whom each is called.
#[derive(Clone, Debug)]
pub struct Prober {
    configs: BTreeMap<String, SdkConfig>,
}

/// An account and a region of it.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The account.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
}

impl Prober {
    pub(crate) fn of(configs: BTreeMap<String, SdkConfig>) -> Self {
        Self { configs }
    }

    fn config(&self, at: At<'_>) -> Result<SdkConfig> {
        let Some(config) = self.configs.get(at.account) else {
            return Err(Fault::broken(msg!("aws-change-account", account = at.account)));
        };
        Ok(config.clone().into_builder().region(Region::new(at.region.to_owned())).build())
    }

    /// Asks for the status of a trail that does not exist: CloudTrail records the name that was asked for.
    /// `cloudtrail:GetTrailStatus`.
    ///
    /// # Errors
    /// The world's failure where the call is refused or not answered.
    pub async fn trail(&self, at: At<'_>, name: &str) -> Result<()> {
        let cloudtrail = Json::of(&CLOUDTRAIL, &self.config(at)?);
        match cloudtrail.call::<Value>("GetTrailStatus", &json!({"Name": name})).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.code().starts_with("TrailNotFound") => Ok(()),
            Err(failure) => Err(failed("cloudtrail:GetTrailStatus", name, failure)),
        }
    }

    /// Asks for an object that does not exist. That it is refused leaves an event, too. `s3:GetObject`.
    ///
    /// # Errors
    /// The world's failure where nobody answers, or the bucket is not there.
    pub async fn object(&self, at: At<'_>, bucket: &str, key: &str) -> Result<()> {
        let s3 = Rest::of(&S3, &self.config(at)?);
        match s3.bytes("GetObject", &path(bucket, key)).await {
            Ok(_) => Ok(()),
            Err(failure) if matches!(failure.code(), "NoSuchKey" | "AccessDenied" | "HTTP 403" | "HTTP 404") => Ok(()),
            Err(failure) => Err(failed("s3:GetObject", bucket, failure)),
        }
    }

    /// Has AWS Config deliver a snapshot of a region, by its first channel. `config:DeliverConfigSnapshot`.
    ///
    /// # Errors
    /// The world's failure where the call is refused or not answered.
    pub async fn snapshot(&self, at: At<'_>, channel: &str) -> Result<()> {
        let config = Json::of(&CONFIG, &self.config(at)?);
        let asked = config.call::<Value>("DeliverConfigSnapshot", &json!({"deliveryChannelName": channel})).await;
        asked.map(drop).map_err(|failure: Failure| failed("config:DeliverConfigSnapshot", channel, failure))
    }

    /// A token by which the API server of a cluster of EKS knows who we are; it is good for a minute at least. Nothing is called but
    /// for credentials.
    ///
    /// # Errors
    /// The caller's mistake where there are no credentials.
    pub async fn token(&self, at: At<'_>, cluster: &str) -> Result<String> {
        token::of_cluster(&self.config(at)?, cluster).await
    }
}

/// Where an object is asked for: the parts of its key are escaped, and what lies between them is not.
fn path(bucket: &str, key: &str) -> String {
    let key: Vec<String> = key.split('/').map(escaped).collect();
    format!("/{}/{}", escaped(bucket), key.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::stub::{Stub, answer, answer_with};

    pub(super) const AT: At<'_> = At { account: "111122223333", region: "eu-west-3" };

    pub(super) fn prober(stub: &Stub) -> Prober {
        Prober::of(BTreeMap::from([(AT.account.to_owned(), stub.config())]))
    }

    #[tokio::test]
    async fn what_does_not_exist_is_asked_for_and_that_it_does_not_is_no_failure() {
        let error = |code: &str| answer(404, &format!("<Error><Code>{code}</Code><Message>m</Message></Error>"));
        let stub = Stub::of(vec![
            answer_with(400, "x-amzn-errortype: TrailNotFoundException\r\n", "{}"),
            error("NoSuchKey"),
            answer(403, "<Error><Code>AccessDenied</Code></Error>"),
            error("NoSuchBucket"),
            answer(200, "{\"configSnapshotId\":\"x\"}"),
            answer_with(400, "x-amzn-errortype: AccessDeniedException\r\n", "{}"),
        ]);
        let prober = prober(&stub);
        prober.trail(AT, "shoseki-check-1").await.unwrap();
        prober.object(AT, "shop", "shoseki-check/証 1").await.unwrap();
        prober.object(AT, "shop", "k").await.unwrap();
        assert_eq!(prober.object(AT, "shop", "k").await.unwrap_err().id(), "aws-call-refused");
        prober.snapshot(AT, "default").await.unwrap();
        assert_eq!(prober.trail(AT, "x").await.unwrap_err().id(), "aws-call-forbidden");
        let asked = stub.asked();
        assert!(asked[0].contains("GetTrailStatus") && asked[0].contains("/eu-west-3/cloudtrail/"), "{}", asked[0]);
        assert!(asked[1].starts_with("GET /shop/shoseki-check/%E8%A8%BC%201 HTTP/1.1"), "{}", asked[1]);
        assert!(asked[4].ends_with("{\"deliveryChannelName\":\"default\"}"), "{}", asked[4]);
    }

    #[test]
    fn the_rights_change_nothing_and_are_those_that_are_asked_with() {
        let code = [include_str!("mod.rs"), include_str!("looks.rs"), include_str!("../logs.rs")];
        let code = code.map(|text| text.split("#[cfg(test)]").next().unwrap());
        let all = statements();
        let actions = all.iter().flat_map(|one| match &one["Action"] {
            Value::Array(many) => many.clone(),
            one => vec![one.clone()],
        });
        let actions: Vec<String> = actions.map(|one| one.as_str().unwrap().to_owned()).collect();
        for right in actions.iter().filter(|right| *right != "kms:Decrypt") {
            let is_used = code.iter().any(|code| code.contains(&format!("failed(\"{right}\"")));
            assert!(is_used, "nobody asks with `{right}`");
        }
        for word in ["Put", "Delete", "Create", "Update", "Modify", "Start", "Stop", "*"] {
            assert!(actions.iter().all(|right| !right.contains(word)), "{word}");
        }
        // Who may read everything is no one who sets up.
        let is_open = |one: &&Value| one["Resource"] == "*" && one["Condition"].is_null();
        let open: Vec<&Value> = all.iter().filter(is_open).map(|one| &one["Action"]).collect();
        assert_eq!(open, [&json!(["cloudtrail:GetTrailStatus", "config:DeliverConfigSnapshot"])]);
    }
}
