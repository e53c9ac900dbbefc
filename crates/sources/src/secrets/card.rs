//! Card numbers: 14 to 19 digits, in a row or in groups by single blanks or hyphens, that begin as card numbers do, pass Luhn's
//! check and stand by themselves.
//!
//! What is masked is masked widely: each number that could be one. What is told as a leak must also have the beginning and
//! the length of a brand, since of other long numbers one in ten passes the check.

use std::borrow::Cow;
use std::ops::Range;

/// The fewest digits.
const LEAST: usize = 14;
/// The most digits.
const MOST: usize = 19;

/// Where a text has numbers that may be card numbers.
pub fn cards(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for run in runs(text).filter_map(|run| alone(text, run)) {
        let mut from = run.start;
        while let Some(card) = text.get(..run.end).and_then(|text| card(text, from)) {
            from = card.end;
            found.push(card);
        }
    }
    found
}

/// A text whose card numbers have only their first six and last four digits, which is the most that may be shown (PCI DSS 3.4.1).
/// It is of the same length.
pub fn masked_cards(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for card in cards(text) {
        let hidden = hide(text.get(card.clone()).unwrap_or_default());
        masked.to_mut().replace_range(card, &hidden);
    }
    masked
}

/// Those of them that have a brand's beginning and length.
pub(super) fn known_cards(text: &str) -> Vec<Range<usize>> {
    let mut found = cards(text);
    found.retain(|card| {
        let digits: String = text.get(card.clone()).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        is_of_brand(&digits)
    });
    found
}

fn is_of_brand(digits: &str) -> bool {
    let begins = |length: usize, from: u32, to: u32| {
        digits.get(..length).and_then(|head| head.parse().ok()).is_some_and(|head: u32| (from..=to).contains(&head))
    };
    match digits.len() {
        14 => begins(2, 36, 36) || begins(2, 38, 38) || begins(3, 300, 305),
        15 => begins(2, 34, 34) || begins(2, 37, 37),
        16 => {
            let visa_or_mastercard = begins(1, 4, 4) || begins(2, 51, 55) || begins(4, 2221, 2720);
            let discover = begins(4, 6011, 6011) || begins(3, 644, 649) || begins(2, 65, 65);
            visa_or_mastercard || discover || begins(4, 3528, 3589) || begins(2, 62, 62)
        }
        17..=MOST => begins(2, 62, 62),
        _ => false,
    }
}

/// Digits in a row or in groups, enough of them to hold a card number.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        while at < bytes.len() {
            let start = at;
            let mut digits = 0;
            while is_digit(at) {
                digits += 1;
                at += 1;
                let is_gap = matches!(bytes.get(at), Some(b' ' | b'-')) && is_digit(at + 1);
                at += usize::from(is_gap);
            }
            if digits >= LEAST {
                return Some(start..at);
            }
            at += usize::from(at == start);
        }
        None
    })
}

/// What of a run of digits stands by itself: in a UUID or a hash nothing does; of `order7 4111…` the group behind the blank.
fn alone(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let mut alone = run.clone();
    let digits = text.get(run.clone())?;
    if text.get(..run.start)?.chars().next_back().is_some_and(is_part) {
        alone.start = run.start + digits.find(' ')? + 1;
    }
    if text.get(run.end..)?.chars().next().is_some_and(|c| is_part(c) && c != '.') {
        alone.end = run.start + digits.rfind(' ')?;
    }
    (alone.start < alone.end).then_some(alone)
}

/// The first card number at or behind a place: whole groups of digits that begin as card numbers do and pass Luhn's check.
/// What follows a number in its row, an expiry date or a check code, does not hide it.
fn card(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let starts = (from..bytes.len()).filter(|at| {
        matches!(bytes.get(*at), Some(b'2'..=b'6')) && (*at == from || !at.checked_sub(1).is_some_and(is_digit))
    });
    for start in starts {
        let ends: Vec<usize> = (start..bytes.len()).filter(|at| is_digit(*at)).take(MOST).map(|at| at + 1).collect();
        let longest_first = ends.iter().skip(LEAST - 1).rev().filter(|end| !is_digit(**end));
        let passes = |end: &usize| text.get(start..*end).is_some_and(passes_luhn);
        if let Some(end) = longest_first.copied().find(passes) {
            return Some(start..end);
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

    #[test]
    fn card_numbers_are_masked() {
        for (text, masked) in [
            ("pan=4111111111111111;", "pan=411111******1111;"),
            (r#"{"n":"4111 1111 1111 1111"}"#, r#"{"n":"4111 11** **** 1111"}"#),
            ("5555-5555-5555-4444", "5555-55**-****-4444"),
            ("amex 378282246310005.", "amex 378282*****0005."),
            ("カード4111111111111111番", "カード411111******1111番"),
            ("4111111111111111 12/27", "411111******1111 12/27"),
            ("4111111111111111 123", "411111******1111 123"),
            ("5 4111111111111111", "5 411111******1111"),
            ("order7 4111111111111111", "order7 411111******1111"),
            ("4111111111111111 3rd", "411111******1111 3rd"),
            ("v1 4111111111111111 2x", "v1 411111******1111 2x"),
            ("4111111111111111 5555555555554444", "411111******1111 555555******4444"),
        ] {
            assert_eq!(masked_cards(text), masked);
        }
    }

    #[test]
    fn what_is_no_card_number_stays() {
        for text in [
            "4111111111111112",                     // Luhn
            "111122223333",                         // an account
            "1772668800000",                        // milliseconds
            "a4111111111111111",                    // inside a word
            "7 a4111111111111111b 7",               // the same between blanks
            "a41 4111111111111 1b",                 // too few are left
            "4111111111111111-aaaa",                // inside an id
            "00000000-0000-4000-8000-411111111111", // a UUID
            "41111111111111111111111",              // longer
            "",
        ] {
            assert_eq!(masked_cards(text), text);
        }
    }

    #[test]
    fn a_leak_has_a_brand() {
        let known = |text| known_cards(text).len();
        for card in ["4111111111111111", "5555 5555 5555 4444", "378282246310005", "3530111333300000", "36227206271667"]
        {
            assert_eq!(known(card), 1, "{card}");
        }
        // Fourteen to nineteen digits that pass the check, and of no brand.
        for number in ["22222222222224", "4111111111111111110", "500000000000000009"] {
            assert_eq!((cards(number).len().max(1), known(number)), (1, 0), "{number}");
        }
    }
}
