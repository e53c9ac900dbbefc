//! The fonts that a PDF is set in: those that are given, or those that are on this machine. No font is ours to hand out, so none is in
//! the program; what a report uses of a font is embedded in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fontdb::{Database, Family, Query, Source, Weight};
use krilla::text::{Font, Tag};
use shoseki_messages::{Fault, Result, msg};
use skrifa::instance::{Location, Size};
use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, MetadataProvider as _};

/// Families with Japanese letters, the best first: of a report's letters nearly all come from one of them.
const JAPANESE: [&str; 22] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "BIZ UDPGothic",
    "BIZ UDGothic",
    "IPAexGothic",
    "Yu Gothic",
    "Meiryo",
    "IPAPGothic",
    "IPAGothic",
    "VL PGothic",
    "VL Gothic",
    "TakaoPGothic",
    "TakaoGothic",
    "MS PGothic",
    "MS Gothic",
    "Noto Serif CJK JP",
    "IPAexMincho",
    "IPAMincho",
    "WenQuanYi Zen Hei",
];
/// Families whose letters are as wide as one another.
const MONO: [&str; 9] = [
    "Noto Sans Mono CJK JP",
    "Noto Sans Mono",
    "DejaVu Sans Mono",
    "Liberation Mono",
    "Menlo",
    "Consolas",
    "Courier New",
    "IPAGothic",
    "BIZ UDGothic",
];
/// Families with signs that a Japanese one may lack.
const SIGNS: [&str; 8] = [
    "Noto Sans",
    "DejaVu Sans",
    "Noto Sans Symbols2",
    "Noto Sans Symbols",
    "Segoe UI Symbol",
    "Apple Symbols",
    "Arial Unicode MS",
    "FreeSans",
];
/// How many families stand behind the first.
const BEHIND: usize = 3;
/// A letter that a font for Japanese has.
const KANJI: char = '証';
/// The weights of text and of headings.
const REGULAR: f32 = 400.0;
const BOLD: f32 = 700.0;
/// A font file that is larger is none.
const LARGEST: u64 = 256 << 20;
/// How many faces a collection may have.
const FACES: u32 = 256;

/// What a font is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// Text.
    Regular,
    /// Headings, and what is marked.
    Bold,
    /// What is typed, and names of records.
    Mono,
}

/// Fonts that a PDF can be set in.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    faces: Vec<Face>,
    /// Which faces are asked for a letter, in this order.
    regular: Vec<usize>,
    bold: Vec<usize>,
    mono: Vec<usize>,
}

/// A face of a font, at one weight.
#[derive(Clone, Debug)]
struct Face {
    font: Font,
    data: Arc<Vec<u8>>,
    index: u32,
    location: Location,
    is_bold: bool,
    has_kanji: bool,
    /// Faces of the same number are of the same hand: of the files that are given, or of one family.
    hand: usize,
}

impl Fonts {
    /// The fonts of these files, and behind them those of this machine; without files, those of this machine alone.
    ///
    /// # Errors
    /// A file that cannot be read, is no font or may not be embedded; no font with Japanese letters anywhere.
    pub fn find(files: &[PathBuf]) -> Result<Self> {
        let mut system = Database::new();
        system.load_system_fonts();
        Self::of(files, &system)
    }

    /// The fonts of these files, and behind them those of a machine.
    fn of(files: &[PathBuf], system: &Database) -> Result<Self> {
        let mut fonts = Self::default();
        for file in files {
            fonts.add_file(file)?;
        }
        fonts.add_system(system);
        if !fonts.faces.iter().any(|face| face.has_kanji) {
            return Err(Fault::caller(msg!("report-pdf-no-font")));
        }
        fonts.order();
        Ok(fonts)
    }

    fn add_file(&mut self, path: &Path) -> Result<()> {
        let shown = || path.display().to_string();
        let unreadable =
            |error: std::io::Error| Fault::world(msg!("report-pdf-font-unreadable", path = shown())).because(error);
        let unusable = || Fault::caller(msg!("report-pdf-font-unusable", path = shown()));
        if path.metadata().map_err(unreadable)?.len() > LARGEST {
            return Err(unusable());
        }
        let data = Arc::new(std::fs::read(path).map_err(unreadable)?);
        if !counts_its_faces(&data) {
            return Err(unusable());
        }
        let mut inside = Database::new();
        inside.load_font_source(Source::Binary(Arc::clone(&data) as _));
        // Of a collection, the face for Japanese is wanted: others have the letters of China or Korea in their places.
        let is_japanese = |face: &&fontdb::FaceInfo| face.families.iter().any(|(name, _)| name.ends_with(" JP"));
        let chosen = inside.faces().find(is_japanese).or_else(|| inside.faces().next()).ok_or_else(unusable)?;
        let weight = if chosen.weight >= Weight::SEMIBOLD { BOLD } else { REGULAR };
        let face = Face::new(&data, chosen.index, weight).ok_or_else(unusable)?;
        let at = self.faces.len();
        // One file that may be of any weight is text and headings.
        if !face.is_bold && face.is_variable() {
            let bold = Face::new(&data, chosen.index, BOLD).ok_or_else(unusable)?;
            self.faces.push(bold);
            self.bold.push(at);
        }
        if face.is_bold { &mut self.bold } else { &mut self.regular }.push(self.faces.len());
        self.faces.push(face);
        Ok(())
    }

