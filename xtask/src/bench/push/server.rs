//! The server under load: a vault in a folder, `serve` over it, and what it cost.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest, Sha256};

use super::super::measure::peak_of_status;
use crate::call;

/// The sender's token.
pub const TOKEN: &str = "token-of-the-benchmark";

/// A server that runs.
pub struct Server {
    child: Child,
    address: String,
    place: Place,
}

/// A vault with its keys and its log.
pub struct Place {
    folder: PathBuf,
}

impl Place {
    fn command(&self, binary: &Path) -> Command {
        let mut command = call::at_root(binary);
        command.args(["--lang", "en"]);
        command.env("SHOSEKI_VAULT", self.folder.join("vault")).env("SHOSEKI_KEY_DIR", self.folder.join("keys"));
        command
    }

    /// The audit ids of all events in the vault, as often as they are there.
    pub fn keys(&self, binary: &Path) -> Result<Vec<String>> {
        let mut query = self.command(binary);
        query.args(["query", "display auditID", "--source", "k8s-audit", "--sealed", "-o", "csv"]);
        let output = query.stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the vault cannot be asked");
        Ok(String::from_utf8(output.stdout)?.lines().skip(1).map(str::to_owned).collect())
    }
}

impl Server {
    /// Starts it over the vault in a folder, which is made where it is not there.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let place = Place { folder: folder.to_owned() };
        fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        if !folder.join("vault").exists() {
            let mut init = place.command(binary);
            ensure!(call::succeeds(init.args(["init"]).stdout(Stdio::null()))?, "the vault cannot be made");
        }
        let config = folder.join("shoseki.toml");
        let hash: String = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
        let sender =
            format!("[[sender]]\nname = \"bench\"\ntoken_sha256 = \"{hash}\"\nreceivers = [\"kubernetes-audit\"]\n");
        let listen = "[http]\nlisten = \"127.0.0.1:0\"\n[status]\nlisten = \"127.0.0.1:0\"\n";
        fs::write(&config, format!("wal = \"wal\"\n{listen}{sender}"))?;
        let mut serve = place.command(binary);
        serve.args(["serve", "--json", "--config"]).arg(&config).stdout(Stdio::piped());
        serve.stderr(fs::File::create(folder.join("said.jsonl"))?).env("XDG_STATE_HOME", folder);
        let mut child = serve.spawn().context("the server does not start")?;
        let mut line = String::new();
        let out = child.stdout.take().context("the server says nothing")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready: serde_json::Value =
            serde_json::from_str(&line).context("the server did not say where it listens")?;
        let address = ready["http"].as_str().context("the server did not say where it listens")?.to_owned();
        Ok(Self { child, address, place })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its peak memory in bytes, and its processor time in seconds, so far.
    pub fn cost(&self) -> Result<(u64, f64)> {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        let peak = peak_of_status(&fs::read_to_string(folder.join("status"))?).unwrap_or_default();
        let stat = fs::read_to_string(folder.join("stat"))?;
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let ticks: Vec<u64> = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
        Ok((peak, ticks.iter().sum::<u64>() as f64 / 100.0)) // Linux counts hundredths
    }

    /// Asks it to stop, and waits until all is sealed.
    pub fn stop(self) -> Result<Place> {
        self.end("-TERM")
    }

    /// Kills it.
    pub fn kill(self) -> Result<Place> {
        self.end("-KILL")
    }

    fn end(mut self, how: &str) -> Result<Place> {
        let mut kill = Command::new("kill");
        ensure!(
            kill.args([how, &self.child.id().to_string()]).status()?.success(),
            "the server was not there any more"
        );
        let status = self.child.wait()?;
        ensure!(how == "-KILL" || status.success(), "the server did not stop in good order");
        Ok(self.place)
    }
}
