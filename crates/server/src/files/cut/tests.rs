//! Cutting what grows: what waits, for how long, and that a reader who begins anew at any cursor loses and doubles nothing.

use super::*;

const POSTGRES: &str = "2026-03-05 01:02:03.004 UTC [12] aiko@shop LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,\"select '監査'\n\t  from orders\",<none>\n\
     2026-03-05 01:02:04.004 UTC [12] aiko@shop ERROR:  relation \"x\" does not exist at character 15\n\
     2026-03-05 01:02:04.004 UTC [12] aiko@shop STATEMENT:  select *\n\t\n\t from x\n";

fn lines(at: u64, now: Instant) -> Cutter {
    Cutter::new(Format::Lines, None, at, now)
}

fn texts(batches: Vec<Batch>) -> Vec<String> {
    batches.into_iter().flat_map(|(events, _)| events).map(|event| String::from_utf8(event.into()).unwrap()).collect()
}

/// What comes of an input in pieces of a length, where all of it was read and nothing came for long.
fn whole(mut cutter: Cutter, input: &[u8], step: usize, now: Instant) -> Vec<Batch> {
    let mut batches = Vec::new();
    for piece in input.chunks(step) {
        cutter.feed(Bytes::copy_from_slice(piece), now);
        cutter.pause(now, false);
        batches.extend(cutter.take());
    }
    cutter.pause(now + UNENDED, false);
    batches.extend(cutter.take());
    batches
}

/// Reads in pieces, and begins anew behind each batch as after a kill.
fn check(format: Format, input: &str, expected: &[&str]) {
    let now = Instant::now();
    for step in [1, 2, 7, 64, input.len()] {
        let batches = whole(Cutter::new(format, None, 0, now), input.as_bytes(), step, now);
        let end = usize::try_from(batches.last().unwrap().1).unwrap();
        assert!(input[end..].trim().is_empty(), "in pieces of {step}, {end}");
        for (count, (_, cursor)) in batches.iter().enumerate() {
            let rest = &input.as_bytes()[usize::try_from(*cursor).unwrap()..];
            let after = whole(Cutter::new(format, None, *cursor, now), rest, step, now);
            let all = [texts(batches[..=count].to_vec()), texts(after)].concat();
            assert_eq!(all, expected, "in pieces of {step}, begun anew at {cursor}");
        }
    }
}

#[test]
fn a_reader_who_begins_anew_goes_on_where_the_last_one_was() {
    let statements: Vec<&str> = vec![
        "2026-03-05 01:02:03.004 UTC [12] aiko@shop LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,\"select '監査'\n\t  from orders\",<none>",
        "2026-03-05 01:02:04.004 UTC [12] aiko@shop ERROR:  relation \"x\" does not exist at character 15",
        "2026-03-05 01:02:04.004 UTC [12] aiko@shop STATEMENT:  select *\n\t\n\t from x",
    ];
    check(Format::Lines, POSTGRES, &statements);
    check(Format::Lines, "{\"a\":1}\n{\"a\":\n  2}\n\n{\"a\":3}\r\n", &["{\"a\":1}", "{\"a\":\n  2}", "{\"a\":3}"]);
    check(Format::Lines, "no form\n\nnone either\n", &["no form", "none either"]);
    check(Format::Lines, "{\"Records\":[{\"a\":1},{\"a\":2}]}\n{\"a\":3}", &["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"]);
    let audit = "20260305 01:02:03,db-1,aiko,198.51.100.7,17,0,CONNECT,shop,,0\n";
    check(Format::Lines, &audit.repeat(2), &[audit.trim_end(); 2]);
    let line = |stream: &str, tag: &str, text: &str| format!("2026-03-05T01:02:03.004Z {stream} {tag} {text}\n");
    let [out, err] = ["stdout", "stderr"];
    let mixed = [
        line(out, "P", "one, "),
        line(err, "F", "two"),
        line(out, "F", "and its end"),
        "broken\n".to_owned(),
        line(err, "F", "2026-03-05 01:02:03 UTC [1] LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,\"select 1,"),
        line(out, "F:x", " three  "),
        line(err, "P", "\t"),
        line(err, "F", "2\",<none>"),
        line(out, "F", ""),
        line(err, "F", "2026-03-05 01:02:04 UTC [1] LOG:  done"),
    ];
    let two_lines = "2026-03-05 01:02:03 UTC [1] LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,\"select 1,\n\t2\",<none>";
    let one_line = "2026-03-05 01:02:04 UTC [1] LOG:  done";
    check(Format::Cri, &mixed.concat(), &["two", "one, and its end", "broken", " three  ", two_lines, one_line]);
}

