//! No file, folder or module is named after nothing: a helper lives with its only user, or is a concept with a name.

use crate::repository::Repository;

use super::Outcome;
use super::scan::code;

const NAMELESS: [&str; 8] = ["util", "utils", "common", "shared", "helper", "helpers", "types", "misc"];

/// Looks at the names of files, folders and inline modules.
pub fn check(repository: &Repository) -> Outcome {
    let mut findings = Vec::new();
    let in_sources = repository.paths().filter(|path| path.starts_with("crates/") || path.starts_with("xtask/"));
    for path in in_sources {
        let last = path.rsplit('/').next().unwrap_or(path);
        let name = last.strip_suffix(".rs").unwrap_or(last);
        if NAMELESS.contains(&name) {
            findings.push(format!("{path}: `{name}` says nothing: name the concept, or move it to its only user"));
        }
    }
    for (path, text) in repository.ending(".rs") {
        for (index, line) in code(text).lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').skip_while(|word| *word != "mod");
            if let (Some(_), Some(name)) = (words.next(), words.next())
                && NAMELESS.contains(&name)
                && line.contains('{')
            {
                findings.push(format!("{path}:{}: `mod {name}` says nothing: name the concept", index + 1));
            }
        }
    }
    findings.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found() {
        let found = |path, text| check(&Repository::of(&[(path, text)])).findings.len();
        assert_eq!(found("crates/a/src/util.rs", ""), 1);
        assert_eq!(found("crates/a/src/helpers/x.rs", ""), 1);
        assert_eq!(found("crates/a/src/x.rs", "pub mod common { }"), 1);
        assert_eq!(found("crates/a/src/x.rs", "// mod common {\nlet common = 1;"), 0);
        assert_eq!(found("crates/a/src/commands.rs", ""), 0);
    }
}
