//! What the filter holds of a piece of a value, and what a literal needs to find there.
//!
//! Of each six groups of eight bytes that follow one another, the one with the least hash is taken (a minimizer): whoever
//! looks for a literal of thirteen bytes or more takes the same ones out of it, wherever in a value it stands. UUIDs and IPv4
//! addresses that stand for themselves are taken whole instead, for they would fill the filter.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Version;

/// The bytes of a group.
const GROUP: usize = 8;
/// Of so many groups in a row one is taken.
const WINDOW: usize = 6;
/// The items of a token.
const TOKEN: usize = 3;
/// No more addresses than this are tried for one that a literal may be a part of.
const MAX_TOKENS: usize = 128;

/// What the filter holds, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item(pub(super) u64);

/// What tells a hash from the one before.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of MurmurHash3: each bit of the group decides on each of the hash.
fn mixed(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ bits >> 33
}

fn of_group(group: [u8; GROUP]) -> u64 {
    mixed(u64::from_le_bytes(group))
}

/// The item of a group that was taken. It has the least hash of six, so by the first version most items lie in the first blocks of the
/// filter, which are full, and the last ones are empty; by the second it is mixed once more.
fn of_least(least: u64, version: Version) -> Item {
    match version {
        Version::First => Item(least),
        Version::Second => Item(mixed(least.wrapping_add(STEP))),
    }
}

/// A token is several items: one that is not there would else be believed to be there too often.
pub(super) fn of_token(text: &[u8]) -> [Item; TOKEN] {
    let mut hash = text.len() as u64;
    for part in text.chunks(GROUP) {
        let mut group = [0; GROUP];
        group.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        hash = mixed(hash ^ u64::from_le_bytes(group)).wrapping_add(STEP);
    }
    std::array::from_fn(|at| Item(mixed(hash.wrapping_add(at as u64))))
}

/// A text without regard to the case of ASCII letters: those of which they are another case are them, too, the long s (U+017F)
/// and the Kelvin sign (U+212A).
fn fold(text: &[u8], lower: &mut Vec<u8>) {
    lower.clear();
    if text.is_ascii() {
        lower.extend_from_slice(text);
        lower.make_ascii_lowercase();
        return;
    }
    let mut rest = text;
    while let Some(at) = memchr::memchr2(0xc5, 0xe2, rest) {
        let (before, letter) = rest.split_at(at);
        lower.extend(before.iter().map(u8::to_ascii_lowercase));
        let (folded, length) = match letter {
            [0xc5, 0xbf, ..] => (b's', 2),
            [0xe2, 0x84, 0xaa, ..] => (b'k', 3),
            _ => (letter[0], 1),
        };
        lower.push(folded);
        rest = &letter[length..];
    }
    lower.extend(rest.iter().map(u8::to_ascii_lowercase));
}

/// The hashes of the groups of a text.
fn of_groups(lower: &[u8]) -> impl Iterator<Item = u64> {
    lower.array_windows().map(|group: &[u8; GROUP]| of_group(*group))
}

/// A UUID or an IPv4 address in a text.
#[derive(Clone, Debug)]
struct Token {
    place: Range<usize>,
    items: [Item; TOKEN],
}

/// Four numbers with dots between around a dot, of which it is the first: their place. The first number begins behind what is no
/// digit, and the last one ends before such.
fn address_at(lower: &[u8], first_dot: usize) -> Option<Range<usize>> {
    let digits = |from: usize| lower.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    let before = lower.get(..first_dot)?.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = first_dot;
    for _ in 0..3 {
        let number = if lower.get(end) == Some(&b'.') { digits(end + 1) } else { 0 };
        end = (number > 0).then_some(end + 1 + number)?;
    }
    (before > 0).then_some(first_dot - before..end)
}

