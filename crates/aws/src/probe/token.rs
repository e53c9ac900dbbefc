//! A token for the API server of a cluster of EKS: a signed request for `sts:GetCallerIdentity` that names the cluster. The cluster
//! sends it to STS, and hears who signed.
//!
//! ```text
//! k8s-aws-v1.<base64url of https://sts.eu-west-3.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-…>
//! ```

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shoseki_messages::{Fault, Result, msg};

use crate::call::escaped;

/// What a token begins with.
const START: &str = "k8s-aws-v1.";
/// The header that says which cluster is meant; it is signed, so that no other takes the token.
const CLUSTER: &str = "x-k8s-aws-id";
/// How long the signed request is good for, in seconds; EKS takes none that is good for longer.
const GOOD: u64 = 60;

/// The token of a cluster in the region of the configuration.
pub(super) async fn of_cluster(config: &SdkConfig, cluster: &str) -> Result<String> {
    let absent = || Fault::caller(msg!("aws-credentials-absent"));
    let provider = config.credentials_provider().ok_or_else(absent)?;
    let identity: Identity = provider.provide_credentials().await.map_err(|error| absent().because(error))?.into();
    let region = config.region().map(AsRef::as_ref).ok_or_else(|| Fault::caller(msg!("aws-region-absent")))?;
    signed(&identity, (region, cluster), SystemTime::now())
}

fn signed(identity: &Identity, (region, cluster): (&str, &str), now: SystemTime) -> Result<String> {
    let unsigned = || Fault::broken(msg!("aws-token-unsigned", cluster = cluster));
    // Always STS's own host: the cluster asks there, and nowhere that this machine's configuration points to.
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let host = format!("sts.{region}.{suffix}");
    let url = format!("https://{host}/?Action=GetCallerIdentity&Version=2011-06-15");
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(GOOD));
    let parameters = v4::SigningParams::builder().identity(identity).region(region).name("sts").time(now);
    let parameters = parameters.settings(settings).build().map_err(|error| unsigned().because(error))?.into();
    let headers = [("host", host.as_str()), (CLUSTER, cluster)];
    let request = SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::empty());
    let request = request.map_err(|error| unsigned().because(error))?;
    let (instructions, _) = sign(request, &parameters).map_err(|error| unsigned().because(error))?.into_parts();
    let (_, parameters) = instructions.into_parts();
    let more: String = parameters.iter().map(|(name, value)| format!("&{name}={}", escaped(value))).collect();
    Ok(format!("{START}{}", BASE64_URL_SAFE_NO_PAD.encode(format!("{url}{more}"))))
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    #[test]
    fn a_token_is_what_botocore_signs() {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None, None, "test");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_672_523);
        let token = signed(&credentials.into(), ("eu-west-3", "shop"), now).unwrap();
        let url = BASE64_URL_SAFE_NO_PAD.decode(token.strip_prefix(START).unwrap()).unwrap();
        let url = String::from_utf8(url).unwrap();
        // botocore's `SigV4QueryAuth` gives this signature of the same request at that time.
        let expected = "69f56f13d4ecbd905a48a3fa6052e6c63855a4eecd826f0981e137e02e2f8db2";
        assert!(url.ends_with(&format!("&X-Amz-Signature={expected}")), "{url}");
        for part in [
            "https://sts.eu-west-3.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&",
            "X-Amz-Expires=60",
            "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            "X-Amz-Credential=AKIDEXAMPLE%2F20260305%2Feu-west-3%2Fsts%2Faws4_request",
        ] {
            assert!(url.contains(part), "{part} is not in {url}");
        }
    }
}
