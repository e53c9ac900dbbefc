//! Pages into a PDF: its letters with their fonts, what each part is, where links lead, and what the file says of itself. The
//! writer is held to PDF/A-2a, which is to be kept, and PDF/UA-1, which is to be read aloud.

use krilla::Document;
use krilla::SerializeSettings;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::text::{GlyphId, KrillaGlyph};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

use super::Paper;
use super::blocks::{Colour, Filling, Look, Piece, SOFT};
use super::fonts::{Fonts, Letters};
use super::pages::{LEFT, PAPER, Pages, RIGHT, WIDTH};
use super::slab::{Edge, Ink};
use super::tags::{Tag, Tags};
use super::text::{self, Part, Run};

/// How thick the strokes are around letters that are to be bold, in parts of their size.
const THICK: f32 = 0.03;
/// The size of what stands at the head and the foot of a page, and where.
const FOOT: f32 = 7.5;
const FOOT_AT: f32 = PAPER.1 - 34.0;
const HEAD_AT: f32 = 38.0;

/// Writes the file.
pub(super) fn file<'f>(
    paper: &Paper<'_>,
    fonts: &'f Fonts,
    letters: &mut Letters<'f>,
    tags: Tags,
    pages: &Pages,
) -> Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| Fault::broken(msg!("report-pdf-unwritable")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(paper));
    document.set_outline(outline(paper, pages));
    let mut drawing = Drawing { paper, fonts, letters, tags, pages, links: Vec::new() };
    for (number, inks) in pages.pages.iter().enumerate() {
        let size =
            PageSettings::from_wh(PAPER.0, PAPER.1).ok_or_else(|| Fault::broken(msg!("report-pdf-unwritable")))?;
        let mut page = document.start_page_with(size);
        drawing.page(&mut page, number, inks);
        page.finish();
    }
    document.set_tag_tree(drawing.tags.tree(paper.lang));
    document.finish().map_err(|error| unwritable(&error))
}

fn unwritable(error: &KrillaError) -> Fault {
    let why = match error {
        KrillaError::Validation(errors) => {
            errors.iter().map(|(error, _)| format!("{error:?}")).take(3).collect::<Vec<_>>().join(", ")
        }
        error => error.to_string(),
    };
    Fault::broken(msg!("report-pdf-unwritable")).because(std::io::Error::other(why))
}

fn metadata(paper: &Paper<'_>) -> Metadata {
    let metadata = Metadata::new()
        .title(paper.title.clone())
        .language(paper.lang.to_owned())
        .creator(format!("shoseki {}", env!("CARGO_PKG_VERSION")))
        .producer("krilla".to_owned())
        .authors(vec![paper.author.clone()])
        .description(paper.foot.clone());
    match date(paper.made) {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    }
}

fn date(time: Timestamp) -> Option<DateTime> {
    let text = time.to_string();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u16>().ok());
    let small = |from: usize, to: usize| part(from, to).and_then(|number| u8::try_from(number).ok());
    let day = DateTime::new(part(0, 4)?).month(small(5, 7)?).day(small(8, 10)?);
    Some(day.hour(small(11, 13)?).minute(small(14, 16)?).second(small(17, 19)?).utc_offset_hour(0).utc_offset_minute(0))
}

