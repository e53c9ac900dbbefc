//! Mistakes as a person reads them: the line, a caret under the place, what was found and what was expected.
//!
//! ```text
//! 2 | | fliter eventName = "x"
//!   |   ^^^^^^ unknown command `fliter`: did you mean `filter`?
//! ```

use std::fmt::Write;

use shoseki_messages::Lang;
use unicode_width::UnicodeWidthChar;

use crate::{Error, Span};

/// The most columns of a line that are shown; a longer one is cut around the place.
const MOST_COLUMNS: usize = 160;

/// Every mistake with its line, in the language asked for. Carets stand right under full-width letters too.
pub fn render(source: &str, errors: &[Error], lang: Lang) -> String {
    let mut text = String::new();
    let last_line = errors.iter().map(|error| line_of(source, error.span).0).max().unwrap_or(1);
    let margin = last_line.to_string().len();
    for error in errors {
        let (number, start, line) = line_of(source, error.span);
        let place = Place::new(line, error.span.start.saturating_sub(start), error.span.end.saturating_sub(start));
        // Writing into a `String` cannot fail.
        let _ = writeln!(text, "{number:>margin$} | {}", place.line);
        let carets = "^".repeat(place.width);
        let indent = " ".repeat(place.column);
        let _ = writeln!(text, "{:>margin$} | {indent}{carets} {}", "", error.message.text(lang));
    }
    text
}

/// The line in which a span begins: its number from 1, its first byte, its text.
fn line_of(source: &str, span: Span) -> (usize, usize, &str) {
    let before = source.get(..span.start).unwrap_or(source);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = source.get(start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, start, line)
}

/// What is shown of a line, and where the carets stand, in columns of a terminal.
struct Place {
    line: String,
    column: usize,
    width: usize,
}

impl Place {
    fn new(line: &str, from: usize, to: usize) -> Self {
        let mut cells: Vec<(usize, char, usize)> = Vec::new();
        let mut columns = 0;
        for (at, c) in line.char_indices() {
            let shown = if c.is_control() { ' ' } else { c };
            cells.push((at, shown, columns));
            columns += shown.width().unwrap_or(1);
        }
        let column_of = |byte: usize| cells.iter().find(|(at, ..)| *at >= byte).map_or(columns, |(.., column)| *column);
        let (column, end) = (column_of(from), column_of(to.max(from)));
        let first = if columns > MOST_COLUMNS { column.saturating_sub(MOST_COLUMNS / 2) } else { 0 };
        let shown = cells.iter().filter(|(.., at)| *at >= first && *at < first + MOST_COLUMNS);
        let first = shown.clone().next().map_or(first, |(.., at)| *at);
        let width = end.saturating_sub(column).clamp(1, MOST_COLUMNS / 2);
        Self { line: shown.map(|(_, c, _)| c).collect(), column: column.saturating_sub(first), width }
    }
}
