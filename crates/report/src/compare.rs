//! Whether rows are the same: those of a package and those that its query gives now, pair by pair as they come, so that equal
//! ones are never held. Of others the hashes are kept until each has found its like.
//!
//! What the language gives is the same on every run and on every machine, to the last digit. In SQL numbers that are not whole
//! may differ in their last digits: its mathematical functions are the machine's own. Its rows come in any order.

use std::collections::HashMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_messages::msg;
use shoseki_verify::package::Difference;

/// How rows stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An object a line.
    JsonLines,
    /// A record of CSV, here as an array of its cells; the first are the names.
    Csv,
}

impl Form {
    /// A place in the file, for people: a row of CSV is one of the spreadsheet.
    fn place(self, row: u64) -> String {
        match self {
            Self::JsonLines => format!("{} line {row}", shoseki_verify::package::ROWS_JSONL),
            Self::Csv => format!("{} row {row}", shoseki_verify::package::ROWS_CSV),
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::JsonLines => shoseki_verify::package::ROWS_JSONL,
            Self::Csv => shoseki_verify::package::ROWS_CSV,
        }
    }
}

/// The most rows that are named, of each kind.
const NAMED: usize = 20;
/// The most rows whose text is held, and how long such a text is.
const HELD: usize = 1_000;
const HELD_BYTES: usize = 64 << 10;
/// How much of a row is shown.
const SHOWN: usize = 160;
/// How far numbers of SQL that are not whole may lie apart, as a part of the larger.
const APART: f64 = 1e-9;

/// A row that has not found its like yet.
struct Open {
    /// How often it stands in the package, less how often the query gave it.
    balance: i64,
    /// Where it came first.
    row: u64,
    text: Option<Box<str>>,
}

/// Compares the rows of a file with those of the query.
pub(crate) struct Comparison {
    form: Form,
    /// Whether rows must come in the same order, and with the same digits.
    is_strict: bool,
    rows: u64,
    /// The first row that was not the one that was due.
    first_other: Option<u64>,
    open: HashMap<[u8; 32], Open>,
    held: usize,
}

impl Comparison {
    /// For rows that must come in the same order and with the same digits, or for those of SQL.
    pub(crate) fn new(form: Form, is_strict: bool) -> Self {
        Self { form, is_strict, rows: 0, first_other: None, open: HashMap::new(), held: 0 }
    }

    /// The next row of each side, of which one may have come to its end.
    pub(crate) fn pair(&mut self, packed: Option<String>, given: Option<String>) {
        self.rows += 1;
        if let (Some(packed), Some(given)) = (&packed, &given)
            && (packed == given || self.are_alike(packed, given))
        {
            return;
        }
        self.first_other.get_or_insert(self.rows);
        for (row, by) in [(packed, 1), (given, -1)] {
            if let Some(row) = row {
                self.count(row, by);
            }
        }
    }

    fn count(&mut self, text: String, by: i64) {
        let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        if let Some(open) = self.open.get_mut(&key) {
            open.balance += by;
            if open.balance == 0 {
                let closed = self.open.remove(&key);
                self.held -= usize::from(closed.is_some_and(|open| open.text.is_some()));
            }
            return;
        }
        let is_held = self.held < HELD && text.len() <= HELD_BYTES;
        self.held += usize::from(is_held);
        let text = is_held.then(|| text.into_boxed_str());
        self.open.insert(key, Open { balance: by, row: self.rows, text });
    }

    fn are_alike(&self, a: &str, b: &str) -> bool {
        let read = |text: &str| serde_json::from_str::<Value>(text).ok().filter(|_| !self.is_strict);
        read(a).zip(read(b)).is_some_and(|(a, b)| alike(&a, &b, self.form))
    }

    /// What is different, behind the last row.
    pub(crate) fn finish(mut self) -> Vec<Difference> {
        let (mut packed, mut given): (Vec<Open>, Vec<Open>) =
            std::mem::take(&mut self.open).into_values().partition(|open| open.balance > 0);
        packed.sort_by_key(|open| open.row);
        given.sort_by_key(|open| open.row);
        // Rows whose numbers differ in their last digits, where they came in another order.
        packed.retain_mut(|row| {
            let like = given.iter_mut().find(|other| {
                let texts = row.text.as_deref().zip(other.text.as_deref());
                row.balance == -other.balance && texts.is_some_and(|(a, b)| self.are_alike(a, b))
            });
            like.map(|like| like.balance = 0).is_none()
        });
        given.retain(|row| row.balance != 0);
        if packed.is_empty() && given.is_empty() {
            let other = self.first_other.filter(|_| self.is_strict);
            let of_order = |row| Difference { what: self.form.place(row), message: msg!("package-again-order") };
            return other.map(of_order).into_iter().collect();
        }
        let mut all = Vec::new();
        for row in packed.iter().take(NAMED) {
            all.push(Difference { what: self.form.place(row.row), message: msg!("package-again-row-added") });
        }
        for row in given.iter().take(NAMED) {
            let text: String = row.text.as_deref().unwrap_or("…").chars().take(SHOWN).collect();
            let message = msg!("package-again-row-missing", number = row.row, row = text);
            all.push(Difference { what: self.form.file().to_owned(), message });
        }
        let more = packed.len().saturating_sub(NAMED) + given.len().saturating_sub(NAMED);
        if more > 0 {
            let message = msg!("package-again-rows-more", count = more);
            all.push(Difference { what: self.form.file().to_owned(), message });
        }
        all
    }
}

