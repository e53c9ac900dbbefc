//! What users read exists in both languages: `README.md` with `README.ja.md`, `docs/guide/` with `docs/ja/guide/`.

use crate::repository::Repository;

use super::Outcome;

const ENGLISH: &str = "docs/guide/";
const JAPANESE: &str = "docs/ja/guide/";

/// Looks for each page's other language.
pub fn check(repository: &Repository) -> Outcome {
    let mut findings = Vec::new();
    for (path, _) in repository.ending(".md") {
        let other = match path {
            "README.md" => "README.ja.md".to_owned(),
            "README.ja.md" => "README.md".to_owned(),
            _ => match (path.strip_prefix(ENGLISH), path.strip_prefix(JAPANESE)) {
                (Some(rest), _) => format!("{JAPANESE}{rest}"),
                (_, Some(rest)) => format!("{ENGLISH}{rest}"),
                _ => continue,
            },
        };
        if !repository.has(&other) {
            findings.push(format!("{path}: its page in the other language, `{other}`, is missing"));
        }
    }
    findings.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_its_other_language_is_found() {
        let found = |files: &[(&str, &str)]| check(&Repository::of(files)).findings.len();
        assert_eq!(found(&[("README.md", "")]), 1);
        assert_eq!(found(&[("README.md", ""), ("README.ja.md", "")]), 0);
        assert_eq!(found(&[("docs/ja/guide/query.md", "")]), 1);
        assert_eq!(found(&[("docs/guide/query.md", ""), ("docs/ja/guide/query.md", "")]), 0);
        assert_eq!(found(&[("docs/adr/0001-a.md", "")]), 0);
    }
}
