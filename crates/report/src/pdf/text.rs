//! Pieces of text into lines: which glyph each letter is, where a line may end (UAX 14, which has the rules of Japanese, 禁則), what is
//! done where it may nowhere, and how full-width marks close up. What no font has is shown by its number, as what cannot be seen is.

use std::ops::Range;

use unicode_linebreak::{BreakClass, break_property, linebreaks};

use super::blocks::{Colour, Look, Picture, Piece};
use super::fonts::{Glyph, Letters, Role};

/// At which scale a small picture stands among words.
const PICTURE: f32 = 0.5;
/// The space beside it.
const ASIDE: f32 = 8.0;
/// How much space a justified line may be given at most, in parts of a letter.
const SPREAD: f32 = 1.6;

/// A line of text.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) parts: Vec<Part>,
    /// How wide it is, without the space at its end.
    pub(super) width: f32,
    /// The size of its largest letters.
    pub(super) size: f32,
}

/// A part of a line, and where it begins.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Run(f32, Run),
    Picture(f32, f32, Picture),
}

/// Letters that look the same, of one face.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) face: usize,
    pub(super) size: f32,
    pub(super) colour: Colour,
    pub(super) is_thickened: bool,
    pub(super) link: Option<String>,
    pub(super) text: String,
    pub(super) glyphs: Vec<Placed>,
}

/// A glyph of a run.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) id: u32,
    /// How far the next is, and how far this is moved, in points.
    pub(super) advance: f32,
    pub(super) offset: f32,
    /// The letters in the run's text.
    pub(super) text: Range<usize>,
}

impl Run {
    pub(super) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

/// A letter on its way into a line.
#[derive(Clone, Debug)]
struct Letter {
    glyph: Option<Glyph>,
    picture: Option<usize>,
    advance: f32,
    offset: f32,
    text: Range<usize>,
    piece: usize,
    may_break_before: bool,
    shape: Side,
}

/// On which side of its square a full-width mark has its ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// A letter like others.
    Whole,
    /// It opens: its left half is empty.
    Opens,
    /// It closes: its right half is empty.
    Closes,
    Space,
}

/// A stretch between two forced ends of lines.
struct Stretch {
    text: String,
    letters: Vec<Letter>,
}

/// Sets pieces in lines that are so wide. `is_justified` spreads what Japanese lines lack at their ends.
pub(super) fn lines(letters: &mut Letters<'_>, pieces: &[Piece], width: f32, is_justified: bool) -> Vec<Line> {
    let mut all = Vec::new();
    for stretch in stretches(letters, pieces) {
        let mut start = 0;
        loop {
            let end = fit(&stretch, start, width);
            let is_last = end >= stretch.letters.len();
            all.push(line(&stretch, start..end, pieces, (is_justified && !is_last).then_some(width)));
            start = end;
            if is_last {
                break;
            }
        }
    }
    all
}

/// How wide pieces must be at least, and how wide they would be without an end of a line that is not forced.
pub(super) fn measure(letters: &mut Letters<'_>, pieces: &[Piece]) -> (f32, f32) {
    let (mut least, mut most) = (0.0_f32, 0.0_f32);
    for stretch in stretches(letters, pieces) {
        let (mut word, mut whole) = (0.0_f32, 0.0_f32);
        for letter in &stretch.letters {
            if letter.may_break_before {
                word = 0.0;
            }
            if letter.shape != Side::Space {
                word += letter.advance;
            }
            whole += letter.advance;
            least = least.max(word);
        }
        most = most.max(whole);
    }
    (least, most)
}

fn stretches(letters: &mut Letters<'_>, pieces: &[Piece]) -> Vec<Stretch> {
    let mut all = vec![Stretch { text: String::new(), letters: Vec::new() }];
    for (at, piece) in pieces.iter().enumerate() {
        let Some(stretch) = all.last_mut() else { break };
        match piece {
            Piece::Break => all.push(Stretch { text: String::new(), letters: Vec::new() }),
            Piece::Text(text, look) => add(letters, stretch, text, look, at),
            Piece::Picture(picture) => {
                let start = stretch.text.len();
                stretch.text.push('\u{FFFC}');
                let letter = Letter {
                    glyph: None,
                    picture: Some(at),
                    advance: picture.size.0 * PICTURE + ASIDE,
                    offset: 0.0,
                    text: start..stretch.text.len(),
                    piece: at,
                    may_break_before: false,
                    shape: Side::Whole,
                };
                stretch.letters.push(letter);
            }
        }
    }
    for stretch in &mut all {
        close_up(stretch, pieces);
        mark_breaks(stretch, pieces);
    }
    all
}

