//! What went wrong, in one of three kinds, in words that exist in both languages.
//!
//! One type serves all crates instead of an enum a verb: each text must exist in the catalogue, so an enum would only
//! repeat the catalogue's ids. Tests and callers match on [`Fault::id`] and [`Fault::kind`].

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::{Lang, Message, Value, system};

/// Shorthand for results that fail with a [`Fault`].
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Whose fault it is; it decides the exit code and whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The caller's mistake: what was asked cannot be done as it was asked.
    Caller,
    /// The world failed: a disk, a network, a service. The same call may succeed later.
    World,
    /// What was read is not what it must be: damaged or changed by somebody.
    Damage,
    /// Our own broken invariant: a defect to be reported.
    Broken,
}

/// An error with its kind, its message and what caused it.
///
/// It is shared, not copied, so that several tasks can be told the same.
#[derive(Clone)]
pub struct Fault(Arc<Inner>);

struct Inner {
    kind: Kind,
    message: Message,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    fn new(kind: Kind, message: Message) -> Self {
        Self(Arc::new(Inner { kind, message, source: None }))
    }

    /// The caller's mistake.
    pub fn caller(message: Message) -> Self {
        Self::new(Kind::Caller, message)
    }

    /// The world failed.
    pub fn world(message: Message) -> Self {
        Self::new(Kind::World, message)
    }

    /// What was read is damaged or was changed.
    pub fn damage(message: Message) -> Self {
        Self::new(Kind::Damage, message)
    }

    /// Our own broken invariant.
    pub fn broken(message: Message) -> Self {
        Self::new(Kind::Broken, message)
    }

    /// The same fault with its cause.
    #[must_use]
    pub fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let (kind, message) = (self.0.kind, self.0.message.clone());
        Self(Arc::new(Inner { kind, message, source: Some(source.into()) }))
    }

    /// Whose fault it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message's id in the catalogue.
    pub fn id(&self) -> &'static str {
        self.0.message.id()
    }

    /// The message, without its causes.
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// The message and its causes, outermost first, each in the language asked for where it is ours.
    pub fn chain(&self, lang: Lang) -> String {
        let mut text = self.0.message.text(lang);
        let mut next: Option<&(dyn Error + 'static)> = self.source();
        while let Some(cause) = next {
            let said = match cause.downcast_ref::<Self>() {
                Some(fault) => fault.0.message.text(lang),
                None => system::said(cause, lang),
            };
            if !text.contains(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.message.fmt(f)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} `{}`: {}", self.kind(), self.id(), self.chain(Lang::En))
    }
}

/// With its causes.
impl From<&Fault> for Value {
    fn from(fault: &Fault) -> Self {
        Self::Both { en: fault.chain(Lang::En), ja: fault.chain(Lang::Ja) }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
