//! Blocks into slabs: how each part of the document looks in a column of a width.

use super::blocks::{
    BODY, Block, CALLOUT, Colour, Group, INK, Kind, LINE, Look, Marks, NA, NONE, Picture, Piece, Shape, TINT,
};
use super::fonts::Letters;
use super::slab::{Band, Edge, Ink, Mark, Slab, stack};
use super::tags::{Is, Tag, Tags};
use super::text::{self, Line, Part, Run};

/// How high a line is, in parts of its letters' size: of text, and of what stands in tables.
const LEADING: f32 = 1.68;
const TIGHT: f32 = 1.5;
/// How far below its line's upper edge a letter stands, beside half of the leading.
const ASCENT: f32 = 0.88;
/// How far an item is moved to the right.
const INDENT: f32 = 14.0;
/// Words in a picture are not smaller.
const SMALLEST: f32 = 6.4;

/// Where blocks are laid: how wide, in what part, how tight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) width: f32,
    pub(super) parent: Tag,
    pub(super) is_cell: bool,
}

/// What lays blocks out.
pub(super) struct Layout<'f> {
    pub(super) letters: Letters<'f>,
    pub(super) tags: Tags,
    /// The heads that are shown again on each page.
    pub(super) heads: Vec<Slab>,
    pub(super) is_japanese: bool,
    bands: usize,
}

impl<'f> Layout<'f> {
    pub(super) fn new(letters: Letters<'f>, is_japanese: bool) -> Self {
        Self { letters, tags: Tags::new(), heads: Vec::new(), is_japanese, bands: 0 }
    }

    /// Blocks as slabs.
    pub(super) fn blocks(&mut self, blocks: &[Block], column: Column) -> Vec<Slab> {
        let mut all = Vec::new();
        for (at, block) in blocks.iter().enumerate() {
            let mut slabs = self.block(block, column);
            // A command stands under what it is for, and room to be filled in under what is asked.
            if let Some(Block::Paragraph { kind: Kind::Typed | Kind::Blank, .. }) = blocks.get(at + 1) {
                slabs.iter_mut().last().into_iter().for_each(|last| last.keeps_next = true);
            }
            all.extend(slabs);
        }
        all
    }

    fn block(&mut self, block: &Block, column: Column) -> Vec<Slab> {
        match block {
            Block::Heading { level, text } => self.heading(*level, text, column),
            Block::Paragraph { kind, text } => self.paragraph(*kind, text, column),
            Block::List { marks, items } => self.list(*marks, items, column),
            Block::Contents(lines) => self.contents(lines, column),
            Block::Table(table) => self.table(table, column),
            Block::Tiles(tiles) => self.tiles(tiles, column),
            Block::Figure { picture, caption } => self.figure(picture, caption, column),
            Block::Group(group) => self.group(group, column),
        }
    }

    fn heading(&mut self, level: u8, pieces: &[Piece], column: Column) -> Vec<Slab> {
        let words = words(pieces);
        let tag = self.tags.add(column.parent, Is::Heading(level, words.clone()));
        let mut slabs = self.text(pieces, column.width, tag, LEADING.min(1.45));
        let (before, after) = match level {
            1 => (8.0, 18.0),
            2 => (26.0, 9.0),
            3 => (16.0, 5.0),
            _ => (10.0, 3.0),
        };
        if let Some(first) = slabs.first_mut() {
            first.before = before;
            first.mark = Some(Mark { level, text: words });
        }
        if let Some(last) = slabs.last_mut() {
            last.after = after;
            if level == 2 {
                last.height += 4.0;
                let y = last.height;
                let line = Edge::of(INK, 1.2);
                last.inks.push(Ink::Lines { points: vec![[(0.0, y), (column.width, y)]], line, tag: None });
            }
        }
        slabs.iter_mut().for_each(|slab| slab.keeps_next = true);
        slabs
    }

