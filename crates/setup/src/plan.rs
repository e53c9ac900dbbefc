//! A plan: for each thing its settings, each right, adopted, to be made or changed, or why not; and the calls that do it, in order.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_aws::change::{Change, kind};
use shoseki_messages::{Fault, Lang, Message, Result, msg};

use crate::cost::Cost;

/// A plan.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The things, in the order in which they are made.
    pub items: Vec<Item>,
    /// What they cost a month.
    pub costs: Vec<Cost>,
    /// Whether a list could not be seen by which it is decided what is adopted.
    pub is_partial: bool,
}

/// What is there of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing: it is made.
    New,
    /// It is there, and is taken as it is or changed.
    There,
    /// It is there and belongs to another account, or to who manages it: nothing of it is changed.
    Elsewhere,
}

impl State {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::There => "there",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// How a setting stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is as it should be.
    Right(String),
    /// Something else that serves is there, and is used.
    Adopt(String),
    /// It is not there, and is made so.
    Create(String),
    /// It is otherwise, and is changed.
    Change {
        /// What it is.
        from: String,
        /// What it becomes.
        to: String,
    },
    /// It is stricter than asked, and stays.
    Stricter(String),
    /// It cannot be made right from here, and why.
    Cannot(Message),
}

impl Outcome {
    /// Its name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Right(_) => "right",
            Self::Adopt(_) => "adopt",
            Self::Create(_) => "create",
            Self::Change { .. } => "change",
            Self::Stricter(_) => "stricter",
            Self::Cannot(_) => "cannot",
        }
    }

    /// The mark before it, as who knows Terraform reads it.
    pub fn mark(&self) -> char {
        match self {
            Self::Right(_) | Self::Adopt(_) | Self::Stricter(_) => '=',
            Self::Create(_) => '+',
            Self::Change { .. } => '~',
            Self::Cannot(_) => '!',
        }
    }
}

/// A setting of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What it is called: `versioning`.
    pub name: String,
    /// How it stands.
    pub outcome: Outcome,
}

/// A call, and what depends on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is called. Names in `${…}` within its parameters are filled in by what earlier calls gave.
    pub change: Change,
    /// Whether what comes after it in its thing, and what needs the thing, can do nothing without it.
    pub is_needed: bool,
    /// The things that must be there first, as [`Item::id`] has them.
    pub needs: Vec<String>,
    /// The name under which a part of its answer is known to later calls, and where in the answer that part stands.
    pub gives: Option<(String, &'static str)>,
}

impl Step {
    /// The change with what earlier calls gave in it.
    ///
    /// # Errors
    /// Our own broken invariant: a name that nothing gave.
    pub fn filled(&self, known: &BTreeMap<String, String>) -> Result<Change> {
        let mut change = self.change.clone();
        fill(&mut change.input, known)?;
        Ok(change)
    }
}

/// The beginning and the end of what is filled in. Policies have `${aws:…}`, which is never one of ours.
const OPEN: &str = "${setup:";

/// The name by which a later call has what an earlier one gives.
pub(crate) fn given(name: &str) -> String {
    format!("{OPEN}{name}}}")
}

