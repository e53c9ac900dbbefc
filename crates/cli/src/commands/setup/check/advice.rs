//! What to do about a trial that did not arrive, by the stage at which it stopped.

use shoseki_messages::{Lang, Message, msg};
use shoseki_server::trial::fetchers_of;
use shoseki_setup::check::{Emit, Place, Stage, Trial, Verdict};

use super::Run;

/// What there is to say of a trial, beside its stages.
pub(super) fn of(run: &Run<'_>, at: usize, verdict: Verdict, lang: Lang) -> Vec<Message> {
    let (Some(trial), Some(way)) = (run.trials.get(at), run.ways.get(at)) else { return Vec::new() };
    let mut said = Vec::new();
    match (&trial.emit, verdict) {
        (_, Verdict::Arrived) => {}
        (Emit::Cannot(why), _) => said.push(why.clone()),
        (Emit::Person(line), Verdict::NotDone | Verdict::Waiting(Stage::Emitted)) => said.push(person(trial, line)),
        _ => {}
    }
    if let Some(fault) = way.refused.as_ref().filter(|_| verdict == Verdict::NotEmitted) {
        said.push(msg!("cli-setup-check-refused", why = fault.chain(lang)));
        said.extend((fault.id() == "aws-call-forbidden").then(|| msg!("cli-setup-check-rights")));
    }
    let stage = match verdict {
        Verdict::Late(stage) | Verdict::Waiting(stage) => stage,
        Verdict::Slow(_) => {
            let (from, to) = (hours(trial.usual.0), hours(trial.usual.1));
            let nonce = run.nonce.as_str();
            said.push(msg!("cli-setup-check-slow", from = from, to = to, source = trial.source, nonce = nonce));
            return said;
        }
        Verdict::Arrived | Verdict::NotEmitted | Verdict::NotDone => return said,
    };
    if let Some(fault) = way.unseen.as_ref().filter(|_| stage >= Stage::Delivered) {
        said.push(msg!("cli-setup-check-unseen", why = fault.chain(lang)));
    }
    match stage {
        Stage::Emitted => {}
        Stage::Delivered => said.extend(undelivered(trial)),
        Stage::Ingested => said.push(not_ingested(run, trial)),
        Stage::Sealed => said.push(msg!("cli-setup-check-unsealed")),
        Stage::Found => said.push(msg!("cli-setup-check-unfound")),
    }
    said
}

/// What a person is asked to do.
pub(super) fn person(trial: &Trial, line: &str) -> Message {
    match trial.source {
        "app" => msg!("cli-setup-check-log", line = line),
        "door" => msg!("cli-setup-check-send", line = line),
        _ => msg!("cli-setup-check-run", line = line),
    }
}

fn hours(time: std::time::Duration) -> u64 {
    time.as_secs() / 3_600
}

fn undelivered(trial: &Trial) -> Option<Message> {
    let place = trial.place.as_ref().map(Place::shown).unwrap_or_default();
    Some(match trial.source {
        "cloudtrail" => msg!("cli-setup-check-undelivered-cloudtrail", place = place),
        "data-events" => msg!("cli-setup-check-undelivered-data-events", place = place),
        "access-logs" => msg!("cli-setup-check-undelivered-access-logs", place = place),
        "config" => msg!("cli-setup-check-undelivered-config", place = place),
        "eks" => msg!("cli-setup-check-undelivered-eks", place = place),
        "database" => msg!("cli-setup-check-undelivered-database", place = place),
        _ => return None,
    })
}

fn not_ingested(run: &Run<'_>, trial: &Trial) -> Message {
    let Some(place) = &trial.place else { return msg!("cli-setup-check-other-vault", door = trial.of.as_str()) };
    let (fetchers, shown) = (fetchers_of(&run.config, place), place.shown());
    let path = run.path.display().to_string();
    match fetchers.is_empty() {
        true => msg!("cli-setup-check-unfetched", place = shown, path = path),
        false => msg!("cli-setup-check-fetcher", names = fetchers.join(", "), path = path, place = shown),
    }
}
