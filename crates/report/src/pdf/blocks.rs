//! What the page says, as a PDF is laid out: headings, paragraphs, lists, tables, pictures, each with how it looks. A class of the page
//! that means something on paper has its meaning here.

use super::fonts::Role;
use super::tree::{Element, Node};

/// A colour: red, green, blue.
pub(super) type Colour = [u8; 3];

pub(super) const INK: Colour = [0x1a, 0x1a, 0x1a];
pub(super) const SOFT: Colour = [0x55, 0x55, 0x55];
pub(super) const LINE: Colour = [0xb5, 0xb5, 0xb5];
pub(super) const TINT: Colour = [0xf4, 0xf4, 0xf2];
pub(super) const FAIL: Colour = [0x9b, 0x1c, 0x1c];
pub(super) const NONE: Colour = [0x7a, 0x4b, 0x00];
pub(super) const PASS: Colour = [0x0b, 0x5d, 0x3b];
pub(super) const NA: Colour = [0x4a, 0x4a, 0x4a];
pub(super) const LINK: Colour = [0x0b, 0x4a, 0x8f];
pub(super) const CALLOUT: Colour = [0xff, 0xf9, 0xee];

/// The size of text, in points.
pub(super) const BODY: f32 = 9.5;
/// The size of text in tables.
pub(super) const CELL: f32 = 8.2;

/// How a piece of text looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) role: Role,
    pub(super) size: f32,
    pub(super) colour: Colour,
    /// Whether it stays in one line.
    pub(super) is_kept: bool,
    /// Where in the document it leads to.
    pub(super) link: Option<String>,
}

impl Look {
    pub(super) fn of(size: f32) -> Self {
        Self { role: Role::Regular, size, colour: INK, is_kept: false, link: None }
    }

    pub(super) fn bold(self) -> Self {
        Self { role: Role::Bold, ..self }
    }

    pub(super) fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }
}

/// A part of a line.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String, Look),
    Break,
    /// A small picture among words.
    Picture(Picture),
}

/// A picture that is drawn of lines and areas.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// How wide and how high it is in its own units.
    pub(super) size: (f32, f32),
    /// What it shows, in words.
    pub(super) words: String,
    pub(super) shapes: Vec<Shape>,
}

/// A shape of a picture, in the picture's units.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Area { at: (f32, f32), size: (f32, f32), fill: Option<Filling>, line: Option<(Colour, f32)> },
    Lines { points: Vec<[(f32, f32); 2]>, line: (Colour, f32) },
    Words { at: (f32, f32), size: f32, is_centred: bool, is_bold: bool, text: String },
}

/// What an area is filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Filling {
    Plain(Colour),
    /// What fails: stripes.
    Stripes,
    /// What was not tested: dots.
    Dots,
}

/// How a paragraph stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// On a ground of its own, with a bar.
    Callout,
    /// What is typed: lines as they are, on a ground of their own.
    Typed,
    /// Room to be filled in.
    Blank,
    /// Beside what it belongs to: a caption.
    Caption,
}

/// How a list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    Dots,
    Numbers,
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) caption: Vec<Piece>,
    pub(super) head: Vec<Vec<Piece>>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) form: Form,
}

/// How a table looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A grid with a head.
    Grid,
    /// Names and what belongs to them.
    Facts,
    /// The same without lines.
    Terms,
    /// A grid to write in.
    Blank,
}

/// A cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) is_head: bool,
    pub(super) blocks: Vec<Block>,
}

/// A part of the document.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Heading {
        level: u8,
        text: Vec<Piece>,
    },
    Paragraph {
        kind: Kind,
        text: Vec<Piece>,
    },
    List {
        marks: Marks,
        items: Vec<Vec<Block>>,
    },
    /// The table of contents: where each line leads to.
    Contents(Vec<(String, String)>),
    Table(Table),
    Tiles(Vec<(Colour, Vec<Piece>)>),
    Figure {
        picture: Picture,
        caption: Vec<Piece>,
    },
    Group(Group),
}

/// Parts that belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Its name, for what leads to it.
    pub(super) id: Option<String>,
    /// The colour of the bar beside it.
    pub(super) bar: Option<Colour>,
    /// Whether it begins a page.
    pub(super) begins_page: bool,
    /// Whether a page ends after it.
    pub(super) ends_page: bool,
    pub(super) blocks: Vec<Block>,
}

/// The parts of a page's body.
pub(super) fn of(body: &Element) -> Vec<Block> {
    flow(body, &Look::of(BODY))
}

/// What stands in an element: blocks, and paragraphs of what stands between them.
fn flow(inside: &Element, look: &Look) -> Vec<Block> {
    let (mut blocks, mut text) = (Vec::new(), Vec::new());
    let end = |text: &mut Vec<Piece>, blocks: &mut Vec<Block>| {
        let text = trimmed(std::mem::take(text));
        if !text.is_empty() {
            blocks.push(Block::Paragraph { kind: Kind::Plain, text });
        }
    };
    for node in &inside.children {
        match node {
            Node::Element(element) if is_block(element) => {
                end(&mut text, &mut blocks);
                blocks.extend(block(element, look));
            }
            node => inline(node, look, &mut text),
        }
    }
    end(&mut text, &mut blocks);
    blocks
}