/// The headings of parts, and below each those in it.
fn outline(paper: &Paper<'_>, pages: &Pages) -> Outline {
    let node = |level: u8, at: usize| {
        let mark = pages.marks.get(at).filter(|mark| mark.level == level)?;
        Some(OutlineNode::new(mark.text.clone(), XyzDestination::new(mark.page, Point::from_xy(LEFT, mark.y - 4.0))))
    };
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(paper.title.clone(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
    let mut open: Option<OutlineNode> = None;
    for at in 0..pages.marks.len() {
        if let Some(part) = node(2, at) {
            open.replace(part).into_iter().for_each(|done| outline.push_child(done));
        } else if let Some(below) = node(3, at) {
            match &mut open {
                Some(part) => part.push_child(below),
                None => outline.push_child(below),
            }
        }
    }
    open.into_iter().for_each(|done| outline.push_child(done));
    outline
}

/// What draws.
struct Drawing<'d, 'f> {
    paper: &'d Paper<'d>,
    fonts: &'f Fonts,
    letters: &'d mut Letters<'f>,
    tags: Tags,
    pages: &'d Pages,
    /// Links of the page that is drawn: the part, its rectangle, where it leads, what it says.
    links: Vec<(Tag, Rect, String, String)>,
}

impl Drawing<'_, '_> {
    fn page(&mut self, page: &mut Page<'_>, number: usize, inks: &[Ink]) {
        let mut surface = page.surface();
        let mut open: Option<Tag> = None;
        let mut is_open = false;
        for ink in inks {
            let tag = tag_of(ink);
            if !is_open || tag != open {
                if is_open {
                    surface.end_tagged();
                }
                self.begin(&mut surface, tag);
                (open, is_open) = (tag, true);
            }
            self.ink(&mut surface, ink);
        }
        if is_open {
            surface.end_tagged();
        }
        self.running(&mut surface, number);
        surface.finish();
        for (tag, rect, target, words) in std::mem::take(&mut self.links) {
            let Some((to, y)) = self.pages.anchors.get(&target) else { continue };
            let destination = XyzDestination::new(*to, Point::from_xy(0.0, (y - 12.0).max(0.0)));
            let link = LinkAnnotation::new(rect, Target::Destination(destination.into()));
            let identifier = page.add_tagged_annotation(Annotation::new_link(link, Some(words)));
            self.tags.drawn(tag, identifier);
        }
    }

    fn begin(&mut self, surface: &mut Surface<'_>, tag: Option<Tag>) {
        match tag {
            Some(tag) => {
                let content: Identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                self.tags.drawn(tag, content);
            }
            None => {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            }
        }
    }

    fn ink(&mut self, surface: &mut Surface<'_>, ink: &Ink) {
        match ink {
            Ink::Run { at, run, tag } => {
                self.letters_of(surface, *at, run);
                if let (Some(tag), Some(target)) = (tag, &run.link) {
                    let (left, top) = (at.0, at.1 - run.size);
                    let rect = Rect::from_xywh(left, top, run.width().max(1.0), run.size * 1.25);
                    let words = run.text.trim().to_owned();
                    self.links.extend(rect.map(|rect| (*tag, rect, target.clone(), words)));
                }
            }
            Ink::Area { at, size, fill, line, .. } => area(surface, *at, *size, *fill, *line),
            Ink::Lines { points, line, .. } => {
                let mut path = PathBuilder::new();
                for [from, to] in points {
                    path.move_to(from.0, from.1);
                    path.line_to(to.0, to.1);
                }
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(*line)));
                path.finish().into_iter().for_each(|path| surface.draw_path(&path));
            }
            Ink::PageOf { target, from, at, size, .. } => {
                let Some((page, _)) = self.pages.anchors.get(target) else { return };
                let number = (page + 1).to_string();
                let left = self.words(surface, &number, ((at.0, at.1), Side::Right), (*size, SOFT));
                let dots = (((left - 6.0 - from) / 4.0).floor()).max(0.0);
                let mut path = PathBuilder::new();
                path.move_to(left - 6.0 - dots * 4.0, at.1 - 1.0);
                path.line_to(left - 6.0, at.1 - 1.0);
                let dash = Some(StrokeDash { array: vec![0.8, 3.2], offset: 0.0 });
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { dash, ..stroke(Edge::of(SOFT, 0.8)) }));
                path.finish().into_iter().for_each(|path| surface.draw_path(&path));
            }
        }
    }

    /// What stands on every page: what it is of, and which page of how many.
    fn running(&mut self, surface: &mut Surface<'_>, number: usize) {
        let (title, foot) = (self.paper.title.clone(), self.paper.foot.clone());
        let count = format!("{} / {}", number + 1, self.pages.pages.len());
        let artifact = |kind| ContentTag::Artifact(Artifact::with_kind(kind));
        if number > 0 {
            surface.start_tagged(artifact(ArtifactType::Header));
            let title = self.shortened(&title, WIDTH);
            self.words(surface, &title, ((LEFT, HEAD_AT), Side::Left), (FOOT, SOFT));
            surface.end_tagged();
        }
        surface.start_tagged(artifact(ArtifactType::Footer));
        let right = self.words(surface, &count, ((PAPER.0 - RIGHT, FOOT_AT), Side::Right), (FOOT, SOFT));
        let foot = self.shortened(&foot, right - LEFT - 12.0);
        self.words(surface, &foot, ((LEFT, FOOT_AT), Side::Left), (FOOT, SOFT));
        surface.end_tagged();
    }

    /// A text that fits: what does not is in the document itself.
    fn shortened(&mut self, text: &str, width: f32) -> String {
        let look = Look::of(FOOT);
        let mut kept: Vec<char> = text.chars().take(400).collect();
        let mut shown: String = kept.iter().collect();
        while kept.len() > 8 && text::measure(self.letters, &[Piece::Text(shown.clone(), look.clone())]).1 > width {
            kept.truncate(kept.len() - 4);
            shown = format!("{}…", kept.iter().collect::<String>());
        }
        shown
    }

    /// Draws words in a line, and says where they begin.
    fn words(
        &mut self,
        surface: &mut Surface<'_>,
        text: &str,
        (at, side): ((f32, f32), Side),
        (size, colour): (f32, Colour),
    ) -> f32 {
        let pieces = [Piece::Text(text.to_owned(), Look::of(size).coloured(colour))];
        let mut begin = at.0;
        for line in text::lines(self.letters, &pieces, f32::MAX, false) {
            begin = if side == Side::Right { at.0 - line.width } else { at.0 };
            for part in line.parts {
                if let Part::Run(x, run) = part {
                    self.letters_of(surface, (begin + x, at.1), &run);
                }
            }
        }
        begin
    }

    fn letters_of(&self, surface: &mut Surface<'_>, at: (f32, f32), run: &Run) {
        let Some(font) = self.fonts.font(run.face) else { return };
        let glyph = |glyph: &text::Placed| {
            let (advance, offset) = (glyph.advance / run.size, glyph.offset / run.size);
            KrillaGlyph::new(GlyphId::new(glyph.id), advance, offset, 0.0, 0.0, glyph.text.clone(), None)
        };
        let glyphs: Vec<KrillaGlyph> = run.glyphs.iter().map(glyph).collect();
        surface.set_fill(Some(plain(run.colour)));
        let thick = Stroke { width: run.size * THICK, ..stroke(Edge::of(run.colour, 1.0)) };
        surface.set_stroke(run.is_thickened.then_some(thick));
        surface.draw_glyphs(Point::from_xy(at.0, at.1), &glyphs, font.clone(), &run.text, run.size, false);
    }
}

