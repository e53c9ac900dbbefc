//! Rotation: a new key wraps the class keys, what was sealed stays readable, and a rotation that was stopped goes on.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

#[expect(dead_code, reason = "here nobody writes at the same time")]
mod faulty;
mod place;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use faulty::{Fault, Faulty};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use place::{Place, events, write_file};
use shoseki_messages::Kind;
use shoseki_segment::keys::ClassKeyObject;
use shoseki_segment::layout;
use shoseki_vault::ingest::{Meter, Request, ingest};
use shoseki_vault::{Access, Init, KeyDir, Next, Store, Vault};
use tempfile::TempDir;

/// An encrypted vault with events of March, in a folder or on moto's S3.
struct Site {
    place: Place,
    folder: TempDir,
}

impl Site {
    async fn of(place: Place) -> Self {
        let site = Self { place, folder: tempfile::tempdir().unwrap() };
        let vault = site.place.vault().await;
        site.take(&vault, "march.json", &events(0..10)).await;
        site
    }

    /// In each place that is encrypted by us.
    async fn all(name: &str) -> Vec<Self> {
        let mut sites = Vec::new();
        for place in Place::all(name).await {
            if place.is_encrypted() {
                sites.push(Self::of(place).await);
            }
        }
        sites
    }

    async fn store(&self) -> Store {
        self.place.store().await
    }

    async fn open(&self) -> Vault {
        self.place.open().await
    }

    async fn take(&self, vault: &Vault, name: &str, content: &str) {
        let paths = vec![write_file(self.folder.path(), name, content)];
        let request = Request { paths, ..Request::default() };
        let summary = ingest(vault, &request, &Arc::new(Meter::default())).await.unwrap();
        assert_eq!((summary.new, summary.problems.len()), (10, 0), "{summary:?}");
    }

    /// The wrapped keys, each with the name of who wrapped it.
    async fn wrapped(&self) -> BTreeMap<String, String> {
        let store = self.store().await;
        let mut wrapped = BTreeMap::new();
        for (name, _) in store.list(layout::KEYS).await.unwrap() {
            let object = ClassKeyObject::parse(&store.need(&name).await.unwrap()).unwrap();
            wrapped.insert(name, object.provider);
        }
        wrapped
    }

    /// Everything but the wrapped keys.
    async fn evidence(&self) -> BTreeMap<String, u64> {
        let all = self.store().await.list("").await.unwrap();
        all.into_iter().filter(|(name, _)| !name.starts_with(layout::KEYS)).collect()
    }
}

