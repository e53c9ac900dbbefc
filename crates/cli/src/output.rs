//! Printing: lines, tables, JSON. A reader that goes away (`| head`) is told nothing more, and the command ends as it would have: a
//! check that fails has failed, whoever reads of it.

use std::io::{self, BufWriter, IsTerminal, Write};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;
use shoseki_messages::{Fault, Result, msg, shown};

use crate::context;

/// Prints one line for people. What comes from evidence may stand in it: its letters are all seen, and none commands anything.
pub fn line(text: &str) {
    data(&shown(text));
}

/// Prints a sentence that evidence stands in, on one line: an event's own line breaks are shown by their number, or it could say what
/// looks like the program's answer.
pub fn sentence(text: &str) {
    line(&on_one_line(text));
}

/// A text whose line breaks are shown by their numbers.
pub fn on_one_line(text: &str) -> String {
    text.replace('\n', "[U+000A]")
}

/// Prints a note for people on standard error.
pub fn note(text: &str) {
    aside(&format!("{}\n", shown(text)));
}

/// Prints a text as it is on standard error. Where nobody reads that any more, nothing comes of it: what is done is done all the same.
pub fn aside(text: &str) {
    let mut error = io::stderr().lock();
    let _ = error.write_all(text.as_bytes()).and_then(|()| error.flush());
}

/// A word as a shell reads it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=@+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Prints one line as it is, for programs: JSON, XML, what is a file of its own.
pub fn data(text: &str) {
    print(format!("{text}\n").as_bytes());
}

/// Prints bytes. Where they cannot be written, as on a disk that is full, the program ends and says so.
pub fn print(bytes: &[u8]) {
    let mut out = Standard;
    let _ = out.write_all(bytes).and_then(|()| out.flush()); // it fails by ending the program
}

/// Standard output for what is written piece by piece. A reader that is gone is told nothing more. Where it cannot be written to, as
/// on a disk that is full, the program ends with exit code 3 and says so: half a report must not pass for a whole one.
pub struct Standard;

impl Standard {
    fn done<T>(written: io::Result<T>, otherwise: T) -> io::Result<T> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(otherwise),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error), // it is written once more
            Err(error) => {
                let lang = context::language(&std::env::args_os().collect::<Vec<_>>());
                crate::fail(&Fault::world(msg!("cli-stdout")).because(error), lang);
                std::process::exit(3);
            }
            done => done,
        }
    }
}

impl Write for Standard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::done(io::stdout().lock().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::done(io::stdout().lock().flush(), ())
    }
}

/// Whether a person reads standard output.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A table as wide as the terminal.
pub fn table(heads: &[String]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !heads.is_empty() {
        table.set_header(heads);
    }
    table
}

/// A report as JSON.
pub fn json(report: &impl Serialize) -> Result<()> {
    let broken = |error: serde_json::Error| Fault::broken(msg!("cli-json")).because(error);
    let mut out = BufWriter::new(Standard);
    serde_json::to_writer_pretty(&mut out, report).map_err(broken)?;
    let _ = writeln!(out).and_then(|()| out.flush()); // as of `print`
    Ok(())
}

/// A number with separators: `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes for people: `1.4 GB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (n, 0);
    let mut rest = 0;
    while value >= 1_000 && unit + 1 < UNITS.len() {
        rest = value % 1_000;
        value /= 1_000;
        unit += 1;
    }
    if unit == 0 { format!("{value} B") } else { format!("{value}.{} {}", rest / 100, UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_for_a_shell() {
        assert_eq!(
            [quoted("/srv/a-b"), quoted("a b"), quoted("it's"), quoted("")],
            ["/srv/a-b", "'a b'", "'it'\\''s'", "''"]
        );
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!([count(0), count(999), count(1_000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([bytes(999), bytes(1_450), bytes(1_470_000_000)], ["999 B", "1.4 kB", "1.4 GB"]);
    }
}
