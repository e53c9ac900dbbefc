//! JSON texts without recursion, so that no depth of nesting uses up the stack: where a value ends, and the parts of a map
//! or of a list. RFC 8259, to the letter.

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 1_000;

/// Where the value ends that begins at a place; `None` where it is no JSON, or too deep.
pub(super) fn value_end(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut closing: Vec<u8> = Vec::new();
    loop {
        let (close, is_map) = match *json.get(at)? {
            b'{' => (b'}', true),
            b'[' => (b']', false),
            _ => {
                at = past_ends(json, plain_end(json, at)?, &mut closing)?;
                if closing.is_empty() {
                    return Some(at);
                }
                continue;
            }
        };
        at = past_blanks(json, at + 1);
        if json.get(at) == Some(&close) {
            at = past_ends(json, at + 1, &mut closing)?;
            if closing.is_empty() {
                return Some(at);
            }
            continue;
        }
        closing.push(close);
        if closing.len() > MAX_DEPTH {
            return None;
        }
        if is_map {
            at = past_key(json, at)?;
        }
    }
}

/// Behind a value: past the ends of what ends with it, to the next value, or to the end of all.
fn past_ends(json: &[u8], end: usize, closing: &mut Vec<u8>) -> Option<usize> {
    let mut at = end;
    while let Some(close) = closing.last().copied() {
        at = past_blanks(json, at);
        let found = *json.get(at)?;
        at += 1;
        if found == b',' {
            at = past_blanks(json, at);
            return if close == b'}' { past_key(json, at) } else { Some(at) };
        }
        if found != close {
            return None;
        }
        closing.pop();
    }
    Some(at)
}

fn past_blanks(json: &[u8], at: usize) -> usize {
    let rest = json.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// Past a key and its colon.
fn past_key(json: &[u8], at: usize) -> Option<usize> {
    let colon = past_blanks(json, string_end(json, at)?);
    (json.get(colon) == Some(&b':')).then(|| past_blanks(json, colon + 1))
}

/// The end of what has no parts.
fn plain_end(json: &[u8], at: usize) -> Option<usize> {
    let word = |word: &[u8]| json.get(at..)?.starts_with(word).then_some(at + word.len());
    match *json.get(at)? {
        b'"' => string_end(json, at),
        b't' => word(b"true"),
        b'f' => word(b"false"),
        b'n' => word(b"null"),
        _ => number_end(json, at),
    }
}

fn string_end(json: &[u8], at: usize) -> Option<usize> {
    if json.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        match *json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match *json.get(at + 1)? {
                b'u' => {
                    let digits = json.get(at + 2..at + 6)?;
                    at += if digits.iter().all(u8::is_ascii_hexdigit) { 6 } else { return None };
                }
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                _ => return None,
            },
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

fn number_end(json: &[u8], at: usize) -> Option<usize> {
    let is = |at: usize, bytes: &[u8]| json.get(at).is_some_and(|byte| bytes.contains(byte));
    let digits = |at: usize| json.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = at + usize::from(is(at, b"-"));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && is(at, b"0")) {
        return None;
    }
    at += whole;
    if is(at, b".") {
        let decimals = digits(at + 1);
        at += if decimals > 0 { 1 + decimals } else { return None };
    }
    if is(at, b"eE") {
        let sign = usize::from(is(at + 1, b"+-"));
        let exponent = digits(at + 1 + sign);
        at += if exponent > 0 { 1 + sign + exponent } else { return None };
    }
    Some(at)
}

/// The parts of a map or of a list, in their order: the key with its quotes, where there is one, and the value.
pub(super) struct Parts<'j> {
    json: &'j str,
    at: Option<usize>,
    is_map: bool,
}

impl<'j> Parts<'j> {
    /// The parts of a JSON text without blanks around it; none of what has none.
    pub(super) fn of(json: &'j str) -> Self {
        let bytes = json.as_bytes();
        let first = past_blanks(bytes, 1);
        let has_parts = json.starts_with(['{', '[']) && !matches!(bytes.get(first), Some(b'}' | b']'));
        Self { json, at: has_parts.then_some(first), is_map: json.starts_with('{') }
    }
}

impl<'j> Iterator for Parts<'j> {
    type Item = (Option<&'j str>, &'j str);

    fn next(&mut self) -> Option<Self::Item> {
        let (bytes, at) = (self.json.as_bytes(), self.at.take()?);
        let (key, start) = match self.is_map {
            true => (Some(self.json.get(at..string_end(bytes, at)?)?), past_key(bytes, at)?),
            false => (None, at),
        };
        let end = value_end(bytes, start)?;
        let after = past_blanks(bytes, end);
        self.at = (bytes.get(after) == Some(&b',')).then(|| past_blanks(bytes, after + 1));
        Some((key, self.json.get(start..end)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_json(text: &str) -> bool {
        value_end(text.as_bytes(), 0) == Some(text.len())
    }

    #[test]
    fn json_is_told_from_what_is_none() {
        for text in [
            "0",
            "-0.5e+10",
            "1E2",
            "true",
            "null",
            "\"\"",
            "\"\\u00e9\\n\\\"\"",
            "{}",
            "[]",
            "[ ]",
            "[[],{}]",
            "{\"a\" : [1 , {\"b\":null}] , \"c\":\"]\"}",
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in [
            "",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "tru",
            "nul",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "{",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[1}",
            "{\"a\":1]",
            "[1 2]",
            "[]]",
            "1 ",
        ] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_and_uses_no_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_json(&nested(MAX_DEPTH)));
        assert!(!is_json(&nested(MAX_DEPTH + 2)));
        assert!(!is_json(&"[".repeat(1_000_000)));
    }

    #[test]
    fn parts_stand_in_their_order() {
        let parts = |text| Parts::of(text).collect::<Vec<_>>();
        assert_eq!(parts("[1, [2, 3] ,\"a\"]"), [(None, "1"), (None, "[2, 3]"), (None, "\"a\"")]);
        assert_eq!(parts("{ \"a\" : {} , \"b\":[]}"), [(Some("\"a\""), "{}"), (Some("\"b\""), "[]")]);
        assert!(parts("[]").is_empty() && parts("{ }").is_empty() && parts("5").is_empty() && parts("").is_empty());
    }

    proptest! {
        #[test]
        fn it_agrees_with_serde(text in "[\\[\\]{}:,\"a\\\\u0-9 .eE+-]{0,12}") {
            let text = text.trim();
            prop_assert_eq!(is_json(text), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{}", text);
        }

        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = (is_json(&text), Parts::of(&text).count());
        }
    }
}