    fn add_system(&mut self, system: &Database) {
        let mut read: HashMap<PathBuf, Arc<Vec<u8>>> = HashMap::new();
        let mut face = |family: &str, weight: f32| face_of(system, family, weight, &mut read);
        let mut behind = 0;
        for (at, family) in JAPANESE.into_iter().chain(SIGNS).enumerate() {
            let is_japanese = JAPANESE.contains(&family);
            // One Japanese family is enough for text; a second one has what the first lacks.
            if is_japanese && behind >= BEHIND {
                continue;
            }
            let Some(regular) = face(family, REGULAR) else { continue };
            behind += usize::from(is_japanese);
            self.regular.push(self.faces.len());
            self.faces.push(Face { hand: at + 1, ..regular });
            if let Some(bold) = face(family, BOLD).filter(|face| face.is_bold) {
                self.bold.push(self.faces.len());
                self.faces.push(Face { hand: at + 1, ..bold });
            }
        }
        for family in MONO {
            if let Some(mono) = face(family, REGULAR) {
                self.mono.push(self.faces.len());
                self.faces.push(mono);
                break;
            }
        }
    }

    /// Whoever is asked for a bold letter, or for one as wide as others, is answered with a plain one rather than with none.
    fn order(&mut self) {
        // What has Japanese letters is asked first: a report's spaces and digits are to be of the same hand.
        let has_kanji = |at: &usize| !self.faces.get(*at).is_some_and(|face| face.has_kanji);
        self.regular.sort_by_key(has_kanji);
        self.bold.sort_by_key(has_kanji);
        let (regular, bold) = (self.regular.clone(), self.bold.clone());
        // Where the family of the text has no bold face, its plain one is drawn thicker: headings are of the same hand.
        let hand = |at: Option<&usize>| at.and_then(|at| self.faces.get(*at)).map(|face| face.hand);
        let has_bold = !bold.is_empty() && hand(bold.first()) == hand(regular.first());
        if has_bold {
            self.bold.extend(&regular);
        } else {
            self.bold = regular.iter().chain(&bold).copied().collect();
        }
        self.mono.extend(&regular);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    pub(super) fn font(&self, face: usize) -> Option<&Font> {
        self.faces.get(face).map(|face| &face.font)
    }
}

/// Whether a collection has as many faces as it says: room is made for as many before they are read.
fn counts_its_faces(data: &[u8]) -> bool {
    if !data.starts_with(b"ttcf") {
        return true;
    }
    let count = data.get(8..12).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_be_bytes);
    count.is_some_and(|count| count <= FACES && data.len() / 4 > count as usize)
}

/// A face of a family that is on this machine.
fn face_of(system: &Database, family: &str, weight: f32, read: &mut HashMap<PathBuf, Arc<Vec<u8>>>) -> Option<Face> {
    let wanted = if weight == BOLD { Weight::BOLD } else { Weight::NORMAL };
    let families = [Family::Name(family)];
    let id = system.query(&Query { families: &families, weight: wanted, ..Query::default() })?;
    let info = system.face(id)?;
    let path = match &info.source {
        Source::File(path) | Source::SharedFile(path, _) => path,
        Source::Binary(_) => return None,
    };
    if !read.contains_key(path) {
        let length = path.metadata().ok()?.len();
        let data = (length <= LARGEST).then(|| std::fs::read(path).ok()).flatten()?;
        read.insert(path.clone(), Arc::new(data));
    }
    Face::new(read.get(path)?, info.index, weight)
}

