//! REST: what is asked for stands in the path, the answer is JSON, or XML as S3 has it.
//!
//! ```text
//! GET /clusters/shop               200 {"cluster":{…}}      404 {"message":…}, `x-amzn-errortype: ResourceNotFoundException`
//! GET /shop-logs?versioning        200 <VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>
//!                                  404 <Error><Code>NoSuchBucket</Code><Message>…
//! ```
//!
//! Where a service wants more than a path to be asked by, that is posted as JSON. What is put into a bucket's settings is XML, or a
//! policy as it is: only `crates/aws/src/change` puts anything, and only `crates/aws/src/versions.rs` deletes.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::failure::Refusal;
use super::{Answer, Element, Failure, Line, Request, Service, json};

/// What RFC 3986 leaves as it is.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A service that speaks REST.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    line: Line,
    protocol: &'static RestService,
}

/// What is to be known of such a service.
#[derive(Debug)]
pub(crate) struct RestService {
    pub(crate) service: Service,
    /// Whether it answers in XML.
    pub(crate) is_xml: bool,
}

impl Rest {
    /// As a configuration says. Nothing is called yet.
    pub(crate) fn of(protocol: &'static RestService, config: &SdkConfig) -> Self {
        Self { line: Line::of(&protocol.service, config), protocol }
    }

    /// The same of a service that has a host for each account.
    pub(crate) fn of_account(protocol: &'static RestService, config: &SdkConfig, account: &str) -> Self {
        Self { line: Line::under(&protocol.service, config, Some(account)), protocol }
    }

    /// Asks for what stands at a path; names in it are escaped by [`escaped`]. XML comes as JSON, see [`Element::to_json`].
    pub(crate) async fn get(&self, operation: &'static str, path: &str) -> Result<Value, Failure> {
        self.send(operation, Request::get(path)).await
    }

    /// Asks for what stands at a path and is an account's.
    pub(crate) async fn get_of(&self, operation: &'static str, path: &str, account: &str) -> Result<Value, Failure> {
        self.send(operation, Request { account: Some(account.to_owned()), ..Request::get(path) }).await
    }

    /// Asks by a path, and says more in JSON.
    pub(crate) async fn ask(&self, operation: &'static str, path: &str, more: &Value) -> Result<Value, Failure> {
        self.send(operation, Request::ask(path, more.to_string().into_bytes())).await
    }

    /// Puts something at a path of S3, which says nothing to it but yes.
    pub(crate) async fn put(&self, operation: &'static str, path: &str, put: Put) -> Result<(), Failure> {
        let request = Request { smallest: put.smallest, ..Request::put(path, put.body, put.has_checksum) };
        self.line.send(operation, request, of_xml).await.map(drop)
    }

    /// Deletes what stands at a path of S3.
    pub(crate) async fn delete(&self, operation: &'static str, path: &str) -> Result<(), Failure> {
        let request = Request { method: "DELETE", ..Request::get(path) };
        self.line.send(operation, request, of_xml).await.map(drop)
    }

    /// Asks for the bytes that stand at a path.
    pub(crate) async fn bytes(&self, operation: &'static str, path: &str) -> Result<Bytes, Failure> {
        self.line.send(operation, Request::get(path), of_xml).await
    }

    async fn send(&self, operation: &'static str, request: Request) -> Result<Value, Failure> {
        let refusal = if self.protocol.is_xml { of_xml } else { json::refusal };
        let Answer { bytes: answer, smallest } = self.line.send_whole(operation, request, refusal).await?;
        // A bucket's policy is JSON where all else is XML.
        let is_json = !self.protocol.is_xml || answer.first() == Some(&b'{');
        match is_json {
            true if answer.is_empty() => Ok(json!({})),
            true => serde_json::from_slice(&answer).map_err(|error| Failure::Odd(error.into())),
            false => {
                let mut json = Element::parse(&answer).map(|answer| answer.to_json()).map_err(Failure::Odd)?;
                if let (Some(size), true) = (smallest, json.is_object()) {
                    json[SMALLEST] = json!(size);
                }
                Ok(json)
            }
        }
    }
}

/// What is put at a path of S3.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) body: Vec<u8>,
    /// Whether its checksum stands in a header: most calls want it, and some take none.
    pub(crate) has_checksum: bool,
    /// Below which size a life cycle moves nothing, where one is put.
    pub(crate) smallest: Option<String>,
}

/// What an answer has in a header alone stands under this name beside what it has in its body, as AWS's own tools show it.
pub(crate) const SMALLEST: &str = "TransitionDefaultMinimumObjectSize";

/// A name as it stands in a path or in a query.
pub(crate) fn escaped(name: &str) -> String {
    utf8_percent_encode(name, &ESCAPED).to_string()
}

