//! Rust source with its comments, or its literals too, blanked out, so that the checks can look for braces and words.
//!
//! A scanner of characters, not a parser: it knows comments, strings (raw, byte) and character literals, and no more.

/// The source with its comments and literals blanked out: as many lines, and each character where it was.
pub fn code(source: &str) -> String {
    let characters: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < characters.len() {
        let (end, kind) = token(&characters, at);
        for character in &characters[at..end] {
            out.push(if kind.is_some() && *character != '\n' { ' ' } else { *character });
        }
        at = end;
    }
    out
}

/// A string literal of the source.
pub struct Literal {
    /// The line that it starts on, from 1.
    pub line: usize,
    /// The code right before it, without spaces: `msg!(`.
    pub before: String,
    /// What stands between its quotes, as it is written.
    pub text: String,
}

/// All string literals of a source, those in comments excepted.
pub fn literals(source: &str) -> Vec<Literal> {
    let characters: Vec<char> = source.chars().collect();
    let (mut found, mut before, mut line, mut at) = (Vec::new(), String::new(), 1, 0);
    while at < characters.len() {
        let (end, kind) = token(&characters, at);
        let text: String = characters[at..end].iter().collect();
        match kind {
            Some(true) if !text.ends_with('\'') => {
                let inner =
                    text.trim_start_matches(['r', 'b', 'c', '#']).trim_end_matches('#').trim_matches('"').to_owned();
                found.push(Literal { line, before: std::mem::take(&mut before), text: inner });
            }
            Some(true) => before.clear(),
            Some(false) => {}
            None => before.extend(text.chars().filter(|c| !c.is_whitespace())),
        }
        line += text.matches('\n').count();
        at = end;
    }
    found
}

/// Where the token that starts here ends, and whether it is a literal (`Some(true)`), a comment (`Some(false)`) or code.
fn token(text: &[char], at: usize) -> (usize, Option<bool>) {
    let next = text.get(at + 1).copied();
    match text[at] {
        '/' if next == Some('/') => (find(text, at, |c| c == '\n'), Some(false)),
        '/' if next == Some('*') => (block_comment(text, at), Some(false)),
        '"' => (string(text, at + 1), Some(true)),
        'r' | 'b' | 'c' if !at.checked_sub(1).is_some_and(|before| is_word(text[before])) => {
            let raw = find(text, at, |c| !matches!(c, 'r' | 'b' | 'c'));
            let quote = find(text, raw, |c| c != '#');
            match text.get(quote) {
                Some('"') if text[at..raw].contains(&'r') => (raw_string(text, quote + 1, quote - raw), Some(true)),
                Some('"') if quote == raw => (string(text, quote + 1), Some(true)),
                _ => (at + 1, None),
            }
        }
        '\'' => match character(text, at) {
            Some(end) => (end, Some(true)),
            None => (at + 1, None), // a lifetime
        },
        _ => (at + 1, None),
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn find(text: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..text.len()).find(|at| stop(text[*at])).unwrap_or(text.len())
}

fn block_comment(text: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at.min(text.len());
        }
    }
    text.len()
}

fn string(text: &[char], mut at: usize) -> usize {
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn raw_string(text: &[char], mut at: usize, hashes: usize) -> usize {
    while at < text.len() {
        let closes = text[at] == '"' && text[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        at += 1;
        if closes {
            return at + hashes;
        }
    }
    text.len()
}

fn character(text: &[char], at: usize) -> Option<usize> {
    match text.get(at + 1)? {
        '\\' => Some((find(text, at + 3, |c| c == '\'') + 1).min(text.len())),
        _ => (text.get(at + 2) == Some(&'\'')).then_some(at + 3),
    }
}

/// A file's lines before its tests.
pub fn before_tests(source: &str) -> &str {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        if line.starts_with("#[cfg(test)]") && !source[at + line.len()..].trim_start().starts_with("mod tests;") {
            return &source[..at];
        }
        at += line.len();
    }
    source
}

/// Whether a whole file is tests: `tests.rs`, or in a `tests/` or `benches/` folder.
pub fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/benches/") || path.contains("/fuzz/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_go() {
        let source = "a{ // }\n\"}\" r#\"}\"}\"# b'}' '\\'' 'x' <'a> /* } /* } */ } */ }";
        let code = code(source);
        assert_eq!(code.matches('}').count(), 1, "{code}");
        assert!(code.contains("<'a>"));
        assert_eq!(code.lines().count(), 2);
        assert_eq!(code.chars().count(), source.chars().count());
    }

    #[test]
    fn literals_are_listed_with_what_stands_before_them() {
        let found = literals("// \"no\"\nmsg!(\n  \"a-b\", x = r#\"c\"#)");
        let found: Vec<_> = found.iter().map(|l| (l.line, l.before.as_str(), l.text.as_str())).collect();
        assert_eq!(found, [(3, "msg!(", "a-b"), (3, ",x=", "c")]);
    }

    #[test]
    fn an_identifier_that_ends_in_r_opens_no_raw_string() {
        assert_eq!(code("for\"x\""), "for   ");
        assert_eq!(code("r"), "r");
    }

    #[test]
    fn what_is_cut_short_ends_quietly() {
        for source in ["\"abc", "r#\"abc", "/* abc", "'\\", "'", "b"] {
            assert_eq!(code(source).chars().count(), source.chars().count(), "{source}");
        }
    }

    #[test]
    fn tests_are_cut_off() {
        assert_eq!(before_tests("a\n#[cfg(test)]\nmod tests {}"), "a\n");
        assert_eq!(before_tests("a\n#[cfg(test)]\nmod tests;\nb"), "a\n#[cfg(test)]\nmod tests;\nb");
    }
}