/// How many files' keys open, and how many do not.
async fn opened(vault: &Vault) -> (usize, usize) {
    let (mut opened, mut refused) = (0, 0);
    for file in vault.snapshot().await.unwrap().replay.files() {
        match vault.file_key(&file.add).await {
            Ok(key) => opened += usize::from(key.is_some()),
            Err(fault) => {
                assert_eq!(fault.id(), "segment-other-key");
                refused += 1;
            }
        }
    }
    (opened, refused)
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    path.exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_opens_after_a_rotation_and_what_comes_too() {
    for site in Site::all("rotate").await {
        let mut vault = site.open().await;
        let (old, before, evidence) =
            (vault.keys().encryption_name().unwrap(), site.wrapped().await, site.evidence().await);
        assert!(before.values().all(|provider| *provider == old));

        let rotation = vault.rotate(&Next::Same).await.unwrap();
        assert!(rotation.is_new && rotation.provider != old);
        assert_eq!((rotation.class_keys, rotation.rewrapped), (before.len(), before.len()));
        assert_eq!(site.evidence().await, evidence, "no file is touched");
        let after = site.wrapped().await;
        assert_eq!(after.len(), 2 * before.len());
        for name in before.keys() {
            assert_eq!(after[name], old, "a generation stays as it is");
            assert_eq!(after[&name.replace("/1.json", "/2.json")], rotation.provider);
        }
        for entry in std::fs::read_dir(vault.keys().path()).unwrap() {
            let path = entry.unwrap().path();
            assert!(path.ends_with("verifier.pub") || is_private(&path), "{path:?}");
        }

        site.take(&vault, "april.json", &events(20..30).replace("2026-03", "2026-04")).await;
        assert_eq!(site.wrapped().await["keys/standard/2026-04/1.json"], rotation.provider);
        let again = site.open().await;
        assert_eq!(opened(&again).await.1, 0);
        let snapshot = again.snapshot().await.unwrap();
        for original in again.originals(&snapshot).await.unwrap() {
            let mut out = Vec::new();
            again.rebuild(&snapshot, &original.receipt, &mut out).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_opens_what_it_opened_and_nothing_of_later_months() {
    for site in Site::all("older-backup").await {
        let mut vault = site.open().await;
        let base = site.folder.path().join("backup");
        let backup = KeyDir::of(&base, &vault.marker().origin);
        vault.keys().copy_to(&backup).unwrap();
        vault.rotate(&Next::Same).await.unwrap();
        site.take(&vault, "april.json", &events(20..30).replace("2026-03", "2026-04")).await;

        let by_backup = Vault::open_at(site.store().await, &Access::new(base.clone())).await.unwrap();
        let all = opened(&vault).await.0;
        let (opened_by_backup, refused) = opened(&by_backup).await;
        assert!(opened_by_backup > 0, "what it opened before");
        assert_eq!((refused, opened_by_backup + refused), (1, all), "the file of April");

        vault.keys().copy_to(&backup).unwrap();
        assert_eq!(backup.encryption_name().unwrap(), vault.keys().encryption_name().unwrap());
        let by_backup = Vault::open_at(site.store().await, &Access::new(base)).await.unwrap();
        assert_eq!(opened(&by_backup).await, (all, 0));

        let other = Site::of(Place::folder(true)).await;
        let foreign = other.open().await.keys().copy_to(&backup).unwrap_err();
        assert_eq!(foreign.id(), "vault-keys-of-another");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_stopped_goes_on() {
    for site in Site::all("rotate-stopped").await {
        let mut vault = site.open().await;
        for (month, first) in [("2026-04", 20), ("2026-05", 30)] {
            site.take(&vault, month, &events(first..first + 10).replace("2026-03", month)).await;
        }
        let first = vault.rotate(&Next::Same).await.unwrap();
        let done = site.wrapped().await;
        let rewrapped: Vec<&String> = done.keys().filter(|name| name.ends_with("/2.json")).collect();
        assert_eq!(rewrapped.len(), first.class_keys);

        // As it was when the process died with the first key wrapped and the others still to be.
        let store = site.store().await;
        for name in &rewrapped[1..] {
            store.objects().delete(&store.path(name)).await.unwrap();
        }
        let mut vault = site.open().await;
        assert_eq!(opened(&vault).await.1, 0, "either key opens in the middle");
        let second = vault.rotate(&Next::Same).await.unwrap();
        assert!(!second.is_new);
        assert_eq!((second.provider.as_str(), second.rewrapped), (first.provider.as_str(), first.class_keys - 1));
        assert_eq!(site.wrapped().await, done);

        let third = vault.rotate(&Next::Same).await.unwrap();
        assert!(third.is_new, "the one before is whole, so that another is what is asked for");
        assert_eq!(third.rewrapped, first.class_keys);
        assert!(site.wrapped().await.keys().any(|name| name.ends_with("/3.json")));
        assert_eq!(opened(&site.open().await).await.1, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_shoseki_does_not_encrypt_has_nothing_to_rotate() {
    let folder = tempfile::tempdir().unwrap();
    let access = Access::new(folder.path().to_owned());
    let store = Store::over(Arc::new(InMemory::new()), "vault", "memory").unwrap();
    let init = Init { encrypt: Some(false), ..Init::default() };
    let mut vault = Vault::init_at(store, &access, &init).await.unwrap().vault;
    assert_eq!(vault.rotate(&Next::Same).await.unwrap_err().id(), "vault-rotate-unencrypted");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_only_the_older_key_adds_nothing() {
    for site in Site::all("older-key").await {
        let base = site.folder.path().join("older");
        let mut vault = site.open().await;
        vault.keys().copy_to(&KeyDir::of(&base, &vault.marker().origin)).unwrap();
        vault.rotate(&Next::Same).await.unwrap();

        let older = Vault::open_at(site.store().await, &Access::new(base)).await.unwrap();
        assert_eq!(opened(&older).await.1, 0, "what was written stays readable");
        let paths = vec![write_file(site.folder.path(), "june.json", &events(0..3).replace("2026-03", "2026-06"))];
        let request = Request { paths, ..Request::default() };
        let refused = ingest(&older, &request, &Arc::new(Meter::default())).await.unwrap_err();
        assert_eq!((refused.id(), refused.kind()), ("vault-keys-rotated-elsewhere", Kind::Caller));
        assert_eq!(ingest(&vault, &request, &Arc::new(Meter::default())).await.unwrap().new, 3);
    }
}

/// The process stops at each write of a rotation, or the write fails: either key opens meanwhile, and the next rotation ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_every_write_of_a_rotation_loses_no_key() {
    for site in Site::all("rotate-faults").await {
        let vault = site.open().await;
        site.take(&vault, "april", &events(20..30).replace("2026-03", "2026-04")).await;
        let store = site.store().await;
        let prefix = store.path("").to_string();
        let classes = site.wrapped().await.len(); // a write for each
        for at in 0..classes {
            for fault in [Fault::StopBefore, Fault::StopAfter, Fault::Lost, Fault::AnswerLost, Fault::Conflict] {
                let case = format!("{fault:?} at write {at} in {:?}", site.place);
                let faulty = Faulty::over(Arc::clone(store.objects()), Some((at, fault)));
                let over = Store::over(Arc::clone(&faulty) as Arc<dyn ObjectStore>, &prefix, store.url()).unwrap();
                let mut vault = Vault::open_at(over, &site.place.access()).await.unwrap();
                let ended = tokio::select! {
                    ended = vault.rotate(&Next::Same) => Some(ended),
                    () = faulty.until_stopped() => None,
                };
                let stops = matches!(fault, Fault::StopBefore | Fault::StopAfter);
                assert_eq!(ended.is_none(), stops, "{case}: {ended:?}");
                assert_eq!(opened(&site.open().await).await.1, 0, "either key opens: {case}");
                let mut again = site.open().await;
                let left = {
                    let (wrapped, current) = (site.wrapped().await, again.keys().encryption_name().unwrap());
                    classes - wrapped.values().filter(|provider| **provider == current).count()
                };
                assert_eq!(left > 0, fault == Fault::StopBefore || (stops && at + 1 < classes), "{case}");
                if left > 0 {
                    let rest = again.rotate(&Next::Same).await.unwrap();
                    assert_eq!((rest.is_new, rest.rewrapped), (false, left), "{case}");
                }
                let (files, refused) = opened(&site.open().await).await;
                assert!(files > 2 && refused == 0, "{case}");
            }
        }
    }
}