/// Adds the letters of a text, each as its glyph.
fn add(letters: &mut Letters<'_>, stretch: &mut Stretch, text: &str, look: &Look, piece: usize) {
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let form = rest.peek().copied().filter(|next| is_selector(*next));
        if let Some(glyph) = form.and_then(|form| letters.variant(look.role, letter, form)) {
            let whole: String = [letter].into_iter().chain(rest.next()).collect();
            push(stretch, &whole, glyph, look, piece);
            continue;
        }
        let glyph = if must_be_told(letter) { None } else { glyph_of(letters, look.role, letter) };
        match glyph {
            Some(glyph) => push(stretch, letter.encode_utf8(&mut [0; 4]), glyph, look, piece),
            None => {
                let number = format!("[U+{:04X}]", u32::from(letter));
                for digit in number.chars() {
                    // A font without digits has nothing to say it with; there is none such among those that are asked.
                    if let Some(glyph) = letters.glyph(look.role, digit) {
                        push(stretch, digit.encode_utf8(&mut [0; 4]), glyph, look, piece);
                    }
                }
            }
        }
    }
}

fn push(stretch: &mut Stretch, text: &str, glyph: Glyph, look: &Look, piece: usize) {
    let start = stretch.text.len();
    stretch.text.push_str(text);
    let letter = text.chars().next().unwrap_or_default();
    let is_full = glyph.advance > 0.95;
    let shape = match letter {
        ' ' | '\u{3000}' => Side::Space,
        '「' | '『' | '（' | '【' | '〔' | '〈' | '《' | '［' | '｛' if is_full => Side::Opens,
        '」' | '』' | '）' | '】' | '〕' | '〉' | '》' | '］' | '｝' | '、' | '。' | '，' | '．' if is_full => {
            Side::Closes
        }
        _ => Side::Whole,
    };
    stretch.letters.push(Letter {
        glyph: Some(glyph),
        picture: None,
        advance: glyph.advance * look.size,
        offset: 0.0,
        text: start..stretch.text.len(),
        piece,
        may_break_before: false,
        shape,
    });
}

/// The glyph of a letter, or of one that looks like it where no font has it.
fn glyph_of(letters: &mut Letters<'_>, role: Role, letter: char) -> Option<Glyph> {
    letters.glyph(role, letter).or_else(|| {
        let like = match letter {
            '✗' => '×',
            '✓' => '√',
            '\u{A0}' | '\u{2009}' | '\u{202F}' => ' ',
            '\u{2011}' => '-',
            '…' => '⋯',
            _ => return None,
        };
        letters.glyph(role, like)
    })
}

/// What chooses a form of the letter before it.
fn is_selector(letter: char) -> bool {
    matches!(letter, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Letters that a font may have and that are told by their number all the same: those of private use (外字), which mean something
/// else on each machine, and those that are written from right to left, which would stand here in the wrong order.
fn must_be_told(letter: char) -> bool {
    matches!(letter,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}'
        | '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Of two full-width marks that stand together, the empty half between them goes (約物の詰め).
fn close_up(stretch: &mut Stretch, pieces: &[Piece]) {
    for at in 1..stretch.letters.len() {
        let (before, this) = (stretch.letters[at - 1].shape, stretch.letters[at].shape);
        let half = size_of(pieces, stretch.letters[at].piece) / 2.0;
        match (before, this) {
            (Side::Closes, Side::Closes | Side::Opens) => stretch.letters[at - 1].advance -= half,
            (Side::Opens, Side::Opens) => {
                stretch.letters[at].advance -= half;
                stretch.letters[at].offset -= half;
            }
            _ => {}
        }
    }
}

fn size_of(pieces: &[Piece], at: usize) -> f32 {
    match pieces.get(at) {
        Some(Piece::Text(_, look)) => look.size,
        _ => 0.0,
    }
}

fn mark_breaks(stretch: &mut Stretch, pieces: &[Piece]) {
    let mut ends = linebreaks(&stretch.text).map(|(at, _)| at).peekable();
    for at in 1..stretch.letters.len() {
        let start = stretch.letters[at].text.start;
        while ends.next_if(|end| *end < start).is_some() {}
        let (piece, before) = (stretch.letters[at].piece, stretch.letters[at - 1].piece);
        let is_kept = piece == before && matches!(pieces.get(piece), Some(Piece::Text(_, look)) if look.is_kept);
        // An option that is typed (`--live`) is one word with its hyphens.
        let before = stretch.text.get(..start).unwrap_or_default();
        let is_option = before.ends_with(" -") || before.ends_with("--") || before.ends_with("、-");
        stretch.letters[at].may_break_before = ends.peek() == Some(&start) && !is_kept && !is_option;
    }
}

/// Where the line that begins at `start` ends.
fn fit(stretch: &Stretch, start: usize, width: f32) -> usize {
    let (mut used, mut last) = (0.0_f32, None);
    for (at, letter) in stretch.letters.iter().enumerate().skip(start) {
        if at > start && letter.may_break_before {
            last = Some(at);
        }
        let mut needed = letter.advance;
        match letter.shape {
            Side::Space => needed = 0.0,
            // Its empty half may stand in the margin.
            Side::Closes => needed -= letter.advance / 2.0,
            Side::Opens if at == start => needed -= letter.advance / 2.0,
            _ => {}
        }
        if used + needed > width + 0.01 && at > start {
            return last.unwrap_or_else(|| anywhere(stretch, start, at));
        }
        used += if letter.shape == Side::Opens && at == start { needed } else { letter.advance };
    }
    stretch.letters.len()
}

/// Where a word that is wider than a line ends: behind a mark that parts it, if one is near, and else where it must.
fn anywhere(stretch: &Stretch, start: usize, must: usize) -> usize {
    let letter_at = |at: usize| stretch.letters.get(at).and_then(|one| stretch.text[one.text.clone()].chars().next());
    let is_mark = |at: &usize| letter_at(at - 1).is_some_and(|letter| "/:,;_-.=&?@|+%#".contains(letter));
    let is_attached = |at: usize| {
        letter_at(at).is_some_and(|letter| {
            matches!(break_property(u32::from(letter)), BreakClass::CombiningMark | BreakClass::ZeroWidthJoiner)
        })
    };
    let near = must - (must - start) / 4;
    if let Some(at) = (near.max(start + 1)..=must).rev().find(is_mark) {
        return at;
    }
    // A mark over a letter stays with it, if that leaves anything.
    (start + 1..=must).rev().find(|at| !is_attached(*at)).unwrap_or(must)
}

/// The letters of a line as runs, spread to a width if one is given.
fn line(stretch: &Stretch, of: Range<usize>, pieces: &[Piece], spread_to: Option<f32>) -> Line {
    let mut letters: Vec<Letter> = stretch.letters.get(of).unwrap_or_default().to_vec();
    if let Some(first) = letters.first_mut().filter(|first| first.shape == Side::Opens && first.offset == 0.0) {
        first.offset -= first.advance / 2.0;
        first.advance /= 2.0;
    }
    let inked = letters.iter().rposition(|letter| letter.shape != Side::Space).map_or(0, |at| at + 1);
    let mut width: f32 = letters.iter().take(inked).map(|letter| letter.advance).sum();
    if let Some(to) = spread_to {
        // A mark that closes the line ends it with its ink.
        let hangs = letters.get(inked.saturating_sub(1)).filter(|last| last.shape == Side::Closes);
        let inked_width = width - hangs.map_or(0.0, |last| last.advance / 2.0);
        spread(stretch, &mut letters, inked, to - inked_width);
        width = letters.iter().take(inked).map(|letter| letter.advance).sum();
    }
    let (mut out, mut x) = (Line { width, ..Line::default() }, 0.0);
    for letter in &letters {
        set(&mut out, x, letter, &stretch.text, pieces);
        x += letter.advance;
    }
    let sizes = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_, look) => Some(look.size),
        _ => None,
    });
    if out.size == 0.0 {
        out.size = sizes.fold(0.0, f32::max);
    }
    out
}

