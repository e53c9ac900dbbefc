//! moto's S3, for as long as the tests run.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::call;
use crate::repository::Repository;

const PATIENCE: Duration = Duration::from_secs(90); // the first start compiles Python's modules

/// A running server; it ends when this is dropped, and also when this process dies, because its standard input closes.
pub struct Moto {
    server: Child,
    port: u16,
}

impl Moto {
    /// Starts the server on a free port and waits until it answers.
    pub fn start(python: &Path) -> Result<Self> {
        Self::logged(python, &Repository::root().join(".venv").join("moto.log"))
    }

    fn logged(python: &Path, log: &Path) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let output = File::create(log).with_context(|| format!("cannot write `{}`", log.display()))?;
        let mut command = call::at_root(python);
        command.args(["-c", include_str!("moto.py"), "-H", "127.0.0.1", "-p", &port.to_string()]);
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        println!("+ moto_server -H 127.0.0.1 -p {port}");
        let mut moto = Self { server: command.spawn().context("cannot run Python")?, port };
        moto.wait().with_context(|| format!("its output is in `{}`", log.display()))?;
        Ok(moto)
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What tests are told of it. A test cannot set these for itself: its process has other threads that read them.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("SHOSEKI_TEST_S3", self.url()),
            ("AWS_ENDPOINT_URL", self.url()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    fn wait(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.server.try_wait()? {
                bail!("it ended at once ({status})");
            }
            if self.answers().unwrap_or(false) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("no answer within {} s", PATIENCE.as_secs())
    }

    fn answers(&self) -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /moto-api/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill(); // it may have ended by itself
        let _ = self.server.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn the_server_answers_until_it_is_dropped() {
        let Some(python) = env::var_os("SHOSEKI_TEST_PYTHON") else {
            println!("skipped: moto's server needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let moto = Moto::logged(Path::new(&python), &folder.path().join("log")).unwrap();
        let port = moto.port;
        assert!(moto.url().ends_with(&port.to_string()));
        assert!(moto.answers().unwrap());
        drop(moto);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[test]
    fn a_program_that_is_no_server_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let said = Moto::logged(Path::new("false"), &folder.path().join("log")).err().map(|error| format!("{error:#}"));
        assert!(said.unwrap().contains("it ended at once"));
    }
}
