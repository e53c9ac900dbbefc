//! Credentials, region and endpoint of buckets, as the SDK finds them: variables, profiles, single sign-on, assumed roles,
//! `credential_process`, IRSA, EKS Pod Identity, the machine's role.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Error};
use shoseki_vault::{BucketSettings, Buckets};
use tokio::sync::{Mutex, OnceCell};

use crate::client::{self, Caller};

/// How long before their end credentials are no longer used.
const AHEAD: Duration = Duration::from_secs(300);

/// Buckets as a caller sees them; its configuration is read once, when the first bucket is opened.
#[derive(Debug, Default)]
pub struct S3 {
    caller: Caller,
    settings: OnceCell<BucketSettings>,
}

impl S3 {
    /// Buckets as this caller sees them.
    pub fn of(caller: Caller) -> Self {
        Self { caller, settings: OnceCell::new() }
    }
}

#[async_trait]
impl Buckets for S3 {
    async fn settings(&self) -> BucketSettings {
        self.settings.get_or_init(|| read(&self.caller)).await.clone()
    }
}

async fn read(caller: &Caller) -> BucketSettings {
    let config = client::config_of(caller).await;
    let chain = config.credentials_provider().map(|provider| Chain { provider, held: Mutex::default() });
    BucketSettings {
        region: config.region().map(ToString::to_string),
        endpoint: config.endpoint_url().map(str::to_owned),
        credentials: chain.map(|chain| Arc::new(chain) as Arc<_>),
    }
}

/// The SDK's chain, asked again shortly before what it gave ends.
#[derive(Debug)]
struct Chain {
    provider: SharedCredentialsProvider,
    held: Mutex<Option<(Arc<AwsCredential>, Option<SystemTime>)>>,
}

#[async_trait]
impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut held = self.held.lock().await;
        let is_good = |expiry: Option<SystemTime>| expiry.is_none_or(|expiry| SystemTime::now() + AHEAD < expiry);
        if let Some((credential, _)) = held.as_ref().filter(|(_, expiry)| is_good(*expiry)) {
            return Ok(Arc::clone(credential));
        }
        let found: Credentials = self
            .provider
            .provide_credentials()
            .await
            .map_err(|error| Error::Unauthenticated { path: "s3".to_owned(), source: Box::new(error) })?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        *held = Some((Arc::clone(&credential), found.expiry()));
        Ok(credential)
    }
}