/// S3's errors have no element around them; those about a whole account have one.
fn of_xml(response: &HttpResponse) -> Refusal {
    let answer = response.body().bytes().and_then(|body| Element::parse(body).ok());
    let error = answer.as_ref().map(|answer| answer.child("Error").unwrap_or(answer));
    let text = |name: &str| error.and_then(|error| error.text_of(name));
    Refusal::new(response, text("Code"), text("Message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::stub::{Stub, answer, answer_with};

    static S3: RestService =
        RestService { service: Service { id: "S3", host: "s3", is_fips_in_gov: false }, is_xml: true };
    static EKS: RestService =
        RestService { service: Service { id: "EKS", host: "eks", is_fips_in_gov: false }, is_xml: false };

    #[tokio::test]
    async fn what_s3_is_asked_is_signed_as_s3_wants_it() {
        let stub = Stub::of(vec![
            answer(200, "<VersioningConfiguration xmlns=\"x\"><Status>Enabled</Status></VersioningConfiguration>"),
            answer(200, "{\"Statement\":[]}"),
            answer(404, "<?xml version=\"1.0\"?><Error><Code>NoSuchBucketPolicy</Code><Message>m</Message></Error>"),
            answer(200, "no XML"),
        ]);
        let s3 = Rest::of(&S3, &stub.config());
        let path = format!("/{}?versioning", escaped("shop.logs"));
        assert_eq!(s3.get("GetBucketVersioning", &path).await.unwrap(), json!({"Status": "Enabled"}));
        assert_eq!(s3.get("GetBucketPolicy", "/b?policy").await.unwrap(), json!({"Statement": []}));
        assert_eq!(s3.get("GetBucketPolicy", "/b?policy").await.unwrap_err().code(), "NoSuchBucketPolicy");
        assert!(matches!(s3.get("GetBucketPolicy", "/b?policy").await, Err(Failure::Odd(_))));
        let asked = stub.asked().remove(0);
        // The hash of nothing.
        let hash = "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n";
        for expected in ["GET /shop.logs?versioning HTTP/1.1\r\n", "/us-east-1/s3/aws4_request", hash] {
            assert!(asked.contains(expected), "`{expected}` is not in {asked}");
        }
    }

    #[tokio::test]
    async fn what_stands_in_a_header_alone_is_shown_beside_the_rest() {
        let header = "x-amz-transition-default-minimum-object-size: varies_by_storage_class\r\n";
        let body = "<LifecycleConfiguration><Rule><ID>r</ID></Rule></LifecycleConfiguration>";
        let stub = Stub::of(vec![answer_with(200, header, body), answer(200, body)]);
        let s3 = Rest::of(&S3, &stub.config());
        let mut expected =
            json!({"Rule": {"ID": "r"}, "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"});
        assert_eq!(s3.get("GetBucketLifecycleConfiguration", "/b?lifecycle").await.unwrap(), expected);
        expected.as_object_mut().unwrap().remove("TransitionDefaultMinimumObjectSize");
        assert_eq!(s3.get("GetBucketLifecycleConfiguration", "/b?lifecycle").await.unwrap(), expected);
    }

    #[tokio::test]
    async fn what_is_asked_of_an_account_names_it_and_is_signed_for_s3() {
        static CONTROL: RestService = RestService {
            service: Service { id: "S3 Control", host: "s3-control", is_fips_in_gov: false },
            is_xml: true,
        };
        let absent = "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error></ErrorResponse>";
        let stub = Stub::of(vec![answer(404, absent), answer(200, "{}")]);
        let control = Rest::of_account(&CONTROL, &stub.config(), "111122223333");
        let refused = control.get_of("GetPublicAccessBlock", "/v20180820/x", "111122223333").await.unwrap_err();
        assert_eq!(refused.code(), "NoSuchPublicAccessBlockConfiguration");
        let eks = Rest::of(&EKS, &stub.config());
        assert_eq!(
            eks.ask("GetEnabledStandards", "/standards/get", &json!({"NextToken": "n"})).await.unwrap(),
            json!({})
        );
        let asked = stub.asked();
        for expected in
            ["x-amz-account-id: 111122223333\r\n", "/us-east-1/s3/aws4_request", "GET /v20180820/x HTTP/1.1"]
        {
            assert!(asked[0].contains(expected), "`{expected}` is not in {}", asked[0]);
        }
        assert!(asked[1].starts_with("POST /standards/get HTTP/1.1") && asked[1].ends_with("{\"NextToken\":\"n\"}"));
    }

    #[tokio::test]
    async fn what_others_answer_is_json_with_the_code_in_a_header() {
        let absent = answer_with(404, "x-amzn-errortype: ResourceNotFoundException:http\r\n", "{\"message\":\"m\"}");
        let stub = Stub::of(vec![answer(200, "{\"cluster\":{}}"), absent]);
        let eks = Rest::of(&EKS, &stub.config());
        assert_eq!(eks.get("DescribeCluster", "/clusters/shop").await.unwrap(), json!({"cluster": {}}));
        assert_eq!(eks.get("DescribeCluster", "/clusters/x").await.unwrap_err().code(), "ResourceNotFoundException");
        assert!(stub.asked()[0].starts_with("GET /clusters/shop HTTP/1.1\r\n"));
    }
}
