//! The repository's own checks: what rustfmt and clippy cannot see. One file a check, one word each in [`CHECKS`].

mod commands;
mod edges;
mod messages;
mod names;
mod openings;
mod pages;
mod paths;
mod scan;
mod sizes;

use anyhow::Result;

use crate::repository::Repository;

/// What a check says.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What breaks the rule: where, and what was expected.
    pub findings: Vec<String>,
    /// What could not be looked at, and why.
    pub skipped: Vec<String>,
}

impl From<Vec<String>> for Outcome {
    fn from(findings: Vec<String>) -> Self {
        Self { findings, skipped: Vec::new() }
    }
}

/// One check: its name, the rule in one line, and how it looks.
pub struct Check {
    /// As it is printed and as STYLE.md names it.
    pub name: &'static str,
    /// The rule.
    pub rule: &'static str,
    run: fn(&Repository) -> Outcome,
}

/// All checks, in the order in which they are printed.
pub const CHECKS: &[Check] = &[
    Check { name: "edges", rule: "a crate depends only on crates above it", run: edges::check },
    Check { name: "sizes", rule: "600 lines a file, 100 a function", run: sizes::check },
    Check { name: "openings", rule: "every file opens with `//!`", run: openings::check },
    Check { name: "names", rule: "no `util`, `common`, `shared`, `helpers`, `types`", run: names::check },
    Check {
        name: "messages",
        rule: "every message is in the catalogue, and every one there is used",
        run: messages::check,
    },
    Check { name: "paths", rule: "every path that a document names exists", run: paths::check },
    Check { name: "commands", rule: "every command that a document shows exists", run: commands::check },
    Check { name: "pages", rule: "every user's page exists in both languages", run: pages::check },
];

/// Runs all checks over the repository and prints what they say. `true` where nothing was found.
pub fn run() -> Result<bool> {
    let repository = Repository::load(&Repository::root())?;
    let mut clean = true;
    for check in CHECKS {
        let outcome = (check.run)(&repository);
        let word = if outcome.findings.is_empty() { "ok" } else { "broken" };
        println!("lint: {:<9} {word:<7} {}", check.name, check.rule);
        for finding in &outcome.findings {
            println!("        {finding}");
        }
        for skipped in &outcome.skipped {
            println!("        not checked: {skipped}");
        }
        clean &= outcome.findings.is_empty();
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str) -> Vec<String> {
        let repository = Repository::load(&Repository::root()).unwrap();
        let check = CHECKS.iter().find(|check| check.name == name).unwrap();
        (check.run)(&repository).findings
    }

    /// One test a check, so that a broken rule is named by the test that fails.
    macro_rules! of_this_repository {
        ($($name:ident),*) => {$(
            #[test]
            fn $name() {
                let found = findings(stringify!($name));
                assert!(found.is_empty(), "{}", found.join("\n"));
            }
        )*
            #[test]
            fn every_check_runs_here() {
                assert_eq!([$(stringify!($name)),*].as_slice(), CHECKS.iter().map(|c| c.name).collect::<Vec<_>>());
            }
        };
    }
    of_this_repository!(edges, sizes, openings, names, messages, paths, commands, pages);

    #[test]
    fn the_style_page_names_every_check() {
        let repository = Repository::load(&Repository::root()).unwrap();
        let style = repository.text("STYLE.md").unwrap();
        for check in CHECKS {
            assert!(style.contains(&format!("`{}`", check.name)), "STYLE.md lacks `{}`", check.name);
        }
    }
}
