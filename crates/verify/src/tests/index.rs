//! A skip index that says too little hides evidence from every query: who writes one is found out.

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_messages::Lang;
use shoseki_segment::commit::File;
use shoseki_segment::keys::Secret;
use shoseki_segment::{Built, Layout, write};

use super::fixture::events;
use crate::deep;

fn built(layout: Layout, class_key: Option<&Secret>) -> (Built, Option<Secret>) {
    let mut draft = events("Get", 4, 4_000);
    draft.layout = layout;
    let built = write(&draft, class_key.map(|key| ("standard/2026-03", key)), Timestamp(0)).unwrap();
    let key =
        class_key.map(|class_key| built.add.tags.key.as_ref().unwrap().open(class_key, &draft.id.to_string()).unwrap());
    (built, key)
}

fn problems(built: &Built, bytes: Bytes, key: Option<&Secret>) -> Vec<String> {
    let file = File { version: 1, add: built.add.clone() };
    let opened = deep::check(bytes, key, &file, "events/x.parquet");
    opened.problems.iter().map(|problem| format!("{} {}", problem.message.id(), problem.text(Lang::En))).collect()
}

#[test]
fn an_index_that_hides_is_found() {
    let class_key = Secret::fresh().unwrap();
    for layout in [Layout::Text, Layout::Columns] {
        for class_key in [None, Some(&class_key)] {
            let (mut built, key) = built(layout, class_key);
            let whole = built.bytes.clone();
            assert_eq!(problems(&built, whole.clone(), key.as_ref()), Vec::<String>::new());
            let tag = built.add.tags.index.unwrap();
            let end = usize::try_from(tag.offset + tag.stored_len(key.is_some())).unwrap();
            // In the clear a bit of the filter is taken away, encrypted a byte is another.
            let mut hiding = whole.to_vec();
            let set = (0..end).rev().find(|at| hiding[*at] != 0).unwrap();
            hiding[set] = 0;
            let found = problems(&built, hiding.into(), key.as_ref());
            assert!(found.len() == 1 && found[0].starts_with("verify-index-lies"), "{found:?}");
            for lie in [
                shoseki_segment::index::IndexTag { offset: tag.offset - 1, ..tag },
                shoseki_segment::index::IndexTag { blocks: tag.blocks - 1, ..tag },
                shoseki_segment::index::IndexTag { header: tag.header - 1, ..tag },
                shoseki_segment::index::IndexTag { offset: u64::MAX, ..tag },
            ] {
                built.add.tags.index = Some(lie);
                let found = problems(&built, whole.clone(), key.as_ref());
                assert!(found.len() == 1 && found[0].starts_with("verify-index-lies"), "{lie:?}: {found:?}");
            }
        }
    }
}
