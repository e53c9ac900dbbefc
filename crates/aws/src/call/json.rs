//! AWS JSON 1.0 and 1.1: the operation stands in a header, what it is asked with and what it answers are JSON.
//!
//! ```text
//! X-Amz-Target: Logs_20140328.FilterLogEvents        {"logGroupName":"/aws/eks/shop/cluster"}
//! 200 {"events":[…]}      400 {"__type":"com.amazonaws.logs#ResourceNotFoundException","message":…}
//! ```

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::Refusal;
use super::{Failure, Line, Request, Service};

/// A service that speaks AWS JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    line: Line,
    protocol: &'static JsonService,
}

/// What is to be known of such a service.
#[derive(Debug)]
pub(crate) struct JsonService {
    pub(crate) service: Service,
    /// The name that stands before the operation's.
    pub(crate) target: &'static str,
    /// `application/x-amz-json-1.0` or `-1.1`.
    pub(crate) content_type: &'static str,
}

impl Json {
    /// As a configuration says. Nothing is called yet.
    pub(crate) fn of(protocol: &'static JsonService, config: &SdkConfig) -> Self {
        Self { line: Line::of(&protocol.service, config), protocol }
    }

    /// Calls an operation.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        input: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(input).map_err(|error| Failure::Unreached(error.into()))?;
        let target = Some(format!("{}.{operation}", self.protocol.target));
        let request = Request::post(self.protocol.content_type, target, body);
        let answer = self.line.send(operation, request, refusal).await?;
        // Some operations answer with nothing.
        let answer = if answer.is_empty() { &b"{}"[..] } else { &answer };
        serde_json::from_slice(answer).map_err(|error| Failure::Odd(error.into()))
    }
}

/// The code stands in a header, or in the body; SQS says besides what it called it when it spoke another protocol.
pub(super) fn refusal(response: &HttpResponse) -> Refusal {
    let body: Value = response.body().bytes().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let header = |name: &str| response.headers().get(name);
    let older = header("x-amzn-query-error").and_then(|error| error.split(';').next());
    let code = older.or_else(|| {
        let code = header("x-amzn-errortype").or_else(|| text("code")).or_else(|| text("__type"))?;
        // `namespace#Code:http://…`
        let code = code.split(':').next().unwrap_or_default();
        code.split('#').next_back()
    });
    Refusal::new(response, code, text("message").or_else(|| text("Message")))
}