/// What stands for an address: of its first number the last three digits, of its last one the first three. So an address that is
/// looked for is found in whatever longer number it stands. By the second version, two digits where three are more than 255: an
/// address that ends in 77 is then never that of a longer number, and need not be looked for ten times more.
fn cut(address: &[u8], version: Version) -> &[u8] {
    let first = address.iter().position(|byte| *byte == b'.').unwrap_or_default();
    let last = address.iter().rposition(|byte| *byte == b'.').unwrap_or_default();
    let (mut start, mut end) = (first.saturating_sub(3), address.len().min(last + 4));
    let is_too_much = |number: &[u8]| number.len() == 3 && number > b"255".as_slice();
    if version == Version::Second {
        start += usize::from(is_too_much(&address[start..first]));
        end -= usize::from(is_too_much(&address[last + 1..end]));
    }
    &address[start..end]
}

/// The tokens of a text in lower case, in order. They may overlap.
fn tokens(lower: &[u8], version: Version, found: &mut Vec<Token>) {
    found.clear();
    let is_mark = |byte: &u8| *byte == b'-' || *byte == b'.';
    // Most texts have none, and all bytes at once are faster asked than one after another.
    if !lower.iter().fold(false, |has, byte| has | is_mark(byte)) {
        return;
    }
    let is_digit = |at: usize| lower.get(at).is_some_and(u8::is_ascii_digit);
    for mark in (0..lower.len()).filter(|at| lower.get(*at).is_some_and(is_mark)) {
        let Some(before) = mark.checked_sub(1) else { continue };
        if lower.get(mark) == Some(&b'-') {
            // The other hyphens of a UUID first: they are seldom there.
            let is_uuids = |at: usize| lower.get(mark + at) == Some(&b'-');
            let Some(start) = mark.checked_sub(8).filter(|_| is_uuids(5) && is_uuids(10) && is_uuids(15)) else {
                continue;
            };
            let Some(text) = lower.get(start..start + 36) else { continue };
            if crate::shred::uuid_bytes(text).is_some() {
                found.push(Token { place: start..start + 36, items: of_token(text) });
            }
        } else if is_digit(before)
            && is_digit(mark + 1)
            && let Some(place) = address_at(lower, mark)
        {
            let items = of_token(cut(&lower[place.clone()], version));
            found.push(Token { place, items });
        }
    }
}

/// Takes the items out of pieces.
#[derive(Debug, Default)]
pub(super) struct Taker {
    version: Version,
    lower: Vec<u8>,
    tokens: Vec<Token>,
    groups: Vec<u64>,
    /// Of each three groups in a row the least.
    thirds: Vec<u64>,
}

impl Taker {
    pub(super) fn new(version: Version) -> Self {
        Self { version, ..Self::default() }
    }

    /// Calls with each item of a piece.
    pub(super) fn take(&mut self, piece: &[u8], mut item: impl FnMut(Item)) {
        // Shorter than the shortest address, and than any other literal that is looked for.
        if piece.len() < 7 {
            return;
        }
        fold(piece, &mut self.lower);
        tokens(&self.lower, self.version, &mut self.tokens);
        self.tokens.iter().flat_map(|token| token.items).for_each(&mut item);
        self.groups.clear();
        self.groups.extend(of_groups(&self.lower));
        for token in &self.tokens {
            // Groups within a token are not taken, and another of their window is.
            let within = token.place.start..(token.place.end + 1).saturating_sub(GROUP);
            self.groups.get_mut(within).unwrap_or_default().fill(u64::MAX);
        }
        let mut last = u64::MAX;
        self.thirds.clear();
        self.thirds.extend(self.groups.array_windows().map(|[a, b, c]| *a.min(b).min(c)));
        for [first, .., second] in self.thirds.array_windows::<4>() {
            let least = *first.min(second);
            if least != last {
                last = least;
                if least != u64::MAX {
                    item(of_least(least, self.version));
                }
            }
        }
    }
}

/// A literal, and what a filter of each version holds if it is in one of the pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    needs: [Option<Needs>; Version::ALL.len()],
}

