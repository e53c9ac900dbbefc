//! What a pattern cannot be found without: literals, of which one must stand in the bytes. They are looked for in the columns
//! of events that were taken apart, value by value, so that only events in which one was found need to be joined; and where a
//! pattern is nothing but literals, not even those.

use regex::bytes::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::{Needle, compile};

/// More literals than this are not looked for: so many rule out little.
const MAX_LITERALS: usize = 64;

/// Literals that a match must contain one of.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    literals: Vec<Vec<u8>>,
    search: Regex,
    is_lower: bool,
    is_exact: bool,
}

impl Probe {
    /// The literals of a needle; `None` where it has none that are certain.
    pub(crate) fn of(needle: &Needle) -> Option<Self> {
        let (pattern, is_lower) = match &needle.lower {
            Some(lower) => (lower.as_str(), true),
            None => (needle.regex.as_str(), false),
        };
        let hir = ParserBuilder::new().utf8(false).build().parse(pattern).ok()?;
        let whole = Extractor::new().extract(&hir);
        let (literals, is_exact) = match whole.literals() {
            // Literals know nothing of the edges of lines and words.
            Some(literals) if whole.is_exact() && !literals.is_empty() && hir.properties().look_set().is_empty() => {
                (literals.iter().map(|literal| literal.as_bytes().to_vec()).collect(), true)
            }
            _ => (required(&hir)?, false),
        };
        if literals.is_empty() || literals.len() > MAX_LITERALS {
            return None;
        }
        let pieces: Vec<&[u8]> = literals.iter().map(|literal| within_a_value(literal)).collect();
        let is_whole = pieces.iter().zip(&literals).all(|(piece, literal)| piece.len() == literal.len());
        if pieces.iter().any(|piece| piece.is_empty()) {
            return None;
        }
        let literals: Vec<Vec<u8>> = pieces.into_iter().map(<[u8]>::to_vec).collect();
        let search = compile(&literals.iter().map(|literal| escape(literal)).collect::<Vec<_>>().join("|")).ok()?;
        Some(Self { literals, search, is_lower, is_exact: is_exact && is_whole })
    }

    /// Whether finding one of the literals in a value, or in what is between values, is finding the pattern.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Whether the literals are to be looked for in bytes that were put into lower case.
    pub(crate) fn is_lower(&self) -> bool {
        self.is_lower
    }

    /// The literals.
    pub(crate) fn literals(&self) -> &[Vec<u8>] {
        &self.literals
    }

    /// What finds one of the literals.
    pub(crate) fn search(&self) -> &Regex {
        &self.search
    }

    /// Whether a UUID, lower-case digits and hyphens, may hold one of the literals.
    pub(crate) fn fits_uuids(&self) -> bool {
        let fits = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte) || *byte == b'-';
        self.literals.iter().any(|literal| literal.len() <= 36 && literal.iter().all(fits))
    }
}

fn escape(literal: &[u8]) -> String {
    let escaped = |byte: &u8| match byte.is_ascii() {
        true => regex::escape(&char::from(*byte).to_string()),
        false => format!("(?-u:\\x{byte:02x})"),
    };
    literal.iter().map(escaped).collect()
}

/// The longest part of a literal that cannot lie partly in a value and partly outside of it. What is outside of a value, next
/// to it, is a quote, or, where the value is no string, a colon or white space before it and a comma, a brace or white space
/// behind it.
pub(crate) fn within_a_value(literal: &[u8]) -> &[u8] {
    let trim = |mut part: &'_ [u8]| -> (usize, usize) {
        let all = part.len();
        while let [b':' | b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = part {
            part = rest;
        }
        let start = all - part.len();
        while let [rest @ .., b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'] = part {
            part = rest;
        }
        (start, part.len())
    };
    let mut longest: &[u8] = &[];
    for part in literal.split(|byte| *byte == b'"' || *byte < 0x04) {
        let (start, length) = trim(part);
        if length > longest.len() {
            longest = &part[start..start + length];
        }
    }
    longest
}