/// Whether two values are the same, but for the last digits of what is no whole number.
fn alike(a: &Value, b: &Value, form: Form) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || are_near(x.as_f64(), y.as_f64()),
        // The cells of CSV are texts; one of the two may have come out whole.
        (Value::String(x), Value::String(y)) if form == Form::Csv => x == y || are_near(x.parse().ok(), y.parse().ok()),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| alike(x, y, form)),
        (Value::Object(x), Value::Object(y)) => {
            let is_same = |((k, x), (l, y)): ((&String, &Value), (&String, &Value))| k == l && alike(x, y, form);
            x.len() == y.len() && x.iter().zip(y).all(is_same)
        }
        _ => a == b,
    }
}

/// Whether two numbers are near each other, of which one is no whole number.
fn are_near(a: Option<f64>, b: Option<f64>) -> bool {
    let Some((a, b)) = a.zip(b) else { return false };
    let has_fraction = a.fract() != 0.0 || b.fract() != 0.0;
    has_fraction && (a - b).abs() <= APART * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(form: Form, in_order: bool, packed: &[&str], given: &[&str]) -> Vec<(String, &'static str)> {
        let mut comparison = Comparison::new(form, in_order);
        let mut sides = (packed.iter(), given.iter());
        loop {
            let (packed, given) = (sides.0.next(), sides.1.next());
            if packed.is_none() && given.is_none() {
                break;
            }
            comparison.pair(packed.map(|row| (*row).to_owned()), given.map(|row| (*row).to_owned()));
        }
        comparison.finish().into_iter().map(|difference| (difference.what, difference.message.id())).collect()
    }

    fn lines(in_order: bool, packed: &[&str], given: &[&str]) -> Vec<(String, &'static str)> {
        compared(Form::JsonLines, in_order, packed, given)
    }

    #[test]
    fn rows_that_are_missing_added_or_altered_are_found_in_their_places() {
        let given = [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":2}"#, r#"{"a":3}"#];
        assert!(lines(true, &given, &given).is_empty());
        let added = |row| (format!("rows.jsonl line {row}"), "package-again-row-added");
        let missing = ("rows.jsonl".to_owned(), "package-again-row-missing");
        assert_eq!(lines(true, &given[1..], &given), std::slice::from_ref(&missing));
        assert_eq!(lines(true, &given[..3], &given), std::slice::from_ref(&missing));
        assert_eq!(
            lines(true, &[given[0], given[1], given[3]], &given),
            std::slice::from_ref(&missing),
            "one of two that are equal"
        );
        assert_eq!(lines(true, &[given[0], given[0], given[1], given[2], given[3]], &given).len(), 1);
        assert_eq!(lines(true, &[&given[..], &[r#"{"a":9}"#]].concat(), &given), [added(5)]);
        assert_eq!(lines(true, &[given[0], r#"{"a":9}"#, given[2], given[3]], &given), [added(2), missing.clone()]);
        assert_eq!(lines(true, &[], &given).len(), 3, "equal rows are named once");
        let turned = [given[3], given[1], given[2], given[0]];
        assert_eq!(lines(true, &turned, &given), [("rows.jsonl line 1".to_owned(), "package-again-order")]);
        assert!(lines(false, &turned, &given).is_empty());
        let many: Vec<String> = (0..100).map(|n| format!("{{\"b\":{n}}}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(lines(true, &many, &[]).last().unwrap().1, "package-again-rows-more");
    }

    #[test]
    fn the_last_digits_of_fractions_are_left_open_in_sql_and_nothing_else() {
        let near = [r#"{"a":0.1,"b":[1,"x"]}"#, r#"{"a":0.30000000000000004}"#];
        let other = [r#"{"a":0.30000000000000001}"#, r#"{"a":0.10000000000000002,"b":[1,"x"]}"#];
        assert!(lines(false, &near, &other).is_empty());
        assert_eq!(lines(true, &near, &other).len(), 4, "the language gives the same digits");
        assert_eq!(lines(true, &near[..1], &other[1..]).len(), 2);
        for (a, b) in [
            (r#"{"a":1000000000000}"#, r#"{"a":1000000000001}"#),
            (r#"{"a":0}"#, r#"{"a":1e-16}"#),
            (r#"{"a":0.1}"#, r#"{"a":0.1001}"#),
            (r#"{"a":"0.1"}"#, r#"{"a":"0.10000000000000001"}"#),
            (r#"{"a":0.1}"#, r#"{"b":0.1}"#),
            (r#"{"a":0.1}"#, r#"{"a":0.1,"b":null}"#),
        ] {
            assert_eq!(lines(false, &[a], &[b]).len(), 2, "{a} {b}");
        }
        assert!(compared(Form::Csv, false, &[r#"["0.1","a"]"#], &[r#"["0.10000000000000001","a"]"#]).is_empty());
        assert!(compared(Form::Csv, false, &[r#"["20298"]"#], &[r#"["20298.000000000004"]"#]).is_empty());
        assert_eq!(compared(Form::Csv, true, &[r#"["20298"]"#], &[r#"["20298.000000000004"]"#]).len(), 2);
        assert_eq!(compared(Form::Csv, true, &[r#"["1","a"]"#], &[r#"["1","b"]"#])[0].0, "rows.csv row 1");
    }
}