/// What one filter holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Needs {
    /// All of these,
    all: Vec<Item>,
    /// and of each of these, where there are some, all of one.
    one_of: Vec<Vec<[Item; TOKEN]>>,
}

impl Literal {
    /// What a literal needs, without regard to the case of ASCII letters; `None` where no filter can rule it out. It
    /// must have no quote and no byte below 4: a piece has none.
    pub fn of(literal: &[u8]) -> Option<Self> {
        if literal.iter().any(|byte| super::pieces::ends_piece(*byte)) {
            return None;
        }
        // Bytes that are part of a letter are no letter: they are not looked for.
        let literal = literal.utf8_chunks().map(|chunk| chunk.valid()).max_by_key(|valid| valid.len())?;
        let mut lower = Vec::with_capacity(literal.len());
        fold(literal.as_bytes(), &mut lower);
        let needs = Version::ALL.map(|version| Needs::of(&lower, version));
        if needs.iter().all(Option::is_none) { None } else { Some(Self { needs }) }
    }

    fn needs(&self, version: Version) -> Option<&Needs> {
        Version::ALL.iter().zip(&self.needs).find(|(one, _)| **one == version)?.1.as_ref()
    }

    /// Whether it may be there, given what is known of the items of a filter. It asks for as few as it can.
    pub fn may_be(&self, version: Version, mut has: impl FnMut(Item) -> bool) -> bool {
        self.needs(version).is_none_or(|needs| {
            let has_one = |tokens: &[[Item; TOKEN]], has: &mut dyn FnMut(Item) -> bool| {
                tokens.iter().any(|token| token.iter().all(|item| has(*item)))
            };
            needs.all.iter().all(|item| has(*item)) && needs.one_of.iter().all(|tokens| has_one(tokens, &mut has))
        })
    }
}

impl Needs {
    fn of(lower: &[u8], version: Version) -> Option<Self> {
        let mut within = Vec::new();
        tokens(lower, version, &mut within);
        let mut wanted = Self::default();
        for Token { place, items } in within {
            let (text, more) = (&lower[place.clone()], [place.start == 0, place.end == lower.len()]);
            if crate::shred::uuid_bytes(text).is_some() || more == [false, false] {
                wanted.all.extend(items);
            } else {
                wanted.one_of.extend(addresses(text, more, version));
            }
        }
        let may_be_of_a_token = |group: &[u8]| {
            let of_uuid = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte) || *byte == b'-';
            let of_address = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
            group.iter().all(of_uuid) || group.iter().all(of_address)
        };
        let groups: Vec<u64> = of_groups(lower).collect();
        for (window, bytes) in groups.windows(WINDOW).zip(lower.windows(WINDOW + GROUP - 1)) {
            let Some((at, least)) = window.iter().enumerate().min_by_key(|(_, hash)| **hash) else { continue };
            // What may lie within a token is not held.
            let item = of_least(*least, version);
            if !may_be_of_a_token(&bytes[at..at + GROUP]) && wanted.all.last() != Some(&item) {
                wanted.all.push(item);
            }
        }
        if wanted.all.is_empty() && wanted.one_of.is_empty() { None } else { Some(wanted) }
    }
}

