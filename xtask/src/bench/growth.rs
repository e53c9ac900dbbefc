//! `--growth`: how much longer the same questions take over ten times as many events.
//!
//! What an index answers should hardly take longer; what has to read everything grows with what there is to read.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::measure::Measured;
use super::shoseki::Shoseki;
use super::table::{self, Times};
use super::work::Work;
use super::{Options, needle, tree};

/// How many times as many events.
const TIMES_AS_MANY: u64 = 10;

/// One question over both trees.
struct Line {
    work: Work,
    few: Measured,
    many: Measured,
}

impl Line {
    /// How many times as long it took, warm and cold.
    fn factors(&self) -> [Option<f64>; 2] {
        let warm = self.few.warm.zip(self.many.warm).map(|(few, many)| many.seconds / few.seconds);
        [warm, Some(self.many.cold.seconds / self.few.cold.seconds)]
    }
}

/// Makes both trees and vaults, asks, prints the table.
pub fn run(options: &Options, (trees, folder): (&Path, &Path), binary: &Path) -> Result<bool> {
    let sizes = [options.events, options.events * TIMES_AS_MANY];
    let mut found = Vec::new();
    for events in sizes {
        let (tree, _) = tree::prepare(trees, usize::try_from(events)?)?;
        let folder = folder.join(format!("growth-{events}"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        let shoseki = Shoseki::new(binary, &folder, &tree, &needle::access_key(&tree)?);
        let mut column = Vec::new();
        for work in Work::value_variants().iter().filter(|work| work.target_growth().is_some()) {
            println!("bench: {} over {events} events", work.name());
            column.push((*work, shoseki.measure(*work, options.runs, options.repeats)?));
        }
        if options.keep.is_none() {
            fs::remove_dir_all(&folder)?;
        }
        found.push(column);
    }
    let many = found.pop().unwrap_or_default();
    let few = found.pop().unwrap_or_default();
    let lines: Vec<Line> = few.into_iter().zip(many).map(|((work, few), (_, many))| Line { work, few, many }).collect();
    let times = Times { runs: options.runs, repeats: options.repeats };
    print!("{}", text(sizes, times, &lines));
    if let Some(file) = &options.json {
        let bytes = serde_json::to_vec_pretty(&as_json(sizes, times, &lines))?;
        fs::write(file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(true)
}

fn text(sizes: [u64; 2], times: Times, lines: &[Line]) -> String {
    let [few, many] = sizes.map(|events| format!("{events} events"));
    let mut text = format!("\n{}", table::explained(times));
    text += &format!("\n{:<44}{:>9}{few:>21}{many:>21}{:>21}\n", "", "target", "times as long");
    text += &format!("{:<53}", "");
    text += &format!("{:>11}{:>10}", "warm", "cold").repeat(3);
    text.push('\n');
    for line in lines {
        let target = line.work.target_growth().unwrap_or_default();
        let mut row = format!("{:<44}{target:>9.1}", line.work.title());
        for side in [&line.few, &line.many] {
            let warm = side.warm.map_or_else(|| "-".to_owned(), |warm| table::seconds(warm.seconds));
            row += &format!("{warm:>11}{:>10}", table::seconds(side.cold.seconds));
        }
        for (way, factor) in line.factors().into_iter().enumerate() {
            let said = factor.map_or_else(|| "-".to_owned(), |factor| format!("{factor:.2}"));
            let mark = if factor.is_some_and(|factor| factor > target) { '!' } else { ' ' };
            let width = [10, 9][way];
            row += &format!("{said:>width$}{mark}");
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}

fn as_json(sizes: [u64; 2], times: Times, lines: &[Line]) -> Value {
    let line = |line: &Line| {
        let [warm, cold] = line.factors();
        json!({
            "work": line.work.name(),
            "target": line.work.target_growth(),
            "few": table::measured(line.few),
            "many": table::measured(line.many),
            "times_as_long": { "warm": warm, "cold": cold },
        })
    };
    let lines: Vec<Value> = lines.iter().map(line).collect();
    json!({ "events": sizes, "runs": times.runs, "repeats": times.repeats, "growth": lines })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::measure::Figures;

    #[test]
    fn growth_is_held_against_its_target() {
        let figures = |seconds| Figures { seconds, ..Figures::default() };
        let both = |warm, cold| Measured { cold: figures(cold), warm: Some(figures(warm)) };
        let lines = [
            Line { work: Work::Address, few: both(0.01, 0.1), many: both(0.012, 0.2) },
            Line { work: Work::Bucket, few: both(0.2, 0.25), many: both(2.1, 2.4) },
        ];
        let times = Times { runs: 3, repeats: 5 };
        let text = text([1_000, 10_000], times, &lines);
        let ends: Vec<Vec<&str>> =
            text.lines().rev().take(2).map(|line| line.split_whitespace().rev().take(2).collect()).collect();
        assert_eq!(ends, [["9.60", "10.50!"], ["2.00!", "1.20"]], "{text}");
        let value = as_json([1_000, 10_000], times, &lines);
        assert_eq!(value["growth"][1]["work"], "bucket");
        assert_eq!(value["growth"][0]["target"], 1.3);
    }
}
