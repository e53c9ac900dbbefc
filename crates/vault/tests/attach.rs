//! Documents: kept whole, attached once for each requirement, given back byte for byte; and no evidence is lost by them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

#[allow(dead_code, reason = "of what all tests of the vault share, these need the places alone")]
mod place;

use std::sync::Arc;

use bytes::Bytes;
use place::{Place, events, write_file};
use serde_json::json;
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Attach, Vault};

fn attach(bytes: impl Into<Bytes>, requirements: &[&str], title: Option<&str>) -> Attach {
    Attach {
        file: "手順書.pdf".to_owned(),
        bytes: bytes.into(),
        requirements: requirements.iter().map(|text| (*text).to_owned()).collect(),
        title: title.map(str::to_owned),
        note: None,
        valid: (None, None),
        actor: json!({"user": "甲"}),
    }
}

async fn size(vault: &Vault) -> u64 {
    vault.snapshot().await.unwrap().size()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_attached_once_and_given_back() {
    for place in Place::all("attach").await {
        let vault = place.vault().await;
        let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let first = vault.attach(&attach(bytes.clone(), &["PCI DSS 10.2.1", "ISMS A.8.15"], None)).await.unwrap();
        assert_eq!((first.new.len(), first.known.len(), first.tree_size), (2, 0, 2), "{place:?}: one commit");
        let again = place.open().await.attach(&attach(bytes.clone(), &["PCI DSS 10.2.1"], None)).await.unwrap();
        assert_eq!((again.new.len(), again.known, again.tree_size), (0, vec!["PCI DSS 10.2.1".to_owned()], 2));
        let more = attach(bytes.clone(), &["PCI DSS 10.2.1", "SOX 404"], None);
        let more = vault.attach(&more).await.unwrap();
        assert_eq!((more.new.as_slice(), more.known.len()), (&["SOX 404".to_owned()][..], 1));
        let titled = vault.attach(&attach(bytes.clone(), &["SOX 404"], Some("改訂"))).await.unwrap();
        assert_eq!(titled.new.len(), 1, "something else is said of it");
        let snapshot = vault.snapshot().await.unwrap();
        let said = vault.attachments(&snapshot).await.unwrap();
        let requirements: Vec<&str> = said.iter().map(|one| one.attachment.details.requirement.as_str()).collect();
        assert_eq!(requirements.len(), 4, "{requirements:?}");
        for statement in &said {
            assert_eq!(vault.document(&statement.attachment.details).await.unwrap(), bytes);
            assert_eq!(vault.prove_one(&snapshot, statement.id).await.unwrap().record.id, statement.id);
        }
        let originals = vault.originals(&snapshot).await.unwrap();
        assert_eq!(originals.len(), 1, "one receipt, however often it was attached");
        let mut given = Vec::new();
        vault.rebuild(&snapshot, &originals[0].receipt, &mut given).await.unwrap();
        assert_eq!(given, bytes);
        assert_eq!(size(&vault).await, vault.checkpoint().await.unwrap().unwrap().size());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_attached_is_still_taken_in_as_evidence() {
    let place = Place::all("attach").await.remove(0);
    let (vault, folder) = (place.vault().await, tempfile::tempdir().unwrap());
    let content = events(0..10);
    let path = write_file(folder.path(), "trail.json", &content);
    vault.attach(&attach(content.clone(), &["PCI DSS 10.2.1"], None)).await.unwrap();
    let request = Request { paths: vec![path], ..Request::default() };
    let taken = ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    assert_eq!((taken.new, taken.files_known), (10, 0));
    let again = ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    assert_eq!((again.new, again.files_known), (0, 1));
    let other = events(20..25);
    let request = Request { paths: vec![write_file(folder.path(), "b.json", &other)], ..Request::default() };
    ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap();
    let attached = vault.attach(&attach(other, &["PCI DSS 10.2.1"], None)).await.unwrap();
    assert_eq!(attached.new.len(), 1);
    let said = vault.attachments(&vault.snapshot().await.unwrap()).await.unwrap();
    assert!(vault.document(&said[1].attachment.details).await.is_ok(), "its bytes lie whole beside its records");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_attach_at_once_keep_the_document() {
    let place = Place::all("attach").await.remove(0);
    let (vault, other) = (place.vault().await, place.open().await);
    let (a, b) = (attach("甲", &["A"], None), attach("甲", &["B"], None));
    let (one, two) = tokio::join!(vault.attach(&a), other.attach(&b));
    assert!(one.is_ok() && two.is_ok());
    let said = vault.attachments(&vault.snapshot().await.unwrap()).await.unwrap();
    assert_eq!(said.len(), 2);
    for statement in said {
        assert_eq!(vault.document(&statement.attachment.details).await.unwrap(), "甲".as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused() {
    let place = Place::all("attach").await.remove(0);
    let vault = place.vault().await;
    let long = Bytes::from(vec![0; (256 << 20) + 1]);
    assert_eq!(vault.attach(&attach(long, &["A"], None)).await.unwrap_err().id(), "vault-document-too-long");
    assert_eq!(size(&vault).await, 1);
}
