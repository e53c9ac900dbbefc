//! `shoseki setup apply`: shows the plan, asks, and makes its calls one after another. Run again, it goes on where it was: what is
//! there is found, and not made again.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_aws::change::{Change, Hands, Made};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_setup::{Course, Next, Plan};

use super::look::{self, Planned};
use super::{Wanted, show};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

/// How a call of the plan ended.
enum Ended {
    Done,
    WasThere,
    Failed(Fault),
    /// It was not made, because of another thing.
    HeldUp(String),
}

impl Ended {
    fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::WasThere => "was_there",
            Self::Failed(fault) if fault.id() == "aws-call-forbidden" => "forbidden",
            Self::Failed(_) => "failed",
            Self::HeldUp(_) => "held_up",
        }
    }
}

/// What came of a plan.
#[derive(Default)]
struct Applied {
    calls: Vec<(String, Change, Ended)>,
    is_stopped: bool,
}

impl Applied {
    fn count(&self, name: &str) -> usize {
        self.calls.iter().filter(|(.., ended)| ended.name() == name).count()
    }

    /// Whether the things of a piece are as the plan has them: no call about one is missing.
    fn is_whole(&self, piece: &str) -> bool {
        let mut its = self.calls.iter().filter(|(item, ..)| item.split('/').next() == Some(piece));
        !self.is_stopped && its.all(|(.., ended)| matches!(ended, Ended::Done | Ended::WasThere))
    }

    /// Each call with how it ended, and no parameters: they stand in the plan.
    fn to_json(&self) -> Value {
        let one = |(item, change, ended): &(String, Change, Ended)| {
            let mut json = json!({
                "item": item, "call": change.kind.name(), "account": change.account, "region": change.region,
                "of": change.of, "ended": ended.name(),
            });
            match ended {
                Ended::Failed(fault) => json["why"] = json!(fault.chain(Lang::En)),
                Ended::HeldUp(by) => json["by"] = json!(by),
                Ended::Done | Ended::WasThere => {}
            }
            json
        };
        Value::Array(self.calls.iter().map(one).collect())
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let wanted = Wanted::of(matches)?;
    let is_yes = matches.get_flag("yes");
    // Who cannot be asked is told before an account is.
    if !is_yes && !may_be_asked(context) {
        return Err(Fault::caller(msg!("cli-setup-ask")));
    }
    let vault = look::vault(context, &wanted).await?;
    let again = async || {
        tokio::select! {
            planned = look::planned(context, matches, &wanted, vault.as_ref()) => planned.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    };
    let Some(mut planned) = again().await? else { return Ok(Exit::Stopped) };
    loop {
        if !context.json {
            show::plan(context, &planned, (None, None))?;
        }
        // Rights would follow the evidence to where nobody wanted it.
        if planned.is_moved {
            return Err(Fault::caller(msg!("cli-setup-moved")));
        }
        if is_yes || !planned.plan.is_open() {
            break;
        }
        if !agreed(context).await {
            context.note(&msg!("cli-setup-not-agreed"));
            return Ok(Exit::Stopped);
        }
        // Who is asked takes their time: what others changed meanwhile is not written over.
        let Some(now) = again().await? else { return Ok(Exit::Stopped) };
        let is_same = show::items(&now.plan) == show::items(&planned.plan);
        planned = now;
        if is_same {
            break;
        }
        context.note(&msg!("cli-setup-changed"));
    }
    let recorded = match &vault {
        // What it rests on is kept, also where nothing is to be done.
        Some(vault) if planned.plan.is_open() || !planned.is_agreed() => {
            Some(Recorded::begin(context, vault, Access::new("setup.apply")).await?)
        }
        _ => None,
    };
    let applied = apply(context, &planned.plan, &planned.inventory.hands()).await?;
    if let Some(mut recorded) = recorded {
        recorded.detail("calls", applied.to_json());
        let rests_on = serde_json::to_value(planned.rests_on(|piece| applied.is_whole(piece)));
        recorded.detail("rests_on", rests_on.map_err(|error| Fault::broken(msg!("cli-json")).because(error))?);
        match applied.is_stopped {
            true => recorded.stopped(),
            false => recorded.whole(),
        }
    }
    ended(context, &planned, &applied)
}

/// Whether somebody is there to be asked.
fn may_be_asked(context: &Context) -> bool {
    !context.json && output::is_terminal() && std::io::stdin().is_terminal()
}

/// Asks, and takes nothing but the whole word for a yes. Ctrl-C is a no, from the moment on in which the question can be seen.
async fn agreed(context: &Context) -> bool {
    let answered = async {
        context.note(&msg!("cli-setup-question"));
        let (tell, said) = tokio::sync::oneshot::channel();
        // A thread of its own: the program's end does not wait for it.
        std::thread::spawn(move || {
            let mut line = String::new();
            let is_read = std::io::stdin().read_line(&mut line).is_ok();
            let _ = tell.send(is_read && matches!(line.trim(), "yes" | "はい"));
        });
        said.await.unwrap_or_default()
    };
    tokio::select! {
        biased; // it is listened for before anything is asked
        _ = tokio::signal::ctrl_c() => false,
        is_yes = answered => is_yes,
    }
}

/// Makes the calls. Ctrl-C ends it between two of them.
async fn apply(context: &Context, plan: &Plan, hands: &Hands) -> Result<Applied> {
    let stop = Arc::<AtomicBool>::default();
    let stopper = {
        let stop = Arc::clone(&stop);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.store(true, Ordering::Relaxed);
            }
        })
    };
    let mut course = Course::of(plan);
    let mut applied = Applied::default();
    while let Some(next) = course.next_step()? {
        if stop.load(Ordering::Relaxed) {
            applied.is_stopped = true;
            break;
        }
        let at = applied.calls.len() + 1;
        let (item, change, ended) = match next {
            Next::HeldUp(item, step, by) => (item, step.change.clone(), Ended::HeldUp(by)),
            Next::Call(item, change) => {
                let ended = match hands.make(&change).await {
                    Ok(Made::Done(answer)) => {
                        course.is_done(&answer);
                        Ended::Done
                    }
                    Ok(Made::WasThere) => {
                        course.is_done(&Value::Null);
                        Ended::WasThere
                    }
                    Err(fault) => {
                        course.has_failed();
                        Ended::Failed(fault)
                    }
                };
                (item, change, ended)
            }
        };
        if !context.json {
            tell(context, (at, course.len()), &change, &ended);
        }
        applied.calls.push((item.id(), change, ended));
    }
    stopper.abort();
    Ok(applied)
}

