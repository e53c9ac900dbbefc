//! What the benchmark prints, and the same as JSON.

use std::thread;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use super::measure::{Figures, Measured};
use super::tree::Manifest;
use super::work::{Target, Work};

/// Who is measured; the order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    Shoseki,
    Duckdb,
    Clickhouse,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shoseki, Self::Duckdb, Self::Clickhouse];

    /// As `--side`, the peers' scripts and the JSON name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shoseki => "shoseki",
            Self::Duckdb => "duckdb",
            Self::Clickhouse => "clickhouse",
        }
    }

    /// As the table says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Shoseki => "shoseki",
            Self::Duckdb => "DuckDB",
            Self::Clickhouse => "ClickHouse",
        }
    }
}

/// One piece of work with what each side needed.
pub struct Row {
    /// Which.
    pub work: Work,
    /// The figures of each side that was measured, in the order of [`Side::ALL`].
    pub sides: [Option<Measured>; 3],
}

/// How often everything was measured.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Whole processes; the median counts.
    pub runs: u32,
    /// Answers within one process; the best counts.
    pub repeats: u32,
}

/// All rows, and what they were measured on.
pub struct Table {
    manifest: Manifest,
    times: Times,
    versions: Vec<String>,
    rows: Vec<Row>,
}

/// Two figures of one side, warm and cold.
type Pair = [Option<f64>; 2];

impl Row {
    /// Our own figures.
    fn ours(&self) -> Option<Measured> {
        self.sides[0]
    }

    /// Seconds to be reached; those that follow from the peers only where one was measured.
    fn target(&self) -> Target {
        let target = self.work.target();
        let warm = self.sides[1..].iter().flatten().filter_map(|peer| peer.warm.map(|warm| warm.seconds));
        let of_peers = self.work.factor_of_peers().zip(warm.min_by(f64::total_cmp)).map(|(factor, best)| factor * best);
        Target { warm: of_peers.or(target.warm), ..target }
    }

    /// One kind of figure of all sides.
    fn pairs(&self, say: impl Fn(Figures) -> Option<f64>) -> [Pair; 3] {
        self.sides.map(|side| match side {
            Some(Measured { cold, warm }) => [warm.and_then(&say), say(cold)],
            None => [None, None],
        })
    }

    /// What the sides found that does not fit together, or does not fit the tree.
    fn disagreement(&self) -> Option<String> {
        let rows = |side: &Option<Measured>| side.and_then(|side| side.cold.rows);
        let found: Vec<(Side, u64)> =
            Side::ALL.into_iter().zip(&self.sides).filter_map(|(side, figures)| Some((side, rows(figures)?))).collect();
        let expected = self.work.expected_rows().or(found.first().map(|(_, rows)| *rows));
        if found.iter().all(|(_, rows)| Some(*rows) == expected) {
            return None;
        }
        let said: Vec<String> = found.iter().map(|(side, rows)| format!("{} found {rows}", side.title())).collect();
        let expected = self.work.expected_rows().map_or(String::new(), |rows| format!(" of {rows}"));
        Some(format!("  the rows are not the same: {}{expected}\n", said.join(", ")))
    }
}

/// What missed its target, and how many had one.
#[derive(Default)]
struct Score {
    missed: Vec<String>,
    targets: usize,
}

impl Table {
    /// An empty table.
    pub fn new(manifest: &Manifest, times: Times) -> Self {
        Self { manifest: manifest.clone(), times, versions: Vec::new(), rows: Vec::new() }
    }

    /// Appends a row.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Notes the version of a peer.
    pub fn note_version(&mut self, side: Side, version: &str) {
        if !version.is_empty() {
            self.versions.push(format!("{} {version}", side.title()));
        }
    }

    /// Whether all sides found as many rows, wherever they looked.
    pub fn agrees(&self) -> bool {
        self.rows.iter().all(|row| row.disagreement().is_none())
    }

    /// Prints the table: seconds, bytes and memory, each beside its target.
    pub fn print(&self) {
        print!("{}", self.text());
    }

