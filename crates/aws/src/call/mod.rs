//! A signed call of any service: who calls, where to, how it is tried again. What stands in it and what comes back is the
//! business of its protocol (`json.rs`, `query.rs`, `rest.rs`); how an operation is added stands in `docs/adr/0017-calls-without-sdk-clients.md`.
//!
//! ```text
//! service ─► protocol writes the body ─► endpoint ─► credentials ─► SigV4 ─► TLS ─► answer ─► protocol reads it
//!                                        └──────────── again, with jitter, where it is throttled or nothing answers
//! ```
//!
//! Signing, retries and timeouts are those of the SDK: they are in the crates that finding credentials brings in any case.

mod endpoint;
mod failure;
mod json;
mod query;
mod rest;
mod xml;

use std::fmt;

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::{
    StaticAuthSchemeOptionResolver, StaticAuthSchemeOptionResolverParams,
};
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthSchemeOptionResolver};
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::Limited;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, msg};

pub(crate) use endpoint::{home, home_of_organizations};
pub(crate) use failure::{Failure, failed};
pub(crate) use json::{Json, JsonService};
pub(crate) use query::{Query, QueryService};
pub(crate) use rest::{Put, Rest, RestService, SMALLEST as SMALLEST_MEMBER, escaped};
pub(crate) use xml::Element;

use failure::Refusal;

/// The longest answer that is read, in bytes: the longest that a service gives is a megabyte of events, escaped.
const LONGEST: usize = 32 << 20;

/// A service of AWS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// Its name in configurations: `CloudWatch Logs` is `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`.
    pub(crate) id: &'static str,
    /// What its host name begins with, and mostly what a request is signed for.
    pub(crate) host: &'static str,
    /// Whether its endpoints in GovCloud are FIPS endpoints without being called so.
    pub(crate) is_fips_in_gov: bool,
}

impl Service {
    /// What a request is signed for: settings of S3 for a whole account have hosts of their own, and S3's name.
    fn signs(&self) -> &'static str {
        match self.host {
            "s3-control" => "s3",
            host => host,
        }
    }
}

/// A request, before it is signed.
struct Request {
    method: &'static str,
    /// The path with its query, escaped.
    path: String,
    content_type: Option<&'static str>,
    /// `X-Amz-Target`, where the protocol has it.
    target: Option<String>,
    /// The account that it is about, where a header says so.
    account: Option<String>,
    /// The SHA-256 of the body in base64, where the service wants it in a header of its own.
    checksum: Option<String>,
    /// Below which size S3 moves nothing, where a life cycle says so: a header, and no part of what is put.
    smallest: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// One of the protocols that post all to one place.
    fn post(content_type: &'static str, target: Option<String>, body: Vec<u8>) -> Self {
        Self {
            method: "POST",
            path: "/".to_owned(),
            content_type: Some(content_type),
            target,
            account: None,
            checksum: None,
            smallest: None,
            body,
        }
    }

    /// One that asks for something by its path.
    fn get(path: &str) -> Self {
        let (path, body) = (path.to_owned(), Vec::new());
        Self {
            method: "GET",
            path,
            content_type: None,
            target: None,
            account: None,
            checksum: None,
            smallest: None,
            body,
        }
    }

    /// One that puts something at a path of S3, which compares the checksum with what came, where it takes one.
    fn put(path: &str, body: Vec<u8>, has_checksum: bool) -> Self {
        let checksum = has_checksum.then(|| BASE64_STANDARD.encode(Sha256::digest(&body)));
        let (path, content_type) = (path.to_owned(), Some("application/xml"));
        Self { method: "PUT", path, content_type, checksum, body, ..Self::get("") }
    }

    /// One that asks by its path and says more in JSON.
    fn ask(path: &str, body: Vec<u8>) -> Self {
        Self { path: path.to_owned(), ..Self::post("application/json", None, body) }
    }
}

/// What of a request may be seen in a log: nothing.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

/// The header in which S3 says below which size a life cycle moves nothing.
const SMALLEST: &str = "x-amz-transition-default-minimum-object-size";

/// The bytes of an answer, of which a log shows nothing either.
struct Answer {
    bytes: Bytes,
    /// What S3 says of a life cycle in a header alone.
    smallest: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// What an answer says that is an error.
type ReadRefusal = fn(&HttpResponse) -> Refusal;

/// A service as somebody calls it, in a region.
#[derive(Clone, Debug)]
struct Line {
    /// Calls of one service in one region share what may be spent on tries.
    name: String,
    endpoint: Result<String, Fault>,
    plugin: SharedRuntimePlugin,
    config: SdkConfig,
}

impl Line {
    fn of(service: &'static Service, config: &SdkConfig) -> Self {
        Self::under(service, config, None)
    }

