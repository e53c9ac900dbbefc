//! Shapes of texts, patterns of shapes, and the bounds of both.

use proptest::prelude::*;

use super::*;

fn patterns_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<(u64, String)> {
    let mut shapes = Shapes::default();
    texts.into_iter().for_each(|text| shapes.add(text, [1, 0]));
    let mut patterns: Vec<_> = shapes.patterns().into_iter().map(|one| (one.counts[0], one.text)).collect();
    patterns.sort_unstable_by(|a, b| b.cmp(a));
    patterns
}

fn check(text: &str, pattern: &str) {
    assert_eq!(patterns_of([text]), [(1, pattern.to_owned())]);
}

#[test]
fn values_are_told_by_how_they_look() {
    check("at 2026-03-05T01:00:07.123Z, 05/Mar/2026:01:02:03 +0900 or 01:02:03", "at <Time-1>, <Time-2> or <Time-3>");
    check("2026-03-05 to 2026/03/06 01:02", "<Time-1> to <Time-2>");
    check(
        "from 192.0.2.7:443 and 2001:db8::1 to std::vec",
        "from <IPAddress-1>:<Number-2> and <IPAddress-3> to std::vec",
    );
    check("999.1.2.3 v1.2 s3.amazonaws.com", "<ID-1> v1.2 s3.amazonaws.com");
    check("took 327ms or 1.5 s, -5 %, 1e9", "took <Number-1>ms or <Number-2> s, -<Number-3> %, <Number-4>");
    check("id 0f5e1a2b-0000-4000-8000-00000000000a", "id <ID-1>");
    check("key AKIAIOSFODNN7EXAMPLE of i-0abcd1234ef567890", "key <ID-1> of <ID-2>");
    check("a\t\n  b", "a b");
    check("削除しました：１２件、ユーザー田中", "削除しました：<Number-1>件、ユーザー田中");
    check(r#"{"eventName":"GetObject","n":10}"#, r#"{"eventName":"GetObject","n":<Number-1>}"#);
    check("", "");
    check("\0a\u{1}b\0", " a b ");
}

/// The sample of "Pattern analysis" in AWS's guide.
#[test]
fn the_published_sample_is_one_pattern() {
    let texts = [
        "2023-01-01 19:00:01 [INFO] Calling DynamoDB to store for resource id 12342342k124-12345",
        "2023-01-01 19:00:02 [INFO] Calling DynamoDB to store for resource id 324892398123-12345",
        "2023-01-01 19:00:03 [INFO] Calling DynamoDB to store for resource id 3ff231242342-12345",
    ];
    let pattern = "<Time-1> [INFO] Calling DynamoDB to store for resource id <ID-2>";
    assert_eq!(patterns_of(texts), [(3, pattern.to_owned())]);
}

#[test]
fn many_words_at_a_place_are_dynamic_and_few_are_not() {
    let users = ["ann", "bob", "cid", "dan", "eve", "fay"];
    let mut texts: Vec<String> = users.iter().map(|user| format!("login of {user} failed")).collect();
    texts.extend(users.iter().map(|user| format!("login of {user} succeeded")));
    texts.extend(users[..5].iter().map(|user| format!("log out {user}")));
    let mut expected =
        vec![(6, "login of <Token-1> succeeded".to_owned()), (6, "login of <Token-1> failed".to_owned())];
    expected.extend(users[..5].iter().rev().map(|user| (1, format!("log out {user}"))));
    assert_eq!(patterns_of(texts.iter().map(String::as_str)), expected);
}

#[test]
fn what_has_little_in_common_stays_apart() {
    let texts =
        ["disk full now", "cat sat down", "rain fell hard", "sun rose early", "wind blew north", "snow lay deep"];
    assert_eq!(patterns_of(texts).len(), texts.len());
}

#[test]
fn memory_is_bounded() {
    let mut shapes = Shapes::default();
    for n in 0..60_000_u32 {
        let word: String = n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        shapes.add(&format!("user {word} has logged in from {word}"), [1, 0]);
    }
    assert!(shapes.counts.len() <= MOST_SHAPES && shapes.step > 0);
    let patterns = shapes.patterns();
    assert_eq!(patterns.iter().map(|pattern| pattern.counts[0]).sum::<u64>(), 60_000);
    assert_eq!(
        patterns.first().map(|pattern| pattern.text.as_str()),
        Some("user <Token-1> <Token-2> <Token-3> <Token-4> <Token-5> <Token-6>")
    );
    let mut long = Shapes::default();
    long.add(&"word ".repeat(100_000), [1, 0]);
    long.add(&"あ".repeat(100_000), [1, 0]);
    assert!(long.bytes < 10_000, "{}", long.bytes);
}

#[test]
fn the_last_step_leaves_one_shape() {
    let mut shape = String::new();
    tokens::shape("a=b c-d 1 2 3", &mut shape);
    for step in 0..STEPS {
        let coarse = coarser(&shape, step);
        assert!(coarse.len() <= shape.len(), "{step}");
        shape = coarse;
    }
    assert_eq!(shape, "vk\0");
}

#[test]
fn severities_are_words() {
    let of = |words: &[&str]| severity(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["at", "WARN", "error"]), Some("Warning"));
    assert_eq!(of(&["エラー"]), Some("Error"));
    assert_eq!(of(&["errorCode", "informal"]), None);
}

proptest! {
    /// Neither the order of texts nor the parts that they come in play a role.
    #[test]
    fn order_and_parts_play_no_role(
        texts in prop::collection::vec("(user|ユーザー) ?[a-h]{1,2}(が|=| )(in|out|[0-9]{1,3})", 0..60),
        cut in 0..60_usize,
    ) {
        let whole = patterns_of(texts.iter().map(String::as_str));
        prop_assert_eq!(&whole, &patterns_of(texts.iter().rev().map(String::as_str)));
        let (mut left, mut right) = (Shapes::default(), Shapes::default());
        for (at, text) in texts.iter().enumerate() {
            if at < cut { left.add(text, [1, 0]) } else { right.add(text, [1, 0]) }
        }
        left.become_coarser();
        left.join(right);
        prop_assert_eq!(left.patterns().iter().map(|one| one.counts[0]).sum::<u64>(), texts.len() as u64);
    }

    #[test]
    fn any_text_has_a_shape(text in any::<String>()) {
        let mut shape = String::new();
        tokens::shape(&text, &mut shape);
        let again: String = pieces(&shape).map(|piece| { let mut text = String::new(); piece.write(&mut text); text }).collect();
        prop_assert_eq!(again, shape);
    }
}
