//! Anchors are few: whoever can write to the store can name them, and each is written to at every sealing.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

#[expect(dead_code, reason = "of what all tests of the vault share, these need the place alone")]
mod place;

use place::Place;
use shoseki_messages::Kind;
use shoseki_segment::commit::MAX_ANCHORS;

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_named_than_may_be_and_one_that_was_may_come_back() {
    let place = Place::all("anchors").await.remove(0);
    let vault = place.vault().await;
    let folders = tempfile::tempdir().unwrap();
    let url = |at: usize| {
        let folder = folders.path().join(at.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        folder.canonicalize().unwrap().display().to_string()
    };
    for at in 0..MAX_ANCHORS {
        assert!(vault.add_anchor(&url(at)).await.unwrap(), "{at}");
    }
    let refused = vault.add_anchor(&url(MAX_ANCHORS)).await.unwrap_err();
    assert_eq!((refused.id(), refused.kind()), ("vault-anchors-many", Kind::Caller));
    assert!(!vault.add_anchor(&url(5)).await.unwrap(), "it is one already");

    vault.remove_anchor(&url(5)).await.unwrap();
    assert!(vault.add_anchor(&url(5)).await.unwrap());
    let snapshot = vault.snapshot().await.unwrap();
    assert_eq!(snapshot.anchors().len(), MAX_ANCHORS);
}
