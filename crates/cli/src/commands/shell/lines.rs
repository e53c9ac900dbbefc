//! Where a question ends: its quotes, comments, patterns and brackets, and no more of its grammar than that.

/// What a text looks like from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shape {
    /// The first `;` or blank line that ends a question.
    end: Option<usize>,
    /// Whether a bracket is open at the end, or the text ends with `|`.
    is_open: bool,
}

/// Whether a question goes on in the next line.
pub fn goes_on(text: &str, is_sql: bool) -> bool {
    !is_meta(text) && shape(text, is_sql, false).is_open
}

/// Whether a line is a command of the shell.
pub fn is_meta(text: &str) -> bool {
    text.trim_start().starts_with('\\')
}

/// The next question or command of the shell, and what follows it; `None` at the end.
pub fn next(mut text: &str, is_sql: bool) -> Option<(&str, &str)> {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
        if text.is_empty() {
            return None;
        }
        if is_meta(text) {
            return Some(text.split_once('\n').unwrap_or((text, "")));
        }
        let end = shape(text, is_sql, true).end.unwrap_or(text.len());
        let (question, rest) = text.split_at(end);
        // A comment alone asks nothing.
        if !is_comment(question, is_sql) {
            return Some((question.trim_end(), rest));
        }
        text = rest;
    }
}

fn is_comment(text: &str, is_sql: bool) -> bool {
    let mark = if is_sql { "--" } else { "#" };
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with(mark))
}

/// What stands open while a text is read.
#[derive(Default)]
struct Reader {
    shape: Shape,
    depth: usize,
    /// The last word, for telling a pattern from a division.
    word: String,
    /// Whether the last word may still go on.
    is_in_word: bool,
    /// The first word of the command.
    command: String,
    /// The last character that is no blank.
    last: Option<char>,
}

fn shape(text: &str, is_sql: bool, until_end: bool) -> Shape {
    let mut reader = Reader::default();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { break };
        let skipped = skipped(rest, c, is_sql, &reader);
        if skipped > 0 {
            reader.read('"'); // whatever it says, it is a value
            at += skipped;
            continue;
        }
        let is_comment = if is_sql { rest.starts_with("--") } else { c == '#' };
        if is_comment {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if until_end && reader.depth == 0 && (c == ';' || (c == '\n' && is_blank_next(&rest[1..], &reader))) {
            reader.shape.end = Some(at);
            return reader.shape;
        }
        reader.read(c);
        at += c.len_utf8();
    }
    reader.shape.is_open = reader.depth > 0 || reader.last == Some('|');
    reader.shape
}

/// Whether the next line is blank and the question ends there: not behind a `|`, nor before one.
fn is_blank_next(after: &str, reader: &Reader) -> bool {
    let line = after.split('\n').next().unwrap_or_default();
    line.trim().is_empty() && reader.last != Some('|') && !after.trim_start().starts_with('|')
}

/// The length of a quoted text or a pattern that begins here; 0 where there is none. One that is not closed is none, so
/// that its mistake is shown rather than waited for.
fn skipped(rest: &str, c: char, is_sql: bool, reader: &Reader) -> usize {
    let is_pattern = c == '/' && !is_sql && reader.expects_pattern();
    if !(matches!(c, '"' | '\'' | '`') || is_pattern) {
        return 0;
    }
    let mut is_escaped = false;
    for (at, inner) in rest.char_indices().skip(1) {
        match inner {
            _ if is_escaped => is_escaped = false,
            '\\' if !is_sql && c != '`' => is_escaped = true,
            '\n' if !is_sql => return 0,
            _ if inner == c => return at + c.len_utf8(),
            _ => {}
        }
    }
    0
}

impl Reader {
    fn expects_pattern(&self) -> bool {
        let is_behind_like = self.word.eq_ignore_ascii_case("like") && self.last.is_some_and(char::is_alphanumeric);
        is_behind_like || self.last == Some('~') || self.command.eq_ignore_ascii_case("parse")
    }

    fn read(&mut self, c: char) {
        let is_letter = c.is_alphanumeric() || c == '_';
        if is_letter {
            if !self.is_in_word {
                self.word.clear();
            }
            self.word.push(c);
        } else if self.is_in_word && self.command.is_empty() {
            self.command.clone_from(&self.word);
        }
        self.is_in_word = is_letter;
        match c {
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            '|' => self.command.clear(),
            _ => {}
        }
        if !c.is_whitespace() {
            self.last = Some(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut text: &str, is_sql: bool) -> Vec<&str> {
        let mut found = Vec::new();
        while let Some((question, rest)) = next(text, is_sql) {
            found.push(question);
            text = rest;
        }
        found
    }

    #[test]
    fn questions_end_at_semicolons_and_blank_lines() {
        assert_eq!(
            all("fields a; fields b\n\nfields c\n| limit 1\n\n\n", false),
            ["fields a", "fields b", "fields c\n| limit 1"]
        );
        assert_eq!(all("fields a\n\n| limit 1;", false), ["fields a\n\n| limit 1"], "a next line may begin with `|`");
        assert_eq!(all("fields a |\n\nlimit 1", false), ["fields a |\n\nlimit 1"]);
        assert_eq!(all("filter a in [\n\n1]\n\nfields b", false), ["filter a in [\n\n1]", "fields b"]);
        assert_eq!(
            all("filter a = ';' and b like /x;y/ ; fields b", false),
            ["filter a = ';' and b like /x;y/", "fields b"]
        );
        assert_eq!(all("# only; a comment\n\nfields a # or; two\n| limit 1", false), ["fields a # or; two\n| limit 1"]);
        assert_eq!(all("\\range -7d\nfields a\n\\quit", false), ["\\range -7d", "fields a\n\\quit"]);
        assert_eq!(all("select '--;' -- a; b\n, 1; select 2", true), ["select '--;' -- a; b\n, 1", "select 2"]);
        assert_eq!(all("fields a / b; fields c", false), ["fields a / b", "fields c"]);
        assert_eq!(all(" ;;\n", false), Vec::<&str>::new());
        assert_eq!(all("filter a = 'open; fields b", false), ["filter a = 'open", "fields b"], "its mistake is shown");
    }

    #[test]
    fn a_line_goes_on_behind_a_pipe_and_within_brackets() {
        for open in ["fields a |", "fields a | # then", "filter a in [", "stats count(", "filter a like /x(/ |"] {
            assert!(goes_on(open, false), "{open}");
        }
        for whole in [
            "fields a",
            "filter a like /x(y|z[/",
            "filter a =~ /(/",
            "filter a = \"(|\"",
            "parse @message /(?<a>[(])/",
            "fields `a(`",
            "\\range (",
            "fields a / (b) / c",
            "fields a ] )",
        ] {
            assert!(!goes_on(whole, false), "{whole}");
        }
        assert!(goes_on("select count(", true) && !goes_on("select '('", true) && goes_on("select 1 ||", true));
    }
}
