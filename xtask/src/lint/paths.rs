//! Every path of the repository that a document names exists.
//!
//! A path is what a Markdown link points to, and what stands in backticks with a `/` in it and either begins with one of the
//! repository's own folders (`crates/vault/src`) or ends as our sources do (`src/lib.rs`, from the root or from the page). `*` is
//! any part of a name; what follows a `<` or `…` is open. Code blocks are not looked at, nor is a line with `<!-- not a path -->`.

use crate::repository::Repository;

use super::Outcome;

const ALLOWED: &str = "<!-- not a path -->";
/// Folders that exist only after something was built or run.
const MADE: [&str; 3] = ["target/", "bench-data/", ".venv/"];
const SOURCES: [&str; 5] = [".rs", ".ftl", ".py", ".md", ".toml"];

/// Looks at every Markdown page.
pub fn check(repository: &Repository) -> Outcome {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(".md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, text) in prose(text).filter(|(_, text)| !text.contains(ALLOWED)) {
            for target in links(text) {
                if join(folder, target).is_none_or(|target| !exists(repository, &target)) {
                    findings.push(format!("{path}:{line}: the link's target `{target}` does not exist"));
                }
            }
            for word in backticked(text).filter(|word| is_path(repository, word)) {
                let places = [Some(word.to_owned()), join(folder, word)];
                if !places.iter().flatten().any(|place| exists(repository, place)) {
                    findings.push(format!("{path}:{line}: `{word}` does not exist"));
                }
            }
        }
    }
    findings.into()
}

/// The lines outside code blocks, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        inside ^= is_fence;
        (!inside && !is_fence).then_some((index + 1, line))
    })
}

/// The targets of links that lead into the repository, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.trim());
    targets
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains(':') && !target.contains(' '))
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_path(repository: &Repository, word: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*' | '<' | '>' | '…');
    let Some((first, _)) = word.split_once('/') else { return false };
    if !word.chars().all(known)
        || first.is_empty()
        || word.starts_with("../")
        || MADE.iter().any(|made| word.starts_with(made))
    {
        return false;
    }
    repository.has(first) || SOURCES.iter().any(|end| word.ends_with(end))
}

/// A path from a page's folder, made one from the root; `None` where it leaves the repository.
fn join(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => _ = parts.pop()?,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn exists(repository: &Repository, path: &str) -> bool {
    let parts: Vec<&str> = path.trim_start_matches("./").trim_end_matches('/').split('/').collect();
    let open = parts.iter().position(|part| part.contains(['<', '…'])).unwrap_or(parts.len());
    let parts = &parts[..open];
    if parts.iter().all(|part| !part.contains('*')) {
        return parts.is_empty() || repository.has(&parts.join("/"));
    }
    repository.paths().any(|known| {
        let known: Vec<&str> = known.split('/').collect();
        known.len() == parts.len() && known.iter().zip(parts).all(|(name, pattern)| matches(name, pattern))
    })
}

/// Whether a name fits a pattern in which `*` is any text.
fn matches(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| matches(&name[at..], rest))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(page: &str) -> Vec<String> {
        let files =
            [("docs/guide/a.md", page), ("docs/b.md", ""), ("crates/vault/src/lib.rs", ""), ("xtask/src/main.rs", "")];
        check(&Repository::of(&files)).findings
    }

    #[test]
    fn what_exists_may_be_named() {
        for page in [
            "[b](../b.md#part) [out](https://example.com/x) [here](#there)",
            "`crates/vault/src/lib.rs`, `crates/vault/`, `xtask/src`, `../b.md`, `docs/*/a.md`",
            "`crates/<name>/src/lib.rs`, `crates/vault/…`, `target/debug/x`, `s3://bucket/prefix`, `keys/a`, `a/b`, `and/or`",
            "```sh\ncat `crates/none.rs`\n```",
            "`crates/none.rs` <!-- not a path -->",
        ] {
            assert!(findings(page).is_empty(), "{page}: {:?}", findings(page));
        }
    }

    #[test]
    fn what_does_not_exist_is_found() {
        for page in [
            "[b](b.md)",
            "[b](../../../b.md)",
            "`crates/vault/src/none.rs`",
            "`crates/none/…`",
            "`src/none.rs`",
            "`docs/*/none.md`",
            "text\n```sh\n```\n`xtask/none`",
        ] {
            assert_eq!(findings(page).len(), 1, "{page}: {:?}", findings(page));
        }
    }

    #[test]
    fn a_finding_has_its_line() {
        assert!(findings("one\n\n[b](none.md)")[0].starts_with("docs/guide/a.md:3: "));
    }
}
