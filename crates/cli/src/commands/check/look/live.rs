//! Asking AWS, and keeping what it answered.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use shoseki_aws::inventory::{self, Answer, Ask, Inventory, Meter, Said};
use shoseki_comply::account::{self, Looked};
use shoseki_comply::findings::{Looking, Teller};
use shoseki_comply::settings::Value;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::Vault;
use shoseki_vault::spool::new_id;

use super::Seen;
use crate::access::actor;
use crate::context::Context;
use crate::progress;

/// Asks, keeps the answers where there is a vault, and makes them what is judged.
pub(super) async fn look(context: &Context, ask: &Ask, vault: Option<&Vault>) -> Result<(Looked, Seen)> {
    take(context, ask, vault).await.map(|(_, looked, seen)| (looked, seen))
}

/// The same, with what was answered as it came.
pub(in super::super::super) async fn take(
    context: &Context,
    ask: &Ask,
    vault: Option<&Vault>,
) -> Result<(Inventory, Looked, Seen)> {
    let meter = Arc::<Meter>::default();
    let taken = {
        let _shown = progress::of_inventory(&meter, context.lang);
        inventory::take(ask, meter).await?
    };
    let mut seen = Seen {
        places: taken.places.iter().map(|(account, region)| format!("{account} {region}")).collect(),
        answers: taken.answers.len(),
        refused: taken.answers.iter().filter(|one| matches!(one.said, Said::Refused(..))).count(),
        unanswered: taken.answers.iter().filter(|one| matches!(one.said, Said::Unanswered(..))).count(),
        ..Seen::default()
    };
    seen.notes.extend(
        taken
            .unasked
            .iter()
            .map(|(role, fault)| msg!("cli-check-live-unasked", role = role.as_str(), why = fault.chain(context.lang))),
    );
    let run = new_id()?;
    let mut records = HashMap::new();
    if let Some(vault) = vault {
        // Who may ask AWS and not write the vault is still told what is there, and that it is not sealed.
        match vault.keep_answers(&run, events(&run, &taken)).await {
            Ok(kept) => {
                seen.sealed = Some(kept.records.len());
                let warnings = kept.warnings.iter();
                seen.notes.extend(warnings.map(|warning| msg!("cli-warning", what = warning.chain(context.lang))));
                records = kept.records;
            }
            Err(fault) => seen.notes.push(msg!("cli-check-live-not-sealed", why = fault.chain(context.lang))),
        }
    }
    let answers: Vec<account::Answer> = taken
        .answers
        .iter()
        .enumerate()
        .map(|(number, one)| {
            let record = records.get(&id(&run, number)).map(ToString::to_string);
            of(one, record)
        })
        .collect();
    let mut looked = account::of_answers(&answers);
    for (role, fault) in &taken.unasked {
        looked.is_not_seen(role, fault.message());
    }
    seen.resources = looked.estate.resources().len();
    seen.looking = Looking { from: Teller::Live, places: looked.place_texts() };
    Ok((taken, looked, seen))
}

fn of(one: &Answer, record: Option<String>) -> account::Answer {
    let said = match &one.said {
        Said::Answer(value) => account::Said::Answer(Value::from_json(value)),
        Said::Absent(_) => account::Said::Absent,
        Said::Refused(_, fault) | Said::Unanswered(_, fault) => account::Said::Refused(Fault::message(fault).clone()),
    };
    let (call, account, region) = (one.call.name(), one.account.clone(), one.region.clone());
    account::Answer { call, account, region, of: one.of.clone(), said, record }
}

fn id(run: &str, number: usize) -> String {
    format!("{run}-{number}")
}

/// The answers as records. They have what the services answer and nothing of what they were asked with: no credentials, no
/// signature. None of these calls answers with a secret.
fn events(run: &str, taken: &Inventory) -> Vec<Bytes> {
    let actor = actor();
    let event = |(number, one): (usize, &Answer)| {
        let mut details = json!({"run": run, "call": one.call.name(), "account": one.account, "region": one.region});
        if let Some(of) = &one.of {
            details["of"] = json!(of);
        }
        let outcome = match &one.said {
            Said::Answer(answer) => {
                details["answer"] = answer.clone();
                "success"
            }
            Said::Absent(code) => {
                details["not_set"] = json!(code);
                "success"
            }
            Said::Refused(code, _) => {
                details["refused"] = json!(code);
                "failure"
            }
            Said::Unanswered(code, _) => {
                details["unanswered"] = json!(code);
                "failure"
            }
        };
        let event = json!({
            "action": "inventory.answer", "actor": actor, "details": details, "id": id(run, number), "outcome": outcome,
            "time": one.time.to_string(),
        });
        Bytes::from(event.to_string())
    };
    taken.answers.iter().enumerate().map(event).collect()
}
