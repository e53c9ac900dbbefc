//! A value of code that was evaluated as far as it goes, before it becomes a typed fact.
//!
//! Terraform and CloudFormation both come to it. What stays open is a reference to another resource, or unknown with its reason; where
//! one part of a text is unknown, all of it is.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use shoseki_messages::{Message, msg};

use super::{Fact, Target};

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing: it is as if it were not set.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text. What refers to another resource stands in it as `${address.attribute}`.
    Text(String),
    /// Values in their order.
    List(Vec<Value>),
    /// Values by their names.
    Map(BTreeMap<String, Value>),
    /// Another resource, by its address, and what of it is named; nothing where it is named as a whole.
    Reference(Target, String),
    /// It cannot be told, and why.
    Unknown(Message),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The value of JSON.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(is) => Self::Bool(*is),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or_default()),
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(all) => Self::List(all.iter().map(Self::from_json).collect()),
            Json::Object(all) => {
                Self::Map(all.iter().map(|(name, value)| (name.clone(), Self::from_json(value))).collect())
            }
        }
    }

    /// What stands under a name; a block that Terraform has once or more is its first. What is unknown has unknown parts.
    pub fn at(&self, name: &str) -> &Self {
        static NULL: Value = Value::Null;
        match self {
            Self::Map(all) => all.get(name).unwrap_or(&NULL),
            Self::List(all) => all.first().map_or(&NULL, |first| first.at(name)),
            Self::Unknown(_) | Self::Reference(..) => self,
            _ => &NULL,
        }
    }

    /// What stands under the first of these names that is there: a service changes how it spells them.
    pub fn any(&self, names: &[&str]) -> &Self {
        static NULL: Value = Value::Null;
        names.iter().map(|name| self.at(name)).find(|value| !value.is_null()).unwrap_or(&NULL)
    }

    /// Whether it is as if it were not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Why it cannot be told, where that is so at its surface.
    pub fn unknown(&self) -> Option<Message> {
        match self {
            Self::Unknown(why) => Some(why.clone()),
            Self::Reference(target, attribute) => Some(reference(target, attribute)),
            _ => None,
        }
    }

    /// The first reason for which anything in it cannot be told.
    pub fn unknown_within(&self) -> Option<Message> {
        match self {
            Self::List(all) => all.iter().find_map(Self::unknown_within),
            Self::Map(all) => all.values().find_map(Self::unknown_within),
            _ => self.unknown(),
        }
    }

    /// Why what it says is not settled, where that is so: it is unknown, or a text with the name of another resource in it, which will
    /// be another text. What compares or takes apart asks for this.
    pub fn open(&self) -> Option<Message> {
        match self {
            Self::Text(text) => open_text(text),
            _ => self.unknown(),
        }
    }

    /// The same of anything in it.
    pub fn open_within(&self) -> Option<Message> {
        match self {
            Self::List(all) => all.iter().find_map(Self::open_within),
            Self::Map(all) => all.values().find_map(Self::open_within),
            _ => self.open(),
        }
    }

    /// It as a list: blocks of Terraform and lists of CloudFormation; one alone is a list of one. A plan has empty lists where a block is
    /// not set.
    pub fn list(&self) -> Fact<&[Self]> {
        match self {
            Self::Null => Fact::Absent,
            Self::List(all) if all.is_empty() => Fact::Absent,
            Self::List(all) => Fact::Known(all),
            Self::Unknown(_) | Self::Reference(..) => {
                Fact::Unknown(self.unknown().unwrap_or_else(|| msg!("settings-unreadable")))
            }
            one => Fact::Known(std::slice::from_ref(one)),
        }
    }

    /// The entries of a list, none where there are none or it is not known.
    pub fn entries(&self) -> &[Self] {
        match self.list() {
            Fact::Known(all) => all,
            Fact::Absent | Fact::Unknown(_) => &[],
        }
    }

    fn fact<T>(&self, read: impl FnOnce(&Self) -> Option<T>) -> Fact<T> {
        match self {
            Self::Null => Fact::Absent,
            Self::Unknown(why) => Fact::Unknown(why.clone()),
            _ => match (read(self), self) {
                (Some(value), _) => Fact::Known(value),
                (None, Self::Reference(target, attribute)) => Fact::Unknown(reference(target, attribute)),
                (None, _) => Fact::Unknown(msg!("settings-unreadable")),
            },
        }
    }

    /// It as yes or no.
    pub fn is(&self) -> Fact<bool> {
        self.fact(|value| match value {
            Self::Bool(is) => Some(*is),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
    }

    /// Whether it is this word: `Enabled`.
    pub fn is_word(&self, word: &str) -> Fact<bool> {
        self.to_word().map(|text| text.eq_ignore_ascii_case(word))
    }

    /// It as a word of the service: a text that is settled.
    pub fn to_word(&self) -> Fact<String> {
        match self.open() {
            Some(why) => Fact::Unknown(why),
            None => self.to_text(),
        }
    }

    /// It as a number.
    pub fn to_number(&self) -> Fact<u64> {
        self.fact(|value| match value {
            Self::Number(number) if *number >= 0.0 && number.fract() == 0.0 => Some(*number as u64),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    /// It as a text; numbers and yes or no are texts too.
    pub fn to_text(&self) -> Fact<String> {
        self.fact(|value| match value {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number_text(*number)),
            Self::Bool(is) => Some(is.to_string()),
            _ => None,
        })
    }

    /// It as texts; a reference in them is a text that no name equals.
    pub fn to_texts(&self) -> Fact<Vec<String>> {
        let one = |value: &Self| match value {
            Self::Reference(target, attribute) => Some(reference_text(target, attribute)),
            value => value.to_text().known().cloned(),
        };
        if let Some(why) = self.entries().iter().find_map(|value| match value {
            Self::Unknown(why) => Some(why.clone()),
            _ => None,
        }) {
            return Fact::Unknown(why);
        }
        match self {
            Self::List(all) => match all.iter().map(one).collect() {
                Some(texts) => Fact::Known(texts),
                None => Fact::Unknown(msg!("settings-unreadable")),
            },
            _ => self.fact(|value| one(value).map(|text| vec![text])),
        }
    }

    /// It as what another resource is called; an empty text names none.
    pub fn to_target(&self) -> Fact<Target> {
        if *self == Self::text("") {
            return Fact::Absent;
        }
        self.fact(|value| match value {
            Self::Text(text) => Some(Target(text.clone())),
            Self::Reference(target, _) => Some(target.clone()),
            _ => None,
        })
    }
}

/// The reference that stands in a text.
fn open_text(text: &str) -> Option<Message> {
    let (_, rest) = text.split_once("${")?;
    Some(msg!("settings-of-another", what = rest.split('}').next().unwrap_or_default()))
}

/// A number as people write it.
pub(crate) fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { number.to_string() }
}

/// A reference as it stands within a text; a resource as a whole is its id.
pub(crate) fn reference_text(target: &Target, attribute: &str) -> String {
    let attribute = if attribute.is_empty() { "id" } else { attribute };
    format!("${{{target}.{attribute}}}")
}

fn reference(target: &Target, attribute: &str) -> Message {
    let what = if attribute.is_empty() { target.to_string() } else { format!("{target}.{attribute}") };
    msg!("settings-of-another", what = what)
}
