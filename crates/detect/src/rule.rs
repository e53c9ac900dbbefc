//! A rule as people see it: what it is called, how grave a match is, what to do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shoseki_messages::Lang;

/// How grave a match is, from the least (Sigma specification 2, "Level").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth noting, no more.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at soon.
    High,
    /// At once.
    Critical,
}

impl Level {
    /// All, from the least.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in rules, in JSON and behind `--level`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level of a word.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// A rule without a level is taken for one of the middle.
impl From<Option<rsigma_parser::Level>> for Level {
    fn from(level: Option<rsigma_parser::Level>) -> Self {
        match level {
            Some(rsigma_parser::Level::Informational) => Self::Informational,
            Some(rsigma_parser::Level::Low) => Self::Low,
            Some(rsigma_parser::Level::Medium) | None => Self::Medium,
            Some(rsigma_parser::Level::High) => Self::High,
            Some(rsigma_parser::Level::Critical) => Self::Critical,
        }
    }
}

/// Where a rule came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It comes with shoseki.
    Own,
    /// A file of the user's.
    File(PathBuf),
}

/// What a rule says in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    title: String,
    description: String,
    response: String,
    false_positives: Vec<String>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id; of a rule without one, the first 32 hexadecimal digits of the SHA-256 of its title.
    pub id: String,
    /// How grave a match is.
    pub level: Level,
    /// Its tags: techniques of ATT&CK as `attack.t1078`.
    pub tags: Vec<String>,
    /// The sources whose records it is asked about. Of a correlation, those of the rules that it counts.
    pub sources: Vec<&'static str>,
    /// The SHA-256 of its file, in hexadecimal digits.
    pub hash: String,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it counts what other rules find.
    pub is_correlation: bool,
    /// Whether it is there for correlations only, and is no match by itself.
    pub is_base: bool,
    english: Texts,
    japanese: Option<Texts>,
}

/// What our own rules say beyond Sigma, under `shoseki:`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct More {
    title_ja: Option<String>,
    description_ja: Option<String>,
    response: Option<String>,
    response_ja: Option<String>,
    falsepositives_ja: Vec<String>,
}

/// What is read of a rule or a correlation alike.
pub(crate) struct Read {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) level: Option<rsigma_parser::Level>,
    pub(crate) tags: Vec<String>,
    pub(crate) false_positives: Vec<String>,
    pub(crate) more: More,
    pub(crate) sources: Vec<&'static str>,
    pub(crate) is_correlation: bool,
}

impl Rule {
    pub(crate) fn of(read: Read, hash: &str, origin: &Origin) -> Self {
        let (more, title) = (read.more, read.title);
        let japanese = more.title_ja.map(|title| Texts {
            title,
            description: more.description_ja.unwrap_or_default(),
            response: more.response_ja.unwrap_or_default(),
            false_positives: more.falsepositives_ja,
        });
        Self {
            id: read.id,
            level: read.level.into(),
            tags: read.tags,
            sources: read.sources,
            hash: hash.to_owned(),
            origin: origin.clone(),
            is_correlation: read.is_correlation,
            is_base: false,
            english: Texts {
                title,
                description: read.description.unwrap_or_default(),
                response: more.response.unwrap_or_default(),
                false_positives: read.false_positives,
            },
            japanese,
        }
    }

    fn texts(&self, lang: Lang) -> &Texts {
        match lang {
            Lang::Ja => self.japanese.as_ref().unwrap_or(&self.english),
            Lang::En => &self.english,
        }
    }

    /// What it is called. A rule that says nothing in Japanese says it in its own language.
    pub fn title(&self, lang: Lang) -> &str {
        &self.texts(lang).title
    }

    /// What it looks for, and why.
    pub fn description(&self, lang: Lang) -> &str {
        &self.texts(lang).description
    }

    /// What to do first where it matches; empty where it does not say.
    pub fn response(&self, lang: Lang) -> &str {
        &self.texts(lang).response
    }

    /// What may look the same and is harmless.
    pub fn false_positives(&self, lang: Lang) -> &[String] {
        &self.texts(lang).false_positives
    }
}
