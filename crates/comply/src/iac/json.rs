//! JSON as a tree with lines, within bounds: plans of Terraform are large, and most of what is in them is passed over.

use super::tree::{Content, Entry, Node, twice};

/// How deep it may be nested.
const DEEPEST: usize = 128;
/// How many values and names there may be, of those that are kept: the plan of a hundred thousand resources has some ten million. Texts
/// count by their lengths too.
const MOST_NODES: usize = 12_000_000;

/// Why a text is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line.
    pub(crate) line: u32,
    /// What was expected.
    pub(crate) what: &'static str,
}

/// Reads a text; what stands under one of these names, at the outermost level, is passed over.
pub(crate) fn read(text: &str, passed_over: &[&str]) -> Result<Node, Broken> {
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, line: 1, left: MOST_NODES, passed_over };
    let node = reader.value(0)?;
    reader.space();
    if reader.at < reader.bytes.len() { Err(reader.broken("the end")) } else { Ok(node) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    line: u32,
    left: usize,
    passed_over: &'a [&'a str],
}

impl Reader<'_> {
    fn broken(&self, what: &'static str) -> Broken {
        Broken { line: self.line, what }
    }

    fn space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => (),
                _ => return,
            }
            self.at += 1;
        }
    }

    fn next(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        if depth > DEEPEST {
            return Err(self.broken("at most 128 levels"));
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| self.broken("less: it is too large to be read"))?;
        let first = self.next().ok_or_else(|| self.broken("a value"))?;
        let line = self.line;
        let content = match first {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Content::Text(self.string()?),
            b't' => self.word("true", Content::Bool(true))?,
            b'f' => self.word("false", Content::Bool(false))?,
            b'n' => self.word("null", Content::Null)?,
            _ => self.number()?,
        };
        Ok(Node { line, content })
    }

    fn word(&mut self, word: &str, content: Content) -> Result<Content, Broken> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return Err(self.broken("a value"));
        }
        self.at += word.len();
        Ok(content)
    }

    fn number(&mut self) -> Result<Content, Broken> {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let text = self.text.get(self.at..self.at + length).unwrap_or_default();
        let number = text.parse().map_err(|_| self.broken("a value"))?;
        self.at += length;
        Ok(Content::Number(number))
    }

    fn list(&mut self, depth: usize) -> Result<Content, Broken> {
        self.at += 1;
        let mut items = Vec::new();
        if self.next() == Some(b']') {
            self.at += 1;
            return Ok(Content::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Content::List(items));
                }
                _ => return Err(self.broken("`,` or `]`")),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, Broken> {
        self.at += 1;
        let mut entries = Vec::new();
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(Content::Map(entries));
        }
        loop {
            if self.next() != Some(b'"') {
                return Err(self.broken("a name in quotes"));
            }
            let line = self.line;
            let name = self.string()?;
            if self.next() != Some(b':') {
                return Err(self.broken("`:`"));
            }
            self.at += 1;
            if depth == 0 && self.passed_over.contains(&name.as_str()) {
                self.pass_over()?;
            } else {
                self.left = self.left.saturating_sub(1 + name.len() / 64);
                let node = self.value(depth + 1)?;
                entries.push(Entry { name, line, node });
            }
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return match twice(&entries) {
                        Some(line) => Err(Broken { line, what: "each name once" }),
                        None => Ok(Content::Map(entries)),
                    };
                }
                _ => return Err(self.broken("`,` or `}`")),
            }
        }
    }

    /// Goes behind a value without keeping it: brackets are counted, and texts are passed over.
    fn pass_over(&mut self) -> Result<(), Broken> {
        let mut open = 0_usize;
        loop {
            match self.next().ok_or_else(|| self.broken("a value"))? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    if open == 0 {
                        return Err(self.broken("a value"));
                    }
                    open -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            let is_end = matches!(self.next(), Some(b',' | b'}' | b']') | None);
            if open == 0 && is_end {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<String, Broken> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let from = self.at;
            while self.bytes.get(self.at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | b'\n')) {
                self.at += 1;
            }
            // What ends a stretch is ASCII, so that it never ends within a character.
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => self.escape(&mut text)?,
                _ => return Err(self.broken("`\"`")),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Broken> {
        let letter = self.bytes.get(self.at + 1).copied();
        self.at += 2;
        text.push(match letter {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'u') => {
                let first = self.hex()?;
                let is_high = (0xd800..0xdc00).contains(&first);
                let follows = self.bytes.get(self.at..self.at + 2) == Some(b"\\u");
                if is_high && follows {
                    self.at += 2;
                    let second = self.hex()?;
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff);
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                } else {
                    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => return Err(self.broken("an escape")),
        });
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, Broken> {
        let digits = self.text.get(self.at..self.at + 4).ok_or_else(|| self.broken("four hexadecimal digits"))?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| self.broken("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(node: &Node) -> serde_json::Value {
        match &node.content {
            Content::Null => serde_json::Value::Null,
            Content::Bool(is) => (*is).into(),
            Content::Number(number) => (*number).into(),
            Content::Text(text) => text.as_str().into(),
            Content::List(items) => items.iter().map(all).collect(),
            Content::Map(entries) => entries.iter().map(|entry| (entry.name.clone(), all(&entry.node))).collect(),
        }
    }

    #[test]
    fn it_is_what_serde_reads_and_knows_its_lines() {
        let text = "{\"a\": [1.5, -2.0, true, null,\n {\"b\\u00e9\\ud83d\\ude00\\n\\/\": \"日本 \\\"x\\\"\"}],\n\"c\": {}, \"d\": []}";
        let node = read(text, &[]).unwrap_or_else(|broken| panic!("{broken:?}"));
        assert_eq!(all(&node), serde_json::from_str::<serde_json::Value>(text).unwrap_or_default());
        let lines: Vec<u32> = node.entries().iter().map(|entry| entry.line).collect();
        assert_eq!(lines, [1, 3, 3]);
        assert_eq!(node.get("a").map(|list| list.items()[4].line), Some(2));
    }

    #[test]
    fn what_is_passed_over_is_gone_and_nothing_else() {
        let text = "{\"old\": {\"a\": [\"}\", 1, {}]}, \"new\": {\"old\": 1}, \"older\": \"x\\\"]\", \"last\": 2}";
        let node = read(text, &["old", "older"]).unwrap_or_else(|broken| panic!("{broken:?}"));
        assert_eq!(all(&node), serde_json::json!({"new": {"old": 1.0}, "last": 2.0}));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_line() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\" 1}",
            "{\"a\": tru}",
            "\"a",
            "\"\\x\"",
            "\"\\ud8\"",
            "1 2",
            "--1",
            "{a: 1}",
            "[1}",
            &deep,
        ] {
            assert!(read(text, &[]).is_err(), "{text:.40}");
            assert!(read(&format!("{{\"a\": {text}"), &["a"]).is_err(), "{text:.40}");
        }
        assert_eq!(read("{\n\"a\":\n ?}", &[]).map_err(|broken| broken.line), Err(3));
    }
}
