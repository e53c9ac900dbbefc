//! Files of Terraform, read and with their lines.

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body};

/// A file of HCL.
pub(crate) struct File {
    /// Its path.
    pub(crate) path: String,
    /// The folder that it lies in.
    pub(crate) folder: String,
    /// What stands in it.
    pub(crate) body: Body,
    /// Whether it says variables (`.tfvars`) and declares nothing.
    pub(crate) is_variables: bool,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// Why a file is no HCL, and where.
pub(crate) struct Broken {
    /// The line.
    pub(crate) line: u32,
    /// What was expected.
    pub(crate) what: String,
}

impl File {
    /// Reads a file.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, Broken> {
        let body = hcl_edit::parser::parse_body(text).map_err(|error| Broken {
            line: u32::try_from(error.location().line()).unwrap_or_default(),
            what: error.message().to_owned(),
        })?;
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Ok(Self {
            path: path.to_owned(),
            folder: path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned()),
            body,
            is_variables: path.ends_with(".tfvars"),
            starts: std::iter::once(0).chain(newlines).collect(),
        })
    }

    /// The lines of a block: its first and its last.
    pub(crate) fn lines(&self, block: &Block) -> (u32, u32) {
        let line = |at: usize| u32::try_from(self.starts.partition_point(|start| *start <= at)).unwrap_or_default();
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
