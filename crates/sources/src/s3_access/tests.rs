//! S3's access logs: the columns of our samples, and what callers put into them.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const HEAD: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00 shop [05/Mar/2026:10:02:03 +0900] 198.51.100.7 - ID";

fn read(line: &str) -> Result<Columns, Reason> {
    S3Access.derive(line.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
}

fn with(rest: &str) -> Columns {
    read(&format!("{HEAD} {rest}")).unwrap_or_else(|reason| panic!("{rest}: {reason}"))
}

fn native(rest: &str) -> Value {
    serde_json::from_slice(&S3Access.native(format!("{HEAD} {rest}").as_bytes()).unwrap()).unwrap()
}

#[test]
fn samples_give_their_golden_columns() {
    crate::tests::golden(&S3Access);
}

#[test]
fn exact_fields_are_exact() {
    crate::tests::native_fields_are_exact(&S3Access);
}

#[test]
fn activities() {
    for (operation, id) in [
        ("REST.GET.OBJECT", 2),
        ("REST.HEAD.BUCKET", 2),
        ("WEBSITE.GET.OBJECT", 2),
        ("REST.PUT.OBJECT", 3),
        ("REST.COPY.OBJECT", 1),
        ("REST.COPY.OBJECT_GET", 2),
        ("REST.POST.UPLOADS", 1),
        ("REST.POST.MULTI_OBJECT_DELETE", 4),
        ("BATCH.DELETE.OBJECT", 4),
        ("S3.EXPIRE.OBJECT", 4),
        ("S3.CREATE.DELETEMARKER", 4),
        ("S3.TRANSITION.OBJECT", 3),
        ("SOAP.Other", 0),
    ] {
        let columns = read(&format!("{HEAD} {operation} k \"GET / HTTP/1.1\" 200 - - - - - \"-\" \"-\" -"));
        assert_eq!(columns.map(|columns| columns.activity_id).unwrap_or_default(), id, "{operation}");
    }
}

#[test]
fn old_lines_and_new_lines() {
    let old = with("REST.GET.OBJECT a%2520b \"GET /a HTTP/1.1\" 403 AccessDenied 243 - 7 - \"-\" \"curl/8\"");
    assert_eq!((old.status, old.severity_id, old.error.as_deref()), (Outcome::Failure, 3, Some("AccessDenied")));
    assert_eq!((old.resource.as_deref(), old.actor), (Some("shop/a%2520b"), None));
    assert_eq!(old.time.to_string(), "2026-03-05T01:02:03Z");
    let new = native(
        "REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 1 2 3 4 \"https://example.com/\" \"a b\" v1 h= SigV4 c AuthHeader hh TLSv1.3 arn Yes us-east-1 x",
    );
    let text = |name: &str| new[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (text("version_id"), text("acl_required"), text("user_agent")),
        ("v1".into(), "Yes".into(), "a b".into())
    );
    assert_eq!((new["turn_around_time"].as_i64(), text("referrer").as_str()), (Some(4), "https://example.com/"));
    let own = with("S3.EXPIRE.OBJECT k \"-\" - - - - - - \"-\" \"-\" v2 h=");
    assert_eq!((own.status, own.key.as_deref()), (Outcome::Unknown, Some("ID/S3.EXPIRE.OBJECT/k/v2")));
    let bare = with("BATCH.DELETE.OBJECT k - 204 - - 7 - - - - v2 h=");
    assert_eq!((bare.activity_id, bare.key.as_deref()), (4, Some("ID/BATCH.DELETE.OBJECT/k/v2")));
}

#[test]
fn what_the_caller_sent_cannot_hide_the_status() {
    let agent = with(
        "REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 1 2 3 4 \"-\" \"x\" 403 AccessDenied 1 2 3 4 \"-\" \"y\" - h=",
    );
    assert_eq!((agent.status, agent.severity_id, agent.error.as_deref()), (Outcome::Success, 4, Some(TWO_READINGS)));
    let request =
        with("REST.GET.OBJECT k \"GET /k\" 200 - 1 2 3 4 \" HTTP/1.1\" 403 AccessDenied 1 2 3 4 \"-\" \"y\" - h=");
    assert_eq!(request.severity_id, 4);
    let quoted = with("REST.GET.OBJECT k \"GET /a\"b HTTP/1.1\" 200 - 1 2 3 4 \"-\" \"a \"b\" c\" - h=");
    assert_eq!((quoted.severity_id, quoted.status), (1, Outcome::Success));
}

#[test]
fn what_is_no_line_of_it() {
    for line in
        ["", "{}", "a b [c] d", &HEAD.replace("c0ffee", "coffee"), &format!("{HEAD} rest.get k \"x\" 200 - 1 2 3 4")]
    {
        assert_eq!(read(line), Err(Reason::NotALine { of: "S3" }), "{line}");
    }
    assert!(read(&format!("{HEAD} REST.GET.OBJECT k \"GET / HTTP/1.1\" 200 - 1 2 3")).is_err(), "a line that was cut");
    let latin = [HEAD.as_bytes(), b" REST.GET.OBJECT \xe9 \"\xff\" 200 - - - - - \"\xfe\" \"-\" -"].concat();
    assert_eq!(S3Access.derive(&latin, Timestamp(0)).unwrap().resource.as_deref(), Some("shop/\u{FFFD}"));
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        crate::tests::text_is_answered(&S3Access, &bytes);
    }

    #[test]
    fn near_misses_end_in_an_answer(parts in prop::collection::vec(prop::sample::select(vec![
        " ", " ", "\"", "\" ", "-", "200", "REST.GET.OBJECT", "k", "証", " - - - - - ", "[", "]", "\" 200 - 1 2 3 4 \"",
    ]), 0..30)) {
        crate::tests::text_is_answered(&S3Access, format!("{HEAD} {}", parts.concat()).as_bytes());
        crate::tests::text_is_answered(&S3Access, format!("{HEAD} REST.GET.OBJECT {}", parts.concat()).as_bytes());
    }
}
