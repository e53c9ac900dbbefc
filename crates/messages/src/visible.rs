//! Texts of which each letter can be seen: what comes from evidence moves no cursor, colours nothing and commands no build server.

use std::borrow::Cow;

/// A text as a terminal or the log of a build may have it: what cannot be seen, or moves what stands around it, is shown by its number
/// (`[U+202E]`), and no line of it is taken for a command of a build server (`::error::`, `##vso[`).
pub fn shown(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~'));
    if is_plain && !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut made = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        let space = line.get(..line.len() - rest.len()).unwrap_or_default();
        push(space, &mut made);
        // GitHub takes what begins so for a command, whatever spaces stand before it; a space that is shown by its number is none.
        let is_blank = space.chars().all(|c| matches!(c, '\n' | '\t') || !is_hidden(c));
        let rest = match rest.strip_prefix("::") {
            Some(rest) if is_blank => {
                made.push_str(": :");
                rest
            }
            _ => rest,
        };
        push(rest, &mut made);
    }
    Cow::Owned(made)
}

/// Letters of a line. Older build servers take `##[` and `##vso[` for commands wherever they stand.
fn push(line: &str, made: &mut String) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let is_command = ["##[", "##vso["].iter().any(|mark| rest.starts_with(mark));
        match c {
            '#' if is_command => made.push_str("# "),
            '\n' | '\t' => made.push(c),
            c if is_hidden(c) => made.push_str(&by_number(c)),
            c => made.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// A letter by its number: `[U+202E]`.
pub fn by_number(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// Whether a letter cannot be seen, or moves others: controls, marks of direction, letters without width, what XML cannot have.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_colours_or_commands() {
        for (text, seen) in [
            ("plain ~ text\tof\nlines", "plain ~ text\tof\nlines"),
            ("監査\u{3000}証跡", "監査\u{3000}証跡"),
            ("\u{1b}]0;title\u{7}", "[U+001B]]0;title[U+0007]"),
            ("\u{9b}31m", "[U+009B]31m"),
            ("a\rb", "a[U+000D]b"),
            ("a\u{202E}gpj.exe", "a[U+202E]gpj.exe"),
            ("::error::x", ": :error::x"),
            ("a\n  ::set-output name=a::b\nc::d", "a\n  : :set-output name=a::b\nc::d"),
            ("a ##[error]b ##vso[task]c # #", "a # #[error]b # #vso[task]c # #"),
            ("\u{3000}::error::x", "\u{3000}: :error::x"),
            ("\u{b}::error::x", "[U+000B]::error::x"),
            ("aws_s3_bucket.b: module::x", "aws_s3_bucket.b: module::x"),
        ] {
            assert_eq!(shown(text), seen, "{text:?}");
        }
    }
}
