//! AWS KMS as the provider that wraps class keys: one call a class and month, `kms:Encrypt` when it is made, `kms:Decrypt`
//! when it is opened. The key never leaves KMS; what a class key is for is bound to it as the encryption context
//! `{"shoseki": "shoseki/class-key/v1:standard/2026-03"}`, which CloudTrail shows with each call.

use async_recursion::async_recursion;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::{KeyProvider, KeyServices, Secret};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::call::{Failure, Json, JsonService, Service};
use crate::client;

/// The beginning of a KMS key's name; its ARN follows.
const SCHEME: &str = "aws-kms:";
/// The key of the encryption context.
const CONTEXT: &str = "shoseki";
/// What is wrapped once when a key is taken into use.
const TRIAL: &str = "shoseki/trial/v1";

pub(crate) static KMS: JsonService = JsonService {
    service: Service { id: "KMS", host: "kms", is_fips_in_gov: false },
    target: "TrentService",
    content_type: "application/x-amz-json-1.1",
};

/// The keys of AWS KMS, by their names.
#[derive(Clone, Copy, Debug)]
pub struct Kms;

/// What an encryption or a decryption answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    ciphertext_blob: Option<String>,
    key_id: Option<String>,
    plaintext: Option<String>,
}

impl KeyServices for Kms {
    fn open(&self, name: &str) -> Result<Arc<dyn KeyProvider>> {
        match name.strip_prefix(SCHEME) {
            Some(key) => Ok(Arc::new(KmsKey::new(key))),
            None => Err(Fault::caller(msg!("segment-key-service-unknown", name = name))),
        }
    }
}

/// A key of AWS KMS.
#[derive(Debug)]
pub struct KmsKey {
    key: String,
    kms: OnceCell<Json>,
}

/// Takes a key into use: an ARN, a key id, or `alias/NAME`. It must wrap and unwrap here and now. Gives the name that is
/// kept, `aws-kms:<ARN>`: an alias may point elsewhere tomorrow.
///
/// # Errors
/// The caller's mistake where there is no such key or it does not encrypt; the world's failure where KMS refuses or cannot
/// be reached.
#[async_recursion]
pub async fn take(key: &str) -> Result<String> {
    let given = KmsKey::new(key);
    let trial = Secret::fresh()?;
    let (wrapped, arn) = given.encrypt(TRIAL, &trial).await?;
    let named = KmsKey::new(&arn);
    if named.unwrap(TRIAL, &wrapped).await?.expose() != trial.expose() {
        return Err(Fault::broken(msg!("aws-kms-differs", key = arn)));
    }
    Ok(named.name())
}

impl KmsKey {
    fn new(key: &str) -> Self {
        Self { key: key.to_owned(), kms: OnceCell::new() }
    }

    /// A key's ARN names its region; only an alias or an id is looked for in the configured one.
    fn region(&self) -> Option<&str> {
        self.key.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty())
    }

    async fn call(&self, context: &str, operation: &'static str, named: (&str, &[u8])) -> Result<Answer> {
        let kms = self.kms.get_or_init(|| async { Json::of(&KMS, &client::config(self.region()).await) }).await;
        let (name, bytes) = named;
        // The key is always named, so that KMS opens nothing that another key wrapped.
        let bytes = Zeroizing::new(STANDARD.encode(bytes));
        let input = json!({"KeyId": self.key, "EncryptionContext": {CONTEXT: context}, name: *bytes});
        let answer = kms.call(operation, &input).await;
        answer.map_err(|failure| self.failed(&format!("kms:{operation}"), context, failure))
    }

    /// The wrapped key, and the ARN of what wrapped it.
    async fn encrypt(&self, context: &str, key: &Secret) -> Result<(Vec<u8>, String)> {
        let answer = self.call(context, "Encrypt", ("Plaintext", key.expose().as_slice())).await?;
        let wrapped = answer.ciphertext_blob.and_then(|wrapped| STANDARD.decode(wrapped).ok());
        wrapped.zip(answer.key_id).ok_or_else(|| self.odd())
    }

    fn odd(&self) -> Fault {
        Fault::world(msg!("aws-kms-odd-answer", key = self.key.as_str()))
    }

    fn failed(&self, action: &str, context: &str, failure: Failure) -> Fault {
        let key = self.key.as_str();
        let fault = match failure.code() {
            "NotFoundException" => Fault::caller(msg!("aws-kms-key-absent", key = key)),
            "InvalidKeyUsageException" => Fault::caller(msg!("aws-kms-key-usage", key = key)),
            "InvalidCiphertextException" | "IncorrectKeyException" => {
                Fault::damage(msg!("segment-key-refused", context = context))
            }
            "DisabledException" | "KMSInvalidStateException" => Fault::world(msg!("aws-kms-key-disabled", key = key)),
            "" if matches!(failure, Failure::Odd(_)) => self.odd(),
            "" => Fault::world(msg!("aws-kms-unreachable", key = key)),
            code if code.starts_with("AccessDenied") => {
                Fault::world(msg!("aws-kms-forbidden", key = key, action = action))
            }
            code => Fault::world(msg!("aws-kms-refused", key = key, action = action, code = code)),
        };
        fault.because(failure.into_cause())
    }
}

#[async_trait::async_trait]
impl KeyProvider for KmsKey {
    fn name(&self) -> String {
        format!("{SCHEME}{}", self.key)
    }

    fn named(&self, name: &str) -> Option<&dyn KeyProvider> {
        (self.name() == name).then_some(self)
    }

    async fn wrap(&self, context: &str, key: &Secret) -> Result<Vec<u8>> {
        self.encrypt(context, key).await.map(|(wrapped, _)| wrapped)
    }

    async fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Secret> {
        let answer = self.call(context, "Decrypt", ("CiphertextBlob", wrapped)).await?;
        let plain = Zeroizing::new(answer.plaintext.ok_or_else(|| self.odd())?);
        let plain = Zeroizing::new(STANDARD.decode(plain.as_str()).map_err(|_| self.odd())?);
        let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| self.odd())?;
        Ok(Secret::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_region_and_an_alias_does_not() {
        let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(KmsKey::new(arn).region(), Some("ap-northeast-1"));
        assert_eq!(KmsKey::new("alias/evidence").region(), None);
        assert_eq!(Kms.open(&format!("aws-kms:{arn}")).unwrap().name(), format!("aws-kms:{arn}"));
        assert_eq!(Kms.open("gcp-kms:x").unwrap_err().id(), "segment-key-service-unknown");
    }
}
