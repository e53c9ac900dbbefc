//! Files of Terraform, read and with their lines: HCL, and the JSON that says the same.

use std::cell::Cell;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body, Structure};

use super::{json, scan};

/// A file of Terraform.
pub(crate) struct File {
    /// Its path.
    pub(crate) path: String,
    /// The folder that it lies in.
    pub(crate) folder: String,
    /// What stands in it.
    pub(crate) body: Body,
    /// Whether it says variables (`.tfvars`) and declares nothing.
    pub(crate) is_variables: bool,
    /// How much it costs to know what is declared in it, each time that its folder is called.
    pub(super) weight: usize,
    lines: Lines,
}

/// Where blocks stand.
enum Lines {
    /// Where each line of the text begins.
    Starts(Vec<usize>),
    /// On which line each block begins.
    Blocks(Vec<u32>),
}

/// Why a file is none of Terraform's, and where.
pub(crate) struct Broken {
    /// The line.
    pub(crate) line: u32,
    /// What was expected; nothing where there is no room for it.
    pub(crate) what: Option<String>,
}

impl Broken {
    /// What was expected there.
    pub(super) fn new(line: u32, what: impl Into<String>) -> Self {
        Self { line, what: Some(what.into()) }
    }

    /// There is no room for what stands there.
    pub(super) fn too_much(line: u32) -> Self {
        Self { line, what: None }
    }
}

/// How much room there is for trees of Terraform in one run. A parsed file is some hundred times as large as its text at worst, so
/// that its words are counted before.
pub(crate) struct Room(Cell<usize>);

/// How many words and signs may be read in one run: a hundred thousand resources have six million.
const MOST_WORDS: usize = 8_000_000;

impl Default for Room {
    fn default() -> Self {
        Self(Cell::new(MOST_WORDS))
    }
}

impl Room {
    /// Takes so much of it; `false` where there is not as much left.
    pub(super) fn take(&self, words: usize) -> bool {
        let left = self.0.get();
        let is_room = words <= left;
        if is_room {
            self.0.set(left - words);
        }
        is_room
    }
}

/// What a file of Terraform is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HCL.
    Hcl,
    /// JSON.
    Json,
}

impl Kind {
    /// The kind of a name; nothing where it is no file of Terraform.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let has = |ends: [&str; 2]| ends.iter().any(|end| path.ends_with(end));
        match (has([".tf", ".tfvars"]), has([".tf.json", ".tfvars.json"])) {
            (true, _) => Some(Self::Hcl),
            (_, true) => Some(Self::Json),
            _ => None,
        }
    }
}

impl File {
    /// Reads a file.
    pub(crate) fn read(path: &str, text: &str, kind: Kind, room: &Room) -> Result<Self, Broken> {
        let is_variables = Self::is_of_variables(path);
        let (body, lines) = match kind {
            Kind::Hcl => {
                let words = scan::words(text).map_err(Broken::too_much)?;
                if !room.take(words) {
                    return Err(Broken::too_much(0));
                }
                let body = hcl_edit::parser::parse_body(text).map_err(|error| {
                    let line = u32::try_from(error.location().line()).unwrap_or_default();
                    Broken::new(line, error.message())
                })?;
                let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
                (body, Lines::Starts(std::iter::once(0).chain(newlines).collect()))
            }
            Kind::Json => {
                let (body, lines) = json::read(text, is_variables, room)?;
                (body, Lines::Blocks(lines))
            }
        };
        let in_block = |block: &Block| if block.ident.as_str() == "locals" { block.body.len() } else { 0 };
        let weight = |one: &Structure| 4 + one.as_block().map_or(0, in_block);
        let weight = body.iter().map(weight).sum();
        Ok(Self { path: path.to_owned(), folder: Self::folder_of(path), body, is_variables, weight, lines })
    }

    /// Whether a file of this name says variables.
    pub(crate) fn is_of_variables(path: &str) -> bool {
        path.ends_with(".tfvars") || path.ends_with(".tfvars.json")
    }

    /// The folder of a path.
    pub(crate) fn folder_of(path: &str) -> String {
        path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
    }

    /// The lines of a block, which is the one of this number in its file: its first and its last.
    pub(crate) fn lines(&self, index: usize, block: &Block) -> (u32, u32) {
        let starts = match &self.lines {
            Lines::Starts(starts) => starts,
            Lines::Blocks(lines) => {
                let line = lines.get(index).copied().unwrap_or_default();
                return (line, line);
            }
        };
        let line = |at: usize| u32::try_from(starts.partition_point(|start| *start <= at)).unwrap_or_default();
        let from = block.ident.span().map_or(0, |span| span.start);
        let to = block.span().map_or(from, |span| span.end.saturating_sub(1)).max(from);
        (line(from), line(to))
    }
}

/// The folder that a path names from another: `a/b` and `../c` give `a/c`.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let is_whole = folder.starts_with('/');
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in path.split('/') {
        match part {
            "" | "." => (),
            ".." if parts.last().is_none_or(|last| *last == "..") && !is_whole => parts.push(".."),
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let text = parts.join("/");
    if is_whole { format!("/{text}") } else { text }
}
