//! A report on paper: a PDF of what its page says, on A4, with margins for a binder. It is laid out from the page itself, so that nothing
//! is written twice and neither says what the other does not. What breaks lines and pages and shares out columns is here; letters come
//! from fonts that are given or on this machine (`fonts`), and `krilla` writes the file.
//!
//! The way: the page's text (`tree`) → what it means on paper (`blocks`, `picture`) → lines (`text`) and slabs that no page parts (`layout`,
//! `table`, `slab`) → pages (`pages`) → the file (`draw`), with what each part is (`tags`).

mod blocks;
mod draw;
mod fonts;
mod layout;
mod pages;
mod picture;
mod slab;
mod table;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

pub use fonts::Fonts;

use fonts::Letters;
use layout::{Column, Layout};
use tags::Tags;

/// What a PDF says of itself, and what stands on each of its pages.
pub(crate) struct Paper<'a> {
    pub(crate) title: String,
    /// What stands at the foot: the period, and the vault that was looked at.
    pub(crate) foot: String,
    pub(crate) author: String,
    pub(crate) lang: &'a str,
    pub(crate) made: Timestamp,
}

/// A page of a report as a PDF. The same page and fonts give the same bytes.
///
/// # Errors
/// No fonts; a page that cannot be read, or a file that would break its standard: both are defects.
pub(crate) fn of(page: &str, paper: &Paper<'_>, fonts: &Fonts) -> Result<Vec<u8>> {
    if fonts.is_empty() {
        return Err(Fault::caller(msg!("report-pdf-no-font")));
    }
    let whole = tree::read(page)?;
    let body = whole.find("body").ok_or_else(|| Fault::broken(msg!("report-pdf-page", why = "no body")))?;
    let blocks = blocks::of(body);
    let mut layout = Layout::new(Letters::of(fonts), paper.lang == "ja");
    let column = Column { width: pages::WIDTH, parent: Tags::ROOT, is_cell: false };
    let slabs = layout.blocks(&blocks, column);
    let Layout { mut letters, tags, heads, .. } = layout;
    let pages = pages::of(slabs, &heads);
    draw::file(paper, fonts, &mut letters, tags, &pages)
}
