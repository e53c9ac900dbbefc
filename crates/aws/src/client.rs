//! How services are called: credentials and endpoints by the AWS conventions, TLS by rustls.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// How long one call may take, all its tries together.
const CALL: Duration = Duration::from_secs(60);
/// How often a call is tried that is throttled or gets no answer: with jitter, and twice as long between tries each time.
const TRIES: u32 = 6;
/// What assumed roles' sessions are called; CloudTrail shows it with each call.
const SESSION: &str = "shoseki";

/// As whom, and where, services are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The region; the process's own where absent.
    pub region: Option<String>,
    /// The ARN of a role that is assumed; the process's own credentials where absent.
    pub role: Option<String>,
    /// What the role's owner asks for, so that nobody makes us use it for them.
    pub external_id: Option<String>,
}

/// TLS by rustls, with the certificates of this machine.
pub(crate) fn https() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// The configuration of this process, for a region where one is given.
pub(crate) async fn config(region: Option<&str>) -> SdkConfig {
    config_of_profile(region, None).await
}

async fn config_of_profile(region: Option<&str>, profile: Option<&str>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_timeout(CALL).build();
    let retries = RetryConfig::standard().with_max_attempts(TRIES);
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https());
    let mut loader = loader.timeout_config(timeouts).retry_config(retries);
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(profile) = profile {
        // A profile that is named goes before keys in the environment, which are somebody else's then.
        let with = ProviderConfig::default()
            .with_http_client(https())
            .with_region(region.map(|one| Region::new(one.to_owned())));
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&with).build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    loader.load().await
}

/// The configuration of a caller.
pub(crate) async fn config_of(caller: &Caller) -> SdkConfig {
    config_with(caller, None).await
}

/// The same, by a profile of the user's configuration where one is named.
pub(crate) async fn config_with(caller: &Caller, profile: Option<&str>) -> SdkConfig {
    let base = config_of_profile(caller.region.as_deref(), profile).await;
    let Some(role) = &caller.role else { return base };
    let mut provider = AssumeRoleProvider::builder(role).session_name(SESSION).configure(&base);
    if let Some(external_id) = &caller.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    base.into_builder().credentials_provider(provider).build()
}
