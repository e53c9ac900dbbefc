//! Shapes to patterns: those of the same marks and the same number of words are split by their words.
//!
//! The place where words differ least is taken first. A place with more than [`FEW`] different words is no part of a
//! pattern any more, if no place is left that differs less, and if at least half of the places are the same in all: then
//! the shapes are one pattern. Few different words, as `failed` and `succeeded`, stay apart.

use std::collections::{BTreeMap, HashSet};

use super::Pattern;
use super::tokens::{Kind, Piece, pieces};

/// So many different words at one place are told apart.
const FEW: usize = 5;

/// A shape: what is at its places, and how often it came.
struct Row<'s> {
    cells: Vec<Piece<'s>>,
    counts: [u64; 2],
}

/// The patterns of shapes, each once.
pub(super) fn patterns(shapes: &[(String, [u64; 2])]) -> Vec<Pattern> {
    // What is the same in a group: the marks, and where the places between them are.
    let mut groups: BTreeMap<String, (Vec<Option<&str>>, Vec<Row<'_>>)> = BTreeMap::new();
    for (shape, counts) in shapes {
        let (mut key, mut frame, mut cells) = (String::new(), Vec::new(), Vec::new());
        for piece in pieces(shape) {
            if let Piece::Mark(mark) = piece {
                key.push_str(mark);
                frame.push(Some(mark));
            } else {
                cells.push(piece);
                frame.push(None);
            }
            key.push('\0');
        }
        let (_, rows) = groups.entry(key).or_insert((frame, Vec::new()));
        rows.push(Row { cells, counts: *counts });
    }
    let mut found: BTreeMap<String, Pattern> = BTreeMap::new();
    for (frame, rows) in groups.into_values() {
        for pattern in split(&frame, rows) {
            match found.get_mut(&pattern.text) {
                Some(known) => (0..2).for_each(|at| known.counts[at] += pattern.counts[at]),
                None => drop(found.insert(pattern.text.clone(), pattern)),
            }
        }
    }
    found.into_values().collect()
}

/// A value is one thing, whatever its kind, where words are told apart.
fn told(cell: Piece<'_>) -> Piece<'_> {
    if let Piece::Value(_) = cell { Piece::Value(Kind::Token) } else { cell }
}

fn split(frame: &[Option<&str>], rows: Vec<Row<'_>>) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    let mut waiting = vec![rows];
    while let Some(rows) = waiting.pop() {
        let places = rows.first().map_or(0, |row| row.cells.len());
        let different = |place: usize| rows.iter().map(|row| told(row.cells[place])).collect::<HashSet<_>>().len();
        let differing: Vec<(usize, usize)> =
            (0..places).map(|place| (different(place), place)).filter(|(count, _)| *count > 1).collect();
        match differing.iter().min() {
            Some((count, place)) if *count <= FEW || differing.len() * 2 > places => {
                let mut parts: BTreeMap<Piece<'_>, Vec<Row<'_>>> = BTreeMap::new();
                for row in rows {
                    parts.entry(told(row.cells[*place])).or_default().push(row);
                }
                waiting.extend(parts.into_values());
            }
            _ => patterns.push(pattern(frame, &rows)),
        }
    }
    patterns
}

/// The pattern of rows, dynamic where they differ.
fn pattern(frame: &[Option<&str>], rows: &[Row<'_>]) -> Pattern {
    let (mut text, mut words, mut place, mut dynamic) = (String::new(), Vec::new(), 0, 0);
    for mark in frame {
        if let Some(mark) = mark {
            text.push_str(mark);
            continue;
        }
        let cell = common(rows, place);
        place += 1;
        match cell {
            Piece::Word(word) | Piece::Mark(word) => {
                text.push_str(word);
                words.push(word.to_owned());
            }
            Piece::Value(kind) => {
                dynamic += 1;
                text.push_str(&format!("<{}-{dynamic}>", kind.name()));
            }
        }
    }
    let counts = [0, 1].map(|at| rows.iter().map(|row| row.counts[at]).sum());
    Pattern { text, words, counts }
}

/// What all rows have at a place: a word, or a value of one kind. Numbers and ids together are ids.
fn common<'s>(rows: &[Row<'s>], place: usize) -> Piece<'s> {
    let mut cells = rows.iter().map(|row| row.cells[place]);
    let Some(first) = cells.next() else { return Piece::Value(Kind::Token) };
    let number_or_id = |cell: Piece<'_>| matches!(cell, Piece::Value(Kind::Number | Kind::Id));
    cells.fold(first, |known, cell| {
        if known == cell {
            known
        } else if number_or_id(known) && number_or_id(cell) {
            Piece::Value(Kind::Id)
        } else {
            Piece::Value(Kind::Token)
        }
    })
}
