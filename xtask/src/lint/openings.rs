//! Every Rust file opens with `//!`: what it is.

use crate::repository::Repository;

use super::Outcome;

/// Looks at the first line of every Rust file.
pub fn check(repository: &Repository) -> Outcome {
    let opens = |text: &str| text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 8);
    let silent = repository.ending(".rs").filter(|(_, text)| !opens(text));
    silent.map(|(path, _)| format!("{path}:1: expected `//! ` and what the file is")).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_say_what_it_is_is_found() {
        let repository = Repository::of(&[("a.rs", "//! What it is.\n"), ("b.rs", "use x;\n//! late"), ("c.rs", "")]);
        let found = check(&repository).findings;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("b.rs:1"));
    }
}