impl Face {
    /// The face, where it is one, has outlines, and may be embedded.
    fn new(data: &Arc<Vec<u8>>, index: u32, weight: f32) -> Option<Self> {
        let face = FontRef::from_index(data, index).ok()?;
        // OS/2's fsType: 2 is a licence that forbids embedding.
        let is_restricted = face.os2().is_ok_and(|os2| os2.fs_type() & 0xF == 2);
        let has_outlines = face.glyf().is_ok() || face.cff().is_ok() || face.cff2().is_ok();
        if is_restricted || !has_outlines {
            return None;
        }
        let varies = face.axes().iter().any(|axis| axis.tag() == skrifa::Tag::new(b"wght"));
        let coordinates: &[(Tag, f32)] = if varies { &[(Tag::new(b"wght"), weight)] } else { &[] };
        let font =
            Font::new_variable((Arc::clone(data) as Arc<dyn AsRef<[u8]> + Send + Sync>).into(), index, coordinates)?;
        let location = face.axes().location(coordinates.iter().map(|(tag, at)| (skrifa::Tag::new(tag.get()), *at)));
        let is_bold = if varies { weight >= BOLD } else { face.attributes().weight.value() >= 600.0 };
        let has_kanji = face.charmap().map(KANJI).is_some();
        Some(Self { font, data: Arc::clone(data), index, location, is_bold, has_kanji, hand: 0 })
    }

    fn is_variable(&self) -> bool {
        !self.location.coords().is_empty()
    }
}

/// A letter of a face: which glyph, how wide in parts of the size, and whether it is to be drawn thicker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glyph {
    pub(super) face: usize,
    pub(super) id: u32,
    pub(super) advance: f32,
    pub(super) is_thickened: bool,
}

/// What answers which glyph a letter is; it remembers what it was asked.
pub(super) struct Letters<'f> {
    fonts: &'f Fonts,
    open: Vec<Option<Opened<'f>>>,
    known: HashMap<(Role, char), Option<Glyph>>,
}

struct Opened<'f> {
    charmap: skrifa::charmap::Charmap<'f>,
    metrics: skrifa::metrics::GlyphMetrics<'f>,
    em: f32,
}

impl<'f> Letters<'f> {
    pub(super) fn of(fonts: &'f Fonts) -> Self {
        let opened = |face: &'f Face| {
            let font = FontRef::from_index(&face.data, face.index).ok()?;
            let em = font.head().ok()?.units_per_em();
            Some(Opened {
                charmap: font.charmap(),
                metrics: font.glyph_metrics(Size::unscaled(), &face.location),
                em: f32::from(em.max(1)),
            })
        };
        Self { fonts, open: fonts.faces.iter().map(opened).collect(), known: HashMap::new() }
    }

    /// The glyph of a letter: that of the first face that has it.
    pub(super) fn glyph(&mut self, role: Role, letter: char) -> Option<Glyph> {
        if let Some(known) = self.known.get(&(role, letter)) {
            return *known;
        }
        let found = self.chain(role).iter().find_map(|&at| {
            let opened = self.open.get(at)?.as_ref()?;
            let id = opened.charmap.map(letter)?;
            self.glyph_of(role, at, id)
        });
        self.known.insert((role, letter), found);
        found
    }

    /// The glyph of a letter in a form of its own (異体字), where a face has that form.
    pub(super) fn variant(&self, role: Role, letter: char, selector: char) -> Option<Glyph> {
        self.chain(role).iter().find_map(|&at| {
            let opened = self.open.get(at)?.as_ref()?;
            match opened.charmap.map_variant(letter, selector)? {
                skrifa::charmap::MapVariant::UseDefault => self.glyph_of(role, at, opened.charmap.map(letter)?),
                skrifa::charmap::MapVariant::Variant(id) => self.glyph_of(role, at, id),
            }
        })
    }

    fn chain(&self, role: Role) -> &'f [usize] {
        match role {
            Role::Regular => &self.fonts.regular,
            Role::Bold => &self.fonts.bold,
            Role::Mono => &self.fonts.mono,
        }
    }

    fn glyph_of(&self, role: Role, face: usize, id: skrifa::GlyphId) -> Option<Glyph> {
        let opened = self.open.get(face)?.as_ref()?;
        let advance = opened.metrics.advance_width(id).unwrap_or(opened.em) / opened.em;
        let is_bold = self.fonts.faces.get(face).is_some_and(|face| face.is_bold);
        (id.to_u32() != 0).then_some(Glyph {
            face,
            id: id.to_u32(),
            advance,
            is_thickened: role == Role::Bold && !is_bold,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_font_it_says_what_to_install() {
        let fault = Fonts::of(&[], &Database::new()).unwrap_err();
        assert_eq!(fault.id(), "report-pdf-no-font");
        let absent = Fonts::of(&[PathBuf::from("/nowhere/font.ttf")], &Database::new()).unwrap_err();
        assert_eq!(absent.id(), "report-pdf-font-unreadable");
    }

    #[test]
    fn what_is_no_font_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("font.ttf");
        for bytes in [&b""[..], b"no font", b"ttcf\0\x01\0\0\xff\xff\xff\xff", b"\0\x01\0\0\xff\xff\0\0\0\0\0\0"] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(
                Fonts::of(std::slice::from_ref(&path), &Database::new()).unwrap_err().id(),
                "report-pdf-font-unusable"
            );
        }
    }
}