    fn paragraph(&mut self, kind: Kind, pieces: &[Piece], column: Column) -> Vec<Slab> {
        let is = match kind {
            Kind::Caption => Is::Caption,
            Kind::Typed => Is::Typed,
            _ => Is::Paragraph,
        };
        let tag = self.tags.add(column.parent, is);
        let leading = match kind {
            Kind::Typed => 1.45,
            _ if column.is_cell => TIGHT,
            _ => LEADING,
        };
        let (left, right) = match kind {
            Kind::Callout => (11.0, 8.0),
            Kind::Typed => (6.0, 6.0),
            Kind::Blank => (6.0, 6.0),
            Kind::Plain | Kind::Caption => (0.0, 0.0),
        };
        let mut slabs = self.text(pieces, (column.width - left - right).max(20.0), tag, leading);
        keep_ends(&mut slabs);
        let space = if column.is_cell { 1.5 } else { 5.0 };
        if kind == Kind::Plain || kind == Kind::Caption {
            set_space(&mut slabs, space);
            return slabs;
        }
        let mut slabs: Vec<Slab> = slabs.into_iter().map(|slab| slab.moved(left)).collect();
        if kind == Kind::Blank {
            slabs.push(Slab::room(42.0));
            slabs.iter_mut().for_each(|slab| slab.keeps_next = true);
        }
        self.back(&mut slabs, kind, column.width);
        set_space(&mut slabs, space + 1.0);
        slabs
    }

    /// Puts a paragraph on its ground.
    fn back(&mut self, slabs: &mut Vec<Slab>, kind: Kind, width: f32) {
        let padding = if kind == Kind::Callout { 4.5 } else { 3.5 };
        slabs.insert(0, Slab { keeps_next: true, ..Slab::room(padding) });
        if let Some(last) = slabs.last_mut() {
            last.keeps_next = true;
        }
        slabs.push(Slab::room(padding));
        let grounds: &[(Option<Colour>, f32, Option<Edge>)] = match kind {
            Kind::Callout => &[(Some(CALLOUT), width, None), (Some(NONE), 3.0, None)],
            Kind::Typed => &[(Some(TINT), width, Some(Edge { colour: LINE, width: 0.4, is_dashed: false }))],
            _ => &[(None, width, Some(Edge { colour: NA, width: 0.6, is_dashed: true }))],
        };
        for (fill, width, edge) in grounds {
            let band = Band { number: self.bands, x: 0.0, width: *width, fill: *fill, edge: *edge };
            self.bands += 1;
            slabs.iter_mut().for_each(|slab| slab.bands.push(band.clone()));
        }
    }

    /// The lines of a text, a slab each.
    pub(super) fn text(&mut self, pieces: &[Piece], width: f32, tag: Tag, leading: f32) -> Vec<Slab> {
        let is_justified = self.is_japanese && leading == LEADING;
        let lines = text::lines(&mut self.letters, pieces, width, is_justified);
        let has_links = pieces.iter().any(|piece| matches!(piece, Piece::Text(_, look) if look.link.is_some()));
        let mut linked: Option<(Option<String>, Tag)> = None;
        let mut slabs = Vec::with_capacity(lines.len());
        for line in lines {
            let mut of_run = |tags: &mut Tags, run: &Run| match (&linked, has_links) {
                (_, false) => tag,
                (Some((link, part)), true) if *link == run.link => *part,
                _ => {
                    let part = tags.add(tag, if run.link.is_some() { Is::Link } else { Is::Span });
                    linked = Some((run.link.clone(), part));
                    part
                }
            };
            slabs.push(line_slab(&mut self.tags, line, leading, &mut of_run));
        }
        slabs
    }

    fn list(&mut self, marks: Marks, items: &[Vec<Block>], column: Column) -> Vec<Slab> {
        let is_numbered = marks == Marks::Numbers;
        let list = self.tags.add(column.parent, Is::List { is_numbered });
        let indent = if column.is_cell { 9.0 } else { INDENT };
        let mut all = Vec::new();
        for (at, blocks) in items.iter().enumerate() {
            let item = self.tags.add(list, Is::Item);
            let label = self.tags.add(item, Is::Label);
            let body = self.tags.add(item, Is::Body);
            let inside = Column { width: column.width - indent, parent: body, ..column };
            let mut slabs: Vec<Slab> = self.blocks(blocks, inside).into_iter().map(|slab| slab.moved(indent)).collect();
            let mark = if is_numbered { format!("{}.", at + 1) } else { "•".to_owned() };
            let size = first_size(blocks).unwrap_or(BODY);
            let tight = if column.is_cell { TIGHT } else { LEADING };
            let mark = self.text(&[Piece::Text(mark, Look::of(size))], indent, label, tight);
            if let (Some(first), Some(mark)) = (slabs.first_mut(), mark.into_iter().next()) {
                first.before = first.before.max(if column.is_cell { 1.0 } else { 2.5 });
                first.inks.splice(0..0, mark.inks);
            }
            all.extend(slabs);
        }
        all
    }

