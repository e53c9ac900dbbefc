//! Segments in one file are the segments that they were.

use std::collections::HashSet;

use super::*;
use crate::write::tests::draft;
use crate::{Draft, check_roots, records, write};

/// What is read of written segments, to be merged.
pub(crate) fn merged(drafts: &[Draft], layout: Layout) -> Merged {
    let (mut segments, mut rows) = (Vec::new(), Vec::new());
    for (draft, commit) in drafts.iter().zip(1..) {
        let built = write(draft, None, Timestamp(0)).unwrap();
        let (footer, batches) = records(built.bytes, None, &[]).unwrap();
        rows.extend(batches.map(Result::unwrap));
        let tag = SegmentTag { commit: Some(commit), ..built.add.tags.segments[0].clone() };
        segments.push((tag, footer.segments[0].1.clone()));
    }
    let Draft { class, day, .. } = &drafts[0];
    Merged { name: SegmentId([7; 16]), class: class.clone(), day: *day, layout, format: 3, segments, rows }
}

#[test]
fn segments_in_one_file_keep_their_roots_and_their_rows() {
    let class_key = Secret::fresh().unwrap();
    let drafts = [draft(700), draft(1), draft(800)];
    for layout in [Layout::Text, Layout::Columns] {
        for encryption in [None, Some(("standard/2026-03", &class_key))] {
            let built = merge(merged(&drafts, layout), encryption, Timestamp(5_000)).unwrap();
            let key = built.add.tags.key.as_ref().map(|key| key.open(&class_key, &built.add.id().to_string()).unwrap());
            let tags = &built.add.tags;
            assert_eq!((tags.format, tags.segments.len(), built.add.records()), (3, 3, 1_501));
            assert!(tags.segments.iter().zip(&drafts).all(|(tag, draft)| tag.id == draft.id));
            check_roots(built.bytes.clone(), key.as_ref(), &tags.segments).unwrap();
            let (footer, batches) = records(built.bytes.clone(), key.as_ref(), &[]).unwrap();
            assert_eq!(footer.depth.is_some(), layout == Layout::Columns, "taken apart over all segments together");
            let read: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
            let expected = merged(&drafts, layout).rows;
            let all = |batches| concat_batches(&schema(), batches).unwrap();
            assert_eq!(all(&read), all(&expected));
        }
    }
}

#[test]
fn what_is_not_in_the_file_is_seen() {
    let drafts = [draft(5), draft(4)];
    let built = merge(merged(&drafts, Layout::Text), None, Timestamp(0)).unwrap();
    let tags = &built.add.tags.segments;
    let judge = |tags: &[SegmentTag]| check_roots(built.bytes.clone(), None, tags).map_err(|fault| fault.id());
    let changed = |change: fn(&mut Vec<SegmentTag>)| {
        let mut tags = tags.clone();
        change(&mut tags);
        judge(&tags).unwrap_err()
    };
    judge(tags).unwrap();
    let ids: HashSet<&str> = [
        changed(|tags| tags[1].root = Hash([0; 32])),
        changed(|tags| tags[0].root = Hash([0; 32])),
        changed(|tags| tags[1].count = 3),
        changed(|tags| tags[1].count = 5),
        changed(|tags| tags.swap(0, 1)),
        changed(|tags| tags.truncate(1)),
    ]
    .into();
    assert_eq!(ids, ["segment-root-differs", "segment-rows-differ", "segment-footer-unreadable"].into());
}

#[test]
fn rows_that_are_not_those_of_the_segments_are_not_written() {
    let mut few = merged(&[draft(5), draft(4)], Layout::Text);
    few.rows.pop();
    assert!(merge(few, None, Timestamp(0)).is_err());
}
