//! Slabs: pieces of the document that no page parts, one above the other. What is drawn in one is measured from its own upper left
//! corner; bands run behind several.

use super::blocks::{Colour, Filling};
use super::tags::Tag;
use super::text::Run;

/// A stroke or an area or a run of letters.
#[derive(Clone, Debug)]
pub(super) enum Ink {
    /// Letters, from the left end of their line.
    Run {
        at: (f32, f32),
        run: Run,
        tag: Option<Tag>,
    },
    Area {
        at: (f32, f32),
        size: (f32, f32),
        fill: Option<Filling>,
        line: Option<Edge>,
        tag: Option<Tag>,
    },
    Lines {
        points: Vec<[(f32, f32); 2]>,
        line: Edge,
        tag: Option<Tag>,
    },
    /// The number of the page that has an anchor, ending at a place; dots lead to it from another.
    PageOf {
        target: String,
        from: f32,
        at: (f32, f32),
        size: f32,
        tag: Tag,
    },
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) colour: Colour,
    pub(super) width: f32,
    pub(super) is_dashed: bool,
}

impl Edge {
    pub(super) fn of(colour: Colour, width: f32) -> Self {
        Self { colour, width, is_dashed: false }
    }
}

impl Ink {
    /// The same elsewhere.
    pub(super) fn moved(mut self, by: (f32, f32)) -> Self {
        let shift = |(x, y): (f32, f32)| (x + by.0, y + by.1);
        match &mut self {
            Self::Run { at, .. } | Self::Area { at, .. } => *at = shift(*at),
            Self::Lines { points, .. } => {
                points.iter_mut().for_each(|[from, to]| (*from, *to) = (shift(*from), shift(*to)));
            }
            Self::PageOf { from, at, .. } => (*from, *at) = (*from + by.0, shift(*at)),
        }
        self
    }

    /// The same for a reader's eye alone: what is said a second time is not read aloud again.
    pub(super) fn untagged(mut self) -> Self {
        match &mut self {
            Self::Run { tag, .. } | Self::Area { tag, .. } | Self::Lines { tag, .. } => *tag = None,
            Self::PageOf { .. } => {}
        }
        self
    }
}

/// What runs behind slabs that follow one another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    /// Which band it is: the same number is the same band.
    pub(super) number: usize,
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) fill: Option<Colour>,
    pub(super) edge: Option<Edge>,
}

/// A heading, for the outline.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) level: u8,
    pub(super) text: String,
}

/// A piece that no page parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Slab {
    pub(super) height: f32,
    /// The space that it wants above and below; of two that meet, the larger counts.
    pub(super) before: f32,
    pub(super) after: f32,
    /// Whether the next one stands on the same page.
    pub(super) keeps_next: bool,
    pub(super) begins_page: bool,
    pub(super) inks: Vec<Ink>,
    pub(super) bands: Vec<Band>,
    /// The head that is shown again where a page begins with this.
    pub(super) head: Option<usize>,
    /// Names that lead here.
    pub(super) anchors: Vec<String>,
    pub(super) mark: Option<Mark>,
}

impl Slab {
    /// Empty room.
    pub(super) fn room(height: f32) -> Self {
        Self { height, ..Self::default() }
    }

    /// The same further to the right.
    pub(super) fn moved(mut self, x: f32) -> Self {
        self.inks = self.inks.into_iter().map(|ink| ink.moved((x, 0.0))).collect();
        self.bands.iter_mut().for_each(|band| band.x += x);
        self
    }
}

/// The space between two slabs.
pub(super) fn between(above: Option<&Slab>, below: &Slab) -> f32 {
    above.map_or(0.0, |above| above.after.max(below.before))
}

/// Slabs one above the other: how high they are together, and all of their inks with what is behind them first.
pub(super) fn stack(slabs: &[Slab]) -> (f32, Vec<Ink>) {
    let (mut y, mut inks, mut bands): (f32, Vec<Ink>, Vec<(Band, f32, f32)>) = (0.0, Vec::new(), Vec::new());
    let mut above = None;
    for slab in slabs {
        y += between(above, slab);
        let end = y + slab.height;
        for band in &slab.bands {
            match bands.iter_mut().find(|(known, ..)| known.number == band.number) {
                Some((_, _, to)) => *to = end,
                None => bands.push((band.clone(), y, end)),
            }
        }
        inks.extend(slab.inks.iter().map(|ink| ink.clone().moved((0.0, y))));
        y = end;
        above = Some(slab);
    }
    let behind = bands.into_iter().map(|(band, from, to)| Ink::Area {
        at: (band.x, from),
        size: (band.width, to - from),
        fill: band.fill.map(Filling::Plain),
        line: band.edge,
        tag: None,
    });
    (y, behind.chain(inks).collect())
}