    fn contents(&mut self, lines: &[(String, String)], column: Column) -> Vec<Slab> {
        let contents = self.tags.add(column.parent, Is::Contents);
        let mut all = Vec::new();
        for (at, (words, target)) in lines.iter().enumerate() {
            let line = self.tags.add(contents, Is::ContentsLine);
            let reference = self.tags.add(line, Is::Reference);
            let look = Look { link: Some(target.clone()), ..Look::of(10.0) };
            let text = [Piece::Text(format!("{}. {words}", at + 1), look)];
            let mut slabs = self.text(&text, column.width - 60.0, reference, 1.9);
            if let Some(last) = slabs.last_mut() {
                let from = last.inks.iter().map(right_of).fold(0.0, f32::max) + 6.0;
                let y = baseline(last.height, 10.0);
                let number = self.tags.add(line, Is::Span);
                last.inks.push(Ink::PageOf {
                    target: target.clone(),
                    from,
                    at: (column.width, y),
                    size: 10.0,
                    tag: number,
                });
            }
            all.extend(slabs);
        }
        all
    }

    /// Tiles beside one another: what each counts, on a bar of its colour.
    fn tiles(&mut self, tiles: &[(Colour, Vec<Piece>)], column: Column) -> Vec<Slab> {
        let list = self.tags.add(column.parent, Is::List { is_numbered: false });
        let gap = 8.0;
        let count = tiles.len().max(1) as f32;
        let width = (column.width - gap * (count - 1.0)) / count;
        let mut inks = Vec::new();
        let mut height: f32 = 0.0;
        for (at, (_, pieces)) in tiles.iter().enumerate() {
            let item = self.tags.add(list, Is::Item);
            let body = self.tags.add(item, Is::Body);
            let slabs = self.text(pieces, width - 16.0, body, 1.35);
            let (high, inside) = stack(&slabs);
            height = height.max(high + 16.0);
            let x = at as f32 * (width + gap);
            inks.extend(inside.into_iter().map(|ink| ink.moved((x + 8.0, 9.0))));
        }
        for (at, (colour, _)) in tiles.iter().enumerate() {
            let x = at as f32 * (width + gap);
            let area = |size, fill, line| Ink::Area { at: (x, 0.0), size, fill, line, tag: None };
            inks.push(area((width, height), None, Some(Edge::of(LINE, 0.5))));
            inks.push(area((width, 3.0), Some(super::blocks::Filling::Plain(*colour)), None));
        }
        vec![Slab { height, before: 6.0, after: 8.0, inks, ..Slab::default() }]
    }

    fn figure(&mut self, picture: &Picture, caption: &[Piece], column: Column) -> Vec<Slab> {
        let figure = self.tags.add(column.parent, Is::Figure(picture.words.clone()));
        let scale = column.width / picture.size.0;
        let inks = self.drawn(picture, scale, Some(figure));
        let height = picture.size.1 * scale;
        let mut slabs = vec![Slab { height, before: 8.0, after: 4.0, keeps_next: true, inks, ..Slab::default() }];
        slabs.extend(self.paragraph(Kind::Caption, caption, Column { is_cell: true, ..column }));
        if let Some(last) = slabs.last_mut() {
            (last.keeps_next, last.after) = (false, 10.0);
        }
        slabs
    }

    /// A picture's shapes at a scale.
    fn drawn(&mut self, picture: &Picture, scale: f32, tag: Option<Tag>) -> Vec<Ink> {
        let at = |(x, y): (f32, f32)| (x * scale, y * scale);
        let mut inks = Vec::new();
        for shape in &picture.shapes {
            match shape {
                Shape::Area { at: corner, size, fill, line } => {
                    let line = line.map(|(colour, width)| Edge::of(colour, width * scale));
                    inks.push(Ink::Area { at: at(*corner), size: at(*size), fill: *fill, line, tag });
                }
                Shape::Lines { points, line } => {
                    let points = points.iter().map(|[from, to]| [at(*from), at(*to)]).collect();
                    inks.push(Ink::Lines { points, line: Edge::of(line.0, line.1 * scale), tag });
                }
                Shape::Words { at: place, size, is_centred, is_bold, text } => {
                    let look = Look::of((size * scale).max(SMALLEST));
                    let look = if *is_bold { look.bold() } else { look };
                    let lines = text::lines(&mut self.letters, &[Piece::Text(text.clone(), look)], f32::MAX, false);
                    let (x, y) = at(*place);
                    for line in lines {
                        let x = if *is_centred { x - line.width / 2.0 } else { x };
                        inks.extend(runs(line).map(|(from, run)| Ink::Run { at: (x + from, y), run, tag }));
                    }
                }
            }
        }
        inks
    }

