//! Texts by their shape, for `pattern` and what stands behind it.
//!
//! ```text
//! user ann logged in from 192.0.2.7     ──►  user ann logged in from <IP>        counted: bounded, in any order
//! user bob logged in from 192.0.2.8     ──►  user bob logged in from <IP>
//!                                            user <Token-1> logged in from <IPAddress-2>     when all are in
//! ```
//!
//! Times, addresses, numbers and ids are told by how they look, word by word ([`tokens`]); what is left of a text is
//! counted. At the end, shapes of the same marks and the same number of words are split by their words until the words
//! that still differ have so many values that they are no part of the pattern ([`split`]): iterative partitioning, after
//! Makanju, Zincir-Heywood and Milios, "Clustering Event Logs Using Iterative Partitioning" (KDD 2009).
//!
//! The memory is bounded whatever comes. Where there are more shapes than [`MOST_SHAPES`], all become coarser by one
//! step, and as often as it takes. The steps depend on a text alone, and they are taken only where the texts so far leave
//! no other way: so the same texts give the same patterns, in whichever order and parts they come.

mod split;
mod tokens;

use std::collections::HashMap;

use tokens::{Kind, Piece, pieces};

/// The most shapes that are held.
const MOST_SHAPES: usize = 20_000;
/// The most bytes of shapes that are held.
const MOST_BYTES: usize = 16 << 20;

/// A pattern and how often it came, in each of two counts.
pub(crate) struct Pattern {
    /// As it is shown.
    pub(crate) text: String,
    /// The words that all its texts have, in their order.
    pub(crate) words: Vec<String>,
    /// How many texts.
    pub(crate) counts: [u64; 2],
}

/// Shapes and how often each came.
#[derive(Default)]
pub(crate) struct Shapes {
    counts: HashMap<String, [u64; 2]>,
    bytes: usize,
    step: usize,
    /// For the shape of one text after another.
    shape: String,
}

impl Shapes {
    /// Counts a text.
    pub(crate) fn add(&mut self, text: &str, counts: [u64; 2]) {
        if counts == [0, 0] {
            return;
        }
        let mut shape = std::mem::take(&mut self.shape);
        shape.clear();
        tokens::shape(text, &mut shape);
        for step in 0..self.step {
            shape = coarser(&shape, step);
        }
        self.count(&shape, counts);
        self.shape = shape;
        self.keep_bounds();
    }

    fn count(&mut self, shape: &str, counts: [u64; 2]) {
        if let Some(known) = self.counts.get_mut(shape) {
            known[0] += counts[0];
            known[1] += counts[1];
        } else {
            self.bytes += shape.len();
            self.counts.insert(shape.to_owned(), counts);
        }
    }

    fn keep_bounds(&mut self) {
        while (self.counts.len() > MOST_SHAPES || self.bytes > MOST_BYTES) && self.step < STEPS {
            self.become_coarser();
        }
    }

    fn become_coarser(&mut self) {
        let shapes = std::mem::take(&mut self.counts);
        self.bytes = 0;
        for (shape, counts) in shapes {
            self.count(&coarser(&shape, self.step), counts);
        }
        self.step += 1;
    }

    /// Adds what others counted.
    pub(crate) fn join(&mut self, mut other: Self) {
        while self.step < other.step {
            self.become_coarser();
        }
        while other.step < self.step {
            other.become_coarser();
        }
        for (shape, counts) in other.counts {
            self.count(&shape, counts);
        }
        self.keep_bounds();
    }

    /// How many bytes it holds, about; at the end shapes are taken to pieces, which are larger.
    pub(crate) fn size(&self) -> usize {
        5 * self.bytes + self.counts.capacity() * (size_of::<String>() + size_of::<[u64; 2]>())
    }

    /// The patterns of all texts, each once, in the order of their text.
    pub(crate) fn patterns(self) -> Vec<Pattern> {
        let mut shapes: Vec<(String, [u64; 2])> = self.counts.into_iter().collect();
        shapes.sort_unstable();
        split::patterns(&shapes)
    }
}

/// How many steps there are: the last leaves one shape.
const STEPS: usize = 10;

/// A shape that is coarser by a step. A later step is applied to what the earlier ones left.
fn coarser(shape: &str, step: usize) -> String {
    let mut coarse = String::with_capacity(shape.len());
    let mut mark = "";
    for (at, piece) in pieces(shape).enumerate() {
        let is_vague = match (piece, step) {
            // Names and paths.
            (Piece::Word(word), 0) => word.contains(|c: char| c.is_ascii_digit() || ".-@_".contains(c)),
            // Values of keys.
            (Piece::Word(_), 1) => mark.contains([':', '=']),
            // Words far behind.
            (Piece::Word(_), 2..9) => at >= 64 >> (step - 2),
            (_, 9..) => true,
            _ => false,
        };
        if step >= 9 && at > 0 {
            break;
        }
        if let Piece::Mark(text) = piece {
            mark = text;
        } else {
            mark = "";
        }
        let piece = if is_vague { Piece::Value(Kind::Token) } else { piece };
        piece.write(&mut coarse);
    }
    coarse
}

/// The severity that a pattern's first word of that kind names, as AWS calls it.
pub(crate) fn severity(words: &[String]) -> Option<&'static str> {
    const LABELS: &[(&str, &[&str])] = &[
        (
            "Error",
            &["error", "err", "fatal", "critical", "severe", "alert", "emergency", "exception", "エラー", "異常"],
        ),
        ("Warning", &["warning", "warn", "警告", "注意"]),
        ("Info", &["info", "information", "informational", "notice", "情報"]),
        ("Debug", &["debug", "trace", "verbose", "デバッグ"]),
    ];
    words.iter().find_map(|word| {
        let word = word.to_lowercase();
        LABELS.iter().find(|(_, names)| names.contains(&word.as_str())).map(|(label, _)| *label)
    })
}

#[cfg(test)]
mod tests;
