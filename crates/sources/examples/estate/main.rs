//! Makes the sample estate: one working day (2026-03-05 in Tokyo) of Hinode Foods, a company that does not exist, with
//! an incident in it. Deterministic: the same bytes on every run, so that the folder in the repository can be made again.
//!
//! ```text
//! cargo run -p shoseki-sources --example estate testdata/estate
//! ```
//!
//! The incident: the access key of `deploy-bot` leaks and is used from 203.0.113.77 between 14:12 and 15:11 Tokyo time.
//! It looks around, is refused, gives itself `AdministratorAccess`, makes a user that logs in without MFA, stops the
//! trail, takes and deletes objects, enters the cluster, reads its secrets and deletes the pod that forwards its logs.
//! From 15:20 on, `aiko` cleans up. Account ids and addresses are from the ranges reserved for documentation.

mod cloudtrail;
mod incident;
mod k8s_audit;
mod office;
mod random;

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// A file of the estate: its path below the folder, and its bytes before compression.
pub type File = (PathBuf, Vec<u8>);

/// All files, in order.
pub fn files() -> Vec<File> {
    let mut random = random::Random::new(20_260_305);
    let mut trail = office::calls(&mut random);
    trail.extend(incident::calls());
    let mut audit = k8s_audit::routine(&mut random);
    audit.extend(incident::requests());
    let mut files = cloudtrail::files(trail, &mut random);
    files.push(k8s_audit::file(audit, &mut random));
    files
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("the folder to write is missing: expected one argument")?;
    for (path, bytes) in files() {
        let path = Path::new(&folder).join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&bytes)?;
            fs::write(path, encoder.finish()?)?;
        } else {
            fs::write(path, bytes)?;
        }
    }
    Ok(())
}