/// Spreads space over the places in a line where letters of Japanese meet; a line that lacks too much stays as it is.
fn spread(stretch: &Stretch, letters: &mut [Letter], inked: usize, lack: f32) {
    let is_wide = |letter: &Letter| {
        let first = stretch.text[letter.text.clone()].chars().next().unwrap_or_default();
        letter.glyph.is_some_and(|glyph| glyph.advance > 0.95) && u32::from(first) > 0x2E7F
    };
    let meets = |at: usize, all: &[Letter]| is_wide(&all[at]) && all.get(at + 1).is_some_and(is_wide);
    let places: Vec<usize> = (0..inked.saturating_sub(1)).filter(|at| meets(*at, letters)).collect();
    let widest = letters.iter().map(|letter| letter.advance).fold(0.0, f32::max);
    if places.len() < 8 || lack <= 0.0 || lack > widest * SPREAD {
        return;
    }
    let each = lack / places.len() as f32;
    places.into_iter().for_each(|at| letters[at].advance += each);
}

fn set(line: &mut Line, x: f32, letter: &Letter, text: &str, pieces: &[Piece]) {
    let piece = letter.picture.unwrap_or(letter.piece);
    let (look, glyph) = match (pieces.get(piece), letter.glyph) {
        (Some(Piece::Picture(picture)), _) => {
            return line.parts.push(Part::Picture(x + ASIDE * 0.6, PICTURE, picture.clone()));
        }
        (Some(Piece::Text(_, look)), Some(glyph)) => (look, glyph),
        _ => return,
    };
    line.size = line.size.max(look.size);
    let text = &text[letter.text.clone()];
    let continues = |run: &Run| {
        run.face == glyph.face
            && run.size == look.size
            && run.colour == look.colour
            && run.is_thickened == glyph.is_thickened
            && run.link == look.link
    };
    if !matches!(line.parts.last(), Some(Part::Run(_, run)) if continues(run)) {
        let run = Run {
            face: glyph.face,
            size: look.size,
            colour: look.colour,
            is_thickened: glyph.is_thickened,
            link: look.link.clone(),
            text: String::new(),
            glyphs: Vec::new(),
        };
        line.parts.push(Part::Run(x, run));
    }
    let Some(Part::Run(_, run)) = line.parts.last_mut() else { return };
    let start = run.text.len();
    run.text.push_str(text);
    let text = start..run.text.len();
    run.glyphs.push(Placed { id: glyph.id, advance: letter.advance, offset: letter.offset, text });
}