#[test]
fn what_may_go_on_waits_and_what_is_whole_does_not() {
    let now = Instant::now();
    let mut cutter = lines(0, now);
    cutter.feed(POSTGRES.into(), now);
    assert_eq!(texts(cutter.take()).len(), 2, "however little comes");
    cutter.pause(now + GOES_ON - Duration::from_millis(1), false);
    assert_eq!((texts(cutter.take()).len(), cutter.waits()), (0, true));
    cutter.pause(now + GOES_ON, false);
    assert_eq!((texts(cutter.take()).len(), cutter.waits()), (1, false));
    assert_eq!(cutter.source(), Some("pgaudit"));
    cutter.feed("2026-03-05 01:02:05 UTC [12] LOG:  half".into(), now);
    cutter.pause(now + GOES_ON, false);
    assert!(texts(cutter.take()).is_empty(), "a line without an end waits longer");
    cutter.pause(now + ROTATED, true);
    assert_eq!(texts(cutter.take()), ["2026-03-05 01:02:05 UTC [12] LOG:  half"]);
}

#[test]
fn a_list_goes_when_it_is_read_or_is_too_long_to_wait_for() {
    let now = Instant::now();
    let mut cutter = lines(0, now);
    cutter.feed(r#"{"Records":[{"a":1},{"a":2},"#.into(), now);
    assert!(cutter.take().is_empty());
    cutter.feed(r#"{"a":3}]}"#.into(), now);
    let batches = cutter.take();
    assert_eq!((batches.len(), batches[0].0.len(), batches[0].1), (1, 3, 37));
    let event = format!("{{\"a\":\"{}\"}},", "x".repeat(1 << 20));
    cutter.feed("[".into(), now);
    for _ in 0..17 {
        cutter.feed(event.clone().into(), now);
    }
    let batches = cutter.take();
    assert_eq!(batches.iter().map(|(_, end)| *end).collect::<Vec<_>>(), [37], "a kill begins the list again");
    assert_eq!(batches[0].0.len(), 16);
}

#[test]
fn what_is_too_long_is_taken_in_pieces() {
    let now = Instant::now();
    let long = "x".repeat(9 << 20);
    let mut cutter = Cutter::new(Format::Cri, None, 0, now);
    let line = format!("2026-03-05T01:02:03.004Z stdout F {long}\n");
    for chunk in line.as_bytes().chunks(256 << 10) {
        cutter.feed(Bytes::copy_from_slice(chunk), now);
    }
    let events = texts(cutter.take());
    assert_eq!(
        events.iter().map(String::len).sum::<usize>(),
        line.len() - 1 - "2026-03-05T01:02:03.004Z stdout F ".len()
    );
    assert_eq!(events.len(), 3);
}

#[test]
fn any_bytes_leave_in_their_order_and_are_taken_to_their_end() {
    let parts: [&str; 16] = [
        "\n",
        "\n",
        "\r\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        "a 証",
        "\t",
        "2026-03-05 01:02:03 UTC [1] LOG:  x",
        "{\"a\":1}",
        "2026-03-05T01:02:03.004Z stdout F ",
        "2026-03-05T01:02:03.004Z stderr P ",
        "{\"Records\":[",
    ];
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut drawn = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    for round in 0..3_000 {
        let input: String = (0..drawn(40)).map(|_| parts[drawn(parts.len())]).collect();
        let (step, now) = (1 + drawn(30), Instant::now());
        for format in [Format::Lines, Format::Cri] {
            let mut cutter = Cutter::new(format, None, 0, now);
            let mut batches = Vec::new();
            for (turn, piece) in input.as_bytes().chunks(step).enumerate() {
                cutter.feed(Bytes::copy_from_slice(piece), now + UNENDED * u32::try_from(turn).unwrap());
                if round % 3 == 0 {
                    cutter.pause(now + UNENDED * u32::try_from(turn + 1).unwrap(), false);
                }
                batches.extend(cutter.take());
            }
            cutter.end(now);
            batches.extend(cutter.take());
            assert!(!cutter.waits(), "{input:?}");
            assert!(batches.is_sorted_by_key(|(_, end)| *end), "{input:?}");
            assert!(batches.iter().all(|(_, end)| *end <= input.len() as u64), "{input:?}");
            if format == Format::Lines {
                let mut rest = input.as_bytes();
                for event in batches.iter().flat_map(|(events, _)| events) {
                    let at = rest.windows(event.len()).position(|there| there == event).unwrap();
                    rest = &rest[at + event.len()..];
                }
            }
        }
    }
}
