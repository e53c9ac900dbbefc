//! How much stands in a text of HCL, before it is parsed: its words and signs, and the widest of its objects. The parser makes of each
//! word a hundred bytes and more, and compares each name of an object with all before it.

/// How many entries an object or a body may have.
pub(super) const MOST_ENTRIES: usize = 40_000;

/// Where the scan is.
#[derive(Clone, Copy)]
enum Frame<'t> {
    /// Code between brackets; how many entries it has.
    Code(usize),
    /// A text in quotes.
    Quoted,
    /// A text that ends on the line that has this word alone.
    Heredoc(&'t str),
}

/// The words and signs of a text. What is no HCL has some number of them; the parser says then what is wrong.
///
/// # Errors
/// The line on which an object has too many entries.
pub(super) fn words(text: &str) -> Result<usize, u32> {
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0, line: 1, words: 0, frames: vec![Frame::Code(0)] };
    while let Some(byte) = scan.bytes.get(scan.at).copied() {
        match scan.frames.last().copied() {
            Some(Frame::Quoted) => scan.quoted(byte),
            Some(Frame::Heredoc(end)) => scan.heredoc(byte, end),
            _ => scan.code(byte).map_err(|()| scan.line)?,
        }
    }
    Ok(scan.words)
}

struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: u32,
    words: usize,
    frames: Vec<Frame<'t>>,
}

impl<'t> Scan<'t> {
    fn follows(&self, what: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(what))
    }

    /// Goes on to what comes next.
    fn step(&mut self, by: usize) {
        let passed = self.bytes.get(self.at..self.at.saturating_add(by)).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = self.at.saturating_add(by);
    }

    fn leave(&mut self) {
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }

    /// How far it is to what ends here, or to the end.
    fn until(&self, what: &str) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.find(what).map_or(rest.len(), |at| at + what.len())
    }

    fn code(&mut self, byte: u8) -> Result<(), ()> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.step(1),
            b'#' => self.step(self.until("\n")),
            b'/' if self.follows(b"//") => self.step(self.until("\n")),
            b'/' if self.follows(b"/*") => self.step(self.until("*/")),
            b'<' if self.follows(b"<<") => {
                let line = self.text.get(self.at..self.at + self.until("\n")).unwrap_or_default();
                self.words += 1;
                self.step(line.len().max(1));
                self.frames.push(Frame::Heredoc(line.trim_start_matches('<').trim_start_matches('-').trim()));
            }
            b if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 => {
                let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..);
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.words += 1;
                self.step(rest.iter().take_while(is_word).count().max(1));
            }
            other => {
                self.words += 1;
                match other {
                    b'"' => self.frames.push(Frame::Quoted),
                    b'{' => self.frames.push(Frame::Code(0)),
                    b'}' => self.leave(),
                    b'=' | b':' => self.entry()?,
                    _ => (),
                }
                self.step(1);
            }
        }
        Ok(())
    }

    fn entry(&mut self) -> Result<(), ()> {
        if let Some(Frame::Code(entries)) = self.frames.last_mut() {
            *entries += 1;
            if *entries > MOST_ENTRIES {
                return Err(());
            }
        }
        Ok(())
    }

    fn quoted(&mut self, byte: u8) {
        match byte {
            b'\\' => self.step(2),
            b'"' => {
                self.leave();
                self.step(1);
            }
            _ => self.text_byte(byte),
        }
    }

    fn heredoc(&mut self, byte: u8, end: &'t str) {
        let is_begin = self.at == 0 || self.bytes.get(self.at - 1) == Some(&b'\n');
        if is_begin {
            let line = self.text.get(self.at..self.at + self.until("\n")).unwrap_or_default();
            if line.trim() == end {
                self.leave();
                self.step(line.len().max(1));
                return;
            }
        }
        self.text_byte(byte);
    }

    /// A byte of a text, which may begin code within it.
    fn text_byte(&mut self, byte: u8) {
        match byte {
            b'$' | b'%' if self.follows(&[byte, byte, b'{']) => self.step(3),
            b'$' | b'%' if self.follows(&[byte, b'{']) => {
                self.words += 1;
                self.frames.push(Frame::Code(0));
                self.step(2);
            }
            _ => self.step(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_where_they_are_code() {
        for (text, count) in [
            ("", 0),
            ("a = 1", 3),
            ("a = \"b c d\" # e f g", 3),
            ("a = \"${b}\" // c", 6),
            ("a = <<-EOT\n  b c ${d} \"\n  EOT\ne = 1\n", 9),
            ("/* a b */ c {}", 3),
            ("a = \"$${b}\\\" c\"", 3),
        ] {
            assert_eq!(words(text), Ok(count), "{text}");
        }
    }

    #[test]
    fn an_object_that_is_too_wide_is_found_whatever_stands_in_it() {
        for entry in ["k = 1\n", "\"k\" : \"}\"\n", "k = \"${\"}\"}{\"\n", "k = <<E\n}\nE\n", "k = {}\n", "k = 1 # }\n"]
        {
            let many = |count: usize| format!("x = {{\n{}}}\ny = 1\n", entry.repeat(count));
            assert!(words(&many(MOST_ENTRIES)).is_ok(), "{entry}");
            assert!(words(&many(MOST_ENTRIES + 1)).is_err(), "{entry}");
        }
        for text in ["}}}}", "\"", "${", "<<", "<<E", "a = \"${", "/*", "日本 = \"日\\"] {
            let _ = words(text);
        }
    }
}
