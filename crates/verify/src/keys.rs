//! The wrapped keys: each opens, and each file's key opens with it. Nothing seals these objects, because rotation rewraps
//! them: what is wrong with one is seen by its not opening, and only by who has the provider's key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::keys::{ClassKeyObject, KeyProvider, Secret, WrappedKey};
use shoseki_segment::layout;

use crate::Place;
use crate::vault::{Listing, read_all};
use crate::verdict::{Problem, Report};

/// A wrapped key is some hundred bytes.
const MAX_KEY_OBJECT_BYTES: u64 = 64 << 10;

/// The class keys that opened: for each id, the one of each generation.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    open: BTreeMap<String, Vec<Secret>>,
    present: BTreeSet<String>,
    /// Keys that only a provider opens that is not at hand, or cannot be asked.
    foreign: BTreeSet<String>,
    can_open: bool,
}

/// `standard/2026-03` and 1 of `keys/standard/2026-03/1.json`.
fn parts(name: &str) -> Option<(&str, u32)> {
    let (id, file) = name.strip_prefix(layout::KEYS)?.strip_prefix('/')?.rsplit_once('/')?;
    let generation: u32 = file.strip_suffix(".json")?.parse().ok()?;
    (layout::class_key(id, generation) == name && id.contains('/')).then_some((id, generation))
}

impl Keys {
    /// Reads and opens all keys.
    pub(crate) async fn judge(
        place: &Place,
        listing: &Listing,
        provider: Option<Arc<dyn KeyProvider>>,
        report: &mut Report,
    ) -> Result<Self> {
        let mut wanted = Vec::new();
        for (name, size) in listing.under(layout::KEYS) {
            match parts(name) {
                Some((id, _)) if size <= MAX_KEY_OBJECT_BYTES => wanted.push((id.to_owned(), name.to_owned())),
                _ => report.problem(Problem::tampered(name, msg!("verify-object-unknown"))),
            }
        }
        let mut keys = Self { can_open: provider.is_some(), ..Self::default() };
        let names: Vec<((String, String), String)> =
            wanted.into_iter().map(|(id, name)| ((id, name.clone()), name)).collect();
        if provider.is_none() && !names.is_empty() {
            report.note(msg!("verify-keys-not-opened", count = names.len()));
        }
        let mut others = Vec::new();
        for ((id, name), bytes) in read_all(place, names, |key, bytes| (key, bytes)).await? {
            keys.present.insert(id.clone());
            let object = match ClassKeyObject::parse(&bytes) {
                Ok(object) if object.id == id && object.to_bytes() == bytes => object,
                Ok(_) => {
                    report.problem(Problem::tampered(name, msg!("verify-key-changed")));
                    continue;
                }
                Err(fault) => {
                    report.problem(Problem::of(name, fault));
                    continue;
                }
            };
            let Some(provider) = &provider else { continue };
            match object.open(provider.as_ref()).await {
                Ok(key) => {
                    report.checked.keys += 1;
                    keys.open.entry(id).or_default().push(key);
                }
                Err(fault) if fault.kind() == Kind::Caller => others.push((id, name, fault)),
                Err(fault) if fault.kind() == Kind::World => {
                    keys.foreign.insert(id); // who keeps the key cannot be asked: that says nothing about the files
                    report.problem(Problem::of(name, fault));
                }
                Err(fault) => report.problem(Problem::of(name, fault)),
            }
        }
        keys.judge_others(others, report);
        Ok(keys)
    }

    /// What other providers wrapped: after a rotation each key has generations of the one before, which nobody needs.
    fn judge_others(&mut self, others: Vec<(String, String, Fault)>, report: &mut Report) {
        let mut passed = 0;
        for (id, name, fault) in others {
            if self.open.contains_key(&id) {
                passed += 1;
            } else {
                report.problem(Problem::of(name, fault));
                self.foreign.insert(id);
            }
        }
        if passed > 0 {
            report.note(msg!("verify-keys-of-others", count = passed));
        }
    }

    /// Whether there is what opens the keys.
    pub(crate) fn can_open(&self) -> bool {
        self.can_open
    }

    /// Whether a class key lies there, opened or not.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.present.contains(id)
    }

    /// Whether only a provider opens a class key that is not at hand.
    pub(crate) fn is_foreign(&self, id: &str) -> bool {
        self.foreign.contains(id)
    }

    /// The key that was wrapped for an object of this name; it is tried with each generation of its class key.
    pub(crate) fn unwrap(&self, wrapped: &WrappedKey, name: &str) -> Result<Secret> {
        let class_keys = self.open.get(&wrapped.id).map(Vec::as_slice).unwrap_or_default();
        class_keys.iter().find_map(|key| wrapped.open(key, name).ok()).ok_or_else(|| {
            match self.is_foreign(&wrapped.id) {
                true => Fault::caller(msg!("verify-file-key-not-opened", id = wrapped.id.as_str())),
                false => Fault::damage(msg!("verify-file-key-refused", id = wrapped.id.as_str())),
            }
        })
    }

    /// The class key that opens a wrapped key.
    pub(crate) fn class_key(&self, wrapped: &WrappedKey, name: &str) -> Option<&Secret> {
        self.open.get(&wrapped.id)?.iter().find(|key| wrapped.open(key, name).is_ok())
    }

    /// A file's key; `None` where it is not encrypted.
    pub(crate) fn file_key(&self, add: &Add) -> Result<Option<Secret>> {
        let Some(wrapped) = &add.tags.key else { return Ok(None) };
        self.unwrap(wrapped, &add.id().to_string()).map(Some)
    }
}
