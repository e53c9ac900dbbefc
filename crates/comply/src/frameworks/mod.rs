//! Frameworks: standards and statutes as data, each requirement with whose it is, what of it checks see, and which document answers
//! what no machine sees. They lie in `frameworks/` at the repository's root, one file each, and are built in.

mod assess;
mod doubt;
mod read;

use std::fmt;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use shoseki_messages::{Fault, Lang, Result, msg};

use crate::checks::{self, CHECKS, Check};

pub use assess::{Answer, Assessed, Document, Manual, assess};

/// The files; a new one there is all that a new framework needs.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../frameworks");

static ALL: LazyLock<Vec<Result<Framework>>> = LazyLock::new(|| {
    let read = |file: &include_dir::File<'_>| {
        let name = file.path().display().to_string();
        read::framework(&name, file.contents_utf8().unwrap_or_default())
    };
    FILES.files().map(read).collect()
});

/// A text in both languages.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
}

impl Text {
    /// In a language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({"en": self.en, "ja": self.ja})
    }
}

/// Whose a requirement is, after AWS's model of shared responsibility.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// AWS does it; its reports (AWS Artifact) show it.
    Aws,
    /// Whoever runs the estate.
    Customer,
    /// Each a part.
    Shared,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::Customer => "customer",
            Self::Shared => "shared",
        })
    }
}

/// A requirement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its number in the framework.
    pub number: String,
    /// What it is called, in our own words.
    pub title: Text,
    /// What is asked, in our own words.
    pub asks: Text,
    /// Whose it is.
    pub whose: Whose,
    /// The checks that see of it what is to be seen, by their names.
    #[serde(default)]
    pub checks: Vec<String>,
    /// What a document answers.
    #[serde(default)]
    pub manual: Option<Manual>,
    /// Why it concerns nobody, where that is so.
    #[serde(default)]
    pub not_applicable: Option<Text>,
    /// What of it is not verified against the primary text yet.
    #[serde(default)]
    pub unverified: Option<Text>,
}

/// A framework.
#[derive(Clone, Debug)]
pub struct Framework {
    /// Its name on the command line: `pci-dss`.
    pub id: String,
    /// Its title, with its edition.
    pub title: Text,
    /// What `shoseki attach --requirement` has before the number: `PCI DSS`.
    pub attach: String,
    /// What is to be known of it.
    pub note: Option<Text>,
    /// Its requirements, in its own order.
    pub requirements: Vec<Requirement>,
    /// A user's own checks that it brings.
    pub own: Vec<Check>,
}

impl Framework {
    /// All that come with the program, in the order of their names.
    ///
    /// # Errors
    /// A file that is built in and cannot be read: a defect.
    pub fn all() -> Result<Vec<&'static Self>> {
        ALL.iter().map(|one| one.as_ref().map_err(Clone::clone)).collect()
    }

    /// The one of a name.
    ///
    /// # Errors
    /// The caller's mistake, with all that there are.
    pub fn find(id: &str) -> Result<&'static Self> {
        let all = Self::all()?;
        let known: Vec<&str> = all.iter().map(|framework| framework.id.as_str()).collect();
        let unknown = || Fault::caller(msg!("comply-framework-unknown", name = id, known = known.join(", ")));
        all.iter().copied().find(|framework| framework.id == id).ok_or_else(unknown)
    }

    /// A user's own, from the text of a file.
    ///
    /// # Errors
    /// The caller's mistake: what is no framework, has the name of one of ours, names a check that is not there, or leaves a
    /// requirement empty.
    pub fn of(name: &str, text: &str) -> Result<Self> {
        let own = read::framework(name, text)?;
        match Self::all()?.iter().any(|ours| ours.id == own.id) {
            true => Err(Fault::caller(msg!("comply-framework-ours", name = name, id = own.id))),
            false => Ok(own),
        }
    }

    /// The checks that its requirements name, each once, in the order of the list of checks, a user's own last.
    pub fn checks(&self) -> Vec<&Check> {
        let is_named = |check: &&Check| self.requirements.iter().any(|one| one.checks.iter().any(|id| *id == check.id));
        CHECKS.iter().chain(&self.own).filter(is_named).collect()
    }

    /// What `shoseki attach --requirement` calls one of its requirements.
    pub fn attach_name(&self, requirement: &Requirement) -> String {
        format!("{} {}", self.attach, requirement.number)
    }

    fn check(&self, id: &str) -> Option<&Check> {
        checks::find(id, &self.own)
    }
}

/// The requirements that name a check, as `shoseki attach --requirement` calls them.
pub fn named_by(check: &str, frameworks: &[&Framework]) -> Vec<String> {
    let names = |one: &&Requirement| one.checks.iter().any(|name| name == check);
    let of = |framework: &&Framework| {
        let framework: &Framework = framework;
        let named = framework.requirements.iter().filter(names);
        named.map(|one| framework.attach_name(one)).collect::<Vec<String>>()
    };
    frameworks.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests;
