//! Literals in the columns of events that were taken apart: which rows may hold a pattern.

use arrow::array::{Array, FixedSizeBinaryArray, RecordBatch, StringArray};
use regex::bytes::Regex;
use shoseki_segment::shred::{Texts, uuid_text};

use crate::pattern::Probe;

/// Marks the rows of which a template, a path or the rest holds one of the literals.
pub(super) fn mark(batch: &RecordBatch, probe: &Probe, marked: &mut [bool]) {
    for column in batch.columns() {
        match Texts::of(column) {
            Some(Texts::Plain(texts)) => plain(texts, probe, marked),
            Some(Texts::Dictionary(numbers, texts)) => {
                let mut found = vec![false; texts.len()];
                plain(texts, probe, &mut found);
                if found.contains(&true) {
                    for (row, number) in numbers.keys().iter().enumerate() {
                        let is_found = number.and_then(|number| found.get(usize::try_from(number).ok()?));
                        if is_found == Some(&true)
                            && let Some(marked) = marked.get_mut(row)
                        {
                            *marked = true;
                        }
                    }
                }
            }
            Some(Texts::Uuids(uuids)) if probe.fits_uuids() => in_uuids(uuids, probe.search(), marked),
            Some(Texts::Uuids(_)) | None => {}
        }
    }
}

/// All values lie one behind the other: they are searched in one go. What is found across the edge of two is none.
fn plain(texts: &StringArray, probe: &Probe, marked: &mut [bool]) {
    let ends = texts.value_offsets();
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return };
    let first = usize::try_from(*first).unwrap_or_default();
    let bytes = texts.value_data().get(..usize::try_from(*last).unwrap_or_default()).unwrap_or_default();
    if probe.is_lower() {
        let lower = bytes.to_ascii_lowercase();
        spread(&lower, first, ends, probe.search(), marked);
    } else {
        spread(bytes, first, ends, probe.search(), marked);
    }
}

fn spread(bytes: &[u8], mut at: usize, ends: &[i32], search: &Regex, marked: &mut [bool]) {
    let mut row = 0;
    while let Some(found) = search.find_at(bytes, at) {
        let is_before = |end: &i32| usize::try_from(*end).unwrap_or_default() <= found.start();
        // Matches come in order, so the row is at or behind the one before.
        row += ends.get(row + 1..).unwrap_or_default().partition_point(is_before);
        let end = ends.get(row + 1).and_then(|end| usize::try_from(*end).ok()).unwrap_or(bytes.len());
        if found.end() <= end {
            if let Some(marked) = marked.get_mut(row) {
                *marked = true;
            }
            at = end;
        } else {
            at = found.start() + 1;
        }
        if at > bytes.len() {
            return;
        }
    }
}

fn in_uuids(uuids: &FixedSizeBinaryArray, search: &Regex, marked: &mut [bool]) {
    let mut text = Vec::with_capacity(36);
    for (row, marked) in marked.iter_mut().enumerate().take(uuids.len()) {
        if uuids.is_valid(row) && !*marked {
            text.clear();
            uuid_text(uuids.value(row), &mut text);
            *marked = search.is_match(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use shoseki_insights::Matcher;

    use super::*;
    use crate::pattern::Needle;

    fn found(pattern: &str, texts: &StringArray) -> Vec<usize> {
        let probe = Probe::of(&Needle::new(&Matcher::Regex(pattern.to_owned())).unwrap()).unwrap();
        let mut marked = vec![false; texts.len()];
        plain(texts, &probe, &mut marked);
        marked.iter().enumerate().filter_map(|(row, marked)| marked.then_some(row)).collect()
    }

    #[test]
    fn only_what_lies_within_a_value_is_found() {
        let texts =
            StringArray::from(vec![Some("abc"), None, Some(""), Some("cab"), Some("c"), Some("xABCx"), Some("abab")]);
        assert_eq!(found("ab", &texts), [0, 3, 6]);
        assert_eq!(found("bc", &texts), [0], "`cab` and `c` are two values");
        assert_eq!(found("(?i)abc", &texts), [0, 5]);
        assert_eq!(found("c|x", &texts), [0, 3, 4, 5]);
        assert_eq!(found("z", &texts), Vec::<usize>::new());
        assert_eq!(found("ab", &texts.slice(3, 4)), [0, 3]);
    }
}
