//! A document of JSON or YAML as a tree that knows its lines.

use std::collections::HashSet;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The line on which it begins, from 1.
    pub(crate) line: u32,
    /// What it is.
    pub(crate) content: Content,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Nodes in their order.
    List(Vec<Node>),
    /// Nodes by their names, in their order.
    Map(Vec<Entry>),
}

/// A node under its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// The name.
    pub(crate) name: String,
    /// The line of the name.
    pub(crate) line: u32,
    /// The node.
    pub(crate) node: Node,
}

/// The line of a name that stands there twice: programs differ in which of the two they take.
pub(crate) fn twice(entries: &[Entry]) -> Option<u32> {
    const FEW: usize = 12;
    if entries.len() <= FEW {
        let again = |(at, entry): (usize, &Entry)| {
            entries.iter().take(at).any(|before| before.name == entry.name).then_some(entry.line)
        };
        return entries.iter().enumerate().find_map(again);
    }
    let mut names = HashSet::with_capacity(entries.len());
    entries.iter().find(|entry| !names.insert(entry.name.as_str())).map(|entry| entry.line)
}

impl Node {
    /// What stands under a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.name == name).map(|entry| &entry.node)
    }

    /// What stands under names one within the other.
    pub(crate) fn path(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |node, name| node.get(name))
    }

    /// Its entries, none where it is no map.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Its items, none where it is no list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// It as a text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text under a name.
    pub(crate) fn text_at(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::text)
    }

    /// The texts of a list, those of them that are any.
    pub(crate) fn texts_at(&self, name: &str) -> Vec<String> {
        self.get(name).map(Self::items).unwrap_or_default().iter().filter_map(Self::text).map(str::to_owned).collect()
    }

    /// It as yes or no.
    pub(crate) fn is(&self) -> Option<bool> {
        match &self.content {
            Content::Bool(is) => Some(*is),
            _ => None,
        }
    }
}
