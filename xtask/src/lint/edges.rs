//! Dependencies point down: a crate may name only crates that stand above it in [`ORDER`].

use crate::repository::Repository;

use super::Outcome;

/// The crates, each below all that it may depend on.
const ORDER: &[&str] = &[
    "messages", "event", "merkle", "tlog", "sources", "segment", "vault", "verify", "insights", "query", "detect",
    "comply", "report", "aws", "setup", "server", "cli",
];

/// What the order alone would allow. Tests may: a vault that is to be judged must be written by somebody.
const NEVER: &[(&str, &str, &str)] = &[("verify", "vault", "the verifier never runs the writer's code")];

/// The only crates that these may name.
const ONLY: &[(&str, &[&str])] = &[("insights", &["messages"]), ("merkle", &[]), ("messages", &[])];

const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// Looks at every crate's `Cargo.toml`.
pub fn check(repository: &Repository) -> Outcome {
    let mut findings = Vec::new();
    for (path, text) in repository.ending("/Cargo.toml") {
        let name = match path.strip_prefix("crates/").and_then(|rest| rest.strip_suffix("/Cargo.toml")) {
            Some(name) => name,
            None if path == "xtask/Cargo.toml" => "xtask",
            None => continue,
        };
        match text.parse::<toml::Table>() {
            Ok(manifest) => of_crate(path, name, &manifest, &mut findings),
            Err(error) => findings.push(format!("{path}: {error}")),
        }
    }
    findings.into()
}

fn of_crate(path: &str, name: &str, manifest: &toml::Table, findings: &mut Vec<String>) {
    let package = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let expected = if name == "xtask" { name.to_owned() } else { format!("shoseki-{name}") };
    if package != Some(expected.as_str()) {
        findings.push(format!("{path}: expected the package's name to be `{expected}`"));
    }
    let place = ORDER.iter().position(|known| *known == name);
    if place.is_none() && name != "xtask" {
        findings.push(format!("{path}: `{name}` has no place in the order of crates in xtask/src/lint/edges.rs"));
        return;
    }
    for (table, target) in dependencies(manifest) {
        let above = ORDER.iter().take(place.unwrap_or(0)).any(|known| *known == target);
        if !above {
            findings.push(format!("{path}: `{name}` may not depend on `{target}`: only on crates above it"));
        }
        if table == "dev-dependencies" {
            continue;
        }
        for (_, _, why) in NEVER.iter().filter(|(from, to, _)| *from == name && *to == target) {
            findings.push(format!("{path}: `{name}` may never depend on `{target}`: {why}"));
        }
        for (_, only) in ONLY.iter().filter(|(from, only)| *from == name && !only.contains(&target.as_str())) {
            findings.push(format!("{path}: `{name}` may depend on {only:?} only, not on `{target}`"));
        }
    }
}

/// The crates of ours that a manifest names, with the table in which it does; also under `[target.…]`, also renamed.
fn dependencies(manifest: &toml::Table) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flatten().filter_map(|(_, table)| table.as_table());
    for holder in tables.chain([manifest]) {
        for table in TABLES {
            for (key, value) in holder.get(table).and_then(toml::Value::as_table).into_iter().flatten() {
                let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
                if let Some(short) = name.strip_prefix("shoseki-") {
                    found.push((table, short.to_owned()));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, rest: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        let text = format!("[package]\nname = \"shoseki-{name}\"\n{rest}");
        check(&Repository::of(&[(&path, &text)])).findings
    }

    #[test]
    fn down_is_allowed_and_up_is_not() {
        assert!(findings("vault", "[dependencies]\nshoseki-event.workspace = true").is_empty());
        assert_eq!(findings("event", "[dependencies]\nshoseki-vault.workspace = true").len(), 1);
        assert_eq!(findings("event", "[dev-dependencies]\nshoseki-vault = { path = \"../vault\" }").len(), 1);
        assert_eq!(findings("event", "[dependencies]\nv = { package = \"shoseki-vault\" }").len(), 1);
        assert_eq!(findings("event", "[target.'cfg(unix)'.dependencies]\nshoseki-vault = \"1\"").len(), 1);
    }

    #[test]
    fn the_verifier_never_runs_the_writers_code() {
        assert_eq!(findings("verify", "[dependencies]\nshoseki-vault.workspace = true").len(), 1);
        assert!(findings("verify", "[dev-dependencies]\nshoseki-vault.workspace = true").is_empty());
    }

    #[test]
    fn the_grammar_knows_messages_only() {
        assert!(findings("insights", "[dependencies]\nshoseki-messages.workspace = true").is_empty());
        assert_eq!(findings("insights", "[dependencies]\nshoseki-event.workspace = true").len(), 1);
    }

    #[test]
    fn an_unknown_crate_and_a_wrong_name_are_found() {
        assert_eq!(findings("stuff", "").len(), 1);
        assert_eq!(
            check(&Repository::of(&[("crates/event/Cargo.toml", "[package]\nname = \"event\"")])).findings.len(),
            1
        );
    }
}
