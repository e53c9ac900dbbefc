//! The splitter: shapes, broken input, hostile input, and the two invariants for any bytes.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// The pieces as text: `+` an event, `!` unparsed with its reason, `.` a gap.
fn show(pieces: &[Piece]) -> String {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).escape_debug().to_string().replace("\\\"", "\"");
    let lines = pieces.iter().map(|piece| match piece {
        Piece::Event { bytes, .. } => format!("+ {}\n", text(bytes)),
        Piece::Unparsed { bytes, reason, .. } => format!("! {}   ({reason})\n", text(bytes)),
        Piece::Gap { bytes, .. } => format!(". {}\n", text(bytes)),
    });
    lines.collect()
}

fn pieces(input: &[u8]) -> Vec<Piece> {
    let (mut pieces, mut splitter) = (Vec::new(), Splitter::of(Form::Json));
    splitter.feed(Bytes::copy_from_slice(input), &mut pieces);
    splitter.finish(&mut pieces);
    pieces
}

/// The same in chunks of these sizes, over and over.
fn chunked(input: &[u8], sizes: &[usize]) -> Vec<Piece> {
    let (mut pieces, mut splitter, mut rest) = (Vec::new(), Splitter::of(Form::Json), input);
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        splitter.feed(Bytes::copy_from_slice(chunk), &mut pieces);
        assert!(splitter.held.len() <= MAX_RAW_BYTES + 2 * LOOK_AGAIN + size, "{} bytes are held", splitter.held.len());
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    splitter.finish(&mut pieces);
    pieces
}

/// Every byte is in exactly one piece, in order, and within bounds.
fn whole(input: &[u8], pieces: &[Piece]) {
    let mut at = 0;
    for piece in pieces {
        assert_eq!(piece.offset(), at as u64);
        let bytes = piece.bytes();
        assert!(!bytes.is_empty() && bytes.len() <= MAX_RAW_BYTES);
        assert!(input[at..].starts_with(bytes), "other bytes at {at}");
        at += bytes.len();
    }
    assert_eq!(at, input.len(), "bytes were lost");
}

#[track_caller]
fn check(inputs: &[&[u8]], expected: Expect) {
    let mut shown = String::new();
    for input in inputs {
        let found = pieces(input);
        whole(input, &found);
        shown += &format!(
            "{}\n{}\n",
            String::from_utf8_lossy(input).escape_debug().to_string().replace("\\\"", "\""),
            show(&found)
        );
        for size in [1, 2, 3, 7, 64] {
            assert!(chunked(input, &[size]) == found, "chunks of {size} change the pieces");
        }
    }
    expected.assert_eq(&shown);
}

/// How many events, unparsed pieces and gaps.
fn count(pieces: &[Piece]) -> (usize, usize, usize) {
    pieces.iter().fold((0, 0, 0), |(events, unparsed, gaps), piece| match piece {
        Piece::Event { .. } => (events + 1, unparsed, gaps),
        Piece::Unparsed { .. } => (events, unparsed + 1, gaps),
        Piece::Gap { .. } => (events, unparsed, gaps + 1),
    })
}

#[test]
fn shapes() {
    check(
        &[
            b"",
            b" \r\n\t",
            br#"{"Records":[]}"#,
            br#"{"Records":[{"a":1},{"b":"]}"}]}"#,
            br#"{"v":[{}],"Records":[{"a":1}],"Records":[{"b":1}],"z":{"y":[1]}} "#,
            b"[ {\"a\" : 1} ,\n {}]\n[]\n",
            b"{\"a\":1}",
            b"\xEF\xBB\xBF{\"a\":1}\r\n{\"b\":2}\r\n\r\n{\"c\":3}",
            b"{\"a\":1}{\"Records\":[{\"b\":1}]}{\"c\":\n3}",
            br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"stage":"Panic"}]}"#,
            br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"Panic"}"#,
        ],
        expect![[r#"


             \r\n\t
            .  \r\n\t

            {"Records":[]}
            . {"Records":[]}

            {"Records":[{"a":1},{"b":"]}"}]}
            . {"Records":[
            + {"a":1}
            . ,
            + {"b":"]}"}
            . ]}

            {"v":[{}],"Records":[{"a":1}],"Records":[{"b":1}],"z":{"y":[1]}} 
            . {"v":[{}],"Records":[
            + {"a":1}
            . ],"Records":[
            + {"b":1}
            . ],"z":{"y":[1]}} 

            [ {"a" : 1} ,\n {}]\n[]\n
            . [ 
            + {"a" : 1}
            .  ,\n 
            + {}
            . ]\n[]\n

            {"a":1}
            + {"a":1}

            \u{feff}{"a":1}\r\n{"b":2}\r\n\r\n{"c":3}
            . \u{feff}
            + {"a":1}
            . \r\n
            + {"b":2}
            . \r\n\r\n
            + {"c":3}

            {"a":1}{"Records":[{"b":1}]}{"c":\n3}
            + {"a":1}
            . {"Records":[
            + {"b":1}
            . ]}
            + {"c":\n3}

            {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"stage":"Panic"}]}
            . {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[
            + {"stage":"Panic"}
            . ]}

            {"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"Panic"}
            + {"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"Panic"}

        "#]],
    );
}

