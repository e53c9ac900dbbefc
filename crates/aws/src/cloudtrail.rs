//! The public keys of CloudTrail, `cloudtrail:ListPublicKeys`: each region has its own, for a stretch of time.

use std::fmt;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::PublicKey as Listed;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_verify::trail::{KeySource, PublicKey};

use crate::client;

/// How many pages of keys are read: a year has some dozens of keys.
const MAX_PAGES: usize = 1_000;

/// The keys that the API knows.
#[derive(Clone, Copy, Debug)]
pub struct TrailKeys;

#[async_trait::async_trait]
impl KeySource for TrailKeys {
    async fn keys(&self, region: &str, from: Timestamp, to: Timestamp) -> Result<Vec<PublicKey>> {
        let client = Client::new(&client::config(Some(region)).await);
        let (mut keys, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let request = client.list_public_keys().start_time(time_of(from)).end_time(time_of(to));
            let answer = request.set_next_token(next).send().await.map_err(|error| failed(region, error))?;
            for listed in answer.public_key_list() {
                keys.push(key(region, listed)?);
            }
            next = answer.next_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(keys)
    }
}

fn key(region: &str, listed: &Listed) -> Result<PublicKey> {
    let time = |time: Option<&DateTime>| time.map(|time| Timestamp(time.secs().saturating_mul(1_000_000)));
    let (from, to) = (time(listed.validity_start_time()), time(listed.validity_end_time()));
    let odd = || Fault::world(msg!("aws-cloudtrail-odd-answer", region = region));
    let der = listed.value().ok_or_else(odd)?.as_ref().to_vec();
    let key = PublicKey::new(der, from, to).map_err(|fault| odd().because(fault))?;
    let is_named = listed.fingerprint().is_none_or(|stated| stated.eq_ignore_ascii_case(key.fingerprint()));
    if is_named { Ok(key) } else { Err(odd()) }
}

fn time_of(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.0.div_euclid(1_000_000))
}

fn failed<E>(region: &str, error: SdkError<E>) -> Fault
where
    E: ProvideErrorMetadata + fmt::Debug + std::error::Error + Send + Sync + 'static,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    let fault = match code {
        "" => Fault::world(msg!("aws-cloudtrail-unreachable", region = region)),
        code if code.starts_with("AccessDenied") => Fault::world(msg!("aws-cloudtrail-forbidden", region = region)),
        code => Fault::world(msg!("aws-cloudtrail-refused", region = region, code = code)),
    };
    match error.into_source() {
        Ok(source) => fault.because(source),
        Err(other) => fault.because(other),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::primitives::Blob;

    use super::*;

    #[test]
    fn what_is_no_key_or_is_misnamed_is_an_odd_answer() {
        let listed = |value: Option<&[u8]>| Listed::builder().set_value(value.map(Blob::new)).build();
        assert_eq!(key("us-east-1", &listed(None)).unwrap_err().id(), "aws-cloudtrail-odd-answer");
        assert_eq!(key("us-east-1", &listed(Some(b"0"))).unwrap_err().id(), "aws-cloudtrail-odd-answer");
        // SEQUENCE { INTEGER 1, INTEGER 1 } has the form of a key.
        let der = [0x30, 6, 2, 1, 1, 2, 1, 1];
        assert!(key("us-east-1", &listed(Some(&der))).is_ok());
        let misnamed = Listed::builder().value(Blob::new(der)).fingerprint("00").build();
        assert_eq!(key("us-east-1", &misnamed).unwrap_err().id(), "aws-cloudtrail-odd-answer");
    }
}
