//! Debian's packages that some tests run: databases that write audit logs, a syslog daemon, a font with Japanese letters. Installed once, where that may be
//! done without asking anybody; the tests start them by themselves, and none is left running as a service.

use std::process::Command;

use anyhow::{Result, bail};

use crate::call;

/// The packages that are called the same in every release.
const PACKAGES: [&str; 4] = ["fonts-ipaexfont-gothic", "mariadb-server", "rsyslog", "rsyslog-gnutls"];
/// What pgaudit's package is called: it has PostgreSQL's version in its name.
const PGAUDIT: &str = "^postgresql-[0-9]+-pgaudit$";

/// Installs the packages that its arguments name, and lets no service start meanwhile.
const INSTALL: &str = r#"set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -q -y --no-install-recommends "$@"
"#;

/// Makes sure that the packages are there.
///
/// # Errors
/// Why they are not.
pub fn prepare() -> Result<()> {
    if !call::quietly(call::at_root("dpkg-query").arg("--version")) {
        bail!("this is no Debian");
    }
    let mut absent: Vec<String> = PACKAGES.iter().filter(|name| !is_installed(name)).map(|&name| name.into()).collect();
    let has_pgaudit = is_installed("postgresql-*-pgaudit");
    if absent.is_empty() && has_pgaudit {
        return Ok(());
    }
    let Some(mut update) = as_root("apt-get") else {
        bail!("`apt-get install` needs root, or `sudo` without a password");
    };
    let is_updated = call::succeeds(update.args(["update", "-q"]))?;
    if !has_pgaudit {
        absent.extend(pgaudit());
    }
    let installed = match as_root("sh") {
        Some(mut install) => call::succeeds(install.args(["-c", INSTALL, "sh"]).args(&absent))?,
        None => false,
    };
    if !installed {
        let why = if is_updated { "" } else { ": are Debian's packages reachable?" };
        bail!("{} could not be installed{why}", absent.join(", "));
    }
    if !is_installed("postgresql-*-pgaudit") {
        bail!("this release has no package of pgaudit");
    }
    Ok(())
}

/// Whether a package, or one of a pattern, is installed.
fn is_installed(package: &str) -> bool {
    let asked = call::at_root("dpkg-query").args(["-W", "-f", "${db:Status-Status}\n", package]).output();
    asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).lines().any(|status| status == "installed"))
}

/// What pgaudit's package of the newest PostgreSQL is called here.
fn pgaudit() -> Option<String> {
    let found = call::at_root("apt-cache").args(["search", "--names-only", PGAUDIT]).output().ok()?;
    newest(&String::from_utf8_lossy(&found.stdout))
}

fn newest(found: &str) -> Option<String> {
    let names = found.lines().filter_map(|line| line.split(' ').next());
    let version = |name: &&str| name.split('-').nth(1).and_then(|version| version.parse::<u32>().ok());
    names.max_by_key(version).map(str::to_owned)
}

/// A program as root; `None` where that would ask somebody.
fn as_root(program: &str) -> Option<Command> {
    let is_root = call::at_root("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if is_root {
        return Some(call::at_root(program));
    }
    let may_all = call::quietly(call::at_root("sudo").args(["-n", "true"]));
    may_all.then(|| {
        let mut sudo = call::at_root("sudo");
        sudo.args(["-n", program]);
        sudo
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken() {
        let found = "postgresql-9-pgaudit - old\npostgresql-17-pgaudit - PostgreSQL Audit Extension\npostgresql-15-pgaudit - x\n";
        assert_eq!(newest(found).as_deref(), Some("postgresql-17-pgaudit"));
        assert_eq!(newest(""), None);
    }

    #[test]
    fn what_is_not_installed_is_known_to_be_absent() {
        assert!(!is_installed("shoseki-no-such-package"));
    }
}