    fn group(&mut self, group: &Group, column: Column) -> Vec<Slab> {
        let parent = match (group.bar, &group.id) {
            (Some(_), _) => self.tags.add(column.parent, Is::Article),
            (None, Some(_)) => self.tags.add(column.parent, Is::Section),
            (None, None) => column.parent,
        };
        let left = if group.bar.is_some() { 12.0 } else { 0.0 };
        let inside = Column { width: column.width - left, parent, ..column };
        let mut slabs: Vec<Slab> =
            self.blocks(&group.blocks, inside).into_iter().map(|slab| slab.moved(left)).collect();
        if let Some(colour) = group.bar {
            let band = Band { number: self.bands, x: 0.0, width: 3.0, fill: Some(colour), edge: None };
            self.bands += 1;
            slabs.iter_mut().for_each(|slab| slab.bands.push(band.clone()));
            if let Some(last) = slabs.last_mut() {
                last.after = 14.0;
            }
        }
        if let Some(first) = slabs.first_mut() {
            first.anchors.extend(group.id.clone());
            first.begins_page |= group.begins_page;
        }
        if group.ends_page {
            slabs.push(Slab { begins_page: true, ..Slab::default() });
        }
        slabs
    }
}

/// A line as a slab: its letters stand on its baseline.
fn line_slab(tags: &mut Tags, line: Line, leading: f32, tag_of: &mut impl FnMut(&mut Tags, &Run) -> Tag) -> Slab {
    let height = line.size * leading;
    let y = baseline(height, line.size);
    let mut inks = Vec::new();
    for part in line.parts {
        match part {
            Part::Run(x, run) => {
                let tag = tag_of(tags, &run);
                inks.push(Ink::Run { at: (x, y), run, tag: Some(tag) });
            }
            Part::Picture(x, scale, picture) => inks.extend(small(&picture, scale, (x, y))),
        }
    }
    Slab { height, inks, ..Slab::default() }
}

/// A small picture among words: it is said by the words beside it.
fn small(picture: &Picture, scale: f32, (x, y): (f32, f32)) -> Vec<Ink> {
    let at = |(right, down): (f32, f32)| (x + right * scale, y + (down - picture.size.1 * 0.85) * scale);
    let ink = |shape: &Shape| match shape {
        Shape::Area { at: corner, size, fill, line } => Some(Ink::Area {
            at: at(*corner),
            size: (size.0 * scale, size.1 * scale),
            fill: *fill,
            line: line.map(|(colour, width)| Edge::of(colour, width * scale)),
            tag: None,
        }),
        Shape::Lines { points, line } => Some(Ink::Lines {
            points: points.iter().map(|[from, to]| [at(*from), at(*to)]).collect(),
            line: Edge::of(line.0, line.1 * scale),
            tag: None,
        }),
        Shape::Words { .. } => None,
    };
    picture.shapes.iter().filter_map(ink).collect()
}

fn runs(line: Line) -> impl Iterator<Item = (f32, Run)> {
    line.parts.into_iter().filter_map(|part| match part {
        Part::Run(x, run) => Some((x, run)),
        Part::Picture(..) => None,
    })
}

/// Where letters of a size stand in a line of a height.
pub(super) fn baseline(height: f32, size: f32) -> f32 {
    (height - size) / 2.0 + size * ASCENT
}

fn right_of(ink: &Ink) -> f32 {
    match ink {
        Ink::Run { at, run, .. } => at.0 + run.width(),
        _ => 0.0,
    }
}

/// The words of pieces, without how they look.
pub(super) fn words(pieces: &[Piece]) -> String {
    let word = |piece: &Piece| match piece {
        Piece::Text(text, _) => text.clone(),
        Piece::Break => " ".to_owned(),
        Piece::Picture(_) => String::new(),
    };
    pieces.iter().map(word).collect()
}

fn first_size(blocks: &[Block]) -> Option<f32> {
    match blocks.first()? {
        Block::Paragraph { text, .. } => text.iter().find_map(|piece| match piece {
            Piece::Text(_, look) => Some(look.size),
            _ => None,
        }),
        _ => None,
    }
}

/// A page neither ends with the first line of a text nor begins with its last.
fn keep_ends(slabs: &mut [Slab]) {
    let count = slabs.len();
    for (at, slab) in slabs.iter_mut().enumerate() {
        slab.keeps_next = at + 1 < count && (count <= 3 || at == 0 || at + 2 == count);
    }
}

fn set_space(slabs: &mut [Slab], space: f32) {
    if let Some(first) = slabs.first_mut() {
        first.before = space;
    }
    if let Some(last) = slabs.last_mut() {
        last.after = space;
    }
}