fn is_block(element: &Element) -> bool {
    let name = element.name.as_str();
    matches!(
        name,
        "h1" | "h2"
            | "h3"
            | "h4"
            | "p"
            | "ul"
            | "ol"
            | "dl"
            | "table"
            | "pre"
            | "figure"
            | "div"
            | "section"
            | "article"
            | "header"
            | "main"
            | "footer"
            | "nav"
    )
}

fn block(element: &Element, look: &Look) -> Vec<Block> {
    let text = |look: &Look| pieces(element, look);
    let group = |group: Group| vec![Block::Group(Group { blocks: flow(element, look), ..group })];
    let id = element.attribute("id").map(str::to_owned);
    match element.name.as_str() {
        "h1" => vec![Block::Heading { level: 1, text: text(&Look::of(20.0).bold()) }],
        "h2" => vec![Block::Heading { level: 2, text: text(&Look::of(14.5).bold()) }],
        "h3" => vec![Block::Heading { level: 3, text: text(&Look::of(11.0).bold()) }],
        "h4" => vec![Block::Heading { level: 4, text: text(&Look::of(look.size).bold()) }],
        "p" => paragraph(element, look),
        "pre" => vec![Block::Paragraph { kind: Kind::Typed, text: typed(element, look) }],
        "ul" if element.is("tiles") => vec![Block::Tiles(element.elements().map(tile).collect())],
        "ul" => vec![list(element, look, Marks::Dots)],
        "ol" => vec![list(element, look, Marks::Numbers)],
        "dl" => vec![terms(element)],
        "table" => vec![Block::Table(table(element))],
        "figure" => figure(element),
        "nav" => navigation(element),
        "section" => group(Group { begins_page: id.as_deref() == Some("signatures"), id, ..Group::default() }),
        "article" => group(Group { id, bar: Some(colour_of(element)), ..Group::default() }),
        _ => flow(element, look),
    }
}

fn paragraph(element: &Element, look: &Look) -> Vec<Block> {
    let (kind, look) = match element {
        one if one.is("callout") => (Kind::Callout, look.clone()),
        one if one.is("fill") => (Kind::Blank, look.clone().coloured(SOFT)),
        one if one.is("small") => (Kind::Plain, Look { size: look.size * 0.9, ..look.clone() }.coloured(SOFT)),
        one if one.is("kind") => (Kind::Plain, Look { size: 11.0, ..look.clone() }.coloured(SOFT)),
        _ => (Kind::Plain, look.clone()),
    };
    let text = pieces(element, &look);
    if text.is_empty() { Vec::new() } else { vec![Block::Paragraph { kind, text }] }
}

fn list(element: &Element, look: &Look, marks: Marks) -> Block {
    Block::List { marks, items: element.elements().map(|item| flow(item, look)).collect() }
}

/// The contents: each line's words, and where it leads to.
fn navigation(element: &Element) -> Vec<Block> {
    let heading = element.find("h2").map(|head| pieces(head, &Look::of(14.5).bold())).unwrap_or_default();
    let line = |item: &Element| {
        let link = item.find("a")?;
        Some((item.text(), link.attribute("href")?.trim_start_matches('#').to_owned()))
    };
    let lines = element.find("ol").into_iter().flat_map(Element::elements).filter_map(line).collect();
    let blocks = vec![Block::Heading { level: 2, text: heading }, Block::Contents(lines)];
    vec![Block::Group(Group { ends_page: true, blocks, ..Group::default() })]
}

/// Terms and what they mean, as a table without lines.
fn terms(element: &Element) -> Block {
    let look = Look::of(BODY);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for one in element.elements() {
        let is_head = one.name == "dt";
        let look = if is_head { look.clone().coloured(SOFT) } else { look.clone() };
        let cell = Cell { is_head, blocks: flow(one, &look) };
        match rows.last_mut() {
            Some(row) if !is_head => row.push(cell),
            _ => rows.push(vec![cell]),
        }
    }
    Block::Table(Table { caption: Vec::new(), head: Vec::new(), rows, form: Form::Terms })
}

fn table(element: &Element) -> Table {
    let form = match element {
        one if one.is("facts") => Form::Facts,
        one if one.is("blank") => Form::Blank,
        _ => Form::Grid,
    };
    let size = if form == Form::Grid { CELL } else { 9.0 };
    let look = Look::of(size);
    let caption = element.find("caption").map(|one| pieces(one, &Look::of(8.5).coloured(SOFT)));
    let head = element.find("thead").and_then(|head| head.find("tr")).into_iter().flat_map(Element::elements);
    let cell = |one: &Element| {
        let is_head = one.name == "th";
        let look = match form {
            Form::Facts if is_head => look.clone().coloured(SOFT),
            _ if is_head => look.clone().bold(),
            _ => look.clone(),
        };
        Cell { is_head, blocks: flow(one, &look) }
    };
    let rows = element.find("tbody").into_iter().flat_map(Element::elements);
    Table {
        caption: caption.unwrap_or_default(),
        head: head.map(|one| pieces(one, &look.clone().bold())).collect(),
        rows: rows.map(|row| row.elements().map(cell).collect()).collect(),
        form,
    }
}

