//! Why a call came to nothing: what the service says, an answer that is none, or no answer.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use shoseki_messages::{Fault, msg};

/// How much of what a service says is kept, in characters.
const LONGEST: usize = 1_000;

/// Why a call came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The service says that it is an error.
    Refused(Box<Refusal>),
    /// What came is no answer to what was asked.
    Odd(BoxError),
    /// Nothing answered, or nothing could be asked.
    Unreached(BoxError),
}

/// An error as a service names it.
#[derive(Debug)]
pub(crate) struct Refusal(ErrorMetadata);

impl Refusal {
    /// From what an answer says: its code, or its status where it has none.
    pub(super) fn new(response: &HttpResponse, code: Option<&str>, message: Option<&str>) -> Self {
        let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let code = code.filter(|code| !code.is_empty()).map(short);
        let mut known = ErrorMetadata::builder();
        known = known.code(code.unwrap_or_else(|| format!("HTTP {}", response.status().as_u16())));
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            known = known.message(short(message));
        }
        if response.status().is_server_error() {
            known = known.custom("server", "");
        }
        if let Some(request) = response.request_id() {
            known = known.custom("request", short(request));
        }
        Self(known.build())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message().or(self.0.code()).unwrap_or_default())?;
        match self.0.extra("request") {
            Some(request) => write!(f, " (request {request})"),
            None => Ok(()),
        }
    }
}

impl Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl From<SdkError<Refusal, HttpResponse>> for Failure {
    fn from(error: SdkError<Refusal, HttpResponse>) -> Self {
        match error {
            SdkError::ServiceError(context) => Self::Refused(Box::new(context.into_err())),
            other => match other.into_source() {
                Ok(source) => Self::Unreached(source),
                Err(other) => Self::Unreached(other.into()),
            },
        }
    }
}

impl Failure {
    /// What the service calls it; empty where it is not the service that says so.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.0.code().unwrap_or_default(),
            Self::Odd(_) | Self::Unreached(_) => "",
        }
    }

    /// Whether the service says that it is its own failure, and no refusal.
    fn is_of_server(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.0.extra("server").is_some())
    }

    /// What lies behind it.
    pub(crate) fn into_cause(self) -> BoxError {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Odd(cause) | Self::Unreached(cause) => cause,
        }
    }
}

/// Why a call failed: `action` as IAM names it, on what.
pub(crate) fn failed(action: &str, what: &str, failure: Failure) -> Fault {
    let fault = match (&failure, failure.code()) {
        (Failure::Odd(_), _) => Fault::world(msg!("aws-call-odd-answer", action = action, what = what)),
        (Failure::Unreached(_), _) => Fault::world(msg!("aws-call-unreachable", action = action, what = what)),
        (_, code) if failure.is_of_server() => {
            Fault::world(msg!("aws-call-unanswered", action = action, what = what, code = code))
        }
        (_, code) if is_absent(code) => Fault::caller(msg!("aws-call-absent", action = action, what = what)),
        (_, code) if code.starts_with("AccessDenied") || code == "UnauthorizedOperation" => {
            Fault::world(msg!("aws-call-forbidden", action = action, what = what))
        }
        (_, code) => Fault::world(msg!("aws-call-refused", action = action, what = what, code = code)),
    };
    fault.because(failure.into_cause())
}

/// Whether an error says that what was named is not there.
fn is_absent(code: &str) -> bool {
    matches!(
        code,
        "ResourceNotFoundException"
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "QueueDoesNotExist"
            | "DBInstanceNotFound"
            | "DBInstanceNotFoundFault"
            | "DBLogFileNotFoundFault"
    )
}
