//! JSON's grammar (RFC 8259), as far as an event needs it: where a value ends, and whether it is one. It is not a
//! parser: nothing is built, and invalid UTF-8 inside strings passes here and is judged by the caller.
//!
//! ```text
//! {"eventName":"ListBuckets","n":[1,2.5e3,null,"\u8a3c\u8de1"]}
//! ```
//!
//! No recursion: nesting is a stack of bits with room for [`MAX_DEPTH`] levels.

use crate::Reason;

/// The deepest nesting of objects and arrays that is followed; the outermost value counts as one.
pub const MAX_DEPTH: usize = 256;

/// Why a value has no end here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end first; with more of them it may still become a value.
    End,
    /// It cannot become a value: the byte at this place does not fit.
    Bad(usize),
    /// It opens more than [`MAX_DEPTH`] levels, the last of them at this place.
    Deep(usize),
}

impl Stop {
    /// The same as a reason that can stand beside the bytes.
    pub(crate) fn reason(self) -> Reason {
        match self {
            Self::End => Reason::EndsEarly,
            Self::Bad(at) => Reason::Syntax { at },
            Self::Deep(_) => Reason::TooDeep,
        }
    }
}

/// A place in the bytes, or why there is none.
pub(crate) type Step = Result<usize, Stop>;

/// Where a document ends or turns out to be a list of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// It is a whole value that ends before this place.
    Value(usize),
    /// It is an object whose list of events begins at this place, behind the `[`.
    List(usize),
}

/// What is open around a place: a bit a level, set for objects.
#[derive(Default)]
struct Stack {
    objects: [u64; MAX_DEPTH / 64],
    depth: usize,
}

impl Stack {
    #[inline]
    fn push(&mut self, object: bool, at: usize) -> Result<(), Stop> {
        let Some(word) = self.objects.get_mut(self.depth / 64) else { return Err(Stop::Deep(at)) };
        let bit = 1 << (self.depth % 64);
        *word = if object { *word | bit } else { *word & !bit };
        self.depth += 1;
        Ok(())
    }

    #[inline]
    fn in_object(&self) -> bool {
        let top = self.depth.wrapping_sub(1);
        self.objects.get(top / 64).is_some_and(|word| word >> (top % 64) & 1 == 1)
    }
}

/// What the keys of the outermost object say about it: whether it is a list of events under a name.
#[derive(Default)]
struct Watch {
    audit: bool,
}

impl Watch {
    /// Whether the value at `at`, of the outermost object's key that ends the bytes before it, is the list of events.
    /// `Records` is CloudTrail's, `configurationItems` AWS Config's, `workflow_runs` GitHub's; `items` counts only where the object has said that it is of Kubernetes' audit.
    fn is_list(&mut self, key: &[u8], bytes: &[u8], at: usize) -> Result<Option<usize>, Stop> {
        match key {
            b"\"Records\"" | b"\"configurationItems\"" | b"\"workflow_runs\"" => list_of_objects(bytes, at),
            b"\"items\"" if self.audit => list_of_objects(bytes, at),
            b"\"kind\"" => self.expects(bytes, at, b"\"EventList\""),
            b"\"apiVersion\"" => self.expects(bytes, at, b"\"audit.k8s.io/"),
            _ => Ok(None),
        }
    }

    fn expects(&mut self, bytes: &[u8], at: usize, start: &[u8]) -> Result<Option<usize>, Stop> {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.len() < start.len() && start.starts_with(rest) {
            return Err(Stop::End);
        }
        self.audit |= rest.starts_with(start);
        Ok(None)
    }
}

/// Where the elements begin if `bytes[at..]` opens an array that is empty or of objects.
pub(crate) fn list_of_objects(bytes: &[u8], at: usize) -> Result<Option<usize>, Stop> {
    if *bytes.get(at).ok_or(Stop::End)? != b'[' {
        return Ok(None);
    }
    let first = blank(bytes, at + 1, false)?;
    Ok(matches!(bytes.get(first), Some(b'{' | b']')).then_some(at + 1))
}

/// The end of the value that begins at the first byte; white space before it is allowed. `outer` levels are open around
/// it. A number at the very end of the bytes has no end: more digits may follow.
pub(crate) fn value(bytes: &[u8], outer: usize) -> Step {
    let mut stack = Stack { depth: outer, ..Stack::default() };
    match walk::<false>(bytes, &mut stack, false)? {
        Document::Value(end) | Document::List(end) => Ok(end),
    }
}

/// Like [`value`], and stops where an object turns out to be a list of events. With `one_line`, a line feed between
/// tokens does not fit.
pub(crate) fn document(bytes: &[u8], one_line: bool) -> Result<Document, Stop> {
    walk::<true>(bytes, &mut Stack::default(), one_line)
}