/// At which end of a place words are.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

fn tag_of(ink: &Ink) -> Option<Tag> {
    match ink {
        Ink::Run { tag, .. } | Ink::Area { tag, .. } | Ink::Lines { tag, .. } => *tag,
        Ink::PageOf { tag, .. } => Some(*tag),
    }
}

fn plain(colour: Colour) -> Fill {
    let [red, green, blue] = colour;
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn stroke(edge: Edge) -> Stroke {
    let [red, green, blue] = edge.colour;
    let dash = edge.is_dashed.then(|| StrokeDash { array: vec![3.0, 2.0], offset: 0.0 });
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width: edge.width, dash, ..Stroke::default() }
}

fn area(surface: &mut Surface<'_>, at: (f32, f32), size: (f32, f32), fill: Option<Filling>, line: Option<Edge>) {
    let Some(rect) = Rect::from_xywh(at.0, at.1, size.0.max(0.01), size.1.max(0.01)) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    let Some(path) = path.finish() else { return };
    if let Some(fill) = fill {
        let ground = match fill {
            Filling::Plain(colour) => colour,
            Filling::Stripes => [0xf7, 0xcf, 0xcf],
            Filling::Dots => [0xff, 0xed, 0xcc],
        };
        surface.set_stroke(None);
        surface.set_fill(Some(plain(ground)));
        surface.draw_path(&path);
        if !matches!(fill, Filling::Plain(_)) {
            surface.push_clip_path(&path, &FillRule::NonZero);
            pattern(surface, at, size, fill);
            surface.pop();
        }
    }
    if let Some(line) = line {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke(line)));
        surface.draw_path(&path);
    }
}

/// What tells a status by more than its colour.
fn pattern(surface: &mut Surface<'_>, at: (f32, f32), size: (f32, f32), fill: Filling) {
    let mut path = PathBuilder::new();
    let apart = 4.0;
    if fill == Filling::Stripes {
        for step in 0..=(((size.0 + size.1) / apart) as usize).min(2_000) {
            let x = at.0 + step as f32 * apart;
            path.move_to(x, at.1);
            path.line_to(x - size.1, at.1 + size.1);
        }
        surface.set_fill(None);
        surface.set_stroke(Some(stroke(Edge::of([0xe3, 0x9a, 0x9a], 1.0))));
    } else {
        let (columns, rows) = ((size.0 / apart) as usize, (size.1 / apart) as usize);
        for (column, row) in (0..columns.min(500)).flat_map(|column| (0..rows.min(100)).map(move |row| (column, row))) {
            let (x, y) = (at.0 + 2.0 + column as f32 * apart, at.1 + 2.0 + row as f32 * apart);
            Rect::from_xywh(x, y, 1.0, 1.0).into_iter().for_each(|dot| path.push_rect(dot));
        }
        surface.set_stroke(None);
        surface.set_fill(Some(plain([0xc9, 0x9a, 0x45])));
    }
    path.finish().into_iter().for_each(|path| surface.draw_path(&path));
}