fn fill(value: &mut Value, known: &BTreeMap<String, String>) -> Result<()> {
    match value {
        Value::String(text) => {
            while let Some((before, rest)) = text.split_once(OPEN) {
                let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
                let Some(value) = known.get(name) else {
                    return Err(Fault::broken(msg!("setup-not-given", name = name)));
                };
                *text = format!("{before}{value}{after}");
            }
            Ok(())
        }
        Value::Array(all) => all.iter_mut().try_for_each(|one| fill(one, known)),
        Value::Object(all) => all.values_mut().try_for_each(|one| fill(one, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// A thing of a plan.
#[derive(Clone, Debug)]
pub struct Item {
    /// The piece that it is of: `evidence_bucket`.
    pub piece: &'static str,
    /// What it is called.
    pub name: String,
    /// The account that it is in.
    pub account: String,
    /// The region.
    pub region: String,
    /// What is there.
    pub state: State,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// What changes it.
    pub steps: Vec<Step>,
    /// What a person must do, or should know before it is done.
    pub by_hand: Vec<Message>,
}

impl Item {
    pub(crate) fn new(piece: &'static str, name: &str, (account, region): (&str, &str), state: State) -> Self {
        Self {
            piece,
            name: name.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            state,
            settings: Vec::new(),
            steps: Vec::new(),
            by_hand: Vec::new(),
        }
    }

    /// What tells it apart from all others.
    pub fn id(&self) -> String {
        format!("{}/{}/{}/{}", self.piece, self.account, self.region, self.name)
    }

    /// Whether anything of it is to be done by a call.
    pub fn is_open(&self) -> bool {
        !self.steps.is_empty()
    }

    pub(crate) fn says(&mut self, name: &str, outcome: Outcome) {
        self.settings.push(Setting { name: name.to_owned(), outcome });
    }

    /// A setting that is right: `want` where it is so already, else what it is and what it becomes.
    pub(crate) fn wants(&mut self, name: &str, is: Option<&str>, want: &str) -> bool {
        let outcome = match is {
            Some(is) if is == want => Outcome::Right(want.to_owned()),
            Some(is) if !is.is_empty() => Outcome::Change { from: is.to_owned(), to: want.to_owned() },
            _ => Outcome::Create(want.to_owned()),
        };
        let is_open = !matches!(outcome, Outcome::Right(_));
        self.says(name, outcome);
        is_open
    }

    pub(crate) fn cannot(&mut self, name: &str, why: Message) {
        self.says(name, Outcome::Cannot(why));
    }

    /// Adds a call about the thing itself.
    pub(crate) fn calls(&mut self, name: &str, input: Value) -> &mut Step {
        let of = self.name.clone();
        self.calls_of(name, &of, input)
    }

    /// Adds a call about something that belongs to it.
    pub(crate) fn calls_of(&mut self, name: &str, of: &str, input: Value) -> &mut Step {
        // A name that is no kind would be a defect, which the test of all pieces finds; the last kind is never reached by it.
        let kind = kind(name).unwrap_or(&shoseki_aws::change::KINDS[0]);
        debug_assert_eq!(kind.name(), name);
        let (account, region, of) = (self.account.clone(), self.region.clone(), of.to_owned());
        let change = Change { kind, account, region, of, input };
        self.steps.push(Step { change, is_needed: false, needs: Vec::new(), gives: None });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    /// As JSON, sentences in both languages.
    pub fn to_json(&self) -> Value {
        let setting = |one: &Setting| {
            let mut json = json!({"name": one.name, "outcome": one.outcome.name()});
            match &one.outcome {
                Outcome::Change { from, to } => {
                    json["from"] = json!(from);
                    json["to"] = json!(to);
                }
                Outcome::Cannot(why) => json["why"] = both(why),
                Outcome::Right(is) | Outcome::Adopt(is) | Outcome::Create(is) | Outcome::Stricter(is) => {
                    json["value"] = json!(is);
                }
            }
            json
        };
        let step = |one: &Step| {
            let change = &one.change;
            json!({
                "call": change.kind.name(), "account": change.account, "region": change.region, "of": change.of,
                "parameters": change.input,
            })
        };
        json!({
            "piece": self.piece,
            "name": self.name,
            "account": self.account,
            "region": self.region,
            "state": self.state.name(),
            "settings": self.settings.iter().map(setting).collect::<Vec<_>>(),
            "calls": self.steps.iter().map(step).collect::<Vec<_>>(),
            "by_hand": self.by_hand.iter().map(both).collect::<Vec<_>>(),
        })
    }
}

fn both(message: &Message) -> Value {
    json!({"en": message.text(Lang::En), "ja": message.text(Lang::Ja)})
}

impl Step {
    pub(crate) fn needed(&mut self) -> &mut Self {
        self.is_needed = true;
        self
    }

    pub(crate) fn gives(&mut self, name: &str, place: &'static str) -> &mut Self {
        self.gives = Some((name.to_owned(), place));
        self
    }

    pub(crate) fn after(&mut self, items: impl IntoIterator<Item = String>) -> &mut Self {
        self.needs.extend(items);
        self
    }
}

impl Plan {
    /// Whether there is anything to do by a call.
    pub fn is_open(&self) -> bool {
        self.items.iter().any(Item::is_open)
    }

    /// Whether something of it cannot be made right from here.
    pub fn is_blocked(&self) -> bool {
        self.items.iter().flat_map(|item| &item.settings).any(|one| matches!(one.outcome, Outcome::Cannot(_)))
    }

    /// How many settings stand so, by their marks.
    pub fn count(&self, mark: char) -> usize {
        self.items.iter().flat_map(|item| &item.settings).filter(|one| one.outcome.mark() == mark).count()
    }
}
