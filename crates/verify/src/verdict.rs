//! What a judgement says: a verdict, what was checked, what is wrong and where. A failed verification is a verdict, not an
//! error; errors are for a world that fails and for questions that make no sense.

use std::sync::Arc;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Lang, Message, Value, msg};

/// The judgement in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything is as it was sealed.
    Intact,
    /// Something was changed, removed or added.
    Tampered,
    /// It cannot be judged, or not all of it; nothing that could be judged is wrong.
    Unverifiable,
}

impl Verdict {
    /// The exit code of a command that reports it: 0, 1 or 4.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Intact => 0,
            Self::Tampered => 1,
            Self::Unverifiable => 4,
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Tampered => "tampered",
            Self::Unverifiable => "unverifiable",
        }
    }

    /// The verdict in words.
    pub fn message(self) -> Message {
        match self {
            Self::Intact => msg!("verify-verdict-intact"),
            Self::Tampered => msg!("verify-verdict-tampered"),
            Self::Unverifiable => msg!("verify-verdict-unverifiable"),
        }
    }
}

/// The commit that sealed what is now wrong: it was changed after that, or by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// The commit's number.
    pub commit: u64,
    /// When the commit says that it was written.
    pub time: Timestamp,
}

impl Serialize for Since {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Since", 2)?;
        fields.serialize_field("commit", &self.commit)?;
        fields.serialize_field("time", &self.time.to_string())?;
        fields.end()
    }
}

/// One thing that is wrong, or that cannot be judged.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which of the two: [`Verdict::Tampered`] or [`Verdict::Unverifiable`].
    pub verdict: Verdict,
    /// The object's path, the record's name, the package's entry or the commit's path.
    pub what: String,
    /// What is wrong with it.
    pub message: Message,
    /// What lies behind it, where there is more to say.
    pub cause: Option<Arc<Fault>>,
    /// Since when, where that is known.
    pub since: Option<Since>,
}

impl Problem {
    /// Something changed, removed or added.
    pub(crate) fn tampered(what: impl Into<String>, message: Message) -> Self {
        Self { verdict: Verdict::Tampered, what: what.into(), message, cause: None, since: None }
    }

    /// Something that cannot be judged.
    pub(crate) fn unverifiable(what: impl Into<String>, message: Message) -> Self {
        Self { verdict: Verdict::Unverifiable, ..Self::tampered(what, message) }
    }

    /// What a fault says of an object: damage is tampering, a newer format or another key is not to be judged.
    pub(crate) fn of(what: impl Into<String>, fault: Fault) -> Self {
        let verdict = if fault.kind() == Kind::Damage { Verdict::Tampered } else { Verdict::Unverifiable };
        let message = fault.message().clone();
        Self { verdict, cause: Some(Arc::new(fault)), ..Self::tampered(what, message) }
    }

    pub(crate) fn because(mut self, fault: Fault) -> Self {
        self.cause = Some(Arc::new(fault));
        self
    }

    pub(crate) fn since(mut self, since: Option<Since>) -> Self {
        self.since = since;
        self
    }

    /// The problem in one sentence, without what it is about.
    pub fn text(&self, lang: Lang) -> String {
        let mut text = self.message.text(lang);
        if let Some(cause) = &self.cause {
            let chain = cause.chain(lang);
            if chain.starts_with(&text) {
                text = chain;
            } else {
                text = format!("{text}: {chain}");
            }
        }
        text
    }
}

/// A message for machines: its id, its arguments and its English text.
struct Spoken<'a>(&'a Message);

impl Serialize for Spoken<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Arguments<'a>(&'a [(&'static str, Value)]);
        impl Serialize for Arguments<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (name, value) in self.0 {
                    match value {
                        Value::Text(text) => map.serialize_entry(name, text)?,
                        Value::Number(number) => map.serialize_entry(name, number)?,
                        Value::Both { en, .. } => map.serialize_entry(name, en)?,
                        Value::Sentences(sentences) => {
                            let texts: Vec<String> = sentences.iter().map(ToString::to_string).collect();
                            map.serialize_entry(name, &texts.join("\n"))?;
                        }
                    }
                }
                map.end()
            }
        }
        let mut fields = serializer.serialize_struct("Message", 3)?;
        fields.serialize_field("id", self.0.id())?;
        fields.serialize_field("text", &self.0.text(Lang::En))?;
        fields.serialize_field("arguments", &Arguments(self.0.arguments()))?;
        fields.end()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Problem", 5)?;
        fields.serialize_field("verdict", &self.verdict)?;
        fields.serialize_field("what", &self.what)?;
        fields.serialize_field("id", self.message.id())?;
        fields.serialize_field("text", &self.text(Lang::En))?;
        fields.serialize_field("since", &self.since)?;
        fields.end()
    }
}

