//! What exists against what speaks: over what was looked at just now, or over the inventory that was sealed last.

use shoseki_comply::account::{Looked, judge, of_answers};
use shoseki_comply::checks::{Check, Finding, Judged};
use shoseki_comply::findings::{Looking, Teller};
use shoseki_comply::inventory::{Listening, OLDEST, Speech, Spoken, newest_kept};
use shoseki_event::Timestamp;
use shoseki_messages::{Result, msg};
use shoseki_query::{Engine, Options};

/// An hour, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// What was heard.
pub(in crate::commands) struct Heard<'a> {
    pub(in crate::commands) judged: Vec<Judged<'a>>,
    /// What is said of each resource, by its check.
    pub(in crate::commands) speeches: Vec<(&'a Check, Speech)>,
    /// Where was looked.
    pub(in crate::commands) looking: Looking,
    /// When the inventory was taken; its oldest part, where it was taken in parts.
    pub(in crate::commands) since: Option<Timestamp>,
}

/// Listens for what was looked at.
pub(in crate::commands) async fn heard<'a>(
    engine: &impl Fn(Options) -> Engine,
    (looked, looking): (&Looked, &Looking),
    now: Timestamp,
    checks: &[&'a Check],
) -> Result<Heard<'a>> {
    let spoken = Spoken::read(engine, now).await?;
    let (sources, has_buckets) = Listening { looked, spoken: &spoken, now }.unheard(checks);
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let spoken = match sources.is_empty() && !has_buckets {
        true => spoken,
        false => spoken.and_before(engine, now, (&sources, has_buckets)).await?,
    };
    let listening = Listening { looked, spoken: &spoken, now };
    let each = |check: &&'a Check| {
        let check = *check;
        listening.speeches(check).into_iter().map(move |speech| (check, speech)).collect::<Vec<_>>()
    };
    let (judged, speeches) = (listening.judge(checks), checks.iter().flat_map(each).collect());
    Ok(Heard { judged, speeches, looking: looking.clone(), since: None })
}

/// What is asked of the inventory that was sealed last.
#[derive(Clone, Copy, Default)]
pub(in crate::commands) struct OfKept<'r, 'a> {
    /// Checks of what exists against what speaks.
    pub(in crate::commands) inventory: &'r [&'a Check],
    /// Checks of settings: as AWS answered then.
    pub(in crate::commands) settings: &'r [&'a Check],
    /// Whether these were named: then that there is no inventory is said.
    pub(in crate::commands) is_named: bool,
    /// The bucket that the vault lies in.
    pub(in crate::commands) vault: Option<&'r str>,
}

/// Judges what the newest inventory in the vault has: its settings, and what of it speaks. Where none is young enough, nothing is said;
/// of checks that were named, that.
pub(in crate::commands) async fn kept<'a>(
    engine: &impl Fn(Options) -> Engine,
    now: Timestamp,
    asked: OfKept<'_, 'a>,
) -> Result<Option<Heard<'a>>> {
    let OfKept { inventory: checks, settings, is_named, vault } = asked;
    if checks.is_empty() && settings.is_empty() {
        return Ok(None);
    }
    let kept = newest_kept(engine, now).await?;
    if kept.is_empty() {
        let none = |check: &&'a Check| {
            let what = msg!("inventory-none-kept", days = OLDEST / (24 * HOUR));
            Judged { check, findings: vec![Finding::no_evidence(check.id.as_ref(), what)] }
        };
        let judged: Vec<Judged<'a>> = checks.iter().map(none).collect();
        let heard = Heard { judged, speeches: Vec::new(), looking: Looking::default(), since: None };
        return Ok(is_named.then_some(heard));
    }
    let since = kept.since();
    let mut looked = of_answers(&kept.answers());
    vault.into_iter().for_each(|bucket| looked.estate.keep_vault(bucket));
    let looking = Looking { from: Teller::Live, places: looked.place_texts() };
    let mut judged = judge(&looked, settings);
    if checks.is_empty() {
        return Ok(Some(Heard { judged, speeches: Vec::new(), looking, since }));
    }
    let heard = heard(engine, (&looked, &looking), now, checks).await?;
    judged.extend(heard.judged);
    Ok(Some(Heard { judged, since, ..heard }))
}
