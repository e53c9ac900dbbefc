//! What each part of the document is, for whoever has it read aloud: headings, lists, tables with their heads, pictures in words.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, Node, TableHeaderScope, Tag as Kind, TagGroup, TagKind, TagTree};

/// A part: its number among all.
pub(super) type Tag = usize;

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Is {
    Document,
    Section,
    Article,
    Heading(u8, String),
    Paragraph,
    Caption,
    Typed,
    Link,
    Span,
    Contents,
    ContentsLine,
    Reference,
    List {
        is_numbered: bool,
    },
    Item,
    Label,
    Body,
    Table,
    Head,
    Rows,
    Row,
    /// A cell that names a column or a row.
    Names {
        column: bool,
    },
    Cell,
    Figure(String),
}

/// All parts, and which stands in which.
#[derive(Debug)]
pub(super) struct Tags {
    nodes: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    is: Is,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Part(Tag),
    Content(Identifier),
}

impl Tags {
    /// The document as a whole.
    pub(super) const ROOT: Tag = 0;

    pub(super) fn new() -> Self {
        Self { nodes: vec![Part { is: Is::Document, children: Vec::new() }] }
    }

    /// A new part at the end of another.
    pub(super) fn add(&mut self, parent: Tag, is: Is) -> Tag {
        let tag = self.nodes.len();
        self.nodes.push(Part { is, children: Vec::new() });
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.push(Child::Part(tag));
        }
        tag
    }

    /// What was drawn of a part.
    pub(super) fn drawn(&mut self, tag: Tag, content: Identifier) {
        if let Some(part) = self.nodes.get_mut(tag) {
            part.children.push(Child::Content(content));
        }
    }

    /// The tree for the writer.
    pub(super) fn tree(&self, lang: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(lang.to_owned()));
        self.children(Self::ROOT).into_iter().for_each(|child| tree.push(child));
        tree
    }

    fn children(&self, of: Tag) -> Vec<Node> {
        let Some(part) = self.nodes.get(of) else { return Vec::new() };
        let child = |child: &Child| match child {
            Child::Content(content) => Some(Node::from(*content)),
            Child::Part(tag) => {
                let children = self.children(*tag);
                let part = self.nodes.get(*tag).filter(|_| !children.is_empty())?;
                Some(Node::from(TagGroup::with_children(kind(&part.is), children)))
            }
        };
        part.children.iter().filter_map(child).collect()
    }
}

fn kind(is: &Is) -> TagKind {
    match is {
        Is::Document | Is::Section => Kind::Section.into(),
        Is::Article => Kind::Article.into(),
        Is::Heading(level, title) => {
            let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
            Kind::Hn(level, Some(title.clone())).into()
        }
        Is::Paragraph => Kind::P.into(),
        Is::Caption => Kind::Caption.into(),
        Is::Typed => Kind::Code.into(),
        Is::Link => Kind::Link.into(),
        Is::Span => Kind::Span.into(),
        Is::Contents => Kind::TOC.into(),
        Is::ContentsLine => Kind::TOCI.into(),
        Is::Reference => Kind::Reference.into(),
        Is::List { is_numbered } => {
            Kind::L(if *is_numbered { ListNumbering::Decimal } else { ListNumbering::Disc }).into()
        }
        Is::Item => Kind::LI.into(),
        Is::Label => Kind::Lbl.into(),
        Is::Body => Kind::LBody.into(),
        Is::Table => Kind::Table.into(),
        Is::Head => Kind::THead.into(),
        Is::Rows => Kind::TBody.into(),
        Is::Row => Kind::TR.into(),
        Is::Names { column } => Kind::TH(if *column { TableHeaderScope::Column } else { TableHeaderScope::Row }).into(),
        Is::Cell => Kind::TD.into(),
        Is::Figure(words) => Kind::Figure(Some(words.clone())).into(),
    }
}
