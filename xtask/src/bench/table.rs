//! What the benchmark prints, and the same as JSON.

use std::thread;

use anyhow::Result;
use serde_json::{Value, json};

use super::measure::Figures;
use super::tree::Manifest;
use super::work::Work;

/// One piece of work with what each side needed.
pub struct Row {
    /// Which.
    pub work: Work,
    /// Our figures.
    pub ours: Option<Figures>,
    /// The peer's.
    pub theirs: Option<Figures>,
}

/// All rows, and what they were measured on.
pub struct Table {
    manifest: Manifest,
    runs: u32,
    rows: Vec<Row>,
}

impl Table {
    /// An empty table.
    pub fn new(manifest: &Manifest, runs: u32) -> Self {
        Self { manifest: manifest.clone(), runs, rows: Vec::new() }
    }

    /// Appends a row.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Whether both sides found as many rows, wherever both looked.
    pub fn agrees(&self) -> bool {
        self.rows.iter().all(|row| disagreement(row).is_none())
    }

    /// Prints the table: seconds, bytes and memory, each beside its target.
    pub fn print(&self) {
        print!("{}", self.text());
    }

    fn text(&self) -> String {
        let mut text = format!(
            "\n{} events, {} of JSON, {} processors, the median of {} runs\n\n{:<66}{:>10}{:>10}{:>10}{:>10}\n",
            self.manifest.events,
            bytes(self.manifest.json_bytes),
            processors(),
            self.runs,
            "",
            "target",
            "shoseki",
            "DuckDB",
            "reached"
        );
        for row in &self.rows {
            let target = row.work.target_seconds();
            let reached = row.ours.map(|ours| ours.seconds <= target);
            line(&mut text, row.work.title(), (seconds(target), of(row, |f| Some(seconds(f.seconds)))), reached);
            if let Some(target) = row.work.target_bytes() {
                let reached = row.ours.and_then(|ours| ours.bytes).map(|stored| stored <= target);
                line(&mut text, "  bytes stored", (bytes(target), of(row, |f| f.bytes.map(bytes))), reached);
            }
            line(&mut text, "  processor time", ("-".to_owned(), of(row, |f| f.processor_seconds.map(seconds))), None);
            let target = Work::TARGET_PEAK;
            let reached = row.ours.map(|ours| ours.peak_bytes <= target);
            line(&mut text, "  peak memory", (bytes(target), of(row, |f| Some(bytes(f.peak_bytes)))), reached);
            if let Some(said) = disagreement(row) {
                text.push_str(&said);
            }
        }
        text
    }

    /// The figures as JSON: seconds, bytes, rows.
    pub fn json(&self) -> Result<Vec<u8>> {
        let side = |figures: Option<Figures>| match figures {
            Some(f) => json!({
                "seconds": f.seconds,
                "processor_seconds": f.processor_seconds,
                "peak_bytes": f.peak_bytes,
                "bytes": f.bytes,
                "rows": f.rows,
            }),
            None => Value::Null,
        };
        let row = |row: &Row| {
            json!({
                "work": row.work.name(),
                "target_seconds": row.work.target_seconds(),
                "target_bytes": row.work.target_bytes(),
                "shoseki": side(row.ours),
                "duckdb": side(row.theirs),
            })
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let whole = json!({ "tree": self.manifest, "processors": processors(), "runs": self.runs, "rows": rows });
        Ok(serde_json::to_vec_pretty(&whole)?)
    }
}

fn of(row: &Row, say: impl Fn(Figures) -> Option<String>) -> [String; 2] {
    [row.ours, row.theirs].map(|side| side.and_then(&say).unwrap_or_else(|| "-".to_owned()))
}

fn line(text: &mut String, title: &str, figures: (String, [String; 2]), reached: Option<bool>) {
    let (target, [ours, theirs]) = figures;
    let reached = reached.map_or("-", |reached| if reached { "yes" } else { "no" });
    text.push_str(&format!("{title:<66}{target:>10}{ours:>10}{theirs:>10}{reached:>10}\n"));
}

fn disagreement(row: &Row) -> Option<String> {
    let (ours, theirs) = (row.ours?.rows?, row.theirs?.rows?);
    (ours != theirs).then(|| format!("  the two disagree: shoseki found {ours} rows, DuckDB {theirs}\n"))
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.2} s") } else { format!("{seconds:.1} s") }
}

/// Bytes in decimal megabytes, as the targets are.
pub fn bytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u64) -> Table {
        let ours = Figures { seconds: 0.05, peak_bytes: 5_000_000, rows: Some(60), ..Figures::default() };
        let mut table = Table::new(&Manifest::default(), 3);
        table.add(Row { work: Work::Handbook, ours: Some(ours), theirs: Some(Figures { rows: Some(rows), ..ours }) });
        table.add(Row { work: Work::Verify, ours: Some(Figures { seconds: 3.0, ..ours }), theirs: None });
        table
    }

    #[test]
    fn the_table_says_what_was_reached() {
        let text = table(60).text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("  ")).collect();
        assert!(lines.iter().any(|line| line.starts_with("@message like") && line.ends_with("yes")), "{text}");
        assert!(lines.iter().any(|line| line.starts_with("verify") && line.ends_with("no")), "{text}");
        assert!(table(60).agrees());
    }

    #[test]
    fn a_disagreement_is_said() {
        assert!(!table(61).agrees());
        assert!(table(61).text().contains("shoseki found 60 rows, DuckDB 61"));
    }

    #[test]
    fn the_json_has_every_row() {
        let value: Value = serde_json::from_slice(&table(60).json().unwrap()).unwrap();
        assert_eq!(value["rows"][0]["work"], "handbook");
        assert_eq!(value["rows"][1]["duckdb"], Value::Null);
    }
}
