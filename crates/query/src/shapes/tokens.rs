//! A text to pieces: words, marks between them, and values that are told by how they look.
//!
//! ```text
//! 2026-03-05 01:00:07 [INFO] id=12342342k124 took 327ms
//! Time     ' [' INFO '] ' id '=' ID ' ' took ' ' Number ms
//! ```
//!
//! A shape is its pieces in a text, each with a letter for what it is in front and a NUL behind.

use std::net::Ipv6Addr;

/// The most pieces of a shape; what comes behind is one value more.
const MOST_PIECES: usize = 400;
/// The longest word, and the longest mark, in bytes.
const MOST_LETTERS: usize = 64;

/// What a value is. AWS calls the first four so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Time,
    Address,
    Id,
    Token,
    Number,
}

const KINDS: &[(Kind, &str, &str)] = &[
    (Kind::Time, "t", "Time"),
    (Kind::Address, "a", "IPAddress"),
    (Kind::Id, "i", "ID"),
    (Kind::Token, "k", "Token"),
    (Kind::Number, "n", "Number"),
];

impl Kind {
    /// As it stands in a pattern.
    pub(super) fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("Token", |(.., name)| name)
    }

    fn code(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("k", |(_, code, _)| code)
    }
}

/// A piece of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece<'s> {
    Word(&'s str),
    Mark(&'s str),
    Value(Kind),
}

impl Piece<'_> {
    pub(super) fn write(self, shape: &mut String) {
        let (letter, text) = match self {
            Self::Word(text) => ('w', text),
            Self::Mark(text) => ('m', text),
            Self::Value(kind) => ('v', kind.code()),
        };
        shape.push(letter);
        shape.push_str(text);
        shape.push('\0');
    }
}

/// The pieces of a shape.
pub(super) fn pieces(shape: &str) -> impl Iterator<Item = Piece<'_>> {
    shape.split_terminator('\0').filter_map(|piece| {
        let text = piece.get(1..)?;
        Some(match piece.as_bytes().first()? {
            b'w' => Piece::Word(text),
            b'm' => Piece::Mark(text),
            _ => Piece::Value(KINDS.iter().find(|(_, code, _)| *code == text).map_or(Kind::Token, |(kind, ..)| *kind)),
        })
    })
}

/// Writes the shape of a text.
pub(super) fn shape(text: &str, shape: &mut String) {
    let mut reader = Reader { text, at: 0 };
    let mut count = 0;
    let mut mark = String::new();
    while reader.at < text.len() {
        if count >= MOST_PIECES {
            flush(&mut mark, shape);
            Piece::Value(Kind::Token).write(shape);
            return;
        }
        match reader.next() {
            Read::Mark(c) if mark.len() < MOST_LETTERS => mark.push(c),
            Read::Mark(_) => {}
            Read::Pieces(read) => {
                count += usize::from(!mark.is_empty());
                flush(&mut mark, shape);
                for piece in read.into_iter().flatten() {
                    piece.write(shape);
                    count += 1;
                }
            }
        }
    }
    flush(&mut mark, shape);
}

fn flush(mark: &mut String, shape: &mut String) {
    if !mark.is_empty() {
        Piece::Mark(mark).write(shape);
        mark.clear();
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

enum Read<'t> {
    Mark(char),
    /// One piece, or a number and its unit.
    Pieces([Option<Piece<'t>>; 2]),
}

/// Letters that words are cut by: those of scripts without blanks change with what they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Kanji,
    Hiragana,
    Katakana,
    None,
}

fn script(c: char) -> Script {
    match c {
        '\u{3041}'..='\u{309f}' => Script::Hiragana,
        '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => {
            Script::Katakana
        }
        '\u{3005}'..='\u{3007}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}' => Script::Kanji,
        c if c.is_alphanumeric() || c == '_' => Script::Latin,
        _ => Script::None,
    }
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Read<'t> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return Read::Pieces([None, None]) };
        if let Some((kind, length)) = time(rest).map(|length| (Kind::Time, length)).or_else(|| address(rest)) {
            self.at += length;
            return Read::Pieces([Some(Piece::Value(kind)), None]);
        }
        let script = script(first);
        if script == Script::None {
            self.at += first.len_utf8();
            if !first.is_whitespace() && !first.is_control() {
                return Read::Mark(first);
            }
            let blank = |c: char| c.is_whitespace() || c.is_control();
            let rest = rest.trim_start_matches(blank);
            self.at = self.text.len() - rest.len();
            return Read::Mark(' ');
        }
        let length = run(rest, script);
        self.at += length;
        let word = rest.get(..length).unwrap_or_default();
        Read::Pieces(if script == Script::Latin { latin(word) } else { [Some(bounded(word)), None] })
    }
}

/// How long the run of one script is. In Latin letters, `.`, `-`, `@` and `+` belong to it where letters are on both sides.
fn run(rest: &str, of: Script) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = of == Script::Latin
            && matches!(c, '.' | '-' | '@' | '+')
            && chars.peek().is_some_and(|(_, next)| script(*next) == Script::Latin);
        if script(c) != of && !joins {
            return at;
        }
    }
    rest.len()
}

