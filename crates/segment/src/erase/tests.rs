//! What is erased is gone, and everything else is what it was.

use arrow::compute::concat_batches;
use shoseki_event::Day;

use super::*;
use crate::write::tests::draft;
use crate::{Draft, Layout, SegmentFooter, check_roots, new_name, records, write};

/// A file of two segments as it is now, of one layout.
fn file(drafts: &[Draft], layout: Layout) -> Merged {
    let (mut segments, mut rows) = (Vec::new(), Vec::new());
    for (draft, commit) in drafts.iter().zip(1..) {
        let built = write(draft, None, Timestamp(0)).unwrap();
        let (footer, batches) = records(built.bytes, None, &[]).unwrap();
        rows.extend(batches.map(Result::unwrap));
        let tag = SegmentTag { commit: Some(commit), ..built.add.tags.segments[0].clone() };
        segments.push((tag, footer.segments[0].1.clone()));
    }
    let (class, day): (String, Day) = (drafts[0].class.clone(), drafts[0].day);
    Merged { name: new_name().unwrap(), class, day, layout, format: 3, segments, rows }
}

fn read(built: &Built, key: Option<&Secret>) -> (SegmentFooter, RecordBatch) {
    let (footer, batches) = records(built.bytes.clone(), key, &[]).unwrap();
    let batches: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
    (footer, concat_batches(&schema(), &batches).unwrap())
}

#[test]
fn what_is_erased_is_gone_and_the_roots_stay() {
    let class_key = Secret::fresh().unwrap();
    let drafts = [draft(1_200), draft(3)];
    let gone = Erased::from([(drafts[0].id, [0, 7, 8, 1_199].into_iter().collect()), (drafts[1].id, (0..3).collect())]);
    for layout in [Layout::Text, Layout::Columns] {
        for encryption in [None, Some(("standard/2026-03", &class_key))] {
            let before = file(&drafts, layout);
            let all = concat_batches(&schema(), &before.rows).unwrap();
            let built = erase(file(&drafts, layout), &gone, encryption, Timestamp(9)).unwrap();
            let key = built.add.tags.key.as_ref().map(|key| key.open(&class_key, &built.add.id().to_string()).unwrap());
            let tags = &built.add.tags;
            assert_eq!(tags.format, 5);
            assert_eq!((tags.segments[0].left(), tags.segments[1].left()), (1_196, 0));
            check_roots(built.bytes.clone(), key.as_ref(), &tags.segments).unwrap();
            for ((tag, (old, _)), draft) in tags.segments.iter().zip(&before.segments).zip(&drafts) {
                assert_eq!(*tag, SegmentTag { erased: gone[&draft.id].clone(), ..old.clone() });
            }
            let (footer, rows) = read(&built, key.as_ref());
            let salt = |segment: usize, ordinal| footer.segments[segment].1.salt(ordinal);
            assert!((0..3).all(|ordinal| salt(1, ordinal).is_none()) && salt(0, 7).is_none() && salt(0, 6).is_some());
            let mut sealed = Rows::of(&rows).unwrap();
            for row in 0..rows.num_rows() {
                let (at, tag) = if row < 1_200 { (row, &tags.segments[0]) } else { (row - 1_200, &tags.segments[1]) };
                if !tag.erased.contains(u32::try_from(at).unwrap()) {
                    assert_eq!(rows.slice(row, 1), all.slice(row, 1), "{row}");
                    assert!(sealed.erased(row).unwrap().is_none() && sealed.provenance(row).is_ok());
                    continue;
                }
                assert!(is_blank(&rows, row, tag) && sealed.erased(row).unwrap().is_some(), "{row}");
                assert!(sealed.provenance(row).is_err(), "it is taken for no record");
            }
            if encryption.is_none() {
                let holds = |text: &str| built.bytes.windows(text.len()).any(|part| part == text.as_bytes());
                assert!(!holds("\"n\":8,"), "no byte of it is left");
            }
        }
    }
}

#[test]
fn more_is_erased_of_what_was_erased_before() {
    let drafts = [draft(20)];
    let first = Erased::from([(drafts[0].id, [3].into_iter().collect())]);
    let built = erase(file(&drafts, Layout::Text), &first, None, Timestamp(9)).unwrap();
    let again = |gone: &[u32]| {
        let (footer, rows) = read(&built, None);
        let segments = vec![(built.add.tags.segments[0].clone(), footer.segments[0].1.clone())];
        let (class, day) = (drafts[0].class.clone(), drafts[0].day);
        let name = new_name().unwrap();
        let file = Merged { name, class, day, layout: Layout::Text, format: 3, segments, rows: vec![rows] };
        erase(file, &Erased::from([(drafts[0].id, gone.iter().copied().collect())]), None, Timestamp(10))
    };
    let built = again(&[4, 9]).unwrap();
    assert_eq!(built.add.tags.segments[0].erased.runs(), [(3, 2), (9, 1)]);
    check_roots(built.bytes.clone(), None, &built.add.tags.segments).unwrap();
    for wrong in [&[3][..], &[4, 20], &[65_535]] {
        assert_eq!(again(wrong).unwrap_err().id(), "segment-erased-missing", "{wrong:?}");
    }
}

/// A file in which a record was blanked says so in its commit, and the other way round; and a leaf in the place of a record is
/// the record's.
#[test]
fn a_file_and_its_tags_say_the_same_of_what_was_erased() {
    let drafts = [draft(20)];
    let built = erase(
        file(&drafts, Layout::Text),
        &Erased::from([(drafts[0].id, [3].into_iter().collect())]),
        None,
        Timestamp(9),
    )
    .unwrap();
    let judge = |erased: &[u32]| {
        let tag = SegmentTag { erased: erased.iter().copied().collect(), ..built.add.tags.segments[0].clone() };
        check_roots(built.bytes.clone(), None, &[tag]).map_err(|fault| fault.id())
    };
    judge(&[3]).unwrap();
    for other in [&[][..], &[4], &[3, 4]] {
        assert_eq!(judge(other), Err("segment-root-differs"), "{other:?}");
    }
}
