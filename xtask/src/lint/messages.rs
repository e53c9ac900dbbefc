//! Every message that the code names is in the catalogue, and every message there is named by the code.
//!
//! A message is named by `msg!("id")`, `Message::new("id")` or `lookup("id")`; any other literal that equals an id counts as a use
//! too, and so does one that builds ids (`format!("verify-kind-{kind}")`, `concat!("verify-kind-", …)`). What `help.ftl` holds is looked up by the path of
//! the command line (`help-query-from`), which no literal shows: those ids, and no others, need no visible use.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::Repository;

use super::Outcome;
use super::scan::{Literal, before_tests, is_test_file, literals};

const CATALOGUE: &str = "crates/messages/catalogue/en/";
const HELP: &str = "crates/messages/catalogue/en/help.ftl";

/// Holds the code and the catalogue together. That both languages have the same ids is a test of the catalogue's crate.
pub fn check(repository: &Repository) -> Outcome {
    let catalogue = ids(repository);
    let areas: BTreeSet<&str> = catalogue.values().map(|place| area(place.path)).collect();
    let mut used: BTreeSet<String> = catalogue.values().flat_map(|place| place.refers.iter().cloned()).collect();
    let mut prefixes: Vec<String> = Vec::new();
    let mut findings = Vec::new();
    let sources = repository.ending(".rs").filter(|(path, _)| path.starts_with("crates/") && !is_test_file(path));
    for (path, text) in sources {
        for literal in literals(before_tests(text)) {
            let area = literal.text.split('-').next().unwrap_or_default();
            if must_exist(&literal, areas.contains(area)) && !catalogue.contains_key(literal.text.as_str()) {
                findings
                    .push(format!("{path}:{}: `{}` is not in the catalogue ({CATALOGUE})", literal.line, literal.text));
            }
            match prefix(&literal.text) {
                Some(prefix) if areas.contains(area) && prefix.len() > area.len() + 1 => {
                    prefixes.push(prefix.to_owned())
                }
                _ => _ = used.insert(literal.text),
            }
        }
    }
    for (id, place) in &catalogue {
        let by_path = place.path == HELP && id.starts_with("help-");
        if !by_path && !used.contains(*id) && !prefixes.iter().any(|prefix| id.starts_with(prefix.as_str())) {
            findings
                .push(format!("{}:{}: `{id}` is said nowhere: remove it in both languages", place.path, place.line));
        }
    }
    findings.into()
}

fn must_exist(literal: &Literal, has_area: bool) -> bool {
    let named = literal.before.ends_with("msg!(") || literal.before.ends_with("Message::new(");
    named || (has_area && literal.before.ends_with("lookup(") && !literal.text.contains('{'))
}

/// The constant part of a literal that builds ids: `verify-kind-{kind}` in `format!`, `verify-kind-` in `concat!`.
fn prefix(text: &str) -> Option<&str> {
    match text.split_once('{') {
        Some((prefix, _)) => Some(prefix),
        None => Some(text).filter(|text| text.ends_with('-')),
    }
}

/// Where a message stands, and which others its text includes.
struct Place<'a> {
    path: &'a str,
    line: usize,
    refers: Vec<String>,
}

fn area(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".ftl")
}

fn ids(repository: &Repository) -> BTreeMap<&str, Place<'_>> {
    let mut found: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for (path, text) in repository.ending(".ftl").filter(|(path, _)| path.starts_with(CATALOGUE)) {
        let mut current = None;
        for (index, line) in text.lines().enumerate() {
            if line.starts_with(|c: char| c.is_ascii_alphabetic())
                && let Some((id, _)) = line.split_once('=')
            {
                current = Some(id.trim());
                found.insert(id.trim(), Place { path, line: index + 1, refers: Vec::new() });
            }
            if let Some(place) = current.and_then(|id| found.get_mut(id)) {
                place.refers.extend(references(line));
            }
        }
    }
    found
}

/// `{ other-message }` in a text.
fn references(line: &str) -> Vec<String> {
    let inside = line.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inside, _)| inside.trim());
    inside
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.contains('-'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FTL: &str = "### vault: texts\nvault-gone = `{ $url }` is gone\nvault-kind-a = a\nvault-whole = see { vault-part }\nvault-part = part\n";

    fn findings(code: &str) -> Vec<String> {
        let help = "crates/messages/catalogue/en/help.ftl";
        let vault = "crates/messages/catalogue/en/vault.ftl";
        check(&Repository::of(&[(vault, FTL), (help, "help-query = ask\n"), ("crates/vault/src/lib.rs", code)]))
            .findings
    }

    const ALL: &str = "msg!(\"vault-gone\"); f(\"vault-whole\"); format!(\"vault-kind-{x}\");";

    #[test]
    fn what_is_said_is_found() {
        assert!(findings(ALL).is_empty(), "{:?}", findings(ALL));
    }

    #[test]
    fn ids_may_be_built() {
        assert!(findings("msg!(\"vault-gone\"); f(\"vault-whole\"); concat!(\"vault-kind-\", x);").is_empty());
    }

    #[test]
    fn what_the_catalogue_lacks_is_found() {
        for code in ["msg!(\n    \"vault-lost\")", "Message::new(\"vault-lost\")", "lookup(\"vault-lost\", lang)"] {
            let found = findings(&format!("{ALL}\n{code}"));
            assert_eq!(found.len(), 1, "{code}: {found:?}");
            assert!(found[0].contains("`vault-lost`"));
        }
        assert!(findings(&format!("{ALL} map.lookup(\"colour\"); // msg!(\"vault-lost\")")).is_empty());
    }

    #[test]
    fn what_is_said_nowhere_is_found_and_tests_do_not_count() {
        let found = findings(
            "f(\"vault-whole\"); format!(\"vault-kind-{x}\");\n#[cfg(test)]\nmod tests { msg!(\"vault-gone\") }",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/messages/catalogue/en/vault.ftl:2: `vault-gone`"));
    }

    #[test]
    fn a_prefix_that_is_only_the_area_uses_nothing() {
        assert_eq!(findings("format!(\"vault-{x}\");").len(), 3);
    }
}
