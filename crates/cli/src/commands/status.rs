//! `shoseki status`: what is in the vault, and whether it is sealed, anchored and backed up.

use std::collections::BTreeMap;

use clap::{ArgMatches, Command};
use serde::Serialize;
use shoseki_event::Timestamp;
use shoseki_messages::{Result, lookup, msg};
use shoseki_segment::layout;
use shoseki_vault::{Snapshot, Vault};

use super::replica::{self, Standing};
use super::{Entry, erase, key, retention};
use crate::context::Context;
use crate::{Exit, access, output};

pub const ENTRY: Entry = Entry { name: "status", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
}

/// What the command reports; times are UTC.
#[derive(Debug, Serialize)]
struct Status {
    url: String,
    origin: String,
    encryption: String,
    tree_size: u64,
    commits: u64,
    unsealed_commits: u64,
    last_commit: Option<String>,
    records: u64,
    /// How many others were erased.
    records_erased: u64,
    bytes_raw: u64,
    bytes_stored: u64,
    streams: Vec<Stream>,
    anchors: Vec<String>,
    replicas: Vec<Standing>,
    keys_folder: String,
    keys_provider: Option<String>,
    keys_backup_checked: Option<String>,
    /// Records of accesses from this machine that wait for their seal.
    accesses_waiting: u64,
    /// The periods of the classes, in words.
    retention: BTreeMap<String, Option<u32>>,
    /// How many holds are in force.
    holds: u64,
    /// How many requests to erase wait for another person.
    erasures_waiting: u64,
}

#[derive(Debug, Serialize)]
struct Stream {
    name: String,
    source: String,
    first: String,
    last: String,
    records: u64,
    #[serde(skip)]
    times: (Timestamp, Timestamp),
}

async fn run(context: &Context, _: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let snapshot = vault.snapshot().await?;
    let status = gather(context, &vault, &snapshot).await?;
    if context.json {
        output::json(&status)?;
    } else {
        print(context, &status);
    }
    Ok(Exit::Done)
}

async fn gather(context: &Context, vault: &Vault, snapshot: &Snapshot) -> Result<Status> {
    let sealed = vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
    let (mut records, mut erased, mut raw, mut stored, mut last) = (0, 0, 0, 0, None);
    for (_, size) in vault.store().list("").await? {
        stored += size;
    }
    for file in snapshot.replay.files() {
        last = last.max(Some(file.add.modified_ms));
        for tag in &file.add.tags.segments {
            records += tag.left();
            erased += tag.erased.len();
            raw += tag.raw;
        }
    }
    Ok(Status {
        url: vault.store().url().to_owned(),
        origin: vault.marker().origin.clone(),
        encryption: vault.marker().encryption.clone(),
        tree_size: sealed,
        commits: snapshot.size(),
        unsealed_commits: snapshot.size().saturating_sub(sealed),
        last_commit: last.map(|ms| Timestamp(ms * 1_000).to_string()),
        records,
        records_erased: erased,
        bytes_raw: raw,
        bytes_stored: stored,
        streams: streams(snapshot),
        anchors: snapshot.anchors(),
        replicas: replica::standings(context, vault).await?,
        keys_folder: vault.keys().path().display().to_string(),
        keys_provider: vault.ring().map(shoseki_vault::Keyring::provider),
        keys_backup_checked: key::backup_checked(vault),
        accesses_waiting: access::waiting(context, vault),
        retention: retention::periods(snapshot)?,
        holds: snapshot.holds()?.values().filter(|hold| hold.is_in_force()).count() as u64,
        erasures_waiting: erase::waiting(snapshot)?,
    })
}

fn streams(snapshot: &Snapshot) -> Vec<Stream> {
    let mut streams: BTreeMap<(&str, &str), Stream> = BTreeMap::new();
    for tag in snapshot.replay.files().flat_map(|file| &file.add.tags.segments) {
        for part in &tag.streams {
            let stream = streams.entry((&tag.source, &part.name)).or_insert_with(|| Stream {
                name: part.name.clone(),
                source: tag.source.clone(),
                first: String::new(),
                last: String::new(),
                records: 0,
                times: (part.min, part.max),
            });
            stream.records += u64::from(part.count);
            stream.times = (stream.times.0.min(part.min), stream.times.1.max(part.max));
            (stream.first, stream.last) = (stream.times.0.to_string(), stream.times.1.to_string());
        }
    }
    streams.into_values().collect()
}

fn print(context: &Context, status: &Status) {
    let lang = context.lang;
    let mut table = output::table(&[]);
    let mut row = |id: &str, value: String| {
        table.add_row([lookup(id, lang).unwrap_or_default(), value]);
    };
    let none = || msg!("cli-status-none").text(lang);
    row("cli-status-vault", format!("{} ({})", status.url, status.encryption));
    row("cli-status-origin", status.origin.clone());
    let sealed = msg!("cli-status-sealed-value", size = status.tree_size, unsealed = status.unsealed_commits);
    row("cli-status-sealed", sealed.text(lang));
    let committed = status.last_commit.as_deref().and_then(|text| Timestamp::parse(text).ok());
    row("cli-status-last-commit", committed.map_or_else(none, |time| context.local(time)));
    let records = msg!(
        "cli-status-records-value",
        records = output::count(status.records),
        raw = output::bytes(status.bytes_raw),
        stored = output::bytes(status.bytes_stored)
    );
    row("cli-status-records", records.text(lang));
    row("cli-status-anchors", if status.anchors.is_empty() { none() } else { status.anchors.join("\n") });
    row("cli-status-retention", retention::in_short(context, &status.retention));
    row("cli-status-holds", output::count(status.holds));
    if status.records_erased > 0 || status.erasures_waiting > 0 {
        let (waiting, erased) = (output::count(status.erasures_waiting), output::count(status.records_erased));
        row("cli-status-erasures", msg!("cli-status-erasures-value", waiting = waiting, erased = erased).text(lang));
    }
    let standing = |one: &Standing| format!("{} ({})", one.url, replica::behind(lang, one));
    let replicas: Vec<String> = status.replicas.iter().map(standing).collect();
    row("cli-status-replicas", if replicas.is_empty() { none() } else { replicas.join("\n") });
    row("cli-status-accesses", output::count(status.accesses_waiting));
    row("cli-status-keys", status.keys_folder.clone());
    row("cli-status-wrapped", status.keys_provider.clone().unwrap_or_else(none));
    let checked = status.keys_backup_checked.as_deref().and_then(|text| Timestamp::parse(text).ok());
    row("cli-status-backup", checked.map_or_else(none, |time| context.local(time)));
    output::line(&table.to_string());
    let heads = ["cli-status-stream", "cli-status-source", "cli-status-first", "cli-status-last", "cli-status-count"];
    let mut table = output::table(&heads.map(|id| lookup(id, lang).unwrap_or_default()));
    for stream in &status.streams {
        let (first, last) = (context.local(stream.times.0), context.local(stream.times.1));
        table.add_row([&stream.name, &stream.source, &first, &last, &output::count(stream.records)]);
    }
    output::line(&table.to_string());
    if status.keys_backup_checked.is_none() {
        context.note(&msg!("cli-status-back-up-keys"));
    }
    if status.anchors.is_empty() {
        context.note(&msg!("cli-status-no-anchor", folder = layout::TLOG));
    }
}
