//! Changes: the only calls of this program that set anything up in an account. Which there are stands in one list (`kinds.rs`); who
//! decides on them is `crates/setup`, who asks a person first is the command `setup apply`.
//!
//! ```text
//! a change (service, operation, region, what it is about, parameters) ─► its protocol ─► done, was there already, or why not
//! ```
//!
//! Parameters are JSON in the shape of the service's API. Lists of the query protocol and elements of XML stand under the names that
//! the wire has for them: `{"Parameters": {"Parameter": [{…}]}}`.

mod kinds;
mod written;

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use serde_json::Value;
use shoseki_messages::{Fault, Result, msg};

use kinds::Way;
pub use kinds::{KINDS, Kind, kind, statements};

use crate::call::{Failure, Json, Put, Query, Rest, SMALLEST_MEMBER, escaped, failed, home};

/// How often a change is tried that the service refuses because of something that was made a moment ago, and is not known everywhere.
const TRIES: u32 = 6;
/// How long is waited between them.
const PAUSE: Duration = Duration::from_secs(5);

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is called, of [`KINDS`].
    pub kind: &'static Kind,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// What it is about, as the path or a person names it: a bucket, a cluster, a trail.
    pub of: String,
    /// What it is called with.
    pub input: Value,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// Done, and what the service answered.
    Done(Value),
    /// What it would have made was there already.
    WasThere,
}

/// Who changes: the accounts that an inventory was taken of, as whom each is called.
#[derive(Clone, Debug)]
pub struct Hands {
    configs: BTreeMap<String, SdkConfig>,
    pause: Duration,
}

impl Hands {
    pub(crate) fn of(configs: BTreeMap<String, SdkConfig>) -> Self {
        Self { configs, pause: PAUSE }
    }

    /// Makes a change.
    ///
    /// # Errors
    /// The world's failure where AWS refuses it or does not answer; `aws-call-forbidden` where a right is missing.
    #[async_recursion]
    pub async fn make(&self, change: &Change) -> Result<Made> {
        let Some(config) = self.configs.get(&change.account) else {
            return Err(Fault::broken(msg!("aws-change-account", account = change.account.as_str())));
        };
        // IAM is in one region of its partition, whatever region the change is for.
        let region = if change.kind.service == "iam" { home(&change.region) } else { change.region.as_str() };
        let config = config.clone().into_builder().region(Region::new(region.to_owned())).build();
        let mut tries = 1;
        loop {
            let failure = match send(&config, change).await {
                Ok(answer) => return Ok(Made::Done(answer)),
                Err(failure) if change.kind.there.contains(&failure.code()) => return Ok(Made::WasThere),
                Err(failure) => failure,
            };
            if tries == TRIES || !change.kind.waits.contains(&failure.code()) {
                return Err(failed(&change.kind.name(), &change.of, failure));
            }
            tries += 1;
            tokio::time::sleep(self.pause).await;
        }
    }
}

async fn send(config: &SdkConfig, change: &Change) -> Result<Value, Failure> {
    let (operation, input) = (change.kind.operation, &change.input);
    match change.kind.way {
        Way::Json(service) => Json::of(service, config).call(operation, input).await,
        Way::Query(service) => {
            let form = written::form(input);
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Query::of(service, config).whole(operation, &form).await.map(|answer| answer.to_json())
        }
        Way::Put(service, part) => {
            let query = if part.is_empty() { String::new() } else { format!("?{part}") };
            let path = format!("/{}{query}", escaped(&change.of));
            let mut input = input.clone();
            let smallest = input.as_object_mut().and_then(|all| all.remove(SMALLEST_MEMBER));
            let smallest = smallest.as_ref().and_then(Value::as_str).map(str::to_owned);
            let body = match part {
                "policy" => input.to_string(),
                _ => written::xml(&input),
            };
            // S3's description of these two has no checksum.
            let has_checksum = !matches!(part, "" | "notification");
            let put = Put { body: body.into_bytes(), has_checksum, smallest };
            Rest::of(service, config).put(operation, &path, put).await.map(|()| Value::Null)
        }
        Way::Post(service, before, after) => {
            let path = format!("{before}{}{after}", escaped(&change.of));
            Rest::of(service, config).ask(operation, &path, input).await
        }
    }
}

#[cfg(test)]
mod tests;