    /// The same where the host begins with something of one's own: an account.
    fn under(service: &'static Service, config: &SdkConfig, account: Option<&str>) -> Self {
        let region = config.region().map_or("", AsRef::as_ref);
        Self {
            name: format!("{}-{region}", service.host),
            endpoint: endpoint::of(service, config, account),
            plugin: plugin(service, config),
            config: config.clone(),
        }
    }

    /// Sends a request until it is answered, or tried often enough. The answer's bytes, unless it says that it is an error.
    async fn send(&self, action: &'static str, request: Request, refusal: ReadRefusal) -> Result<Bytes, Failure> {
        self.send_whole(action, request, refusal).await.map(|answer| answer.bytes)
    }

    /// The same with what a header says beside the bytes.
    async fn send_whole(
        &self,
        action: &'static str,
        request: Request,
        refusal: ReadRefusal,
    ) -> Result<Answer, Failure> {
        let endpoint = self.endpoint.as_ref().map_err(|fault| Failure::Unreached(Box::new(fault.clone())))?;
        let mut operation = Operation::builder()
            .service_name(self.name.clone())
            .operation_name(action)
            .endpoint_url(endpoint)
            .with_connection_poisoning()
            .runtime_plugin(self.plugin.clone())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .serializer(write)
            .deserializer(move |response: &HttpResponse| read(response, refusal));
        if let Some(retries) = self.config.retry_config() {
            operation = operation.standard_retry(retries);
        }
        if let Some(timeouts) = self.config.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
        operation.build().invoke(request).await.map_err(Failure::from)
    }
}

/// What all calls of a service have in common: as whom, and through what.
fn plugin(service: &'static Service, config: &SdkConfig) -> SharedRuntimePlugin {
    let mut layer = Layer::new("shoseki");
    layer.store_put(AuthSchemeOptionResolverParams::from(StaticAuthSchemeOptionResolverParams::new()));
    layer.store_put(signing(service));
    layer.store_put(SigningName::from_static(service.signs()));
    layer.store_put(ApiMetadata::new(service.host, env!("CARGO_PKG_VERSION")));
    layer.store_put(SensitiveOutput);
    if let Some(region) = config.region() {
        layer.store_put(SigningRegion::from(region.clone()));
    }
    if let Some(app) = config.app_name() {
        layer.store_put(app.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    let mut parts = RuntimeComponentsBuilder::new("shoseki")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_http_client(config.http_client())
        .with_identity_cache(config.identity_cache())
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new())
        .with_interceptor(StalledStreamProtectionInterceptor::default())
        .with_interceptor(Bound);
    if let Some(credentials) = config.credentials_provider() {
        parts.set_identity_resolver(SCHEME_ID, credentials);
    }
    if let Some(sleep) = config.sleep_impl() {
        parts.set_sleep_impl(Some(sleep));
    }
    if let Some(time) = config.time_source() {
        parts.set_time_source(Some(time));
    }
    let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(parts);
    SharedRuntimePlugin::new(plugin)
}

/// How a service wants it signed: S3 has names in paths as they are, and the hash of the body in a header.
fn signing(service: &Service) -> SigV4OperationSigningConfig {
    let mut signing = SigV4OperationSigningConfig::default();
    if service.signs() == "s3" {
        let mut options = SigningOptions::default();
        options.double_uri_encode = false;
        options.normalize_uri_path = false;
        options.content_sha256_header = true;
        signing.signing_options = options;
    }
    signing
}

/// Ends an answer that does not end.
#[derive(Debug)]
struct Bound;

#[dyn_dispatch_hint]
impl Intercept for Bound {
    fn name(&self) -> &'static str {
        "Bound"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().take_body();
        *context.response_mut().body_mut() = SdkBody::from_body_1_x(Limited::new(body, LONGEST));
        Ok(())
    }
}

fn write(request: Request) -> Result<HttpRequest, BoxError> {
    let mut written = http::Request::builder().method(request.method).uri(request.path);
    if let Some(content_type) = request.content_type {
        written = written.header("content-type", content_type);
    }
    if let Some(target) = request.target {
        written = written.header("x-amz-target", target);
    }
    if let Some(account) = request.account {
        written = written.header("x-amz-account-id", account);
    }
    if let Some(checksum) = request.checksum {
        written = written.header("x-amz-checksum-sha256", checksum);
    }
    if let Some(smallest) = request.smallest {
        written = written.header(SMALLEST, smallest);
    }
    Ok(HttpRequest::try_from(written.body(SdkBody::from(request.body))?)?)
}

fn read(response: &HttpResponse, refusal: ReadRefusal) -> Result<Answer, OrchestratorError<Refusal>> {
    if !response.status().is_success() {
        return Err(OrchestratorError::operation(refusal(response)));
    }
    let unread = || OrchestratorError::other(Fault::broken(msg!("aws-call-unread")));
    let smallest = response.headers().get(SMALLEST).map(str::to_owned);
    let bytes = response.body().bytes().map(Bytes::copy_from_slice).ok_or_else(unread)?;
    Ok(Answer { bytes, smallest })
}

#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
