//! What came of trials: a line for each stage as it is seen, and at the end a table, what to do, and the questions; or all as JSON.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use shoseki_messages::{Lang, Message, Result, lookup, msg};
use shoseki_setup::check::{Emit, Stage, Trial, Verdict, Way};

use super::{Run, advice, stage_json};
use crate::context::Context;
use crate::output;

/// A line on a terminal that says what is waited for.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
}

impl Shown {
    pub(super) fn of(context: &Context) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar: (!context.json).then_some(bar) }
    }

    /// Says how many arrived, and which are waited for.
    pub(super) fn says(&self, run: &Run<'_>) {
        let Some(bar) = &self.bar else { return };
        let verdicts = run.verdicts(false);
        let waiting = run.trials.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_open());
        let waiting: Vec<String> = waiting.map(|(trial, _)| format!("{} {}", trial.source, trial.of)).collect();
        let arrived = verdicts.iter().filter(|verdict| **verdict == Verdict::Arrived).count();
        let message =
            msg!("cli-setup-check-progress", arrived = arrived, all = verdicts.len(), waiting = waiting.join(", "));
        bar.set_message(message.text(run.context.lang));
    }

    /// Prints, with the line out of the way.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn word(name: &str, lang: Lang) -> String {
    lookup(&format!("cli-setup-check-{name}"), lang).unwrap_or_default()
}

/// Tells of the stages that were seen since.
pub(super) fn steps(run: &Run<'_>, before: &[Way]) {
    if run.context.json {
        return;
    }
    let lang = run.context.lang;
    for ((trial, way), before) in run.trials.iter().zip(&run.ways).zip(before) {
        for stage in Stage::ALL.into_iter().filter(|stage| before.step(*stage).is_none()) {
            if let Some(step) = way.step(stage).filter(|step| !step.is_by) {
                let took = way.took(stage).map(|took| format!("[{} s] ", took / 1_000_000)).unwrap_or_default();
                let name = word(stage.name(), lang);
                let line = format!("{took}{} {}: {name} {}", trial.source, trial.of, step.at);
                output::sentence(line.trim_end());
            }
        }
    }
}

/// Each trial as JSON.
pub(super) fn trials(run: &Run<'_>, verdicts: &[Verdict]) -> Value {
    let from = run.nonce.begun().to_string();
    let one = |(at, (trial, verdict)): (usize, (&Trial, &Verdict))| {
        let way = run.ways.get(at).cloned().unwrap_or_default();
        let said = |lang| advice::of(run, at, *verdict, lang).iter().map(|one| one.text(lang)).collect::<Vec<_>>();
        let mut json = json!({
            "source": trial.source, "of": trial.of, "mark": trial.mark, "verdict": verdict.name(),
            "usual_seconds": [trial.usual.0.as_secs(), trial.usual.1.as_secs()], "query": trial.command(&from),
            "advice": {"en": said(Lang::En), "ja": said(Lang::Ja)},
        });
        if !trial.account.is_empty() {
            (json["account"], json["region"]) = (json!(trial.account), json!(trial.region));
        }
        if let Emit::Person(line) = &trial.emit {
            json["for_a_person"] = json!(line);
        }
        if let Verdict::Late(stage) | Verdict::Waiting(stage) | Verdict::Slow(stage) = verdict {
            json["missing"] = json!(stage.name());
        }
        for stage in Stage::ALL {
            json[stage.name()] = stage_json(&way, stage);
        }
        json
    };
    Value::Array(run.trials.iter().zip(verdicts).enumerate().map(one).collect())
}

/// Tells what came of all.
///
/// # Errors
/// What cannot be written.
pub(super) fn end(run: &Run<'_>, verdicts: &[Verdict], is_stopped: bool) -> Result<()> {
    let context = run.context;
    if context.json {
        return output::json(&json!({
            "nonce": run.nonce.as_str(), "emitted": run.nonce.begun().to_string(), "stopped": is_stopped,
            "trials": trials(run, verdicts),
        }));
    }
    table(run, verdicts);
    for (at, verdict) in verdicts.iter().enumerate() {
        let (Some(trial), said) = (run.trials.get(at), advice::of(run, at, *verdict, context.lang)) else { continue };
        for message in said {
            let text = message.text(context.lang);
            output::sentence(&format!("{} {}: {text}", trial.source, trial.of));
        }
    }
    output::line("");
    context.say(&msg!("cli-setup-check-questions"));
    let from = run.nonce.begun().to_string();
    run.trials.iter().for_each(|trial| output::sentence(&trial.command(&from)));
    output::line("");
    let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| is(verdict)).count();
    context.say(&msg!(
        "cli-setup-check-summary",
        arrived = count(|verdict| *verdict == Verdict::Arrived),
        late = count(|verdict| matches!(verdict, Verdict::Late(_) | Verdict::Waiting(_))),
        unjudged = count(|verdict| matches!(verdict, Verdict::NotEmitted | Verdict::NotDone)),
        slow = count(|verdict| matches!(verdict, Verdict::Slow(_)))
    ));
    if verdicts.iter().any(|verdict| *verdict != Verdict::Arrived) {
        context.note(&msg!("cli-setup-check-go-on", nonce = run.nonce.as_str()));
    }
    Ok(())
}

fn table(run: &Run<'_>, verdicts: &[Verdict]) {
    let lang = run.context.lang;
    let heads = ["source", "of"].into_iter().chain(Stage::ALL.map(Stage::name));
    let mut table = output::table(&heads.map(|name| word(name, lang)).collect::<Vec<_>>());
    for ((trial, way), verdict) in run.trials.iter().zip(&run.ways).zip(verdicts) {
        let cells = Stage::ALL.map(|stage| cell(trial, way, *verdict, stage).text(lang));
        table.add_row([trial.source.to_owned(), trial.of.clone()].into_iter().chain(cells));
    }
    output::line(&table.to_string());
}

/// A stage in the table.
fn cell(trial: &Trial, way: &Way, verdict: Verdict, stage: Stage) -> Message {
    let seconds = way.took(stage).map(|took| took / 1_000_000);
    match (way.step(stage), seconds) {
        (Some(step), Some(seconds)) if step.is_by => return msg!("cli-setup-check-cell-by", seconds = seconds),
        (Some(_), Some(seconds)) => return msg!("cli-setup-check-cell-took", seconds = seconds),
        _ => {}
    }
    match (verdict, stage) {
        (_, Stage::Delivered) if trial.place.is_none() => msg!("cli-setup-check-cell-none"),
        (Verdict::NotDone, Stage::Emitted) => msg!("cli-setup-check-cell-person"),
        (Verdict::NotEmitted, Stage::Emitted) => msg!("cli-setup-check-cell-not"),
        (Verdict::NotEmitted | Verdict::NotDone, _) => msg!("cli-setup-check-cell-none"),
        (_, Stage::Delivered) if way.unseen.is_some() => msg!("cli-setup-check-cell-unseen"),
        (Verdict::Late(at), stage) if at == stage => msg!("cli-setup-check-cell-late"),
        (Verdict::Waiting(at), stage) if at == stage && stage == Stage::Emitted => msg!("cli-setup-check-cell-person"),
        (Verdict::Waiting(at) | Verdict::Slow(at), stage) if at == stage => msg!("cli-setup-check-cell-waiting"),
        _ => msg!("cli-setup-check-cell-none"),
    }
}
