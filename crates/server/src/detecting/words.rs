//! What people are told of matches: one by one, unless a look finds more than anybody reads.

use shoseki_detect::Match;
use shoseki_messages::{Lang, Message, Value, msg};

use crate::schedule::masked;
use crate::{Happening, Severity};

/// A match that nobody was told of and nobody bears.
pub(crate) const FOUND: &str = "match.found";

/// How many are told one by one.
const EACH: usize = 10;
/// How many letters of each thing that an event says.
const LONGEST: usize = 200;

/// What is told of matches.
pub(super) fn happenings(new: &[&Match]) -> Vec<Happening> {
    if new.len() <= EACH {
        return new.iter().map(|one| of_one(one)).collect();
    }
    let message = msg!("detect-matches-found", count = new.len());
    let mut all = Happening::failure(FOUND, message).mended_by(msg!("detect-matches-mend"));
    all.beside.extend(new.iter().take(EACH).map(|one| msg!("detect-matches-one", title = title(one), id = &one.id)));
    all.beside.push(msg!("detect-matches-more", count = new.len() - EACH));
    let ids: Vec<&str> = new.iter().map(|one| one.id.as_str()).collect();
    let worst = new.iter().filter_map(|one| Severity::from_name(one.level)).max().unwrap_or(Severity::Medium);
    vec![all.with("matches", ids.join(" ")).with("count", new.len()).with("severity", worst.name())]
}

fn of_one(one: &Match) -> Happening {
    let message = msg!("detect-match-found", title = title(one), count = one.events, first = one.first.to_string());
    let response = both(|lang| one.rule().response(lang));
    let mend = match one.rule().response(Lang::En).is_empty() {
        true => msg!("detect-match-look", rule = &one.rule, id = &one.id),
        false => msg!("detect-match-mend", response = response, rule = &one.rule, id = &one.id),
    };
    let mut told = Happening::failure(FOUND, message).mended_by(mend);
    let severity = Severity::from_name(one.level).unwrap_or(Severity::Medium);
    told.beside = about(one);
    told.with("matches", &one.id)
        .with("rule", &one.rule)
        .with("rule_sha256", &one.rule_sha256)
        .with("severity", severity.name())
        .with("first", one.first)
        .with("last", one.last)
        .with("events", one.events)
        .with("source", &one.about.source)
        .with("stream", &one.about.stream)
}

/// Who, from where, did what to what: what stands in the event, without what is secret in it.
fn about(one: &Match) -> Vec<Message> {
    let shown = |text: &str| masked(text).chars().take(LONGEST).collect::<String>();
    let line = |text: &str, of: &dyn Fn(String) -> Message| (!text.is_empty()).then(|| of(shown(text)));
    [
        line(&one.about.actor, &|value| msg!("detect-match-actor", value = value)),
        line(&one.about.address, &|value| msg!("detect-match-address", value = value)),
        line(&one.about.operation, &|value| msg!("detect-match-operation", value = value)),
        line(&one.about.resource, &|value| msg!("detect-match-resource", value = value)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn title(one: &Match) -> Value {
    both(|lang| one.rule().title(lang))
}

fn both<'a>(text: impl Fn(Lang) -> &'a str) -> Value {
    Value::Both { en: text(Lang::En).to_owned(), ja: text(Lang::Ja).to_owned() }
}
