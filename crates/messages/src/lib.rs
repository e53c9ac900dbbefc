//! Every sentence that a person reads, in English and in Japanese, from one catalogue.
//!
//! A message is an id and its arguments: `msg!("vault-not-found", url = url)`. The texts stand in
//! `catalogue/en/*.ftl` and `catalogue/ja/*.ftl` (Project Fluent); a test holds the two languages together.
//!
//! It is not a place for logic: what is said is decided by the crates below, how it is said by the catalogue.

mod catalogue;
mod fault;
mod system;
mod visible;

pub use fault::{Fault, Kind, Result};
pub use visible::{by_number, is_hidden, shown};

use std::fmt;

/// The languages that the catalogue speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// The language that a name asks for: `ja`, `ja_JP.UTF-8`, `en`, `C`. `None` where it is neither.
    pub fn from_name(name: &str) -> Option<Self> {
        let head = name.split(['_', '-', '.']).next().unwrap_or_default();
        match head.to_ascii_lowercase().as_str() {
            "ja" => Some(Self::Ja),
            "en" | "c" | "posix" => Some(Self::En),
            _ => None,
        }
    }

    /// The two-letter code: `en`, `ja`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }
}

/// An argument of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Shown as it is.
    Text(String),
    /// A count, which may select a plural form.
    Number(i64),
    /// Sentences, each in the language of the whole: one as it is, several as lines of a list.
    Sentences(Vec<Message>),
    /// A text that was written down in both languages, such as what a sealed record says of a finding.
    Both {
        /// In English.
        en: String,
        /// In Japanese.
        ja: String,
    },
}

macro_rules! number {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Value {
            fn from(n: $kind) -> Self {
                i64::try_from(n).map_or_else(|_| Self::Text(n.to_string()), Self::Number)
            }
        }
    )*};
}
number!(u8, u16, u32, u64, usize, i32, i64);

macro_rules! text {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Value {
            fn from(text: $kind) -> Self {
                Self::Text(text.to_string())
            }
        }
    )*};
}
text!(&str, String, &String, char);

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Sentences(vec![message])
    }
}

impl From<Vec<Message>> for Value {
    fn from(messages: Vec<Message>) -> Self {
        Self::Sentences(messages)
    }
}

fn cut(text: &mut String, most: usize) {
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push('…');
        text.shrink_to_fit();
    }
}

/// Something to say: an id of the catalogue and its arguments. `Display` speaks English.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    id: &'static str,
    arguments: Vec<(&'static str, Value)>,
}

impl Message {
    /// A message without arguments.
    pub fn new(id: &'static str) -> Self {
        Self { id, arguments: Vec::new() }
    }

    /// The same message with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    /// The same message with texts of at most so many letters: what is longer ends in `…`.
    #[must_use]
    pub fn within(mut self, most: usize) -> Self {
        for (_, value) in &mut self.arguments {
            match value {
                Value::Text(text) => cut(text, most),
                Value::Both { en, ja } => {
                    cut(en, most);
                    cut(ja, most);
                }
                Value::Number(_) => (),
                Value::Sentences(all) => {
                    *all = std::mem::take(all).into_iter().map(|one| one.within(most)).collect();
                }
            }
        }
        self
    }

    /// The id in the catalogue: stable, so that scripts and tests may look at it.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The arguments, in the order in which they were given.
    pub fn arguments(&self) -> &[(&'static str, Value)] {
        &self.arguments
    }

    /// The sentence in a language. An id that the catalogue lacks is shown as the id with its arguments.
    pub fn text(&self, lang: Lang) -> String {
        catalogue::render(self, lang)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// The text of an id that takes no arguments and may be absent: help texts, table headings.
pub fn lookup(id: &str, lang: Lang) -> Option<String> {
    catalogue::lookup(id, lang)
}

/// A [`Message`]: `msg!("file-missing", path = path.display().to_string())`.
#[macro_export]
macro_rules! msg {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Message::new($id)$(.with(stringify!($name), $value))*
    };
}
