//! GitHub's webhooks: one event a POST, signed with a secret that GitHub and we share.
//!
//! ```text
//! POST /t/<token>/github
//! X-GitHub-Event: pull_request
//! X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958
//! X-Hub-Signature-256: sha256=<HMAC-SHA-256 of the body, in hexadecimal>
//! {"action":"closed","pull_request":{…},"repository":{…},"sender":{…}}
//! ```
//!
//! GitHub can send no header of ours, so the sender's token stands in the path. Where the sender has a `secret_file`, the signature is
//! asked for besides: the token may be read by all who may look at a repository's settings, the secret by nobody. The event's name
//! and the delivery's id are in no body; they become the record's `origin`. GitHub does not send again by itself, but a person can: the
//! same delivery is then no second record.

use crate::hmac_sha256::verify;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use shoseki_messages::msg;

use super::{Answer, No, Part, Receiver, Request, Taken};

/// The receiver `github`.
pub(crate) struct GitHub;

const SOURCE: &str = "github";
/// The longest name of an event or of a delivery.
const MAX_NAME: usize = 64;

/// What of a body is looked at here.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    repository: Option<Repository>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Repository {
    Named { full_name: String },
    Other(IgnoredAny),
}

/// A name out of a header: plain, or nothing.
fn name<'a>(request: &'a Request, header: &str) -> Option<&'a str> {
    let is_plain = |text: &&str| {
        (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    request.asked.header(header).filter(is_plain)
}

/// Makes sure that who sent it knows the secret, where there is one.
fn signed(request: &Request) -> Result<(), No> {
    let Some(secret) = &request.secret else { return Ok(()) };
    let stated = request.asked.header("x-hub-signature-256").and_then(|text| text.strip_prefix("sha256="));
    let stated = stated.and_then(|text| hex::decode(text).ok()).unwrap_or_default();
    if verify(secret.bytes(), &request.body, &stated) {
        return Ok(());
    }
    Err(No { status: StatusCode::UNAUTHORIZED, why: msg!("server-no-signature") })
}

impl Receiver for GitHub {
    fn id(&self) -> &'static str {
        "github"
    }

    fn title(&self) -> &'static str {
        "GitHub webhooks"
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/github"]
    }

    fn take(&self, request: &Request) -> Result<Taken, No> {
        if request.asked.method != Method::POST {
            return Err(No::method("POST"));
        }
        signed(request)?;
        let event = name(request, "x-github-event");
        if event == Some("ping") {
            return Ok(Taken { parts: Vec::new(), yes: Answer::json(StatusCode::OK, &json!({ "pong": true })) });
        }
        let malformed = || No::malformed(msg!("server-no-github"));
        if request.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(malformed());
        }
        let body: Body = serde_json::from_slice(&request.body).map_err(|_| malformed())?;
        let log = match body.repository {
            Some(Repository::Named { full_name }) => Some(full_name),
            _ => None,
        };
        let id = name(request, "x-github-delivery").map(|delivery| format!("{}/{delivery}", event.unwrap_or("event")));
        let yes = Answer::json(StatusCode::OK, &json!({ "received": 1 }));
        let part = Part { source: Some(SOURCE), log, id, events: vec![request.body.clone()] };
        Ok(Taken { parts: vec![part], yes })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{post, refused, taken};
    use super::*;
    use crate::config::Secret;

    const BODY: &[u8] = br#"{"action":"closed","repository":{"full_name":"octo-org/shop"},"sender":{"login":"aiko"}}"#;

    fn with_secret(mut request: Request, secret: &str) -> Request {
        request.secret = Some(Secret::of(secret.as_bytes()));
        request
    }

    #[test]
    fn a_delivery_is_one_event_with_its_name() {
        let headers =
            [("x-github-event", "pull_request"), ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")];
        let (parts, yes) = taken(&GitHub, &post("/github", &headers, BODY));
        assert_eq!(yes.status, 200);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].id.as_deref(), Some("pull_request/72d3162e-cc78-11e3-81ab-4c9367dc0958"));
        assert_eq!(
            (parts[0].source, parts[0].events.as_slice()),
            (Some("github"), &[bytes::Bytes::from_static(BODY)][..])
        );
        assert_eq!(parts[0].log.as_deref(), Some("octo-org/shop"));
        for (body, log) in
            [(r#"{"repository":{"full_name":7},"a":1}"#, None), (r#"{"repository":"x"}"#, None), ("{}", None)]
        {
            assert_eq!(taken(&GitHub, &post("/github", &[], body.as_bytes())).0[0].log, log, "{body}");
        }
        let strange = [("x-github-event", "a b"), ("x-github-delivery", "../x")];
        assert_eq!(taken(&GitHub, &post("/github", &strange, BODY)).0[0].id, None);
        let (parts, yes) =
            taken(&GitHub, &post("/github", &[("x-github-event", "ping")], br#"{"zen":"Keep it logically awesome."}"#));
        assert_eq!((parts.len(), yes.status.as_u16()), (0, 200));
        for wrong in [&b"payload=%7B%7D"[..], b"[]", b"", b"{\"a\":", b"{}{}"] {
            assert_eq!(refused(&GitHub, &post("/github", &[], wrong)).status, 400, "{wrong:?}");
        }
    }

    #[test]
    fn with_a_secret_only_what_is_signed_is_taken() {
        // GitHub's own example, of "Validating webhook deliveries".
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let request = |headers: &[(&'static str, &str)]| {
            with_secret(post("/github", headers, b"Hello, World!"), "It's a Secret to Everybody")
        };
        assert_eq!(
            refused(&GitHub, &request(&[("x-hub-signature-256", signature)])).status,
            400,
            "signed, but no JSON"
        );
        for wrong in ["", "sha256=", "757107ea", "sha256=zz", &signature[..70], &signature.replace("757", "758")] {
            assert_eq!(refused(&GitHub, &request(&[("x-hub-signature-256", wrong)])).status, 401, "{wrong}");
        }
        assert_eq!(refused(&GitHub, &request(&[])).status, 401);
        assert_eq!(refused(&GitHub, &request(&[("x-github-event", "ping")])).status, 401, "a ping too");
    }
}