fn walk<const WATCH: bool>(bytes: &[u8], stack: &mut Stack, one_line: bool) -> Result<Document, Stop> {
    let outer = stack.depth;
    let mut watch = Watch::default();
    let mut at = blank(bytes, 0, one_line)?;
    'value: loop {
        let mut key_is_next = false;
        match bytes.get(at).copied().ok_or(Stop::End)? {
            b'"' => at = string(bytes, at + 1)?,
            b'{' => {
                stack.push(true, at)?;
                at = blank(bytes, at + 1, one_line)?;
                if bytes.get(at) == Some(&b'}') {
                    stack.depth -= 1;
                    at += 1;
                } else {
                    key_is_next = true;
                }
            }
            b'[' => {
                stack.push(false, at)?;
                at = blank(bytes, at + 1, one_line)?;
                if bytes.get(at) != Some(&b']') {
                    continue 'value;
                }
                stack.depth -= 1;
                at += 1;
            }
            b'-' | b'0'..=b'9' => at = number(bytes, at)?,
            b't' => at = literal(bytes, at, b"true")?,
            b'f' => at = literal(bytes, at, b"false")?,
            b'n' => at = literal(bytes, at, b"null")?,
            _ => return Err(Stop::Bad(at)),
        }
        if !key_is_next {
            loop {
                if stack.depth == outer {
                    return Ok(Document::Value(at));
                }
                at = blank(bytes, at, one_line)?;
                match bytes.get(at) {
                    Some(b',') => break,
                    Some(b'}') if stack.in_object() => stack.depth -= 1,
                    Some(b']') if !stack.in_object() => stack.depth -= 1,
                    _ => return Err(Stop::Bad(at)),
                }
                at += 1;
            }
            at = blank(bytes, at + 1, one_line)?;
            if !stack.in_object() {
                continue 'value;
            }
        }
        let start = at;
        let (key, next) = member(bytes, at, one_line)?;
        at = next;
        if WATCH
            && stack.depth == 1
            && let Some(list) = watch.is_list(bytes.get(start..key).unwrap_or_default(), bytes, at)?
        {
            return Ok(Document::List(list));
        }
    }
}

/// A key and its colon: the end of the key, and the place of its value.
#[inline]
pub(crate) fn member(bytes: &[u8], at: usize, one_line: bool) -> Result<(usize, usize), Stop> {
    noted_member(bytes, at, one_line, &mut false)
}

/// The same, and whether the key has escapes.
#[inline]
pub(crate) fn noted_member(
    bytes: &[u8],
    at: usize,
    one_line: bool,
    has_escapes: &mut bool,
) -> Result<(usize, usize), Stop> {
    if *bytes.get(at).ok_or(Stop::End)? != b'"' {
        return Err(Stop::Bad(at));
    }
    let key = noted_string(bytes, at + 1, has_escapes)?;
    let colon = blank(bytes, key, one_line)?;
    if bytes.get(colon) != Some(&b':') {
        return Err(Stop::Bad(colon));
    }
    Ok((key, blank(bytes, colon + 1, one_line)?))
}

/// The first byte that is not white space.
#[inline]
pub(crate) fn blank(bytes: &[u8], mut at: usize, one_line: bool) -> Step {
    loop {
        match bytes.get(at) {
            Some(byte) if *byte > b' ' => return Ok(at),
            Some(b'\n') if one_line => return Err(Stop::Bad(at)),
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(_) => return Err(Stop::Bad(at)),
            None => return Err(Stop::End),
        }
    }
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Where a string ends that began before `at`: behind its closing quote. Eight bytes a step: most strings of an event
/// are shorter than what a call of `memchr` costs.
#[inline]
pub(crate) fn string(bytes: &[u8], at: usize) -> Step {
    noted_string(bytes, at, &mut false)
}

/// The same, and whether the string has escapes: who reads it need not look for them again.
#[inline]
pub(crate) fn noted_string(bytes: &[u8], mut at: usize, has_escapes: &mut bool) -> Step {
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let quote = word ^ (LOW * b'"' as u64);
            let escape = word ^ (LOW * b'\\' as u64);
            // A borrow can only mark bytes above a true hit, and the lowest mark is the one that is used.
            let control = word.wrapping_sub(LOW * b' ' as u64) & !word;
            let hits = ((quote.wrapping_sub(LOW) & !quote) | (escape.wrapping_sub(LOW) & !escape) | control) & HIGH;
            if hits != 0 {
                at += hits.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match bytes.get(at).copied().ok_or(Stop::End)? {
            b'"' => return Ok(at + 1),
            b'\\' => {
                *has_escapes = true;
                at = escape(bytes, at)?;
            }
            0..b' ' => return Err(Stop::Bad(at)),
            _ => at += 1,
        }
    }
}

#[cold]
fn escape(bytes: &[u8], at: usize) -> Step {
    match bytes.get(at + 1).ok_or(Stop::End)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
        b'u' => {
            for digit in at + 2..at + 6 {
                if !bytes.get(digit).ok_or(Stop::End)?.is_ascii_hexdigit() {
                    return Err(Stop::Bad(digit));
                }
            }
            Ok(at + 6)
        }
        _ => Err(Stop::Bad(at + 1)),
    }
}