/// Says how a call ended.
fn tell(context: &Context, (at, of): (usize, usize), change: &Change, ended: &Ended) {
    let how = match ended {
        Ended::Done => msg!("cli-setup-done"),
        Ended::WasThere => msg!("cli-setup-was-there"),
        Ended::Failed(fault) => msg!("cli-setup-failed", why = fault.chain(context.lang)),
        Ended::HeldUp(by) => msg!("cli-setup-held-up", by = by.as_str()),
    };
    let call = format!("{} {}", change.kind.name(), change.of);
    output::sentence(&format!("[{at}/{of}] {call}: {}", how.text(context.lang)));
}

fn ended(context: &Context, planned: &Planned, applied: &Applied) -> Result<Exit> {
    let (failed, held_up) = (applied.count("failed") + applied.count("forbidden"), applied.count("held_up"));
    let done = applied.count("done") + applied.count("was_there");
    if context.json {
        let mut json = show::as_json(planned);
        json["applied"] = applied.to_json();
        json["stopped"] = json!(applied.is_stopped);
        output::json(&json)?;
    } else if !applied.calls.is_empty() || applied.is_stopped {
        context.say(&msg!("cli-setup-applied", done = done, failed = failed, held = held_up));
    }
    if applied.is_stopped {
        context.note(&msg!("cli-setup-stopped"));
        return Ok(Exit::Stopped);
    }
    let forbidden: Vec<String> = applied
        .calls
        .iter()
        .filter(|(.., ended)| ended.name() == "forbidden")
        .flat_map(|(_, change, _)| change.kind.rights())
        .collect();
    if !forbidden.is_empty() {
        context.note(&msg!("cli-setup-forbidden", rights = forbidden.join(", ")));
    }
    if failed + held_up > 0 {
        context.note(&msg!("cli-setup-again"));
        return Ok(Exit::Failed);
    }
    if applied.calls.is_empty() {
        show::next(context, &planned.plan);
    }
    Ok(if planned.plan.is_blocked() { Exit::Unverifiable } else { Exit::Done })
}
