//! `detect prove`: each of our own rules, asked of the events that must and must not match it.

use clap::ArgMatches;
use serde_json::json;
use shoseki_detect::{Proof, prove_own};
use shoseki_messages::{Result, lookup, msg};

use crate::context::Context;
use crate::{Exit, output};

pub(super) fn run(context: &Context, _: &ArgMatches) -> Result<Exit> {
    let proofs = prove_own()?;
    let is_good = proofs.iter().all(Proof::is_good);
    if context.json {
        output::json(&json!({"good": is_good, "files": proofs}))?;
    } else {
        let word = |name: &str| lookup(&format!("detect-head-{name}"), context.lang).unwrap_or_default();
        let mut table = output::table(&["file", "match", "no-match", "wrong"].map(word));
        for proof in &proofs {
            let wrong = proof.wrong.iter().map(|wrong| wrong.text(context.lang)).collect::<Vec<_>>().join("\n");
            table.add_row([proof.file.clone(), proof.matching.to_string(), proof.no_match.to_string(), wrong]);
        }
        output::line(&table.to_string());
        context.say(&match is_good {
            true => msg!("detect-proven", files = proofs.len()),
            false => msg!("detect-not-proven", files = proofs.iter().filter(|proof| !proof.is_good()).count()),
        });
    }
    Ok(if is_good { Exit::Done } else { Exit::Failed })
}