fn number(bytes: &[u8], mut at: usize) -> Step {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits(bytes, at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    if at == bytes.len() { Err(Stop::End) } else { Ok(at) }
}

fn digits(bytes: &[u8], start: usize) -> Step {
    let count = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    match bytes.get(start + count) {
        None => Err(Stop::End),
        Some(_) if count == 0 => Err(Stop::Bad(start)),
        Some(_) => Ok(start + count),
    }
}

fn literal(bytes: &[u8], at: usize, expected: &[u8]) -> Step {
    for (n, byte) in expected.iter().enumerate() {
        if bytes.get(at + n).ok_or(Stop::End)? != byte {
            return Err(Stop::Bad(at + n));
        }
    }
    Ok(at + expected.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What serde_json says of the same bytes, with a space behind so that a number has an end.
    fn agrees(text: &str) {
        let ours =
            value(format!("{text} ").as_bytes(), 0).is_ok_and(|end| text[end.min(text.len())..].trim().is_empty());
        let theirs = serde_json::from_str::<serde_json::Value>(text);
        // Numbers beyond a float are refused there; they are JSON all the same.
        if theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range")) {
            return;
        }
        assert_eq!(ours, theirs.is_ok(), "{text:?}: {theirs:?}");
    }

    #[test]
    fn it_draws_the_line_where_serde_json_does() {
        for text in [
            "{}",
            "[]",
            "[1]",
            "[1,]",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\" : [ ] }",
            "{a:1}",
            "nul",
            "null",
            "-",
            "-0",
            "01",
            "1.",
            "1.5",
            ".5",
            "1e",
            "1e+",
            "1E-7",
            "18446744073709551615",
            "1e999999",
            "\"\\u12\"",
            "\"\\u12aF\"",
            "\"\\x\"",
            "\"\t\"",
            "\"a\\\"b\"",
            "\"\u{7f}é\"",
            "[true,false,null]",
            "truex",
            "{\"a\":1]",
            "[1}",
            "{\"a\"}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "{,}",
            "[[[]]]",
            "\u{a0}1",
            "",
        ] {
            agrees(text);
        }
    }

    proptest! {
        #[test]
        fn it_draws_it_there_for_any_text(text in "[\\[\\]{},:\"\\\\ \n0-9eEu.+ntrfalse-]{0,24}") {
            agrees(&text);
        }

        #[test]
        fn a_beginning_is_never_bad(text in "[a-z \"\\\\\u{1}é]{0,40}", numbers in prop::collection::vec(any::<f64>(), 0..4)) {
            let whole = serde_json::to_vec(&serde_json::json!({"a": {"b": [text, numbers, null, true]}})).unwrap();
            prop_assert_eq!(value(&whole, 0), Ok(whole.len()));
            for end in 0..whole.len() {
                prop_assert_eq!(value(&whole[..end], 0), Err(Stop::End));
            }
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(value(nested(MAX_DEPTH).as_bytes(), 0), Ok(MAX_DEPTH * 2));
        assert_eq!(value(nested(MAX_DEPTH + 1).as_bytes(), 0), Err(Stop::Deep(MAX_DEPTH)));
        assert_eq!(value(nested(10_000).as_bytes(), 0), Err(Stop::Deep(MAX_DEPTH)));
        assert_eq!(value(nested(MAX_DEPTH).as_bytes(), 1), Err(Stop::Deep(MAX_DEPTH - 1)));
    }

    #[test]
    fn lists_of_events_are_seen() {
        fn list(text: &str) -> Option<&str> {
            match document(text.as_bytes(), false) {
                Ok(Document::List(at)) => Some(&text[..at]),
                _ => None,
            }
        }
        assert_eq!(list(r#"{"Records":[{"a":1}]}"#), Some(r#"{"Records":["#));
        assert_eq!(list(r#"{ "x" : [{}], "Records" : [ ]}"#), Some(r#"{ "x" : [{}], "Records" : ["#));
        assert!(list(r#"{"fileVersion":"1.0","configurationItems":[{"a":1}]}"#).is_some());
        assert_eq!(list(r#"{"configurationItems":null}"#), None);
        assert_eq!(list(r#"{"Records":[1]}"#), None);
        assert_eq!(list(r#"{"Records":{"a":1}}"#), None);
        assert_eq!(list(r#"{"a":{"Records":[{}]}}"#), None);
        assert_eq!(list(r#"{"items":[{}]}"#), None);
        assert_eq!(list(r#"{"kind":"EventList","items":[{}]}"#), Some(r#"{"kind":"EventList","items":["#));
        assert!(list(r#"{"apiVersion":"audit.k8s.io/v1","items":[{}],"kind":"EventList"}"#).is_some());
        assert_eq!(list(r#"{"kind":"Event","items":[{}]}"#), None);
    }
}
