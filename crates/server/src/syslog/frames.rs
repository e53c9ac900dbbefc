//! Cutting a stream of syslog into messages: by counted bytes (RFC 6587 3.4.1, RFC 5425) or by line ends (3.4.2), told apart by
//! each message's first byte.
//!
//! ```text
//! 26 <13>1 - h a - - - counted⏎        a number, a space, so many bytes
//! <13>Mar  5 01:02:03 h a: a line⏎     up to a line feed or NUL
//! ```

use bytes::{Buf, Bytes, BytesMut};

/// The longest message. What is longer becomes several: nothing is lost, and nothing grows without bound.
pub const MAX_MESSAGE: usize = 64 << 10;

/// Cuts a stream.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    /// How many bytes of a message that was too long are still to come.
    counted: usize,
    /// Whether a line goes on that was too long: its next bytes are no count.
    is_within: bool,
}

impl Framer {
    /// Takes bytes, and gives the messages that are whole by now.
    pub fn feed(&mut self, bytes: &[u8], messages: &mut Vec<Bytes>) {
        self.buffer.extend_from_slice(bytes);
        while let Some(message) = self.next() {
            push(message, messages);
        }
    }

    /// What was left when the stream ended.
    pub fn finish(mut self, messages: &mut Vec<Bytes>) {
        push(self.buffer.split().freeze(), messages);
    }

    fn next(&mut self) -> Option<Bytes> {
        if self.counted == 0 && !self.is_within && self.buffer.first().is_some_and(|byte| (b'1'..=b'9').contains(byte))
        {
            let digits = self.buffer.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            match self.buffer.get(digits) {
                None if digits < 10 => return None,
                Some(b' ') if digits < 10 => {
                    let number = std::str::from_utf8(self.buffer.get(..digits)?).ok()?;
                    self.counted = number.parse().ok()?;
                    self.buffer.advance(digits + 1);
                }
                _ => {} // a line that begins with digits
            }
        }
        if self.counted > 0 {
            let length = self.counted.min(MAX_MESSAGE);
            if self.buffer.len() < length {
                return None;
            }
            self.counted -= length;
            return Some(self.buffer.split_to(length).freeze());
        }
        let end = self.buffer.iter().take(MAX_MESSAGE).position(|byte| matches!(byte, b'\n' | 0));
        match end {
            Some(end) => {
                self.is_within = false;
                let line = self.buffer.split_to(end).freeze();
                self.buffer.advance(1);
                Some(line)
            }
            None if self.buffer.len() >= MAX_MESSAGE => {
                self.is_within = true;
                Some(self.buffer.split_to(MAX_MESSAGE).freeze())
            }
            None => None,
        }
    }
}

/// Adds a message without its line end, unless it is empty.
fn push(message: Bytes, messages: &mut Vec<Bytes>) {
    let text = message.trim_ascii_end();
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    if !text.is_empty() {
        messages.push(message.slice_ref(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages of a stream that comes in pieces of a length.
    fn cut(stream: &[u8], step: usize) -> Vec<Bytes> {
        let (mut framer, mut messages) = (Framer::default(), Vec::new());
        for piece in stream.chunks(step) {
            framer.feed(piece, &mut messages);
        }
        framer.finish(&mut messages);
        messages
    }

    #[test]
    fn each_message_says_how_it_is_cut() {
        let stream = "<13>a line\n12 <13>counted\n<13>b\r\n\n8 <13>\n甲<13>c\0<13>end".as_bytes();
        let expected = ["<13>a line", "<13>counted", "<13>b", "<13>\n甲", "<13>c", "<13>end"];
        let expected = expected.map(|text| Bytes::from_static(text.as_bytes()));
        for step in 1..stream.len() + 1 {
            assert_eq!(cut(stream, step), expected, "in pieces of {step}");
        }
    }

    #[test]
    fn what_is_too_long_becomes_several_and_nothing_is_lost() {
        let long = vec![b'x'; 3 * MAX_MESSAGE + 5];
        let counted = [format!("{} ", long.len()).as_bytes(), &long, b"<13>next\n"].concat();
        for stream in [[&long[..], b"\n<13>next\n"].concat(), counted] {
            let messages = cut(&stream, 10_000);
            assert_eq!(messages.iter().map(Bytes::len).sum::<usize>(), long.len() + 8);
            assert_eq!(messages.last().unwrap(), "<13>next");
        }
        assert_eq!(cut(b"99999999999999999999 x\n", 3).len(), 1, "no count that is one");
        let counting = [&long[..MAX_MESSAGE], b"12 in the line\n12 <13>counted\n"].concat();
        for step in [1_000, counting.len()] {
            let rest: Vec<Bytes> = cut(&counting, step).into_iter().skip(1).collect();
            assert_eq!(rest, ["12 in the line", "<13>counted"], "a line that goes on begins with no count");
        }
    }
}
