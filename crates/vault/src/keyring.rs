//! The class keys of a vault: read, unwrapped once, made where a month has none yet.

use async_recursion::async_recursion;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use shoseki_event::Day;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::keys::{ClassKeyObject, KeyProvider, Secret};
use shoseki_segment::layout;
use tokio::sync::Mutex;

use crate::store::{Created, Store};

/// `standard/2026-03` and 1 of `keys/standard/2026-03/1.json`.
pub(crate) fn parts(name: &str) -> Option<(&str, u32)> {
    let (id, file) = name.strip_prefix(layout::KEYS)?.strip_prefix('/')?.rsplit_once('/')?;
    let generation: u32 = file.strip_suffix(".json")?.parse().ok()?;
    (layout::class_key(id, generation) == name).then_some((id, generation))
}

/// The class keys.
#[derive(Debug)]
pub struct Keyring {
    store: Store,
    provider: Arc<dyn KeyProvider>,
    known: Mutex<HashMap<String, Secret>>,
    /// Held while a key is made, so that segments written at once make one.
    making: Mutex<()>,
}

impl Keyring {
    /// Over the `keys/` of a vault.
    pub fn new(store: Store, provider: Arc<dyn KeyProvider>) -> Self {
        Self { store, provider, known: Mutex::default(), making: Mutex::default() }
    }

    /// The id of the key of a class and the month of a day.
    pub fn id_of(class: &str, day: Day) -> String {
        format!("{class}/{}", day.month())
    }

    /// The name of the provider that wraps the class keys.
    pub fn provider(&self) -> String {
        self.provider.name()
    }

    /// A class key that is there.
    ///
    /// # Errors
    /// Damage where there is none of that id or it does not open; the caller's mistake where the provider is another.
    #[async_recursion]
    pub async fn get(&self, id: &str) -> Result<Secret> {
        match self.find(id).await? {
            Some(key) => Ok(key),
            None => Err(Fault::damage(msg!("vault-class-key-missing", id = id))),
        }
    }

    /// A class key, made where there is none yet.
    ///
    /// # Errors
    /// As [`Keyring::get`], and the world's failure where it cannot be written.
    #[async_recursion]
    pub async fn get_or_create(&self, id: &str) -> Result<Secret> {
        let _making = self.making.lock().await;
        if let Some(key) = self.find(id).await? {
            return Ok(key);
        }
        self.check_current().await?; // who has run for months may have an old provider
        let key = Secret::fresh()?;
        let object = ClassKeyObject::seal(id, &key, self.provider.as_ref()).await?;
        let key = match self.store.create(&layout::class_key(id, 1), object.to_bytes().into()).await? {
            Created::Ours => key,
            Created::Theirs(bytes) => ClassKeyObject::parse(&bytes)?.open(self.provider.as_ref()).await?,
        };
        self.known.lock().await.insert(id.to_owned(), key.clone());
        Ok(key)
    }

    /// The class key of the latest month that there is one of, where there is any: it opens what need not lie in the vault.
    ///
    /// # Errors
    /// As [`Keyring::get`].
    pub(crate) async fn latest(&self) -> Result<Option<(String, Secret)>> {
        let Some((id, _)) = self.newest().await?.pop_last() else { return Ok(None) };
        let key = self.get(&id).await?;
        Ok(Some((id, key)))
    }

    /// Makes sure that a wrapped class key opens, or is a provider's that is not at hand.
    ///
    /// # Errors
    /// Damage where it was changed; the world's failure where who keeps the key cannot be asked.
    pub(crate) async fn check(&self, object: &ClassKeyObject) -> Result<()> {
        match object.open(self.provider.as_ref()).await {
            Err(fault) if fault.kind() != Kind::Caller => Err(fault),
            _ => Ok(()),
        }
    }

