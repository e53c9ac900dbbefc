//! What accounts answered, as a set-up asks for it. The answers are kept as they came: what is written back must have all that was
//! there, also what no check looks at.

use std::collections::HashMap;

use serde_json::Value;
use shoseki_aws::inventory::{Answer, Said};
use shoseki_messages::{Message, msg};

/// What was answered about something.
#[derive(Clone, Debug)]
pub(crate) enum Seen<'a> {
    /// The answer.
    Is(&'a Value),
    /// It is not set.
    Absent,
    /// It may be anything, and why that is not known.
    Unknown(Message),
}

/// Answers, by what was asked.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    answers: &'a [Answer],
    about: HashMap<(String, &'a str, &'a str), Vec<&'a Answer>>,
    /// Whether what nobody asked is not there; else it may be anything.
    is_blank: bool,
}

impl<'a> Found<'a> {
    pub(crate) fn of(answers: &'a [Answer]) -> Self {
        let mut about: HashMap<_, Vec<&Answer>> = HashMap::new();
        for one in answers {
            let of = one.of.as_deref().unwrap_or_default();
            about.entry((one.call.name(), one.account.as_str(), of)).or_default().push(one);
        }
        Self { answers, about, is_blank: false }
    }

    /// What an account would answer that has nothing beside this.
    pub(crate) fn blank(answers: &'a [Answer]) -> Self {
        Self { is_blank: true, ..Self::of(answers) }
    }

    fn not_asked(&self, call: &str, of: &str) -> Option<Message> {
        (!self.is_blank).then(|| msg!("setup-not-asked", call = call, what = of))
    }

    /// What was answered about something. What nobody asked is not known.
    pub(crate) fn about(&self, call: &str, account: &str, of: &str) -> Seen<'a> {
        match self.about.get(&(call.to_owned(), account, of)).and_then(|all| all.first()) {
            Some(answer) => seen(answer),
            None => self.not_asked(call, of).map_or(Seen::Absent, Seen::Unknown),
        }
    }

    /// The same of something whose name is its own in one region alone.
    pub(crate) fn about_in(&self, call: &str, (account, region): (&str, &str), of: &str) -> Seen<'a> {
        let all = self.about.get(&(call.to_owned(), account, of)).into_iter().flatten();
        match all.into_iter().find(|one| one.region == region) {
            Some(answer) => seen(answer),
            None => self.not_asked(call, of).map_or(Seen::Absent, Seen::Unknown),
        }
    }

    /// All pages of an answer about such a thing, with why a part of it is not known.
    pub(crate) fn pages_in(
        &self,
        call: &str,
        (account, region): (&str, &str),
        of: &str,
    ) -> (Vec<&'a Value>, Option<Message>) {
        let all = self.about.get(&(call.to_owned(), account, of)).into_iter().flatten();
        let (mut pages, mut unknown, mut is_asked) = (Vec::new(), None, false);
        for answer in all.filter(|one| one.region == region) {
            is_asked = true;
            match seen(answer) {
                Seen::Is(value) => pages.push(value),
                Seen::Absent => {}
                Seen::Unknown(why) => unknown = Some(why),
            }
        }
        (pages, unknown.or_else(|| if is_asked { None } else { self.not_asked(call, of) }))
    }

    /// In which region something was asked about.
    pub(crate) fn region_of(&self, call: &str, account: &str, of: &str) -> Option<&'a str> {
        let answers = self.about.get(&(call.to_owned(), account, of))?;
        answers.first().map(|answer| answer.region.as_str())
    }

    /// The answers to a call that lists, in a region of an account or in all of them, with why a part of it is not known.
    pub(crate) fn lists(&self, call: &str, account: &str, region: Option<&str>) -> (Vec<&'a Value>, Option<Message>) {
        let (mut all, mut unknown) = (Vec::new(), None);
        let its = self.answers.iter().filter(|one| {
            one.account == account && region.is_none_or(|region| one.region == region) && one.call.name() == call
        });
        let mut is_asked = false;
        for answer in its {
            is_asked = true;
            match seen(answer) {
                Seen::Is(value) => all.push(value),
                Seen::Absent => {}
                Seen::Unknown(why) => unknown = Some(why),
            }
        }
        if !is_asked {
            unknown = self.not_asked(call, region.unwrap_or(account));
        }
        (all, unknown)
    }

    /// The entries of all pages of a list of JSON.
    pub(crate) fn entries(
        &self,
        (call, list): (&str, &str),
        account: &str,
        region: Option<&str>,
    ) -> (Vec<&'a Value>, Option<Message>) {
        let (pages, unknown) = self.lists(call, account, region);
        (pages.into_iter().flat_map(|page| many(&page[list])).collect(), unknown)
    }
}

fn seen(answer: &Answer) -> Seen<'_> {
    match &answer.said {
        Said::Answer(value) => Seen::Is(value),
        Said::Absent(_) => Seen::Absent,
        Said::Refused(_, fault) | Said::Unanswered(_, fault) => Seen::Unknown(fault.message().clone()),
    }
}

/// What stands in a list: of XML, one or many of a name; nothing of what is empty.
pub(crate) fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        one => vec![one],
    }
}

/// A text of an answer; nothing where it is empty.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whether something is on: `true` of JSON, `"true"` of XML.
pub(crate) fn is_on(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Bool(is)) => *is,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A number of JSON or of XML.
pub(crate) fn number(value: &Value, name: &str) -> Option<u64> {
    match value.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether anything is said by a value: an empty text, and what has nothing else, say nothing.
pub(crate) fn has_any(value: &Value) -> bool {
    match value {
        Value::Object(all) => all.values().any(has_any),
        Value::Array(all) => all.iter().any(has_any),
        Value::String(text) => !text.is_empty(),
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
    }
}