    fn text(&self) -> String {
        let mut text = format!(
            "\n{} events, {} of JSON, {} processors{}\n",
            self.manifest.events,
            bytes(self.manifest.json_bytes),
            processors(),
            self.versions.iter().map(|version| format!(", {version}")).collect::<String>()
        );
        text += &explained(self.times);
        text += &format!("\n{:<50}{:>19}{:>21}{:>21}{:>21}\n", "", "target", "shoseki", "DuckDB", "ClickHouse");
        text += &format!("{:<50}{:>9}{:>10}", "", "warm", "cold");
        text += &format!("{:>11}{:>10}", "warm", "cold").repeat(3);
        text.push('\n');
        let mut score = Score::default();
        for row in &self.rows {
            row_text(&mut text, row, &mut score);
        }
        text + &score.text()
    }

    /// The figures as JSON: seconds, bytes, rows.
    pub fn json(&self) -> Result<Vec<u8>> {
        let row = |row: &Row| {
            let target = row.target();
            let mut value = Map::new();
            value.insert("work".to_owned(), row.work.name().into());
            value.insert("target_seconds".to_owned(), json!({ "warm": target.warm, "cold": target.cold }));
            value.insert("target_bytes".to_owned(), row.work.target_bytes().into());
            for (side, figures) in Side::ALL.iter().zip(&row.sides) {
                value.insert(side.name().to_owned(), figures.map_or(Value::Null, measured));
            }
            Value::Object(value)
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let whole = json!({
            "tree": self.manifest,
            "processors": processors(),
            "runs": self.times.runs,
            "repeats": self.times.repeats,
            "peers": self.versions,
            "target_peak_bytes": Work::TARGET_PEAK,
            "rows": rows,
        });
        Ok(serde_json::to_vec_pretty(&whole)?)
    }
}

/// What the two columns of each side are.
pub fn explained(times: Times) -> String {
    format!(
        "warm: the best of {} answers within one process; cold: a whole process, the median of {}; `!` is more than the target\n",
        times.repeats, times.runs
    )
}

/// The figures of one side, as JSON.
pub fn measured(measured: Measured) -> Value {
    let figures = |f: Figures| {
        json!({
            "seconds": f.seconds,
            "processor_seconds": f.processor_seconds,
            "peak_bytes": f.peak_bytes,
            "bytes": f.bytes,
            "rows": f.rows,
        })
    };
    json!({ "cold": figures(measured.cold), "warm": measured.warm.map(figures) })
}

fn row_text(text: &mut String, row: &Row, score: &mut Score) {
    let target = row.target();
    let title = row.work.title();
    let found = row.pairs(|f| Some(f.seconds));
    text.push_str(&score.line((title, title), [target.warm, target.cold], found, seconds));
    let size = |size: f64| bytes(size as u64);
    if let Some(target) = row.work.target_bytes() {
        let found = row.pairs(|f| f.bytes.map(|bytes| bytes as f64));
        text.push_str(&score.line(("  bytes stored", "bytes stored"), [None, Some(target as f64)], found, size));
    }
    // The processors' time of a warm process is that of all its answers, and says nothing.
    let found = row.pairs(|f| f.processor_seconds);
    text.push_str(&score.line(("  processor time", ""), [None, None], found, seconds));
    let peak = Some(Work::TARGET_PEAK as f64);
    let target = [peak.filter(|_| row.ours().is_some_and(|ours| ours.warm.is_some())), peak];
    let found = row.pairs(|f| Some(f.peak_bytes as f64));
    text.push_str(&score.line(("  peak memory", &format!("peak memory of {title}")), target, found, size));
    text.push_str(&row.disagreement().unwrap_or_default());
}

impl Score {
    /// A line of the table, by the title there and the name among what was missed; our own figures, which come first, are
    /// held against the targets.
    fn line(
        &mut self,
        (title, name): (&str, &str),
        target: Pair,
        found: [Pair; 3],
        say: impl Fn(f64) -> String,
    ) -> String {
        let say = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), &say);
        let mut text = format!("{title:<50}{:>9}{:>10}", say(target[0]), say(target[1]));
        for (side, pair) in found.iter().enumerate() {
            for (way, figure) in pair.iter().enumerate() {
                let limit = target[way].filter(|_| side == 0);
                let is_missed = figure.zip(limit).is_some_and(|(figure, limit)| figure > limit);
                self.targets += usize::from(figure.is_some() && limit.is_some());
                if is_missed {
                    self.missed.push(format!("{name} ({})", ["warm", "cold"][way]));
                }
                let width = [10, 9][way];
                text.push_str(&format!("{:>width$}{}", say(*figure), if is_missed { '!' } else { ' ' }));
            }
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    fn text(&self) -> String {
        match (self.targets, self.missed.len()) {
            (0, _) => String::new(),
            (targets, 0) => format!("\nall {targets} targets are reached\n"),
            (targets, missed) => {
                format!("\n{missed} of {targets} targets are missed:\n  {}\n", self.missed.join("\n  "))
            }
        }
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Seconds, with as many digits as tell something.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        few if few < 0.1 => format!("{few:.3} s"),
        some if some < 10.0 => format!("{some:.2} s"),
        many => format!("{many:.1} s"),
    }
}

/// Bytes in decimal megabytes, as the targets are.
pub fn bytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(seconds: f64, rows: u64) -> Figures {
        Figures { seconds, peak_bytes: 5_000_000, rows: Some(rows), ..Figures::default() }
    }

