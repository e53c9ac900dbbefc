//! What a judgement of a trail looks like: a table and sentences for people, JSON, and one finding a line for other tools.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_verify::trail::{Finding, Flaw, Gap, TrailReport};

use crate::context::Context;
use crate::output;

/// How many findings, gaps and chains a person is shown.
const SHOWN: usize = 100;
const CHAINS_SHOWN: usize = 40;

/// Prints one finding a line.
pub fn findings(report: &TrailReport) -> Result<()> {
    for finding in &report.findings {
        let text = serde_json::to_string(finding).map_err(|error| Fault::broken(msg!("cli-json")).because(error))?;
        output::data(&text);
    }
    Ok(())
}

/// Prints a report.
pub fn report(context: &Context, report: &TrailReport) -> Result<()> {
    if context.json {
        return output::json(report);
    }
    table(context, report);
    chains(context, report);
    for gap in report.gaps.iter().take(SHOWN) {
        context.say(&gap_line(context, gap));
    }
    more(context, report.gaps.len().saturating_sub(SHOWN) as u64 + report.more_gaps);
    for finding in report.findings.iter().take(SHOWN) {
        say(context, finding);
    }
    more(context, report.findings.len().saturating_sub(SHOWN) as u64 + report.more_findings);
    // What to do is said once for each kind, and not behind each of a thousand files.
    let mut kinds: BTreeMap<Flaw, usize> = BTreeMap::new();
    report.findings.iter().for_each(|finding| *kinds.entry(finding.flaw).or_default() += 1);
    for (flaw, count) in kinds {
        let (code, mend) = (code(flaw), flaw.mend().text(context.lang));
        context.say(&msg!("cli-validate-mend", code = code, count = output::count(count as u64), mend = mend));
    }
    for note in &report.notes {
        context.say(&msg!("cli-verify-note", what = note.text(context.lang)));
    }
    Ok(())
}

fn table(context: &Context, report: &TrailReport) {
    let lang = context.lang;
    let mut table = output::table(&[]);
    let mut row = |id: &str, value: String| {
        table.add_row([lookup(id, lang).unwrap_or_default(), value]);
    };
    let checked = &report.checked;
    row("cli-verify-verdict", report.verdict.message().text(lang));
    let proven = |proven: u64, all: u64| {
        msg!("cli-validate-proven", proven = output::count(proven), all = output::count(all)).text(lang)
    };
    row("cli-validate-digests", proven(checked.digests_proven, checked.digests));
    row("cli-validate-log-files", proven(checked.log_files_proven, checked.log_files));
    let (accounts, regions) = (output::count(checked.accounts), output::count(checked.regions));
    row("cli-validate-accounts", format!("{accounts} × {regions}"));
    let first = report.chains.iter().map(|chain| chain.first).min();
    let last = report.chains.iter().map(|chain| chain.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        row("cli-validate-time", range(context, first, last));
    }
    row("cli-validate-bytes", output::bytes(checked.bytes));
    output::line(&table.to_string());
}

fn range(context: &Context, from: Timestamp, to: Timestamp) -> String {
    let (from, to) = (context.local(from), context.local(to));
    if from == to { from } else { msg!("cli-validate-range", from = from, to = to).text(context.lang) }
}

/// The chains, one a row.
fn chains(context: &Context, report: &TrailReport) {
    if report.chains.len() < 2 {
        return;
    }
    let head = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let heads = ["cli-validate-account", "cli-validate-region", "cli-validate-trail", "cli-validate-digests"];
    let heads = heads.into_iter().chain(["cli-validate-log-files", "cli-validate-time"]);
    let mut table = output::table(&heads.map(head).collect::<Vec<_>>());
    for chain in report.chains.iter().take(CHAINS_SHOWN) {
        let late = if chain.name.backfill { head("cli-validate-late") } else { String::new() };
        table.add_row([
            chain.name.account.clone(),
            chain.name.region.clone(),
            format!("{}{late}", chain.name.trail),
            output::count(chain.digests),
            output::count(chain.log_files),
            range(context, chain.first, chain.last),
        ]);
    }
    output::line(&table.to_string());
    more(context, report.chains.len().saturating_sub(CHAINS_SHOWN) as u64);
}

fn more(context: &Context, count: u64) {
    if count > 0 {
        context.say(&msg!("cli-validate-more", count = output::count(count)));
    }
}

fn gap_line(context: &Context, gap: &Gap) -> shoseki_messages::Message {
    let why = gap.flaw.map_or_else(|| "trail-begins".to_owned(), code);
    let (account, region) = (gap.chain.account.as_str(), gap.chain.region.as_str());
    let time = range(context, gap.from, gap.to);
    msg!("cli-validate-gap", account = account, region = region, time = time, hours = gap.hours(), why = why)
}

fn say(context: &Context, finding: &Finding) {
    let lang = context.lang;
    let (verdict, code) = (finding.flaw.verdict().message().text(lang), code(finding.flaw));
    let why = finding.message.text(lang);
    context.say(&msg!("cli-validate-finding", verdict = verdict, code = code, what = finding.what.as_str()));
    context.say(&msg!("cli-validate-what-is-wrong", why = why));
    if let (Some(from), Some(to)) = (finding.from, finding.to) {
        context.say(&msg!("cli-validate-when", time = range(context, from, to)));
    }
    if let Some(digest) = &finding.digest {
        context.say(&msg!("cli-validate-told-by", digest = digest.as_str()));
    }
}

/// The stable name of a kind.
fn code(flaw: Flaw) -> String {
    serde_json::to_value(flaw).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