/// The addresses that a text of digits and dots can be in: itself, and with more digits before or behind it, where there may
/// be more (`more_at`); `None` where it is no address or there are too many.
fn addresses(text: &[u8], more_at: [bool; 2], version: Version) -> Option<Vec<[Item; TOKEN]>> {
    let numbers: Vec<&[u8]> = text.split(|byte| *byte == b'.').collect();
    let [first, _, _, last] = numbers.as_slice() else { return None };
    if [first, last].iter().any(|number| number.len() > 3) {
        return None;
    }
    // More digits than make a number of three do not matter: they are cut off.
    let more = |number: &[u8], may_be_more: bool| -> Vec<String> {
        let of_digits = |digits: usize| (0..10_usize.pow(u32::try_from(digits).unwrap_or(0))).map(move |n| (n, digits));
        let most = if may_be_more { 3 - number.len() } else { 0 };
        let texts = (0..=most).flat_map(of_digits);
        texts.map(|(n, digits)| if digits == 0 { String::new() } else { format!("{n:0digits$}") }).collect()
    };
    let (before, behind) = (more(first, more_at[0]), more(last, more_at[1]));
    let texts = before.iter().flat_map(|before| behind.iter().map(move |behind| (before, behind)));
    let whole = texts.map(|(before, behind)| [before.as_bytes(), text, behind.as_bytes()].concat());
    let cut: BTreeSet<Vec<u8>> = whole.map(|address| cut(&address, version).to_vec()).collect();
    (cut.len() <= MAX_TOKENS).then(|| cut.iter().map(|address| of_token(address)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn items(piece: &str, version: Version) -> HashSet<Item> {
        let mut items = HashSet::new();
        Taker::new(version).take(piece.as_bytes(), |item| {
            items.insert(item);
        });
        items
    }

    /// What each version says, where it says something.
    fn of_each(literal: &str, piece: &str) -> [Option<bool>; 2] {
        Version::ALL.map(|version| {
            let (items, literal) = (items(piece, version), Literal::of(literal.as_bytes())?);
            literal.needs(version)?;
            Some(literal.may_be(version, |item| items.contains(&item)))
        })
    }

    /// What both say.
    fn may_be(literal: &str, piece: &str) -> Option<bool> {
        let [first, second] = of_each(literal, piece);
        assert_eq!(first, second, "{literal} in {piece}");
        second
    }

    #[test]
    fn what_is_there_may_be_there_and_what_is_not_is_not() {
        let arn = "arn:aws:iam::111122223333:user/aiko-0a1b2c3d-1111-4222-8333-0123456789ab/203.0.113.77";
        for literal in
            ["arn:aws:iam::111122223333", "111122223333:user/aiko", "user/aiko-0a1b2c3d-1111", "USER/AIKO-0A1B2C3D"]
        {
            assert_eq!(may_be(literal, arn), Some(true), "{literal}");
        }
        assert_eq!(may_be("user/naoki-0a1b2c3d", arn), Some(false));
        assert_eq!(may_be("0a1b2c3d-1111-4222-8333-0123456789ab", arn), Some(true));
        assert_eq!(may_be("aiko-0a1b2c3d-1111-4222-8333-0123456789ab/203.", arn), Some(true));
        assert_eq!(may_be("aiko-0a1b2c3d-1111-4222-8333-0123456789ac/203.", arn), Some(false));
        assert_eq!(may_be("0a1b2c3d-1111-4222-8333-0123456789ac", arn), Some(false));
        assert_eq!(may_be("203.0.113.77", arn), Some(true));
        assert_eq!(may_be("203.0.113.78", arn), Some(false));
    }

    #[test]
    fn tokens_are_found_whole_and_as_parts_of_longer_ones() {
        let uuid = "0a1b2c3d-1111-4222-8333-0123456789ab";
        assert_eq!(items(uuid, Version::Second).len(), TOKEN, "a UUID is one token");
        assert_eq!(may_be(&uuid.to_uppercase(), uuid), Some(true));
        assert_eq!(may_be("4222-8333-0123456789ab", uuid), None, "a part of one is not looked for");
        assert_eq!(items("203.0.113.77", Version::Second).len(), TOKEN);
        assert_eq!(may_be("203.0.113.7", "203.0.113.77"), Some(true), "as a part of the address");
        assert_eq!(may_be("03.0.113.77", "203.0.113.77"), Some(true));
        assert_eq!(may_be("203.0.113.77", "v203.0.113.77-x 1.2.3.4.5"), Some(true));
        assert_eq!(may_be("203.0.113.77", "99203.0.113.7777"), Some(true));
        assert_eq!(may_be("102.3.4.55", "v1.102.3.4.55.6"), Some(true), "in the middle of more numbers");
        assert_eq!(of_each("10.1.2.3", "10.1.2.3"), [None, Some(true)], "by the first it can be a part of too many");
        assert_eq!(of_each("10.1.2.3", "x210.1.2.39"), [None, Some(true)]);
        assert_eq!(of_each("10.1.2.3", "10.1.2.4"), [None, Some(false)]);
        assert_eq!(may_be("1.2.3.4", "1.2.3.4"), None, "too many that it can be a part of");
        assert_eq!(may_be("from 203.0.113.77", "from 203.0.113.779"), Some(true));
        assert_eq!(may_be("from 203.0.113.77", "from 203.0.113.78"), Some(false));
        assert_eq!(may_be("203.0.113.77 and", "1203.0.113.77 and"), Some(true));
        assert_eq!(may_be("203.0.113.777", "203.0.113.777"), Some(true), "no address, and found all the same");
        assert_eq!(may_be("999.0.113.7", "1999.0.113.789"), Some(true));
        assert_eq!(may_be("short", "short"), None);
        assert_eq!(may_be("masſachuSetts-\u{212a}ilo", "massachusetts-kilo"), Some(true));
        assert_eq!(Literal::of("massachusetts-kilo".as_bytes()), Literal::of("MAſSACHUSETTS-\u{212a}ILO".as_bytes()));
    }

    /// Groups are chosen by their hash, and that must not decide on the block: one that is full says yes to everything.
    #[test]
    fn groups_are_spread_over_the_filter() {
        let mut bits = 1_u64;
        let text: String = (0..40_000)
            .map(|_| {
                bits = mixed(bits.wrapping_add(STEP));
                char::from(b'a' + u8::try_from(bits % 26).unwrap())
            })
            .collect();
        let share = |version| {
            let items = items(&text, version);
            let first = items.iter().filter(|item| super::super::filter::block_of(**item, 8) == 0).count();
            first as f64 / items.len() as f64
        };
        let (first, second) = (share(Version::First), share(Version::Second));
        assert!(first > 0.4 && (0.11..0.14).contains(&second), "an eighth is fair: {first}, {second}");
    }

    /// An address whose numbers are whole needs one token where the first version needs a hundred.
    #[test]
    fn an_address_is_looked_for_as_few_addresses() {
        let count = |address: &str| {
            Version::ALL.map(|version| addresses(address.as_bytes(), [true, true], version).map(|tokens| tokens.len()))
        };
        assert_eq!(count("203.0.113.77"), [Some(11), Some(1)]);
        assert_eq!(count("203.0.113.7"), [Some(111), Some(11)]);
        assert_eq!(count("10.20.30.40"), [Some(121), Some(4)]);
        assert_eq!(count("10.20.30.4"), [None, Some(44)]);
        assert_eq!(count("192.168.100.200"), [Some(1), Some(1)]);
    }

    proptest! {
        /// Whatever stands in a piece is never ruled out.
        #[test]
        fn nothing_that_is_there_is_ruled_out(
            parts in prop::collection::vec(prop_oneof![
                "[a-c.0-9:/-]{0,14}", "[0-9.]{0,18}", "[0-3.]{5,18}", "[0-9]{1,5}\\.1\\.2\\.[0-9]{1,5}", "[0-9a-f-]{0,18}", "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[ァ-ン]{0,5}", "[kſKsS]{0,6}",
            ], 0..5),
            (from, length) in (0..60_usize, 7..50_usize),
        ) {
            let piece = parts.concat().into_bytes();
            let from = from.min(piece.len());
            let literal = &piece[from..(from + length).min(piece.len())];
            let folded = literal.to_ascii_uppercase();
            for version in Version::ALL {
                let mut items = HashSet::new();
                Taker::new(version).take(&piece, |item| { items.insert(item); });
                for literal in [literal, &folded] {
                    if let Some(wanted) = Literal::of(literal) {
                        let is_there = wanted.may_be(version, |item| items.contains(&item));
                        prop_assert!(is_there, "{version:?}: {}", String::from_utf8_lossy(literal));
                    }
                }
            }
        }
    }
}