/// Messages for machines.
pub(crate) fn spoken<S: Serializer>(messages: &[Message], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().map(Spoken))
}

/// How much was checked. What was not looked at is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Checked {
    /// Commits of the Delta log, sealed ones.
    pub commits: u64,
    /// Tiles and bundles of the transparency log.
    pub log_objects: u64,
    /// Signed checkpoints in the vault.
    pub checkpoints: u64,
    /// Files of segments.
    pub files: u64,
    /// Segments in them.
    pub segments: u64,
    /// Records in them. Without `--deep`: by their files' hashes.
    pub records: u64,
    /// Bytes of files.
    pub bytes: u64,
    /// Originals.
    pub originals: u64,
    /// Receipts whose file was rebuilt or found whole.
    pub receipts: u64,
    /// Wrapped keys that open.
    pub keys: u64,
    /// Checkpoints outside the vault: at anchors, and the one to compare with.
    pub anchors: u64,
}

/// Up to when a vault is anchored outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// The size of the largest tree whose checkpoint lies outside and agrees.
    pub size: u64,
    /// The time of its last commit.
    pub time: Option<Timestamp>,
    /// The anchor.
    pub place: String,
}

impl Serialize for Anchored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Anchored", 3)?;
        fields.serialize_field("size", &self.size)?;
        fields.serialize_field("time", &self.time.map(|time| time.to_string()))?;
        fields.serialize_field("place", &self.place)?;
        fields.end()
    }
}

/// A judgement. It is made by this crate only, so that an `intact` cannot be made up of nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The judgement in one word.
    pub verdict: Verdict,
    /// The log's origin; empty where it is not known.
    pub origin: String,
    /// The size of the tree that the newest checkpoint proves.
    pub tree_size: u64,
    /// How much was checked.
    pub checked: Checked,
    /// What is wrong, and what cannot be judged, in the order of the objects' names.
    pub problems: Vec<Problem>,
    /// How many problems more there are than are listed.
    pub more_problems: u64,
    /// What is worth knowing and is not wrong.
    #[serde(serialize_with = "spoken")]
    pub notes: Vec<Message>,
    /// Up to when it is anchored outside; absent where it is not, or no anchor was looked at.
    pub anchored_until: Option<Anchored>,
}

/// The most problems that a report lists; one change can make a million objects wrong.
const MAX_PROBLEMS: usize = 1_000;

impl Report {
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            verdict: Verdict::Unverifiable,
            origin: origin.to_owned(),
            tree_size: 0,
            checked: Checked::default(),
            problems: Vec::new(),
            more_problems: 0,
            notes: Vec::new(),
            anchored_until: None,
        }
    }

    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn note(&mut self, note: Message) {
        self.notes.push(note);
    }

    /// Draws the conclusion. `proven` is how much of what matters was checked: nothing is never intact.
    pub(crate) fn conclude(mut self, proven: u64) -> Self {
        self.problems.sort_by(|a, b| a.what.cmp(&b.what));
        let has = |verdict| self.problems.iter().any(|problem| problem.verdict == verdict);
        self.verdict = match () {
            () if has(Verdict::Tampered) => Verdict::Tampered,
            () if has(Verdict::Unverifiable) || proven == 0 => Verdict::Unverifiable,
            () => Verdict::Intact,
        };
        if self.problems.len() > MAX_PROBLEMS {
            // What was tampered with stands before what cannot be judged, should not all find room.
            self.problems.sort_by_key(|problem| problem.verdict == Verdict::Unverifiable);
            self.more_problems = (self.problems.len() - MAX_PROBLEMS) as u64;
            self.problems.truncate(MAX_PROBLEMS);
        }
        self
    }
}
