//! Text: lines and groups of lines, what is too long, what an input is taken for, and the invariants for any bytes.

use bytes::Bytes;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Piece, Source};

/// A line that begins with a digit begins an event.
const GROUPS: Form = Form::Groups(|line| line.first().is_some_and(u8::is_ascii_digit));

fn split(mut splitter: Splitter, input: &[u8], sizes: &[usize]) -> (Vec<Piece>, Option<&'static str>) {
    let (mut pieces, mut rest) = (Vec::new(), input);
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        splitter.feed(Bytes::copy_from_slice(chunk), &mut pieces);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let is_whole = splitter.finish(&mut pieces);
    assert!(is_whole || matches!(splitter.form, Form::Json), "a text ends anywhere");
    let source = splitter.text_of().map(Source::id);
    let mut given = Vec::new();
    for piece in &pieces {
        assert_eq!(piece.offset(), given.len() as u64);
        assert!(!piece.bytes().is_empty() && piece.bytes().len() <= MAX_RAW_BYTES);
        given.extend_from_slice(piece.bytes());
    }
    assert!(given == input, "bytes were lost");
    (pieces, source)
}

fn pieces(form: Form, input: &[u8], sizes: &[usize]) -> Vec<Piece> {
    split(Splitter::of(form), input, sizes).0
}

fn show(pieces: &[Piece]) -> String {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).escape_debug().to_string();
    let lines = pieces.iter().map(|piece| match piece {
        Piece::Event { bytes, .. } => format!("+ {}\n", text(bytes)),
        Piece::Unparsed { bytes, reason, .. } => format!("! {}   ({reason})\n", text(bytes)),
        Piece::Gap { bytes, .. } => format!(". {}\n", text(bytes)),
    });
    lines.collect()
}

#[track_caller]
fn check(form: Form, inputs: &[&[u8]], expected: Expect) {
    let mut shown = String::new();
    for input in inputs {
        let found = pieces(form, input, &[usize::MAX]);
        shown += &format!("{}\n", show(&found));
        for size in [1, 2, 3, 7, 64] {
            assert!(pieces(form, input, &[size]) == found, "chunks of {size} change the pieces");
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn each_line_is_an_event() {
    check(
        Form::Lines,
        &[b"", b"\n\r\n", b"\xEF\xBB\xBFone \r\ntwo\n\n\xFF three\rx\nfour", b" one\n"],
        expect![[r#"

            . \n\r\n

            . \u{feff}
            + one 
            . \r\n
            + two
            . \n\n
            + � three\rx
            . \n
            + four

            +  one
            . \n

        "#]],
    );
}

#[test]
fn lines_that_go_on_belong_to_the_one_before() {
    check(
        GROUPS,
        &[b"\n1 one\n\t and\r\n\n more\n2 two\r\n3\n\n", b"the end of one\nmore\n1\n", b"nothing begins"],
        expect![[r#"
            . \n
            + 1 one\n\t and\r\n\n more
            . \n
            + 2 two
            . \r\n
            + 3
            . \n\n

            + the end of one\nmore
            . \n
            + 1
            . \n

            + nothing begins

        "#]],
    );
}

#[test]
fn what_is_too_long_comes_in_bounded_pieces() {
    let (line, lines) = ("x".repeat(40 << 20), "x\n".repeat(10 << 20));
    let unbroken = format!("1\n2{line}\n3\n");
    let group = format!("1\n2{lines}\n3\n");
    for (form, input, sizes) in [
        (Form::Lines, unbroken.as_bytes(), &[1 << 20, 7][..]),
        (GROUPS, unbroken.as_bytes(), &[100_003][..]),
        (GROUPS, group.as_bytes(), &[100_003, 1 << 20][..]),
    ] {
        let found = pieces(form, input, &[usize::MAX]);
        let events = found.iter().filter(|piece| matches!(piece, Piece::Event { .. })).count();
        let reasons = found.iter().filter(|piece| matches!(piece, Piece::Unparsed { reason: Reason::TooLong, .. }));
        assert_eq!(events, 2);
        assert!((20..50).contains(&reasons.count()));
        assert!(pieces(form, input, sizes) == found, "chunking changes the pieces");
    }
}

#[test]
fn the_first_lines_say_what_it_is() {
    let audit = "20260305 01:02:03,db-1,aiko,198.51.100.7,17,0,CONNECT,shop,,0\n";
    let of = |input: &str| split(Splitter::auto(), input.as_bytes(), &[1000]).1;
    assert_eq!(of(audit), Some("mariadb-audit"));
    assert_eq!(of(&format!("the end of a statement',0\r\n\r\n{audit}")), Some("mariadb-audit"));
    assert_eq!(of(&format!("\u{feff}{}", audit.repeat(3_000))), Some("mariadb-audit"));
    assert_eq!(of(&format!("{{\"a\":1}}\n{audit}")), None, "what begins as JSON is JSON");
    assert_eq!(of(&format!("{}{audit}", "x\n".repeat(100))), None, "what begins a hundred lines later");
    assert_eq!(of(""), None);
}

#[test]
fn a_source_that_was_named_is_believed_but_for_json() {
    let source = crate::by_id("mariadb-audit").unwrap();
    for (input, size, expected) in
        [("x\ny\n", 1, Some("mariadb-audit")), (" \n{\"a\":\n1}", 1, None), ("", 7, Some("mariadb-audit"))]
    {
        let (pieces, text_of) = split(Splitter::expecting(source), input.as_bytes(), &[size]);
        assert_eq!(text_of, expected, "{input}");
        assert_eq!(pieces, split(Splitter::expecting(source), input.as_bytes(), &[usize::MAX]).0);
    }
    let json = split(Splitter::expecting(crate::by_id("falco").unwrap()), b"[{}]", &[1]).0;
    assert_eq!(json.len(), 3);
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let token =
        prop::sample::select(vec!["1 a", "2", "\t", "\n", "\r\n", "\r", "x", " ", "証", "\u{feff}", "{", "\"", ","]);
    let part = prop_oneof![
        9 => token.prop_map(|token| token.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_byte_is_lost_and_chunks_do_not_matter(input in text(), sizes in prop::collection::vec(1_usize..20, 1..5), groups in any::<bool>()) {
        let form = if groups { GROUPS } else { Form::Lines };
        prop_assert_eq!(pieces(form, &input, &sizes), pieces(form, &input, &[usize::MAX]));
        prop_assert_eq!(split(Splitter::auto(), &input, &sizes).0, split(Splitter::auto(), &input, &[usize::MAX]).0);
    }
}