/// Literals of which every match contains one; the longest such set, by its shortest literal.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => spelled(hir),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => {
            let mut sets: Vec<Vec<Vec<u8>>> = Vec::new();
            let mut run: Option<Vec<Vec<u8>>> = None;
            for part in parts {
                let set = spelled(part);
                let longer = run.as_ref().zip(set.as_ref()).and_then(|(run, set)| joined(run, set));
                if longer.is_none() {
                    sets.extend(run.take());
                }
                if set.is_none() {
                    sets.extend(required(part).filter(|set| set.len() <= MAX_LITERALS));
                }
                run = longer.or(set);
            }
            sets.extend(run);
            sets.into_iter().max_by_key(|set| set.iter().map(|literal| within_a_value(literal).len()).min())
        }
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(required).collect();
            all.map(|sets| sets.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// What a pattern of no repetition matches, text for text, where that is little: a letter without regard to case is
/// one, two or three (`k` is the Kelvin sign's, too).
fn spelled(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    /// The most letters of a class.
    const MAX_CLASS: usize = 4;
    let texts: Vec<Vec<u8>> = match hir.kind() {
        HirKind::Literal(literal) => vec![literal.0.to_vec()],
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.iter().flat_map(|range| range.start()..=range.end()).take(MAX_CLASS + 1);
            letters.map(|letter| letter.to_string().into_bytes()).collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.iter().flat_map(|range| range.start()..=range.end()).take(MAX_CLASS + 1);
            bytes.map(|byte| vec![byte]).collect()
        }
        HirKind::Capture(capture) => return spelled(&capture.sub),
        HirKind::Concat(parts) => {
            return parts.iter().try_fold(vec![Vec::new()], |texts, part| joined(&texts, &spelled(part)?));
        }
        _ => return None,
    };
    (!texts.is_empty() && texts.len() <= MAX_CLASS).then_some(texts)
}

/// Each text with each behind it, where that are not too many.
fn joined(texts: &[Vec<u8>], behind: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let all = texts.iter().flat_map(|text| behind.iter().map(move |behind| [text.as_slice(), behind].concat()));
    (texts.len() * behind.len() <= MAX_LITERALS).then(|| all.collect())
}

#[cfg(test)]
mod tests {
    use shoseki_insights::Matcher;

    use super::*;

    fn probe(pattern: &str) -> Option<(Vec<String>, bool)> {
        let probe = Probe::of(&Needle::new(&Matcher::Regex(pattern.to_owned())).unwrap())?;
        let texts = probe.literals.iter().map(|literal| String::from_utf8_lossy(literal).into_owned());
        Some((texts.collect(), probe.is_exact))
    }

    fn some(literals: &[&str], is_exact: bool) -> Option<(Vec<String>, bool)> {
        Some((literals.iter().map(|literal| (*literal).to_owned()).collect(), is_exact))
    }

    #[test]
    fn literals_are_drawn_out() {
        assert_eq!(probe("delete|update|privilege"), some(&["delete", "update", "privilege"], true));
        assert_eq!(probe("(?i)delete|update"), some(&["delete", "update"], true));
        assert_eq!(probe(r"203\.0\.113\.77"), some(&["203.0.113.77"], true));
        assert_eq!(probe("de(?:lete|tach)"), some(&["delete", "detach"], true));
        assert_eq!(probe("user/.*-admin"), some(&["-admin"], false));
        assert_eq!(probe("(?:Delete|Put)[A-Z][a-z]+Policy"), some(&["Policy"], false));
        assert_eq!(probe("^x$"), some(&["x"], false));
        assert_eq!(probe("(?i)user.*Naoki"), some(&["naoki", "nao\u{212a}i"], false));
        assert_eq!(probe("[0-9]+ab[xy]c?"), some(&["abx", "aby"], false));
        for none in ["", ".*", "[a-z]+", "a?", "(?:abc)*", "x|.", "\""] {
            assert_eq!(probe(none), None, "{none}");
        }
    }

    #[test]
    fn what_may_cross_the_edge_of_a_value_is_cut() {
        assert_eq!(probe("\"eventName\":\"Delete"), some(&["eventName"], false));
        assert_eq!(probe("arn:aws:iam::111122223333:user/x"), some(&["arn:aws:iam::111122223333:user/x"], true));
        assert_eq!(probe(": 5, "), some(&["5"], false));
        assert_eq!(probe(r"Mozilla/5\.0 \(X"), some(&["Mozilla/5.0 (X"], true));
    }
}