#[test]
fn a_bad_line_is_one_piece() {
    check(
        &[
            b"{\"a\":1}\n{\"a\":oops}\n{\"b\":2}\n",
            b"{\"a\":1\n{\"b\":2}\n{\"c\":\"3\n{\"d\":4}\n",
            b"{\"a\":[1,{\n\nplain text\r\n{\"b\":2}\n",
            b"one\ntwo \n\n12\n\"x\"\n[1,2]\n[2026-03-05] started\nnull\n",
            b"{\"a\":1} rest of it\n{\"b\":2}",
            b"{\"a\":\"\xff\"}\n{\"b\":\"\xe8\xa8\xbc\"}\n",
            b"\0\0\0\n{\"a\":1}\n",
            b"{\"a\":1}\n{\"b\":\"cut o",
        ],
        expect![[r#"
            {"a":1}\n{"a":oops}\n{"b":2}\n
            + {"a":1}
            . \n
            ! {"a":oops}   (not JSON: the byte at 5 does not fit)
            . \n
            + {"b":2}
            . \n

            {"a":1\n{"b":2}\n{"c":"3\n{"d":4}\n
            ! {"a":1   (not JSON: the byte at 7 does not fit)
            . \n
            + {"b":2}
            . \n
            ! {"c":"3   (not JSON: the byte at 7 does not fit)
            . \n
            + {"d":4}
            . \n

            {"a":[1,{\n\nplain text\r\n{"b":2}\n
            ! {"a":[1,{   (not JSON: the byte at 11 does not fit)
            . \n\n
            ! plain text   (not a JSON object)
            . \r\n
            + {"b":2}
            . \n

            one\ntwo \n\n12\n"x"\n[1,2]\n[2026-03-05] started\nnull\n
            ! one   (not a JSON object)
            . \n
            ! two   (not a JSON object)
            .  \n\n
            ! 12   (not a JSON object)
            . \n
            ! "x"   (not a JSON object)
            . \n
            ! [1,2]   (not a JSON object)
            . \n
            ! [2026-03-05] started   (not a JSON object)
            . \n
            ! null   (not a JSON object)
            . \n

            {"a":1} rest of it\n{"b":2}
            + {"a":1}
            .  
            ! rest of it   (not a JSON object)
            . \n
            + {"b":2}

            {"a":"�"}\n{"b":"証"}\n
            ! {"a":"�"}   (not UTF-8)
            . \n
            + {"b":"証"}
            . \n

            \0\0\0\n{"a":1}\n
            ! \0\0\0   (not a JSON object)
            . \n
            + {"a":1}
            . \n

            {"a":1}\n{"b":"cut o
            + {"a":1}
            . \n
            ! {"b":"cut o   (the input ends inside it)

        "#]],
    );
}

#[test]
fn a_broken_pretty_document_ends_where_the_next_begins() {
    check(
        &[b"{\n  \"a\": 1,\n  \"b\": oops,\n  \"c\": {}\n}\n{\n  \"d\": 1\n}\n", b"{\n  \"a\": {\n    \"b\": 1\n"],
        expect![[r#"
            {\n  "a": 1,\n  "b": oops,\n  "c": {}\n}\n{\n  "d": 1\n}\n
            ! {\n  "a": 1,\n  "b": oops,\n  "c": {}\n}   (not JSON: the byte at 19 does not fit)
            . \n
            + {\n  "d": 1\n}
            . \n

            {\n  "a": {\n    "b": 1\n
            ! {\n  "a": {\n    "b": 1   (the input ends inside it)
            . \n

        "#]],
    );
}

#[test]
fn a_bad_element_does_not_cost_its_list() {
    check(
        &[
            br#"{"Records":[{"a":1},{"a":tru},{"a":3}]}"#,
            br#"{"Records":[{"a":1},{"a":"2,"b":[{"c":1},{"c":2}]},{"a":3},{"a":4}]}"#,
            br#"{"Records":[{"a":1},{"a":{"b":2},{"a":3}]}"#,
            br#"{"Records":[{"a":1},7,"x",[{"a":2}],nope,{"a":3}},{"a":4}],"z":1}"#,
            b"[{\"a\":1},{\"a\":\"\xc3\"},{\"a\":3}]",
            b"{\"Records\":[{\"a\":1},{\"a\":2",
            br#"{"Records":[{"a":1}],"z":oops}"#,
        ],
        expect![[r#"
            {"Records":[{"a":1},{"a":tru},{"a":3}]}
            . {"Records":[
            + {"a":1}
            . ,
            ! {"a":tru}   (not JSON: the byte at 8 does not fit)
            . ,
            + {"a":3}
            . ]}

            {"Records":[{"a":1},{"a":"2,"b":[{"c":1},{"c":2}]},{"a":3},{"a":4}]}
            . {"Records":[
            + {"a":1}
            . ,
            ! {"a":"2,"b":[{"c":1},{"c":2}]}   (not JSON: the byte at 9 does not fit)
            . ,
            + {"a":3}
            . ,
            + {"a":4}
            . ]}

            {"Records":[{"a":1},{"a":{"b":2},{"a":3}]}
            . {"Records":[
            + {"a":1}
            . ,
            ! {"a":{"b":2}   (not JSON: the byte at 13 does not fit)
            . ,
            + {"a":3}
            . ]}

            {"Records":[{"a":1},7,"x",[{"a":2}],nope,{"a":3}},{"a":4}],"z":1}
            . {"Records":[
            + {"a":1}
            . ,
            ! 7   (not a JSON object)
            . ,
            ! "x"   (not a JSON object)
            . ,
            ! [{"a":2}]   (not a JSON object)
            . ,
            ! nope   (not JSON: the byte at 1 does not fit)
            . ,
            + {"a":3}
            ! }   (not JSON: the byte at 0 does not fit)
            . ,
            + {"a":4}
            . ],"z":1}

            [{"a":1},{"a":"�"},{"a":3}]
            . [
            + {"a":1}
            . ,
            ! {"a":"�"}   (not UTF-8)
            . ,
            + {"a":3}
            . ]

            {"Records":[{"a":1},{"a":2
            . {"Records":[
            + {"a":1}
            . ,
            ! {"a":2   (the input ends inside it)

            {"Records":[{"a":1}],"z":oops}
            . {"Records":[
            + {"a":1}
            . ],
            ! "z":oops}   (not JSON: the byte at 4 does not fit)

        "#]],
    );
}

#[test]
fn an_input_that_ends_inside_a_list_says_so() {
    let ends = |input: &str| {
        let mut splitter = Splitter::of(Form::Json);
        splitter.feed(Bytes::copy_from_slice(input.as_bytes()), &mut Vec::new());
        splitter.finish(&mut Vec::new())
    };
    assert!(ends("") && ends(r#"{"Records":[{}]}"#) && ends("{}\n{}"));
    assert!(!ends(r#"{"Records":[{},"#) && !ends(r#"{"Records":[{}]"#) && !ends("[{}"));
}

#[test]
fn nesting_beyond_the_bound_is_unparsed() {
    let deep = |n: usize| "{\"a\":".repeat(n) + "1" + &"}".repeat(n);
    let input = format!("{}\n{}\n{}\n{{\"z\":1}}", deep(256), deep(257), deep(10_000));
    let found = pieces(input.as_bytes());
    whole(input.as_bytes(), &found);
    assert_eq!(count(&found), (2, 2, 3));
    let input = format!("{{\"Records\":[{{\"z\":1}},{},{{\"z\":2}}]}}", deep(10_000));
    let found = pieces(input.as_bytes());
    whole(input.as_bytes(), &found);
    assert_eq!(count(&found), (2, 1, 4));
}

/// A line of fifty megabytes, in every shape, costs its own bytes and no more.
#[test]
fn what_is_too_long_comes_in_bounded_pieces() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(50 << 20));
    let pretty = format!("{{\n \"a\": [\n{} 1\n ]\n}}", "  2,\n".repeat(4 << 20));
    let unclosed = "{\"a\":[".repeat(3 << 20);
    for (input, events) in [
        (format!("{{\"z\":1}}\n{long}\n{{\"z\":2}}\n"), 2),
        (format!("{{\"Records\":[{{\"z\":1}},{long},{{\"z\":2}}]}}"), 2),
        (format!("{{\"Records\":[{{\"z\":1}}],\"y\":{long}}}\n{{\"z\":2}}"), 2),
        (format!("{pretty}\n{{\"z\":1}}"), 1),
        (format!("{unclosed}\n{{\"z\":1}}"), 1),
        (format!("{}\n{{\"z\":1}}", "text ".repeat(4 << 20)), 1),
        (format!("[{}{{\"z\":1}}]", " ".repeat(18 << 20)), 0),
    ] {
        let found = pieces(input.as_bytes());
        whole(input.as_bytes(), &found);
        let (head, got) = (&input[..20], count(&found));
        assert_eq!(got.0, events, "{head}");
        assert!((1..60).contains(&got.1), "{head}: {got:?}");
        assert!(chunked(input.as_bytes(), &[1 << 20]) == found, "{head}: chunking changes the pieces");
        assert!(chunked(input.as_bytes(), &[100_003, 7, 3 << 20]) == found, "{head}: chunking changes the pieces");
    }
}

#[test]
fn gaps_are_bounded_too() {
    let input = format!("{{\"Records\":[{}{{}}]}}", "  \n".repeat(1 << 20));
    let found = pieces(input.as_bytes());
    whole(input.as_bytes(), &found);
    assert_eq!(count(&found), (1, 0, 5));
    assert!(chunked(input.as_bytes(), &[65_537]) == found);
}

/// Each line opens what the next 255 continue and is found broken only then: without a bound, every byte would be
/// read 256 times.
#[test]
fn late_breaks_do_not_multiply_the_work() {
    let line = format!("{{\"{}\":\n", "k".repeat(60_000));
    let input = line.repeat(1_500);
    let found = pieces(input.as_bytes());
    whole(input.as_bytes(), &found);
    assert_eq!(count(&found).1, 1_500);
    assert!(chunked(input.as_bytes(), &[1 << 20]) == found);
}

#[test]
fn events_are_slices_of_the_chunk() {
    let chunk = Bytes::from(r#"{"Records":[{"a":1},{"a":2}]}"#.to_owned());
    let mut pieces = Vec::new();
    Splitter::of(Form::Json).feed(chunk.clone(), &mut pieces);
    for piece in pieces {
        let inside = chunk.as_ptr_range();
        assert!(inside.contains(&piece.bytes().as_ptr()), "{piece:?} was copied");
    }
}

/// Text that is nearly of one of the shapes.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "\r\n",
        " ",
        "\"",
        "\\",
        "\"Records\":[",
        "\"kind\":\"EventList\",",
        "\"items\":[",
        "\"configurationItems\":[",
        "\"workflow_runs\":[",
        "{\"a\":1}",
        "{\"a\":1}",
        "{\"a\":1},",
        "{\"a\":{\"b\":[1,{}]}}\n",
        "\"a\":",
        "1",
        "-0.5e3",
        "null",
        "nul",
        "oops",
        "\u{feff}",
        "\0",
        "証跡",
        "\"\\ud83d\"",
        "\"k\":\"v\",",
        "[{",
        "]}",
    ]);
    let part = prop_oneof![
        9 => token.prop_map(|token| token.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_byte_is_lost_and_chunks_do_not_matter(input in nearly(), sizes in prop::collection::vec(1_usize..20, 1..5)) {
        let found = pieces(&input);
        whole(&input, &found);
        prop_assert_eq!(&chunked(&input, &sizes), &found);
        for piece in &found {
            if let Piece::Event { bytes, .. } = piece {
                prop_assert_eq!(bytes.first(), Some(&b'{'));
                let value: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
                // A lone surrogate is JSON by its grammar, and no string of Rust's.
                prop_assert!(value.is_ok() || bytes.windows(2).any(|two| two == b"\\u"), "{:?}", value);
            }
        }
    }

    #[test]
    fn whoever_decides_early_decides_the_same(input in nearly(), sizes in prop::collection::vec(1_usize..20, 1..5)) {
        let (mut found, mut splitter, mut rest) = (Vec::new(), Splitter::of(Form::Json), input.as_slice());
        for size in sizes.iter().cycle() {
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            splitter.feed(Bytes::copy_from_slice(chunk), &mut found);
            splitter.decide(&mut found);
            rest = after;
            let ends = found.last().map_or(0, |piece| piece.offset() + piece.bytes().len() as u64);
            let fed = (input.len() - rest.len()) as u64;
            prop_assert!(splitter.resumable().is_none_or(|at| (ends..=fed).contains(&at)));
            if rest.is_empty() {
                break;
            }
        }
        splitter.finish(&mut found);
        prop_assert_eq!(found, pieces(&input));
    }

    #[test]
    fn good_lines_beside_bad_ones_are_all_found(bad in prop::collection::vec(any::<bool>(), 1..40)) {
        let lines = bad.iter().enumerate().map(|(n, bad)| format!("{{\"n\":{n}{}\n", if *bad { "" } else { "}" }));
        let found = pieces(lines.collect::<String>().as_bytes());
        let broken = bad.iter().filter(|bad| **bad).count();
        prop_assert_eq!(count(&found), (bad.len() - broken, broken, bad.len()));
    }
}
