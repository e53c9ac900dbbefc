//! After a rotation each class key has a generation of each provider: what another provider wrapped is no lie.

use std::sync::Arc;

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::{ClassKeyObject, KeyProvider, LocalKey, Providers, Secret};

use super::fixture::Vault;
use crate::{Report, Verdict, verify_vault};

/// An encrypted vault whose keys were wrapped anew, and the new provider.
async fn rotated() -> (Vault, Arc<LocalKey>) {
    let mut vault = Vault::full(true).await;
    let (old, new) = (vault.provider.clone().unwrap(), Arc::new(LocalKey::fresh().unwrap()));
    let names: Vec<String> = vault.objects.keys().filter(|name| name.starts_with("keys/")).cloned().collect();
    assert!(!names.is_empty());
    for name in names {
        let object = ClassKeyObject::parse(&vault.objects[&name]).unwrap();
        let key = object.open(old.as_ref()).await.unwrap();
        let next = ClassKeyObject::seal(&object.id, &key, new.as_ref()).await.unwrap();
        vault.put(&name.replace("/1.json", "/2.json"), next.to_bytes());
    }
    (vault, new)
}

async fn judged(vault: &Vault, provider: Arc<dyn KeyProvider>) -> Report {
    let mut question = vault.question(true).await;
    question.provider = Some(provider);
    verify_vault(&question).await.unwrap()
}

#[tokio::test]
async fn either_key_or_both_open_a_rotated_vault() {
    let (vault, new) = rotated().await;
    let old = vault.provider.clone().unwrap();
    let both = Arc::new(Providers::new(new.clone(), vec![old.clone()]));
    let providers: [(Arc<dyn KeyProvider>, bool); 3] = [(old, true), (new, true), (both, false)];
    for (provider, is_noted) in providers {
        let report = judged(&vault, provider).await;
        assert_eq!(report.verdict, Verdict::Intact, "{:#?}", report.problems);
        assert_eq!(report.notes.iter().any(|note| note.id() == "verify-keys-of-others"), is_noted);
    }
}

#[tokio::test]
async fn what_only_another_key_opens_is_not_judged() {
    let (mut vault, new) = rotated().await;
    vault.objects.retain(|name, _| !name.ends_with("/2.json"));
    let report = judged(&vault, new).await;
    assert_eq!(report.verdict, Verdict::Unverifiable, "{:#?}", report.problems);
    assert!(report.problems.iter().any(|problem| problem.message.id() == "segment-other-key"));
    assert!(report.problems.iter().all(|problem| problem.verdict == Verdict::Unverifiable), "{:#?}", report.problems);
}

/// Who keeps the key, and cannot be asked.
#[derive(Debug)]
struct Unreachable(Arc<LocalKey>);

#[async_trait::async_trait]
impl KeyProvider for Unreachable {
    fn name(&self) -> String {
        self.0.name()
    }

    fn named(&self, name: &str) -> Option<&dyn KeyProvider> {
        (self.name() == name).then_some(self)
    }

    async fn wrap(&self, _: &str, _: &Secret) -> Result<Vec<u8>> {
        Err(Fault::world(msg!("segment-no-random")))
    }

    async fn unwrap(&self, _: &str, _: &[u8]) -> Result<Secret> {
        Err(Fault::world(msg!("segment-no-random")))
    }
}

#[tokio::test]
async fn a_keeper_who_cannot_be_asked_makes_nothing_tampered() {
    let vault = Vault::full(true).await;
    let report = judged(&vault, Arc::new(Unreachable(vault.provider.clone().unwrap()))).await;
    assert_eq!(report.verdict, Verdict::Unverifiable, "{:#?}", report.problems);
    assert!(report.problems.iter().all(|problem| problem.verdict == Verdict::Unverifiable), "{:#?}", report.problems);
}

#[tokio::test]
async fn a_changed_generation_is_seen_by_who_has_its_key() {
    let (mut vault, new) = rotated().await;
    let name = vault.objects.keys().find(|name| name.ends_with("/2.json")).unwrap().clone();
    let mut text = String::from_utf8(vault.objects[&name].to_vec()).unwrap();
    let at = text.find("\"wrapped\":\"").unwrap() + 20;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    text.replace_range(at..=at, other);
    vault.put(&name, text);
    let report = judged(&vault, new).await;
    assert_eq!(report.verdict, Verdict::Tampered);
    assert!(report.problems.iter().any(|problem| problem.what == name), "{:#?}", report.problems);
}
