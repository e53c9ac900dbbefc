//! Masking of what must not be shown: card numbers (PCI DSS 3.4.1), and what a mask file names.
//!
//! A card number is 14 to 19 digits, in a row or in groups by single blanks or hyphens, that begin as card numbers do,
//! pass Luhn's check and stand by themselves. The first six and the last four stay, which is the most that may be shown.
//!
//! A mask file holds one regular expression a line; what each matches is replaced whole. `#` begins a comment.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use regex::Regex;
use shoseki_messages::{Fault, Result, msg};

/// What is masked.
#[derive(Clone, Debug)]
pub struct Mask {
    /// Digits in a row or in groups, enough of them to hold a card number.
    digits: Regex,
    patterns: Vec<Regex>,
}

/// What stands in the place of what a mask file names.
const HIDDEN: &str = "***";

impl Mask {
    /// Card numbers, and the patterns of a mask file's text.
    ///
    /// # Errors
    /// The caller's mistake where a line is no regular expression; it is named by its number.
    pub fn new(file: Option<&str>) -> Result<Self> {
        let digits = Regex::new("[0-9](?:[ -]?[0-9]){13,}")
            .map_err(|error| Fault::broken(msg!("package-mask-own")).because(error))?;
        let mut patterns = Vec::new();
        for (number, line) in file.unwrap_or_default().lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let pattern = Regex::new(line).map_err(|error| {
                Fault::caller(msg!("package-mask-line", number = number + 1, line = line)).because(error)
            })?;
            patterns.push(pattern);
        }
        Ok(Self { digits, patterns })
    }

    /// The patterns of the mask file, which make the same mask again.
    pub fn patterns(&self) -> Vec<String> {
        self.patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
    }

    /// A text with everything masked.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut masked = Cow::Borrowed(text);
        for run in self.digits.find_iter(text).filter(|run| stands_alone(text, run.start(), run.end())) {
            let mut from = run.start();
            while let Some(card) = card(&text[..run.end()], from) {
                // Of the same length, so that later places hold.
                masked.to_mut().replace_range(card.clone(), &hide(&text[card.clone()]));
                from = card.end;
            }
        }
        for pattern in &self.patterns {
            if let Cow::Owned(replaced) = pattern.replace_all(&masked, HIDDEN) {
                masked = Cow::Owned(replaced);
            }
        }
        masked
    }

    /// A batch with every text masked.
    ///
    /// # Errors
    /// Our own broken invariant: the batch keeps its shape.
    pub fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = batch.columns().iter().map(|column| self.column(column)).collect();
        RecordBatch::try_new(batch.schema(), columns)
            .map_err(|error| Fault::broken(msg!("package-mask-own")).because(error))
    }

    fn column(&self, column: &ArrayRef) -> ArrayRef {
        if *column.data_type() != DataType::Utf8 {
            return Arc::clone(column);
        }
        let texts = column.as_string::<i32>().iter().map(|text| text.map(|text| self.text(text)));
        Arc::new(texts.collect::<StringArray>())
    }
}

/// Whether nothing that could belong to it stands beside a number: in a UUID or a hash it is none.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !text[..start].chars().next_back().is_some_and(is_part)
        && !text[end..].chars().next().is_some_and(|c| is_part(c) && c != '.')
}

/// The first card number at or behind a place: whole groups of digits that begin as card numbers do and pass Luhn's check.
/// What follows a number in its row, an expiry date or a check code, does not hide it.
fn card(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let starts =
        (from..bytes.len()).filter(|at| matches!(bytes[*at], b'2'..=b'6') && (*at == from || !is_digit(*at - 1)));
    for start in starts {
        let ends: Vec<usize> = (start..bytes.len()).filter(|at| is_digit(*at)).take(19).map(|at| at + 1).collect();
        let longest_first = ends.iter().skip(13).rev().filter(|end| !is_digit(**end));
        if let Some(end) = longest_first.into_iter().find(|end| passes_luhn(&text[start..**end])) {
            return Some(start..*end);
        }
    }
    None
}

fn passes_luhn(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn hide(card: &str) -> String {
    let count = card.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    let shown = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        seen += 1;
        if seen <= 6 || seen > count - 4 { c } else { '*' }
    };
    card.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Mask::new(None).unwrap().text(text).into_owned()
    }

    #[test]
    fn card_numbers_are_masked() {
        assert_eq!(masked("pan=4111111111111111;"), "pan=411111******1111;");
        assert_eq!(masked(r#"{"n":"4111 1111 1111 1111"}"#), r#"{"n":"4111 11** **** 1111"}"#);
        assert_eq!(masked("5555-5555-5555-4444"), "5555-55**-****-4444");
        assert_eq!(masked("amex 378282246310005."), "amex 378282*****0005.");
        assert_eq!(masked("カード4111111111111111番"), "カード411111******1111番");
        assert_eq!(masked("4111111111111111 12/27"), "411111******1111 12/27");
        assert_eq!(masked("4111111111111111 123"), "411111******1111 123");
        assert_eq!(masked("5 4111111111111111"), "5 411111******1111");
        assert_eq!(masked("4111111111111111 5555555555554444"), "411111******1111 555555******4444");
    }

    #[test]
    fn what_is_no_card_number_stays() {
        for text in [
            "4111111111111112",                     // Luhn
            "111122223333",                         // an account
            "1772668800000",                        // milliseconds
            "a4111111111111111",                    // inside a word
            "4111111111111111-aaaa",                // inside an id
            "00000000-0000-4000-8000-411111111111", // a UUID
            "41111111111111111111111",              // longer
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_mask_file_names_more() {
        let mask = Mask::new(Some("# people\n[a-z]+@example\\.com\n\n")).unwrap();
        assert_eq!(mask.text("to: mei@example.com"), "to: ***");
        let refused = Mask::new(Some("ok\n(open")).unwrap_err();
        assert_eq!(refused.id(), "package-mask-line");
        assert!(refused.to_string().contains('2'), "{refused}");
    }
}