    async fn find(&self, id: &str) -> Result<Option<Secret>> {
        if let Some(key) = self.known.lock().await.get(id) {
            return Ok(Some(key.clone()));
        }
        let names = self.store.list(&format!("{}/{id}", layout::KEYS)).await?;
        let mut generations: Vec<u32> = names.iter().filter_map(|(name, _)| Some(parts(name)?.1)).collect();
        generations.sort_unstable_by(|a, b| b.cmp(a));
        let mut refused = None;
        for generation in generations {
            let object = self.object(id, generation).await?;
            if self.provider.named(&object.provider).is_none() {
                refused = refused.or(Some(object)); // an older generation may be of a provider that is at hand
                continue;
            }
            let key = object.open(self.provider.as_ref()).await?;
            self.known.lock().await.insert(id.to_owned(), key.clone());
            return Ok(Some(key));
        }
        match refused {
            Some(object) => object.open(self.provider.as_ref()).await.map(Some), // says whose key it is
            None => Ok(None),
        }
    }

    async fn object(&self, id: &str, generation: u32) -> Result<ClassKeyObject> {
        ClassKeyObject::parse(&self.store.need(&layout::class_key(id, generation)).await?)
    }

    /// The newest generation of each class key.
    async fn newest(&self) -> Result<BTreeMap<String, u32>> {
        let mut newest = BTreeMap::new();
        for (name, _) in self.store.list(layout::KEYS).await? {
            if let Some((id, generation)) = parts(&name) {
                let known: &mut u32 = newest.entry(id.to_owned()).or_default();
                *known = generation.max(*known);
            }
        }
        Ok(newest)
    }

    /// Makes sure that nobody else wraps the keys by a key that is not at hand: after a rotation elsewhere, months that are
    /// begun with the older key would stay open to who stole it.
    ///
    /// # Errors
    /// The caller's mistake where the newest class key's newest generation is another provider's.
    pub(crate) async fn check_current(&self) -> Result<()> {
        let Some((id, generation)) = self.newest().await?.pop_last() else { return Ok(()) };
        let object = self.object(&id, generation).await?;
        if self.provider.named(&object.provider).is_some() {
            return Ok(());
        }
        let (given, wanted) = (self.provider(), object.provider);
        Err(Fault::caller(msg!("vault-keys-rotated-elsewhere", id = id, given = given, wanted = wanted)))
    }

    /// How many class keys there are, and how many of them the current provider does not wrap yet.
    ///
    /// # Errors
    /// Damage where an object is not readable; the world's failure else.
    pub(crate) async fn count(&self) -> Result<(usize, usize)> {
        let (newest, mut left) = (self.newest().await?, 0);
        for (id, generation) in &newest {
            left += usize::from(self.object(id, *generation).await?.provider != self.provider());
        }
        Ok((newest.len(), left))
    }

    /// Wraps every class key by the current provider, each as its next generation; what was wrapped stays as it is. A key
    /// that is wrapped so already is passed over, so that a run that was stopped goes on.
    ///
    /// # Errors
    /// The caller's mistake where the provider of a key is not at hand; damage where one does not open; the world's failure
    /// where one cannot be written.
    pub(crate) async fn rewrap(&self) -> Result<usize> {
        let mut done = 0;
        for (id, mut generation) in self.newest().await? {
            loop {
                let object = self.object(&id, generation).await?;
                if object.provider == self.provider() {
                    break;
                }
                let key = self.get(&id).await?;
                let new = ClassKeyObject::seal(&id, &key, self.provider.as_ref()).await?;
                generation += 1;
                if self.store.create(&layout::class_key(&id, generation), new.to_bytes().into()).await? == Created::Ours
                {
                    done += 1;
                    break;
                }
            }
        }
        Ok(done)
    }

    /// The key of a file, `None` where it is not encrypted.
    ///
    /// # Errors
    /// As [`Keyring::get`].
    #[async_recursion]
    pub async fn file_key(&self, add: &Add) -> Result<Option<Secret>> {
        let Some(wrapped) = &add.tags.key else { return Ok(None) };
        Ok(Some(wrapped.open(&self.get(&wrapped.id).await?, &add.id().to_string())?))
    }
}
