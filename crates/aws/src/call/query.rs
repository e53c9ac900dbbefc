//! AWS's query protocol: a form goes, XML comes.
//!
//! ```text
//! Action=DescribeDBInstances&Version=2014-10-31&MaxRecords=100
//! 200 <DescribeDBInstancesResponse><DescribeDBInstancesResult>…</DescribeDBInstancesResult><ResponseMetadata>…
//! 404 <ErrorResponse><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>…</Message></Error>…
//! ```

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::Refusal;
use super::{Element, Failure, Line, Request, Service};

/// What RFC 3986 leaves as it is.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A service that speaks the query protocol.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    line: Line,
    protocol: &'static QueryService,
}

/// What is to be known of such a service.
#[derive(Debug)]
pub(crate) struct QueryService {
    pub(crate) service: Service,
    /// The version of its API.
    pub(crate) version: &'static str,
}

impl Query {
    /// As a configuration says. Nothing is called yet.
    pub(crate) fn of(protocol: &'static QueryService, config: &SdkConfig) -> Self {
        Self { line: Line::of(&protocol.service, config), protocol }
    }

    /// Calls an operation. What is asked is named as the wire has it: `Filters.Filter.1.Name`. Gives the element of the result.
    pub(crate) async fn call(&self, operation: &'static str, input: &[(&str, &str)]) -> Result<Element, Failure> {
        let answer = self.whole(operation, input).await?;
        let name = format!("{operation}Result");
        answer.into_child(&name).ok_or_else(|| Failure::Odd(format!("no `{name}`").into()))
    }
}

impl Query {
    /// The same where the answer has no element of its result: EC2's own form of the protocol.
    pub(crate) async fn whole(&self, operation: &'static str, input: &[(&str, &str)]) -> Result<Element, Failure> {
        let body = form(operation, self.protocol.version, input).into_bytes();
        let request = Request::post("application/x-www-form-urlencoded", None, body);
        let answer = self.line.send(operation, request, refusal).await?;
        Element::parse(&answer).map_err(Failure::Odd)
    }
}

fn form(operation: &str, version: &str, input: &[(&str, &str)]) -> String {
    let mut form = format!("Action={operation}&Version={version}");
    for (name, value) in input {
        form += &format!("&{name}={}", utf8_percent_encode(value, &ESCAPED));
    }
    form
}

fn refusal(response: &HttpResponse) -> Refusal {
    let answer = response.body().bytes().and_then(|body| Element::parse(body).ok());
    // EC2 has a list of errors, of which there is one.
    let error =
        answer.as_ref().and_then(|answer| answer.child("Error").or_else(|| answer.child("Errors")?.child("Error")));
    let text = |name: &str| error.and_then(|error| error.text_of(name));
    Refusal::new(response, text("Code"), text("Message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_escaped_as_what_is_signed_is() {
        let form = form("Publish", "2010-03-31", &[("Message", "証 a+b&c=d~e\n")]);
        assert_eq!(form, "Action=Publish&Version=2010-03-31&Message=%E8%A8%BC%20a%2Bb%26c%3Dd~e%0A");
    }
}