/// A tile: a number and what it counts.
fn tile(element: &Element) -> (Colour, Vec<Piece>) {
    let colour = colour_of(element);
    let number = element.find("b").map(Element::text).unwrap_or_default();
    let mut text = vec![Piece::Text(number, Look::of(20.0).bold()), Piece::Break];
    let rest = element.children.iter().filter(|node| !matches!(node, Node::Element(one) if one.name == "b"));
    rest.for_each(|node| inline(node, &Look::of(CELL), &mut text));
    (colour, trimmed(text))
}

fn figure(element: &Element) -> Vec<Block> {
    let Some(picture) = element.find("svg").map(super::picture::read) else { return Vec::new() };
    let caption = element.find("figcaption").map(|one| pieces(one, &Look::of(8.5).coloured(SOFT)));
    vec![Block::Figure { picture, caption: caption.unwrap_or_default() }]
}

/// The colour of a status, by the element's class.
fn colour_of(element: &Element) -> Colour {
    match element {
        one if one.is("fail") => FAIL,
        one if one.is("no_evidence") => NONE,
        one if one.is("pass") => PASS,
        _ => NA,
    }
}

/// Lines as they are.
fn typed(element: &Element, look: &Look) -> Vec<Piece> {
    let look = Look { role: Role::Mono, size: look.size * 0.88, ..Look::of(look.size) };
    let text = element.text();
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut all = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            all.push(Piece::Break);
        }
        all.push(Piece::Text(line.replace('\t', "    "), look.clone()));
    }
    all
}

/// The pieces of an element's lines.
fn pieces(element: &Element, look: &Look) -> Vec<Piece> {
    let mut all = Vec::new();
    element.children.iter().for_each(|node| inline(node, look, &mut all));
    trimmed(all)
}

fn inline(node: &Node, look: &Look, into: &mut Vec<Piece>) {
    let element = match node {
        Node::Text(text) => return into.push(Piece::Text(text.clone(), look.clone())),
        Node::Element(element) => element,
    };
    let mut look = look.clone();
    match element.name.as_str() {
        "br" => return into.push(Piece::Break),
        "svg" => return into.push(Piece::Picture(super::picture::read(element))),
        "code" => look = Look { role: Role::Mono, size: look.size * 0.92, ..look },
        "strong" | "b" => look = look.bold(),
        "a" if element.is("skip") => return, // leads around what a reader of paper has no need to skip
        "a" => {
            look.link = element.attribute("href").map(|to| to.trim_start_matches('#').to_owned());
            look.colour = LINK;
        }
        "span" if element.is("status") => {
            look = Look { is_kept: true, ..look.bold().coloured(colour_of(element)) };
        }
        "span" if element.is("ours") || element.is("small") => {
            look = Look { size: look.size * 0.9, role: Role::Regular, ..look.coloured(SOFT) };
        }
        "span" if element.is("more") => {
            into.push(Piece::Break);
            look = Look { size: look.size * 0.9, ..look.coloured(SOFT) };
        }
        "span" if element.is("tag") => {
            look = Look { is_kept: true, ..look.bold() };
            into.push(Piece::Text("[".to_owned(), look.clone()));
            element.children.iter().for_each(|node| inline(node, &look, into));
            return into.push(Piece::Text("]".to_owned(), look));
        }
        "span" if element.is("whose") => look.is_kept = true,
        "span" if element.is("number") => {
            element.children.iter().for_each(|node| inline(node, &look, into));
            return into.push(Piece::Text(" ".to_owned(), look));
        }
        _ => {}
    }
    element.children.iter().for_each(|node| inline(node, &look, into));
}

/// Space counts once, and not at all where a line begins or ends.
fn trimmed(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut is_after_space = true;
    for piece in pieces {
        match piece {
            Piece::Text(text, look) => {
                let mut kept = String::with_capacity(text.len());
                for letter in text.chars() {
                    let is_space = matches!(letter, ' ' | '\n' | '\t');
                    if !(is_space && is_after_space) {
                        kept.push(if is_space { ' ' } else { letter });
                    }
                    is_after_space = is_space;
                }
                if !kept.is_empty() {
                    all.push(Piece::Text(kept, look));
                }
            }
            Piece::Break => {
                end_line(&mut all);
                all.push(Piece::Break);
                is_after_space = true;
            }
            Piece::Picture(picture) => {
                all.push(Piece::Picture(picture));
                is_after_space = false;
            }
        }
    }
    end_line(&mut all);
    all
}

/// Takes away the space that a line ends with.
fn end_line(all: &mut Vec<Piece>) {
    while let Some(Piece::Text(text, _)) = all.last_mut() {
        let length = text.trim_end_matches(' ').len();
        text.truncate(length);
        if length > 0 {
            break;
        }
        all.pop();
    }
}
