//! Slabs onto pages.

use std::collections::HashMap;

use super::slab::{Ink, Slab, between, stack};

/// A4 in points, and what of it is written on: wider at the left, for a binder.
pub(super) const PAPER: (f32, f32) = (595.276, 841.89);
pub(super) const LEFT: f32 = 71.0;
pub(super) const RIGHT: f32 = 48.0;
pub(super) const TOP: f32 = 62.0;
pub(super) const BOTTOM: f32 = 62.0;
/// How wide and how high that is.
pub(super) const WIDTH: f32 = PAPER.0 - LEFT - RIGHT;
const HEIGHT: f32 = PAPER.1 - TOP - BOTTOM;

/// Pages, and where on them is what.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) pages: Vec<Vec<Ink>>,
    /// The page and the height of each name that something leads to.
    pub(super) anchors: HashMap<String, (usize, f32)>,
    pub(super) marks: Vec<Heading>,
}

/// A heading on its page.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// Lays slabs on pages, in their order.
pub(super) fn of(slabs: Vec<Slab>, heads: &[Slab]) -> Pages {
    let mut sheets = Sheets { done: Pages::default(), open: Vec::new(), used: 0.0, heads };
    let mut slabs = slabs.into_iter().peekable();
    while let Some(first) = slabs.next() {
        let mut together = vec![first];
        while together.last().is_some_and(|last| last.keeps_next) {
            match slabs.next_if(|next| !next.begins_page) {
                Some(next) => together.push(next),
                None => break,
            }
        }
        sheets.place(together);
    }
    sheets.end();
    sheets.done
}

struct Sheets<'h> {
    done: Pages,
    open: Vec<Slab>,
    used: f32,
    heads: &'h [Slab],
}

impl Sheets<'_> {
    /// Places slabs on the page that is open, or all of them on the next, or, where no page holds them, one by one.
    fn place(&mut self, slabs: Vec<Slab>) {
        let begins = slabs.first().is_some_and(|first| first.begins_page);
        if begins && !self.open.is_empty() {
            self.end();
        }
        let mut height = 0.0;
        for (at, slab) in slabs.iter().enumerate() {
            let above = if at == 0 { self.open.last() } else { slabs.get(at - 1) };
            height += between(above, slab) + slab.height;
        }
        if self.used + height > HEIGHT && !self.open.is_empty() && height <= HEIGHT {
            self.end();
        }
        for slab in slabs {
            // What only begins a page takes no place on it.
            if slab.inks.is_empty() && slab.height == 0.0 {
                continue;
            }
            let needed = between(self.open.last(), &slab) + slab.height;
            if self.used + needed > HEIGHT && !self.open.is_empty() {
                self.end();
            }
            self.put(slab);
        }
    }

    fn put(&mut self, slab: Slab) {
        if let Some(head) = slab.head.filter(|_| self.open.is_empty()).and_then(|head| self.heads.get(head)) {
            let inks = head.inks.iter().cloned().map(Ink::untagged).collect();
            let again = Slab { height: head.height, inks, ..Slab::default() };
            self.used += again.height;
            self.open.push(again);
        }
        self.used += between(self.open.last(), &slab) + slab.height;
        self.open.push(slab);
    }

    /// Ends the page that is open.
    fn end(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let page = self.done.pages.len();
        let (mut y, mut above) = (0.0, None);
        for slab in &self.open {
            y += between(above, slab);
            for anchor in &slab.anchors {
                self.done.anchors.insert(anchor.clone(), (page, TOP + y));
            }
            if let Some(mark) = &slab.mark {
                let (level, text) = (mark.level, mark.text.clone());
                self.done.marks.push(Heading { level, text, page, y: TOP + y });
            }
            y += slab.height;
            above = Some(slab);
        }
        let (_, inks) = stack(&self.open);
        self.done.pages.push(inks.into_iter().map(|ink| ink.moved((LEFT, TOP))).collect());
        self.open.clear();
        self.used = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::slab::Edge;

    fn slab(height: f32) -> Slab {
        let ink = Ink::Lines { points: Vec::new(), line: Edge::of([0; 3], 1.0), tag: None };
        Slab { inks: vec![ink], ..Slab::room(height) }
    }

    fn counts(pages: &Pages) -> Vec<usize> {
        pages.pages.iter().map(Vec::len).collect()
    }

    #[test]
    fn what_belongs_together_goes_to_the_next_page_together() {
        let heading = Slab { keeps_next: true, ..slab(20.0) };
        let pages = of(vec![slab(HEIGHT - 30.0), heading, slab(20.0), slab(20.0)], &[]);
        assert_eq!(counts(&pages), [1, 3]);
        let pages = of(
            vec![
                slab(HEIGHT - 40.0),
                Slab { begins_page: true, ..slab(1.0) },
                Slab { begins_page: true, ..Slab::default() },
            ],
            &[],
        );
        assert_eq!(counts(&pages), [1, 1], "no page is empty");
    }

    #[test]
    fn a_table_has_its_head_again_on_each_page() {
        let head = slab(20.0);
        let row = || Slab { head: Some(0), ..slab(HEIGHT / 3.0) };
        let pages = of(vec![Slab { keeps_next: true, ..head.clone() }, row(), row(), row(), row(), row()], &[head]);
        assert_eq!(counts(&pages), [3, 3, 2]);
    }

    #[test]
    fn what_no_page_holds_is_parted() {
        let kept = |height: f32| Slab { keeps_next: true, ..slab(height) };
        let pages = of(vec![slab(10.0), kept(HEIGHT * 0.6), kept(HEIGHT * 0.6), slab(HEIGHT * 2.0)], &[]);
        assert_eq!(counts(&pages), [2, 1, 1], "a slab higher than a page has one of its own");
    }
}
