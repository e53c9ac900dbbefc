//! Signing a digest: a record that this person looked at this day's digest, the digest itself, and findings that were entered with it.

use std::sync::Arc;

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_comply::checks::Severity;
use shoseki_comply::findings::{ADDED, Added, Id};
use shoseki_comply::review::{DIGEST, DONE, Digest, Note, sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::attachment::{MAX_NAME, MAX_NOTE};
use shoseki_vault::Vault;

use super::super::attach::checked;
use crate::access::{Access, Recorded};
use crate::context::Context;

/// Leaves the record, and says so.
pub(super) async fn sign(
    context: &Context,
    matches: &ArgMatches,
    (vault, digest): (&Arc<Vault>, &Digest),
) -> Result<Value> {
    let added = findings(matches, &digest.day.name)?;
    let note = matches.get_one::<String>("note").map(|text| checked("note", text.trim().to_owned(), MAX_NOTE));
    let whole = digest.to_json();
    let note = Note {
        day: digest.day.name.clone(),
        zone: digest.day.zone.name().to_owned(),
        from: digest.day.from,
        to: digest.day.to,
        digest_sha256: sha256(&whole),
        counts: digest.counts(),
        tree_size: digest.tree_size,
        note: note.transpose()?,
        findings: added.iter().map(|added| added.finding.clone()).collect(),
    };
    let mut recorded = Recorded::begin(context, vault, Access::new(DONE).saying(&note)?).await?;
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("cli-review-unrecorded", day = note.day.as_str())));
    }
    recorded.tell("digest", Access::new(DIGEST).with("day", note.day.as_str()).with("digest", whole));
    for added in &added {
        recorded.tell(&added.finding.to_string(), Access::new(ADDED).saying(added)?);
    }
    recorded.whole();
    if !context.json {
        context.say(&msg!("cli-review-signed", day = note.day.as_str(), sha256 = note.digest_sha256.as_str()));
    }
    for added in added.iter().filter(|_| !context.json) {
        context.say(&msg!("cli-review-opened", id = added.finding.to_string(), title = added.title.as_str()));
    }
    Ok(json!({
        "day": note.day, "zone": note.zone, "sha256": note.digest_sha256, "counts": note.counts, "note": note.note,
        "findings": note.findings,
    }))
}

/// What `--open` enters.
fn findings(matches: &ArgMatches, day: &str) -> Result<Vec<Added>> {
    let severity = matches.get_one::<String>("severity").and_then(|name| Severity::from_name(name));
    let one = |title: &String| {
        Ok(Added {
            finding: Id::drawn(&shoseki_vault::spool::new_id()?),
            source: format!("review {day}"),
            title: checked("open", title.trim().to_owned(), MAX_NAME)?,
            text: None,
            severity: severity.unwrap_or(Severity::Medium),
            due: None,
            requirements: Vec::new(),
            documents: Vec::new(),
            owner: None,
        })
    };
    matches.get_many::<String>("open").into_iter().flatten().map(one).collect()
}
