//! The class keys of a vault: read, unwrapped once, made where a month has none yet.

use std::collections::HashMap;
use std::sync::Arc;

use shoseki_event::Day;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::Add;
use shoseki_segment::keys::{ClassKeyObject, KeyProvider, Secret};
use shoseki_segment::layout;
use tokio::sync::Mutex;

use crate::store::{Created, Store};

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
    pub async fn get_or_create(&self, id: &str) -> Result<Secret> {
        let _making = self.making.lock().await;
        if let Some(key) = self.find(id).await? {
            return Ok(key);
        }
        let key = Secret::fresh()?;
        let object = ClassKeyObject::seal(id, &key, self.provider.as_ref()).await?;
        let key = match self.store.create(&layout::class_key(id, 1), object.to_bytes().into()).await? {
            Created::Ours => key,
            Created::Theirs(bytes) => ClassKeyObject::parse(&bytes)?.open(self.provider.as_ref()).await?,
        };
        self.known.lock().await.insert(id.to_owned(), key.clone());
        Ok(key)
    }

    async fn find(&self, id: &str) -> Result<Option<Secret>> {
        if let Some(key) = self.known.lock().await.get(id) {
            return Ok(Some(key.clone()));
        }
        let generations = self.store.list(&format!("{}/{id}", layout::KEYS)).await?;
        let number = |name: &str| name.rsplit('/').next().and_then(|n| n.strip_suffix(".json")?.parse::<u32>().ok());
        let Some(newest) = generations.iter().filter_map(|(name, _)| number(name)).max() else { return Ok(None) };
        let object = ClassKeyObject::parse(&self.store.need(&layout::class_key(id, newest)).await?)?;
        let key = object.open(self.provider.as_ref()).await?;
        self.known.lock().await.insert(id.to_owned(), key.clone());
        Ok(Some(key))
    }

    /// The key of a file, `None` where it is not encrypted.
    ///
    /// # Errors
    /// As [`Keyring::get`].
    pub async fn file_key(&self, add: &Add) -> Result<Option<Secret>> {
        let Some(wrapped) = &add.tags.key else { return Ok(None) };
        Ok(Some(wrapped.open(&self.get(&wrapped.id).await?, &add.id().to_string())?))
    }
}
