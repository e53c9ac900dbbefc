//! The public keys of CloudTrail, `cloudtrail:ListPublicKeys`: each region has its own, for a stretch of time.

use aws_config::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_verify::trail::{KeySource, PublicKey};

use crate::call::{Failure, Json, JsonService, Service};
use crate::client;

/// How many pages of keys are read: a year has some dozens of keys.
const MAX_PAGES: usize = 1_000;

pub(crate) static CLOUDTRAIL: JsonService = JsonService {
    service: Service { id: "CloudTrail", host: "cloudtrail", is_fips_in_gov: true },
    target: "CloudTrail_20131101",
    content_type: "application/x-amz-json-1.1",
};

/// The keys that the API knows.
#[derive(Clone, Copy, Debug)]
pub struct TrailKeys;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    public_key_list: Vec<Listed>,
    next_token: Option<String>,
}

/// A key as it is listed; times are seconds since 1970, or parts of them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    value: Option<String>,
    fingerprint: Option<String>,
    validity_start_time: Option<f64>,
    validity_end_time: Option<f64>,
}

#[async_trait::async_trait]
impl KeySource for TrailKeys {
    async fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>> {
        keys_by(&client::config(Some(region)).await, region, from, to).await
    }
}

async fn keys_by(config: &SdkConfig, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>> {
    let cloudtrail = Json::of(&CLOUDTRAIL, config);
    let seconds = |time: Timestamp| time.0.div_euclid(1_000_000);
    let mut input = json!({"StartTime": seconds(from), "EndTime": seconds(to)});
    let mut keys = Vec::new();
    for _ in 0..MAX_PAGES {
        let page = cloudtrail.call::<Page>("ListPublicKeys", &input).await;
        let page = page.map_err(|failure| failed(region, failure))?;
        for listed in &page.public_key_list {
            keys.push(key(region, listed)?);
        }
        let Some(next) = page.next_token else { break };
        input["NextToken"] = next.into();
    }
    Ok(keys)
}

fn key(region: &str, listed: &Listed) -> Result<PublicKey> {
    // What is cast ends at the ends of what there is.
    let time = |time: Option<f64>| time.map(|time| Timestamp((time as i64).saturating_mul(1_000_000)));
    let (from, to) = (time(listed.validity_start_time), time(listed.validity_end_time));
    let odd = || Fault::world(msg!("aws-cloudtrail-odd-answer", region = region));
    let der = listed.value.as_ref().and_then(|value| STANDARD.decode(value).ok()).ok_or_else(odd)?;
    let key = PublicKey::new(der, from, to).map_err(|fault| odd().because(fault))?;
    let is_named = listed.fingerprint.as_ref().is_none_or(|stated| stated.eq_ignore_ascii_case(key.fingerprint()));
    if is_named { Ok(key) } else { Err(odd()) }
}

fn failed(region: &str, failure: Failure) -> Fault {
    let fault = match failure.code() {
        "" if matches!(failure, Failure::Odd(_)) => Fault::world(msg!("aws-cloudtrail-odd-answer", region = region)),
        "" => Fault::world(msg!("aws-cloudtrail-unreachable", region = region)),
        code if code.starts_with("AccessDenied") => Fault::world(msg!("aws-cloudtrail-forbidden", region = region)),
        code => Fault::world(msg!("aws-cloudtrail-refused", region = region, code = code)),
    };
    fault.because(failure.into_cause())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::stub::{Stub, answer};

    /// SEQUENCE { INTEGER 1, INTEGER 1 } has the form of a key.
    const DER: [u8; 8] = [0x30, 6, 2, 1, 1, 2, 1, 1];

    fn listed(value: Option<&[u8]>, fingerprint: Option<&str>) -> Listed {
        let value = value.map(|value| STANDARD.encode(value));
        let fingerprint = fingerprint.map(str::to_owned);
        Listed { value, fingerprint, validity_start_time: None, validity_end_time: None }
    }

    #[test]
    fn what_is_no_key_or_is_misnamed_is_an_odd_answer() {
        assert!(key("us-east-1", &listed(Some(&DER), None)).is_ok());
        for odd in [listed(None, None), listed(Some(b"0"), None), listed(Some(&DER), Some("00"))] {
            assert_eq!(key("us-east-1", &odd).unwrap_err().id(), "aws-cloudtrail-odd-answer");
        }
    }

    #[tokio::test]
    async fn keys_are_listed_page_by_page_with_their_times() {
        let page = |from: &str, next: &str| {
            let key = format!(
                r#"{{"Value":"{}","ValidityStartTime":{from},"ValidityEndTime":1775001600.0}}"#,
                STANDARD.encode(DER)
            );
            answer(200, &format!(r#"{{"PublicKeyList":[{key}]{next}}}"#))
        };
        let stub = Stub::of(vec![page("1.7723232E9", r#","NextToken":"t""#), page("1772323200", "")]);
        let config = stub.config();
        let (from, to) = (Timestamp(1_000_000), Timestamp(2_999_999));
        let keys = keys_by(&config, "us-east-1", from, to).await.unwrap();
        assert_eq!(keys.len(), 2);
        let asked = stub.asked();
        assert!(asked[0].contains("x-amz-target: CloudTrail_20131101.ListPublicKeys\r\n"), "{}", asked[0]);
        assert!(
            asked[0].ends_with(r#"{"StartTime":1,"EndTime":2}"#)
                || asked[0].ends_with(r#"{"EndTime":2,"StartTime":1}"#)
        );
        assert!(asked[1].contains(r#""NextToken":"t""#), "{}", asked[1]);

        let denied = Stub::of(vec![answer(400, r#"{"__type":"AccessDeniedException"}"#), answer(200, "[]")]);
        for id in ["aws-cloudtrail-forbidden", "aws-cloudtrail-odd-answer"] {
            assert_eq!(keys_by(&denied.config(), "us-east-1", from, to).await.unwrap_err().id(), id);
        }
    }
}
