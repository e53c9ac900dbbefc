//! Events come back byte for byte, whatever they look like, and what a template may be is strict.

use arrow::array::{BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::*;
use std::sync::Arc;

use super::*;

/// Takes events apart and joins them again: what `raw` would hold.
fn joined(shredded: &Shredded, events: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
    let whole = events.iter().zip(&shredded.is_whole).map(|(event, is_whole)| is_whole.then_some(*event));
    let raw: BinaryArray = whole.collect();
    let mut fields = vec![Field::new("raw", DataType::Binary, true)];
    let mut arrays: Vec<arrow::array::ArrayRef> = vec![Arc::new(raw.clone())];
    for column in &shredded.columns {
        fields.push(column.field.clone());
        arrays.push(Arc::clone(&column.values));
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut joiner = Joiner::new(shredded.columns.iter().map(|column| column.field.name().as_str()));
    let events = joiner.join(&batch, Some(&raw)).unwrap();
    // A part of the rows gives the same part of the events.
    let some: BooleanArray = (0..batch.num_rows()).map(|row| Some(row % 3 == 0)).collect();
    let part = arrow::compute::filter_record_batch(&batch, &some).unwrap();
    let part = joiner.join(&part, part.column(0).as_any().downcast_ref()).unwrap();
    assert_eq!(part.iter().collect::<Vec<_>>(), events.iter().step_by(3).collect::<Vec<_>>());
    events.iter().map(|event| event.map(<[u8]>::to_vec)).collect()
}

fn check(events: &[Vec<u8>]) -> Option<Shredded> {
    let events: Vec<&[u8]> = events.iter().map(Vec::as_slice).collect();
    let shredded = shred(events.iter().copied())?;
    let back = joined(&shredded, &events);
    for (event, back) in events.iter().zip(back) {
        assert_eq!(Some(*event), back.as_deref());
    }
    Some(shredded)
}

fn event(n: usize) -> Vec<u8> {
    let uuid = format!("0000{n:04x}-0000-4000-8000-00000000abcd");
    let more = match n % 40 {
        0 => r#","rare":"only \"here\"""#,
        1 => r#","nested":{"deep":{"list":[{"a":1},"b"],"none":{}}}"#,
        2 => r#" , "名前" : "証跡" "#,
        _ => "",
    };
    format!(
        r#"{{"eventID":"{uuid}","eventName":"Get{}","size":{n},"ok":true,"who":{{"arn":"arn:{}"}}{more}}}"#,
        n % 7,
        n % 11
    )
    .into_bytes()
}

#[test]
fn events_come_back_byte_for_byte() {
    let mut events: Vec<Vec<u8>> = (0..3_000).map(event).collect();
    let strange: [&[u8]; 9] = [
        b"no JSON",
        b"",
        b"{\"a\":1,\"a\":2}",
        b"{\"a\\u0041\":1}",
        b"{\"a\":\"\x00\"}",
        b"{\"a\":\"\xff\"}",
        b"[1,2]",
        b"{\"a\":{\"b\":1}",
        b"{\"\x01\":\"\x01\"}",
    ];
    events.extend(strange.iter().map(|event| event.to_vec()));
    let shredded = check(&events).unwrap();
    let whole = shredded.is_whole.iter().filter(|is_whole| **is_whole).count();
    assert_eq!(whole, strange.len(), "what has no template stays whole, and nothing else does");
    let names: Vec<&str> = shredded.columns.iter().map(|column| column.field.name().as_str()).collect();
    let expected = ["template", "rest", "json:/ok", "json:/size", "text:/eventName", "text:/who/arn", "uuid:/eventID"];
    assert_eq!(names, expected, "paths that few events have are in the rest");
    assert_eq!(shredded.depth, MAX_DEPTH);
}

#[test]
fn few_events_and_events_that_are_not_alike_stay_whole() {
    assert!(check(&(0..900).map(event).collect::<Vec<_>>()).is_none());
    let unlike = |n: usize| format!(r#"{{"a{n}":1}}"#).into_bytes();
    assert!(check(&(0..2_000).map(unlike).collect::<Vec<_>>()).is_none());
}

#[test]
fn objects_with_changing_keys_stay_whole_below_a_depth() {
    let event = |n: usize| format!(r#"{{"kind":"Event","labels":{{"app-{n}":"x","n":{n}}}}}"#).into_bytes();
    let shredded = check(&(0..2_000).map(event).collect::<Vec<_>>()).unwrap();
    assert_eq!(shredded.depth, 1);
    let names: Vec<&str> = shredded.columns.iter().map(|column| column.field.name().as_str()).collect();
    assert_eq!(names, ["template", "rest", "json:/labels", "text:/kind"]);
}

#[test]
fn a_template_is_read_strictly() {
    let parts = |text: &str| Template::parse(text).map(|template| template.parts.len());
    assert_eq!(parts("{\"a\":\"\x01\",\"b\":{\"c/d\":\x02,\"e~\":\"\x03\",\"f\":{}}}\n"), Some(3));
    let pointers: Vec<String> =
        Template::parse("{\"b\":{\"c/d\":\x02,\"e~\":\"\x03\"}}").unwrap().parts.iter().map(Part::column).collect();
    assert_eq!(pointers, ["json:/b/c~1d", "uuid:/b/e~0"]);
    for lie in [
        "{\"a\":\"value\"}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":[]}",
        "{\"a\":\"\x02\"}",
        "{\"a\":\x01}",
        "{\"a\":\"x\x01\"}",
        "{\"a\":\"\x01x\"}",
        "{\"a\":\"\x01\",\"a\":\"\x01\"}",
        "{\"a\":{},\"a\":\"\x01\"}",
        "{\"\\u0061\":\"\x01\"}",
        "{\"\x01\":\"\x01\"}",
        "{\"a\":\"\x01\"",
        "{\"a\":\"\x01\"}{}",
        "{\"a\":\"\x01\",}",
        "[\x02]",
        "\x02",
        "",
    ] {
        assert_eq!(parts(lie), None, "{lie:?}");
    }
    let deep = |depth: usize| format!("{}\x02{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(parts(&deep(12)).is_some() && parts(&deep(13)).is_none());
}

#[test]
fn uuids_are_sixteen_bytes() {
    let text = "01234567-89ab-cdef-0123-456789abcdef";
    let bytes = uuid_bytes(text.as_bytes()).unwrap();
    let mut back = Vec::new();
    uuid_text(&bytes, &mut back);
    assert_eq!(back, text.as_bytes());
    let others = [
        "01234567-89AB-cdef-0123-456789abcdef",
        "0123456789ab-cdef-0123-456789abcdef-",
        "01234567-89ab-cdef-0123-456789abcde",
    ];
    for other in others {
        assert_eq!(uuid_bytes(other.as_bytes()), None, "{other}");
    }
}

fn json() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "1",
        "-2.5e3",
        "true",
        "null",
        "\"\"",
        "\"a\\\"b\\\\\"",
        "\"日本\"",
        "[]",
        "[{\"x\":[1,\"]\"]}]",
        "{}",
        "\"01234567-89ab-cdef-0123-456789abcdef\"",
        "\"a\\u0000b\"",
    ]);
    let leaf = scalar.prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let keys = prop::sample::select(vec!["a", "b", "c", "d/e", "~", "", "k.l"]);
        let blank = prop::sample::select(vec!["", " ", "\n\t"]);
        prop::collection::vec((keys, blank, inner), 0..4).prop_map(|members| {
            let members: Vec<String> =
                members.iter().map(|(key, blank, value)| format!("\"{key}\"{blank}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    })
}

proptest! {
    /// Taking apart is canonical: what is joined again has the same template.
    #[test]
    fn any_object_comes_back(value in json(), depth in 1_u8..5) {
        let event = format!("{{\"event\":{value}}}");
        let (mut template, mut slots) = (Vec::new(), Vec::new());
        prop_assert!(cut(event.as_bytes(), depth, &mut template, &mut slots));
        let mut back = Vec::new();
        let mut values = slots.iter();
        for byte in &template {
            match byte {
                &TEXT | &JSON | &UUID => {
                    let slot = values.next().unwrap();
                    back.extend_from_slice(&event.as_bytes()[slot.start as usize..slot.end as usize]);
                }
                byte => back.push(*byte),
            }
        }
        prop_assert_eq!(&back, event.as_bytes());
        if let Some(parsed) = Template::parse(std::str::from_utf8(&template).unwrap()) {
            prop_assert_eq!(parsed.parts.len(), slots.len());
            prop_assert!(parsed.parts.iter().zip(&slots).all(|(part, slot)| part.kind == slot.kind));
        }
    }

    /// Whatever the bytes are, nothing is lost and nothing panics.
    #[test]
    fn any_bytes_come_back(tail in prop::collection::vec(any::<u8>(), 0..60), at in 0_usize..80) {
        let mut events: Vec<Vec<u8>> = (0..1_100).map(event).collect();
        let first = &mut events[0];
        let at = at.min(first.len());
        first.splice(at..at, tail);
        prop_assert!(check(&events).is_some());
    }

    #[test]
    fn any_template_is_read_or_refused(text in "[\\{\\}\":,\\[ab\u{1}\u{2}\u{3} ]{0,40}") {
        let _ = Template::parse(&text);
    }
}

/// What a judge says of a row that somebody else took apart: columns `text:/a` and `text:/b`, a template and a rest.
fn judged(template: &str, a: Option<&str>, b: Option<&str>, rest: Option<&str>) -> Result<String, &'static str> {
    let text = |value: Option<&str>| Arc::new(StringArray::from(vec![value])) as arrow::array::ArrayRef;
    let columns = [(TEMPLATE, Some(template)), (REST, rest), ("text:/a", a), ("text:/b", b)];
    let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let arrays = columns.iter().map(|(_, value)| text(*value)).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut joiner = Joiner::new(columns.iter().map(|(name, _)| *name)).strictly(MAX_DEPTH);
    let events = joiner.join(&batch, None).map_err(|fault| fault.id())?;
    Ok(String::from_utf8_lossy(events.value(0)).into_owned())
}

#[test]
fn a_judge_sees_columns_that_say_something_else_than_the_event() {
    let (one, both) = ("{\"a\":\"\x01\"}", "{\"a\":\"\x01\",\"b\":\"\x01\"}");
    assert_eq!(judged(one, Some("x"), None, None).unwrap(), r#"{"a":"x"}"#);
    assert_eq!(judged(both, Some("x"), Some("y"), None).unwrap(), r#"{"a":"x","b":"y"}"#);
    assert_eq!(judged("{\"c\":\x02}", None, None, Some("5\0")).unwrap(), r#"{"c":5}"#);
    // The event has a field `b`; who asks the column for it would not find it.
    assert_eq!(judged(one, Some("x\",\"b\":\"y"), None, None), Err("segment-record-not-canonical"));
    assert_eq!(judged("{\"b\":\"y\",\"a\":\"\x01\"}", Some("x"), None, None), Err("segment-template-unreadable"));
    assert_eq!(judged("{\"c\":\x02}", None, None, Some("{\"a\":\"x\"}\0")), Err("segment-record-not-canonical"));
    // The column has a value that the event lacks.
    assert_eq!(judged(one, Some("x"), Some("y"), None), Err("segment-record-incomplete"));
    assert_eq!(judged(one, Some("x"), None, Some("y\0")), Err("segment-record-incomplete"));
    assert_eq!(judged(both, Some("x"), None, None), Err("segment-record-incomplete"));
    assert_eq!(judged("{\"c\":\x02}", None, None, Some("5")), Err("segment-record-incomplete"));
}
