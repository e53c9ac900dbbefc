//! What a file became, step by step, so that its receipt can say how to rebuild it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shoseki_segment::receipt::{MAX_RECIPE_BYTES, Step};

use crate::known::Place;

/// A step, as it is known while the file is read.
#[derive(Clone, Debug)]
enum Entry {
    Literal(Vec<u8>),
    Run { first: Place, count: u32, between: Vec<u8> },
}

/// The steps of one file so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    gap: Vec<u8>,
    /// An estimate of the recipe's length in bytes.
    length: usize,
}

impl Ledger {
    /// Bytes that stand between records.
    pub(super) fn literal(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        if self.is_too_long() {
            self.entries = Vec::new(); // nobody asks for it any more, and a file may be all white space
            self.gap = Vec::new();
        } else {
            self.gap.extend_from_slice(bytes);
        }
    }

    /// Says that records alone do not rebuild the file, since an event of it stood in a string: it must be kept whole.
    pub(super) fn give_up(&mut self) {
        *self = Self { length: MAX_RECIPE_BYTES + 1, ..Self::default() };
    }

    /// The next record of the file, at its place in the vault.
    pub(super) fn record(&mut self, place: Place) {
        if self.is_too_long() {
            return;
        }
        if let Some(Entry::Run { first, count, between }) = self.entries.last_mut() {
            let follows = first.segment == place.segment && first.ordinal + *count == place.ordinal;
            if follows && (*count == 1 || *between == self.gap) {
                if *count > 1 {
                    // What stands between the records of a run stands in the recipe once; what is no text, each time.
                    match std::str::from_utf8(between) {
                        Ok(_) => self.length -= between.len(),
                        Err(_) => self.length += between.len() / 3 + 102,
                    }
                }
                *between = std::mem::take(&mut self.gap);
                *count += 1;
                return;
            }
        }
        self.end_gap();
        self.length += 90;
        self.entries.push(Entry::Run { first: place, count: 1, between: Vec::new() });
    }

    fn end_gap(&mut self) {
        if !self.gap.is_empty() {
            self.length += 12;
            self.entries.push(Entry::Literal(std::mem::take(&mut self.gap)));
        }
    }

    /// Whether nothing but white space stood in the file so far.
    pub(super) fn is_blank(&self) -> bool {
        self.entries.is_empty() && !self.is_too_long() && self.gap.trim_ascii().is_empty()
    }

    /// An estimate of what it takes in memory and in the receipt.
    pub(super) fn length(&self) -> usize {
        self.length.min(MAX_RECIPE_BYTES)
    }

    /// Whether the recipe would be too long for a receipt, or cannot be.
    pub(super) fn is_too_long(&self) -> bool {
        self.length > MAX_RECIPE_BYTES
    }

    /// The same ledger after records were moved: `moved` gives each record's place now.
    pub(super) fn moved(self, moved: impl Fn(Place) -> Place) -> Self {
        if self.is_too_long() {
            return self;
        }
        let mut new = Self::default();
        for entry in self.entries {
            match entry {
                Entry::Literal(bytes) => new.literal(&bytes),
                Entry::Run { first, count, between } => {
                    for n in 0..count {
                        if n > 0 {
                            new.literal(&between);
                        }
                        new.record(moved(Place { ordinal: first.ordinal + n, ..first }));
                    }
                }
            }
        }
        new.literal(&self.gap);
        new
    }

    /// The recipe.
    pub(super) fn into_steps(mut self) -> Vec<Step> {
        self.end_gap();
        let literal = |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => Step::Text { text },
            Err(error) => Step::Bytes { base64: STANDARD.encode(error.as_bytes()) },
        };
        let mut steps = Vec::new();
        for entry in self.entries {
            match entry {
                Entry::Literal(bytes) => steps.push(literal(bytes)),
                Entry::Run { first, count, between } => match String::from_utf8(between) {
                    Ok(between) => {
                        let segment = first.segment.to_string();
                        steps.push(Step::Run { segment, first: first.ordinal, count, between });
                    }
                    Err(error) => {
                        for n in 0..count {
                            if n > 0 {
                                steps.push(literal(error.as_bytes().to_vec()));
                            }
                            let (segment, first) = (first.segment.to_string(), first.ordinal + n);
                            steps.push(Step::Run { segment, first, count: 1, between: String::new() });
                        }
                    }
                },
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use shoseki_event::SegmentId;

    use super::*;

    fn place(segment: u8, ordinal: u32) -> Place {
        Place { segment: SegmentId([segment; 16]), ordinal }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.literal(b"{\"Records\":[");
        for (n, at) in [place(1, 5), place(1, 6), place(1, 7), place(2, 0)].into_iter().enumerate() {
            if n > 0 {
                ledger.literal(b",");
            }
            ledger.record(at);
        }
        ledger.literal(b"]}");
        ledger
    }

    #[test]
    fn records_in_a_row_become_one_step() {
        let run = |segment: u8, first, count, between: &str| Step::Run {
            segment: SegmentId([segment; 16]).to_string(),
            first,
            count,
            between: between.to_owned(),
        };
        let text = |text: &str| Step::Text { text: text.to_owned() };
        let steps = ledger().into_steps();
        assert_eq!(steps, [text("{\"Records\":["), run(1, 5, 3, ","), text(","), run(2, 0, 1, ""), text("]}")]);
    }

    #[test]
    fn a_moved_record_splits_its_run() {
        let away = ledger().moved(|at| if at == place(1, 6) { place(9, 9) } else { at });
        let runs = away.into_steps().iter().filter(|step| matches!(step, Step::Run { .. })).count();
        assert_eq!(runs, 4);
        assert_eq!(ledger().moved(|at| at).into_steps(), ledger().into_steps());
    }

    #[test]
    fn what_is_too_long_takes_no_memory() {
        let mut ledger = ledger();
        for _ in 0..4 {
            ledger.literal(&[b' '; MAX_RECIPE_BYTES / 3]);
            ledger.record(place(3, 0));
        }
        assert!(ledger.is_too_long());
        assert_eq!((ledger.gap.len(), ledger.entries.len()), (0, 0));
        assert!(ledger.moved(|at| at).is_too_long());
    }

    /// A file of millions of lines in few segments has a short recipe; one whose lines end with what is no text has a long one.
    #[test]
    fn the_length_is_that_of_the_recipe() {
        let of = |between: &[u8]| {
            let mut ledger = Ledger::default();
            for n in 0..2_000_000_u32 {
                ledger.record(place((n / 32_768) as u8, n % 32_768));
                ledger.literal(between);
            }
            ledger
        };
        let lines = of(b"\r\n");
        assert!(!lines.is_too_long() && lines.length() < 16_384, "{}", lines.length());
        assert_eq!(lines.into_steps().len(), 2 * 62);
        assert!(of(&[0xff]).is_too_long());
    }

    #[test]
    fn what_was_given_up_stays_so() {
        let mut ledger = ledger();
        ledger.give_up();
        ledger.record(place(3, 0));
        ledger.literal(b",");
        assert!(ledger.is_too_long() && ledger.moved(|at| at).is_too_long());
    }

    #[test]
    fn what_is_not_text_is_kept_in_base64() {
        let mut ledger = Ledger::default();
        ledger.record(place(1, 0));
        ledger.literal(&[0xff]);
        ledger.record(place(1, 1));
        assert_eq!(ledger.into_steps().len(), 3);
    }
}
