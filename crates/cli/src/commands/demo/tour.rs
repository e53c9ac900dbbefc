//! `shoseki demo`: the main job from end to end.

use std::path::Path;

use shoseki_messages::{Result, msg};
use shoseki_report::Fonts;
use shoseki_vault::Vault;

use super::stage::Stage;
use crate::{Exit, context, output};

/// The question of the operations handbook, word for word.
const HANDBOOK: &str = "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100";
/// Who was refused what.
const REFUSED: &str = "filter ispresent(errorCode)\n| stats count(*) as refused by userIdentity.arn, errorCode\n| sort refused desc\n| limit 5";
/// What one address did, in both sources, in order.
const ADDRESS: &str = "fields @timestamp, coalesce(eventName, verb) as did, @log, coalesce(errorCode, status) as outcome\n| filter src_endpoint.ip = \"203.0.113.77\"\n| sort @timestamp asc\n| limit 20";

/// Who asked these questions.
const ASKED: &str =
    "filter @log = \"shoseki/access\" | fields @timestamp, actor.user, action, details.ended, details.rows";

/// The day of the evidence.
const DAY: &str = "2026-03-05..2026-03-05";

pub(super) async fn play(stage: &Stage) -> Result<()> {
    let (vault, copy) = (stage.path("vault"), stage.path("tampered"));
    stage.title(&msg!("demo-intro", folder = stage.folder.display().to_string()));
    stage.title(&msg!("demo-init"));
    stage.shoseki(&["init", &vault], Exit::Done).await?;
    stage.title(&msg!("demo-ingest"));
    stage.shoseki(&["ingest", "auto", &stage.path("evidence"), "--vault", &vault], Exit::Done).await?;
    for (title, query) in
        [(msg!("demo-handbook"), HANDBOOK), (msg!("demo-refused"), REFUSED), (msg!("demo-address"), ADDRESS)]
    {
        stage.title(&title);
        stage.shoseki(&["query", query, "--vault", &vault, "-o", "table"], Exit::Done).await?;
    }
    stage.title(&msg!("demo-asked"));
    stage.shoseki(&["query", ASKED, "--source", "shoseki", "--vault", &vault, "-o", "table"], Exit::Done).await?;
    stage.title(&msg!("demo-verify"));
    stage.shoseki(&["verify", "--deep", "--vault", &vault], Exit::Done).await?;
    stage.title(&msg!("demo-package"));
    let package = stage.path("auditor.zip");
    stage.shoseki(&["package", "create", "--query", REFUSED, "--out", &package, "--vault", &vault], Exit::Done).await?;
    stage.title(&msg!("demo-package-verify"));
    let key = verifier(stage, &vault).await?;
    stage.shoseki(&["package", "verify", &package, "--key", &key], Exit::Done).await?;
    stage.title(&msg!("demo-report"));
    reports(stage, &vault).await?;
    stage.title(&msg!("demo-tamper"));
    copy_folder(Path::new(&vault), Path::new(&copy)).map_err(|error| stage.failed(error))?;
    let changed = change_a_byte(Path::new(&copy)).map_err(|error| stage.failed(error))?;
    stage.context.say(&msg!("demo-changed", file = changed));
    stage.shoseki(&["verify", "--vault", &copy], Exit::Failed).await?;
    stage.title(&msg!("demo-end"));
    let (vault, keys) = (output::quoted(&vault), output::quoted(&stage.path("keys")));
    output::line(&format!("  export SHOSEKI_VAULT={vault} SHOSEKI_KEY_DIR={keys}"));
    output::line("  shoseki query 'stats count(*) by eventName'");
    output::line("  shoseki detect");
    output::line("  shoseki check --framework pci-dss --period 2026-03");
    Ok(())
}

/// A report in both languages, for a browser and on paper.
async fn reports(stage: &Stage, vault: &str) -> Result<()> {
    let fonts = Fonts::find(&[]);
    for (lang, format) in [("ja", "html"), ("ja", "pdf"), ("en", "html"), ("en", "pdf")] {
        if format == "pdf" && fonts.is_err() {
            continue;
        }
        let report = stage.path(&format!("report.{lang}.{format}"));
        let of = ["report", "--framework", "pci-dss", "--period", DAY, "--lang", lang, "--format", format];
        stage.shoseki(&[&of[..], &["--out", &report, "--vault", vault]].concat(), Exit::Done).await?;
    }
    if let Err(fault) = fonts {
        stage.context.say(&msg!("demo-no-pdf", why = fault.message().text(stage.context.lang)));
    }
    Ok(())
}

/// The key that an auditor would have been given on paper.
async fn verifier(stage: &Stage, vault: &str) -> Result<String> {
    let access = context::access(stage.folder.join("keys"));
    Ok(Vault::open(vault, &access).await?.verifier()?.to_string())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Changes one byte in the middle of the largest file of evidence, as a hand that covers its tracks would.
fn change_a_byte(vault: &Path) -> std::io::Result<String> {
    let mut files = Vec::new();
    let mut folders = vec![vault.join("events")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push((path.metadata()?.len(), path));
            }
        }
    }
    let largest = files.into_iter().max().map(|(_, path)| path);
    let path = largest.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
    let mut bytes = std::fs::read(&path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes)?;
    Ok(path.display().to_string())
}