    fn both(warm: f64, cold: f64, rows: u64) -> Option<Measured> {
        Some(Measured { cold: figures(cold, rows), warm: Some(figures(warm, rows)) })
    }

    fn table(rows: u64) -> Table {
        let mut table = Table::new(&Manifest::default(), Times { runs: 3, repeats: 5 });
        let sides = [both(0.05, 0.07, 60), both(2.0, 3.0, rows), None];
        table.add(Row { work: Work::Handbook, sides });
        let ours = Some(Measured { cold: figures(3.0, 0), warm: None });
        table.add(Row { work: Work::Verify, sides: [ours, None, None] });
        table.add(Row { work: Work::Word, sides: [both(0.005, 0.07, 1), None, both(0.01, 1.0, 1)] });
        table.add(Row { work: Work::Distinct, sides: [both(0.13, 0.2, 9), both(0.2, 0.3, 9), both(0.1, 1.0, 9)] });
        table
    }

    fn line<'a>(text: &'a str, title: &str) -> Vec<&'a str> {
        let line = text.lines().find(|line| line.starts_with(title)).unwrap();
        line[50..].split_whitespace().collect()
    }

    #[test]
    fn the_table_says_what_was_missed() {
        let text = table(60).text();
        let title = |work: Work| line(&text, work.title());
        let handbook = ["0.10", "s", "-", "0.050", "s", "0.070", "s", "2.00", "s", "3.00", "s", "-", "-"];
        assert_eq!(title(Work::Handbook), handbook);
        assert_eq!(title(Work::Verify)[..6], ["-", "2.00", "s", "-", "3.00", "s!"]);
        assert_eq!(title(Work::Word)[4..8], ["0.005", "s", "0.070", "s!"]);
        assert_eq!(title(Work::Distinct)[..5], ["0.12", "s", "-", "0.13", "s!"], "1.2 times the better peer");
        assert!(text.contains("3 of 12 targets are missed:\n  verify (cold)\n"), "{text}");
        assert!(table(60).agrees());
    }

    #[test]
    fn a_disagreement_is_said() {
        assert!(!table(61).agrees());
        assert!(table(61).text().contains("shoseki found 60, DuckDB found 61"));
        let mut table = table(60);
        table.rows[2].sides = [both(1.0, 1.0, 2), None, both(1.0, 1.0, 2)];
        assert!(table.text().contains("shoseki found 2, ClickHouse found 2 of 1"), "{}", table.text());
    }

    #[test]
    fn the_json_has_every_row() {
        let value: Value = serde_json::from_slice(&table(60).json().unwrap()).unwrap();
        assert_eq!(value["rows"][0]["work"], "handbook");
        assert_eq!(value["rows"][0]["shoseki"]["warm"]["seconds"], 0.05);
        assert_eq!(value["rows"][1]["duckdb"], Value::Null);
        assert_eq!(value["rows"][2]["target_seconds"]["cold"], 0.06);
    }
}