fn bounded(word: &str) -> Piece<'_> {
    if word.len() > MOST_LETTERS { Piece::Value(Kind::Token) } else { Piece::Word(word) }
}

/// A run of Latin letters and digits: a word, a number, a number and a unit, an id.
fn latin(word: &str) -> [Option<Piece<'_>>; 2] {
    const UNITS: &[&str] = &[
        "ms", "us", "µs", "ns", "s", "sec", "m", "min", "h", "d", "b", "k", "kb", "mb", "gb", "tb", "kib", "mib",
        "gib", "tib", "x",
    ];
    let one = |piece| [Some(piece), None];
    let digits = word.chars().filter(char::is_ascii_digit).count() + word.chars().filter(|c| is_wide_digit(*c)).count();
    if digits == 0 {
        return one(bounded(word));
    }
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.' && !is_wide_digit(c)).unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    if unit.is_empty() && number.matches('.').count() <= 1 {
        return one(Piece::Value(Kind::Number));
    }
    if !number.is_empty() && UNITS.contains(&unit.to_lowercase().as_str()) {
        return [Some(Piece::Value(Kind::Number)), Some(Piece::Word(unit))];
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok() {
        return one(Piece::Value(Kind::Number));
    }
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
    let is_hex = letters >= 8 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_mostly_digits = letters >= 6 && digits * 3 >= letters;
    let is_key = letters >= 16 && !word.contains(|c: char| c.is_lowercase() || c == '.');
    let is_id = is_hex || is_mostly_digits || is_key || word.len() > MOST_LETTERS;
    one(if is_id { Piece::Value(Kind::Id) } else { Piece::Word(word) })
}

fn is_wide_digit(c: char) -> bool {
    ('０'..='９').contains(&c)
}

/// How long the date or the time is that a text begins with, or both with a letter or a blank between.
fn time(rest: &str) -> Option<usize> {
    const DATES: &[&str] = &["dddd-dd-dd", "dddd/dd/dd", "dd/aaa/dddd"];
    const CLOCKS: &[&str] = &["dd:dd:dd", "dd:dd"];
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let first = |forms: &[&str], rest: &str| forms.iter().find(|form| fits(form, rest)).map(|form| form.len());
    let mut at = first(DATES, rest).unwrap_or(0);
    let behind = |at: usize| rest.get(at..).unwrap_or_default();
    let gap = usize::from(at > 0 && behind(at).starts_with([' ', 'T', 't', ':']));
    if at == 0 || gap > 0 {
        // A clock without seconds might be anything where no date is in front of it.
        let clocks = if at == 0 { &CLOCKS[..1] } else { CLOCKS };
        if let Some(length) = first(clocks, behind(at + gap)) {
            at += gap + length;
            if behind(at).starts_with(['.', ',']) {
                let digits = behind(at + 1).bytes().take_while(u8::is_ascii_digit).count();
                at += if digits > 0 { digits + 1 } else { 0 };
            }
            at += zone(behind(at));
        }
    }
    let ends = !behind(at).starts_with(|c: char| c.is_ascii_alphanumeric());
    (at > 0 && ends).then_some(at)
}

fn zone(rest: &str) -> usize {
    let offset = rest.strip_prefix(' ').unwrap_or(rest);
    let forms = ["dd:dd", "dddd"];
    if rest.starts_with(['Z', 'z']) {
        1
    } else if let Some(form) =
        offset.strip_prefix(['+', '-']).and_then(|offset| forms.iter().find(|form| fits(form, offset)))
    {
        rest.len() - offset.len() + 1 + form.len()
    } else {
        0
    }
}

/// Whether a text begins as a form says: `d` is a digit, `a` a letter, everything else itself.
fn fits(form: &str, text: &str) -> bool {
    let mut bytes = text.bytes();
    form.bytes().all(|form| {
        bytes.next().is_some_and(|byte| match form {
            b'd' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            form => byte == form,
        })
    })
}

/// The IP address that a text begins with.
fn address(rest: &str) -> Option<(Kind, usize)> {
    let part = |more: &'static [char]| {
        let is_part = move |c: char| c.is_ascii_hexdigit() || more.contains(&c);
        rest.find(|c: char| !is_part(c)).unwrap_or(rest.len())
    };
    let ends = |length: usize| !rest.get(length..).unwrap_or_default().starts_with(|c: char| c.is_alphanumeric());
    let four = rest.get(..part(&['.'])).unwrap_or_default().trim_end_matches('.');
    let has_four = four.split('.').count() == 4 && four.split('.').all(|part| part.parse::<u8>().is_ok());
    if has_four && ends(four.len()) {
        return Some((Kind::Address, four.len()));
    }
    let six = rest.get(..part(&[':', '.'])).unwrap_or_default();
    let has_six = six.matches(':').count() >= 2
        && six.bytes().any(|byte| byte.is_ascii_digit())
        && six.parse::<Ipv6Addr>().is_ok();
    (has_six && ends(six.len())).then_some((Kind::Address, six.len()))
}
