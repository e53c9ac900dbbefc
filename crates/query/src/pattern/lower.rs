//! A pattern that has no regard to case, made to search bytes in lower case: where each class of it holds a letter of ASCII
//! in both cases or in neither, it finds the same in both, and without the large letters its literals are few enough to be
//! searched for many bytes at a time.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange};
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// The pattern for bytes in lower case; `None` where case makes a difference, or where there are no letters.
pub(super) fn pattern(text: &str) -> Option<String> {
    let hir = ParserBuilder::new().utf8(false).build().parse(text).ok()?;
    let lower = lower(&hir)?;
    (lower != hir).then(|| lower.to_string())
}

fn lower(hir: &Hir) -> Option<Hir> {
    let all = |parts: &[Hir]| parts.iter().map(lower).collect::<Option<Vec<_>>>();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(hir.clone()),
        HirKind::Literal(literal) => (!literal.0.iter().any(u8::is_ascii_alphabetic)).then(|| hir.clone()),
        HirKind::Class(Class::Unicode(class)) => unicode(class).map(|class| Hir::class(Class::Unicode(class))),
        HirKind::Class(Class::Bytes(class)) => bytes(class).map(|class| Hir::class(Class::Bytes(class))),
        HirKind::Repetition(of) => Some(Hir::repetition(Repetition { sub: Box::new(lower(&of.sub)?), ..of.clone() })),
        HirKind::Capture(of) => Some(Hir::capture(Capture { sub: Box::new(lower(&of.sub)?), ..of.clone() })),
        HirKind::Concat(parts) => all(parts).map(Hir::concat),
        HirKind::Alternation(parts) => all(parts).map(Hir::alternation),
    }
}

fn unicode(class: &ClassUnicode) -> Option<ClassUnicode> {
    let has = |letter: char| class.iter().any(|range| range.start() <= letter && letter <= range.end());
    ('a'..='z').all(|letter| has(letter) == has(letter.to_ascii_uppercase())).then(|| {
        let mut class = class.clone();
        class.difference(&ClassUnicode::new([ClassUnicodeRange::new('A', 'Z')]));
        class
    })
}

fn bytes(class: &ClassBytes) -> Option<ClassBytes> {
    let has = |letter: u8| class.iter().any(|range| range.start() <= letter && letter <= range.end());
    (b'a'..=b'z').all(|letter| has(letter) == has(letter.to_ascii_uppercase())).then(|| {
        let mut class = class.clone();
        class.difference(&ClassBytes::new([ClassBytesRange::new(b'A', b'Z')]));
        class
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::pattern::compile;

    #[test]
    fn only_where_case_makes_no_difference() {
        assert_eq!(super::pattern("(?i)delete|update").as_deref(), Some("(?:(?:delete)|(?:update))"));
        for none in ["delete", "(?i)a(?-i:B)", "[A-C]", "[a-z]", "203", "(?i)203", "x|(?i)y"] {
            assert_eq!(super::pattern(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn it_finds_the_same(
            text in "[a-cA-CsSkK\u{17f}\u{212a}é0-9 日\n]{0,12}",
            pattern in prop::sample::select(vec![
                "(?i)ab", "(?i)a|bc", "(?i)^[^a]b", "(?i)s.k", "(?i)\\bka?\\b", "(?i)(?:a[bs]){2}", "(?i)é|日a", "(?i)[k-s]$",
                "(?i)\\w\\W[^b]", "(?i)(?-u:\\xC5)?a", "(?im)^b",
            ]),
        ) {
            let (loose, lower) = (compile(pattern).unwrap(), compile(&super::pattern(pattern).unwrap()).unwrap());
            let lowered = text.to_ascii_lowercase();
            prop_assert_eq!(loose.is_match(text.as_bytes()), lower.is_match(lowered.as_bytes()), "{}", pattern);
        }
    }
}
