//! `shoseki demo --incident`: an incident from the first match to its end, as whoever responds would type it.

use std::sync::Arc;

use serde_json::Value;
use shoseki_comply::checks::own_rows;
use shoseki_comply::incident::Form;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_query::Engine;

use super::super::{incident::Opened, query};
use super::stage::Stage;
use crate::Exit;
use crate::context::Context;
use crate::output::{self, quoted};

/// The matches that were told.
const MATCHES: &str = "select arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation = 'detect.match'\norder by time";
/// What the incident concerns: whom it is about, from where, and whom they made.
const CONCERNED: &str = "filter userIdentity.arn like /deploy-bot|support-temp/ or src_endpoint.ip = \"203.0.113.77\"";
/// The hour of the stranger: from shortly before the first match until shortly after the last.
const FROM: &str = "2026-03-05T05:00:00Z";
const TO: &str = "2026-03-05T06:15:00Z";
/// What proves the measure.
const CHECK: &str = "evidence_logging_was_not_stopped";

/// The demo, with the environment that its commands need.
struct Response<'a> {
    stage: &'a Stage,
    vault: String,
}

pub(super) async fn play(stage: &Stage) -> Result<()> {
    let response = Response { stage, vault: stage.path("vault") };
    response.begins().await?;
    let id = response.is_opened().await?;
    response.looks_around(&id).await?;
    response.ends_it(&id).await?;
    response.reports(&id).await?;
    response.closes(&id).await
}

impl Response<'_> {
    async fn run(&self, words: &[&str]) -> Result<()> {
        self.run_to(words, Exit::Done).await
    }

    async fn run_to(&self, words: &[&str], expected: Exit) -> Result<()> {
        self.stage.short((words, &["--vault", &self.vault]), expected).await
    }

    async fn begins(&self) -> Result<()> {
        let (stage, zone) = (self.stage, self.stage.context.zone.name());
        stage.title(&msg!("demo-incident-intro", folder = stage.folder.display().to_string()));
        let (vault, keys) = (quoted(&self.vault), quoted(&stage.path("keys")));
        output::line(&format!("$ export SHOSEKI_VAULT={vault} SHOSEKI_KEY_DIR={keys} SHOSEKI_TZ={zone}"));
        stage.title(&msg!("demo-incident-evidence"));
        stage.short((&["init", &self.vault, "--quiet"], &[]), Exit::Done).await?;
        self.run(&["ingest", "auto", &stage.path("evidence")]).await?;
        stage.title(&msg!("demo-incident-detect"));
        self.run_to(&["detect", "--level", "high"], Exit::Failed).await
    }

    /// Opens the incident, and gives its name.
    async fn is_opened(&self) -> Result<String> {
        let (context, _) = self.stage.read(&["incident", "list", "--vault", &self.vault])?;
        let found = gravest(&context).await?;
        self.stage.title(&msg!("demo-incident-open"));
        let duties = ["--duty", "appi-malicious", "--duty", "gdpr", "--duty", "pci"];
        let title = self.text("demo-incident-title");
        self.run(&[&["incident", "open", "--match", &found, "--title", &title][..], &duties].concat()).await?;
        let incidents = Opened::of(&context).await?.incidents(&context).await?;
        let opened = incidents.all().first().map(|one| one.name().to_owned());
        opened.ok_or_else(|| Fault::broken(msg!("demo-went-wrong", command = "shoseki incident open")))
    }

    async fn looks_around(&self, id: &str) -> Result<()> {
        self.stage.title(&msg!("demo-incident-timeline"));
        let deeds = ["--deed", "signed-in", "--deed", "created", "--deed", "changed"];
        self.run(&[&["incident", "timeline", id, "--from", FROM, "--to", TO][..], &deeds].concat()).await?;
        self.stage.title(&msg!("demo-incident-scope"));
        let deeds = ["--deed", "read", "--deed", "deleted"];
        self.run(&[&["incident", "scope", id, "--from", FROM, "--to", TO][..], &deeds].concat()).await
    }

    async fn ends_it(&self, id: &str) -> Result<()> {
        self.stage.title(&msg!("demo-incident-contain"));
        self.run(&["incident", "contain", id]).await?;
        self.run(&["incident", "contain", id, "--ran", "2", "--note", &self.text("demo-incident-ran")]).await?;
        self.run(&["incident", "note", id, &self.text("demo-incident-noted")]).await?;
        self.stage.title(&msg!("demo-incident-hold"));
        self.run(&["hold", "place", "--why", id, "--query", CONCERNED]).await?;
        let package = self.stage.path("records.zip");
        self.run(&["package", "create", "--query", CONCERNED, "--out", &package]).await?;
        self.stage.title(&msg!("demo-incident-measure"));
        let (measure, cause) = (self.text("demo-incident-measured"), self.text("demo-incident-cause"));
        self.run(&["incident", "measure", id, &measure, "--check", CHECK, "--cause", &cause]).await
    }

    async fn reports(&self, id: &str) -> Result<()> {
        let folder = self.stage.path("reports");
        self.stage.title(&msg!("demo-incident-reports"));
        for lang in ["ja", "en"] {
            self.run(&["incident", "report", id, "--form", "all", "--lang", lang, "--out", &folder]).await?;
        }
        self.stage.title(&msg!("demo-incident-made"));
        for form in Form::ALL {
            // Each authority is told in its own language, and people in theirs.
            let lang = match form {
                Form::AppiPreliminary | Form::AppiFinal => Lang::Ja,
                Form::Gdpr33 => Lang::En,
                Form::Pci1210 | Form::Review => self.stage.context.lang,
            };
            let file = self.stage.path(&format!("reports/{}.{}.md", form.name(), lang.code()));
            self.run(&["incident", "report", id, "--form", form.name(), &file]).await?;
        }
        Ok(())
    }

    async fn closes(&self, id: &str) -> Result<()> {
        self.stage.title(&msg!("demo-incident-close"));
        self.run(&["incident", "close", id]).await?;
        self.run(&["incident", "list"]).await?;
        self.stage.title(&msg!("demo-incident-verify"));
        self.run(&["verify", "--deep"]).await?;
        self.stage.title(&msg!("demo-incident-end", folder = self.stage.path("reports")));
        output::line(&format!("  shoseki incident show {id}"));
        Ok(())
    }

    /// What whoever responds types, in the language of the demo.
    fn text(&self, id: &str) -> String {
        lookup(id, self.stage.context.lang).unwrap_or_default()
    }
}

/// The match that matters most.
async fn gravest(context: &Context) -> Result<String> {
    let vault = Arc::new(context.open().await?);
    let tail = query::newest(context, &vault, false, true).await?;
    let engine = |options| Engine::over_tail(Arc::clone(&vault), &tail, options);
    let rows = own_rows(engine, MATCHES, Timestamp::now()).await?;
    let told = rows.iter().filter_map(|row| serde_json::from_str::<Value>(row.text("raw")).ok());
    let mut critical = told.filter(|event| event["details"]["level"] == "critical");
    let id = critical.next().and_then(|event| event["details"]["id"].as_str().map(str::to_owned));
    id.ok_or_else(|| Fault::broken(msg!("demo-went-wrong", command = "shoseki detect")))
}
