//! What becomes of `serve` where a part of it dies: it is told, and is no silence.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use shoseki_messages::{Kind, Result};
use shoseki_server::schedule::{Ran, Run, Runner};
use shoseki_server::{Config, Happening, serve};
use shoseki_vault::{Access, Init, Vault};

/// Gives no rows, but for the first time of what is called so.
struct Panics(&'static str, AtomicUsize);

#[async_trait]
impl Runner for Panics {
    async fn run(&self, run: &Run<'_>, _lock: &File) -> Result<Ran> {
        assert!(run.schedule.name != self.0 || self.1.fetch_add(1, Ordering::Relaxed) > 0, "a defect");
        Ok(Ran { command: String::new(), report: json!([]), said: String::new(), is_cut: false })
    }
}

const CONFIG: &str = "[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n\
    [[schedule]]\nname = \"a\"\nevery = \"1s\"\nquery = { text = \"fields a\", alert = \"none\" }\n\
    [[schedule]]\nname = \"b\"\nevery = \"1s\"\nquery = { text = \"fields a\", alert = \"none\" }\n";

/// Serves until an action was told so often, or it ends by itself; gives how it ended and what was told, by action and schedule.
async fn served(
    folder: &Path,
    runner: Panics,
    (until, times): (&'static str, usize),
    dies_at: &'static str,
) -> (Result<()>, Vec<String>) {
    let vault = folder.join("vault");
    let access = Access::new(folder.join("keys"));
    let vault = Arc::new(Vault::init(vault.to_str().unwrap(), &access, &Init::default()).await.unwrap().vault);
    let config = Config::parse(CONFIG, "shoseki.toml").unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (stop, mut stopped) = tokio::sync::watch::channel(0);
    let (heard, wal) = (Arc::clone(&told), folder.join("wal"));
    let happened = move |happening: &Happening| {
        let schedule = happening.details.get("schedule").map(String::as_str).unwrap_or_default();
        let said = format!("{} {schedule}", happening.action).trim_end().to_owned();
        heard.lock().unwrap().push(said.clone());
        stop.send_modify(|count| *count += usize::from(said == until));
        assert!(said != dies_at, "a defect where it is told");
    };
    let stop = async move {
        let _ = stopped.wait_for(|count| *count >= times).await;
    };
    let serving = serve(vault, &config, &wal, (Arc::new(runner), chrono_tz::Tz::UTC), (happened, |_| {}, stop));
    let ended = tokio::time::timeout(Duration::from_secs(60), serving).await.unwrap();
    let told = told.lock().unwrap().clone();
    (ended, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_in_one_run_is_told_and_keeps_the_others_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runner = Panics("a", AtomicUsize::new(0));
    let (ended, told) = served(folder.path(), runner, ("schedule.done a", 1), "").await;
    assert!(ended.is_ok(), "{ended:?}");
    for said in ["schedule.failed a", "schedule.done b", "schedule.recovered a", "schedule.done a", "serve.stop"] {
        assert!(told.iter().any(|told| told == said), "{said}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_thread_of_schedules_ends_serve_says_so_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let runner = Panics("", AtomicUsize::new(0));
    let (ended, told) = served(folder.path(), runner, ("never", 1), "schedule.done a").await;
    let fault = ended.unwrap_err();
    assert_eq!((fault.kind(), fault.id()), (Kind::Broken, "server-thread-died"));
    let died = told.iter().position(|told| told == "serve.died");
    let stopped = told.iter().position(|told| told == "serve.stop");
    assert!(died.is_some() && died < stopped, "it ends in good order: {told:?}");
}
