//! Every command that a document shows in a `sh` or `console` block exists, with its flags.
//!
//! A line is taken apart as a shell would and given to the program with `--help` at its end: clap refuses an unknown verb or flag
//! before it comes to that. `cargo xtask …` is asked of ourselves, `shoseki …` (also as `cargo run --release -- …`) of the binary
//! in the target folder, where it was built.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::repository::Repository;

use super::Outcome;

/// Looks at the blocks of every Markdown page.
pub fn check(repository: &Repository) -> Outcome {
    let binary = binary();
    let mut outcome = Outcome::default();
    let mut unasked = 0;
    for (path, text) in repository.ending(".md") {
        for (line, text) in lines(text) {
            for words in commands(&text) {
                let known = match asked(&words) {
                    Some(Asked::Xtask(arguments)) => is_ours(arguments),
                    Some(Asked::Shoseki(arguments)) => match &binary {
                        Some(binary) => is_known(binary, arguments),
                        None => {
                            unasked += 1;
                            continue;
                        }
                    },
                    None => continue,
                };
                if let Err(why) = known {
                    outcome.findings.push(format!("{path}:{line}: `{}`: {why}", words.join(" ")));
                }
            }
        }
    }
    if unasked > 0 {
        outcome
            .skipped
            .push(format!("{unasked} lines that call `shoseki`: it is not built (`cargo build -p shoseki-cli`)"));
    }
    outcome
}

/// The binary that the last build of the workspace left, where there is one.
fn binary() -> Option<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| Repository::root().join("target"), PathBuf::from);
    Some(target.join("debug").join("shoseki")).filter(|path| path.is_file())
}

/// The lines of shell blocks with their numbers, continued lines joined, without the prompt.
fn lines(page: &str) -> Vec<(usize, String)> {
    let (mut found, mut language, mut joined) = (Vec::<(usize, String)>::new(), None, false);
    for (index, line) in page.lines().enumerate() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("```") {
            language = if language.is_some() { None } else { Some(rest.trim()) };
            joined = false;
            continue;
        }
        let command = match language {
            Some("sh" | "bash") => Some(line),
            Some("console") if joined => Some(line),
            Some("console") => line.strip_prefix("$ "),
            _ => None,
        };
        let Some(command) = command else { continue };
        let (text, continues) = match command.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (command, false),
        };
        match found.last_mut().filter(|_| joined) {
            Some((_, before)) => before.push_str(text),
            None => found.push((index + 1, text.to_owned())),
        }
        joined = continues;
    }
    found
}

/// The commands of a line, each as its words: quotes are taken off, `|`, `&&` and `;` end one, redirections and comments go.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut found, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut quote = None;
    for character in line.chars().chain([' ']) {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | ';' | '&' | '\n') => {
                words.extend(word.take());
                found.push(std::mem::take(&mut words));
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    found.push(words);
    for words in &mut found {
        if let Some(end) =
            words.iter().position(|word| word.trim_start_matches(char::is_numeric).starts_with(['>', '<']))
        {
            words.truncate(end);
        }
        let settings =
            words.iter().take_while(|word| word.split_once('=').is_some_and(|(name, _)| is_variable(name))).count();
        words.drain(..settings);
    }
    found.retain(|words| !words.is_empty());
    found
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

enum Asked<'a> {
    Shoseki(&'a [String]),
    Xtask(&'a [String]),
}

/// Which program of ours the words call, and with what.
fn asked(words: &[String]) -> Option<Asked<'_>> {
    let (program, rest) = words.split_first()?;
    if program.rsplit('/').next() == Some("shoseki") {
        return Some(Asked::Shoseki(rest));
    }
    match (program.as_str(), rest.first().map(String::as_str)) {
        ("cargo", Some("xtask")) => Some(Asked::Xtask(&rest[1..])),
        ("cargo", Some("run")) if !rest.iter().any(|word| word == "-p" || word == "--package" || word == "--bin") => {
            let dashes = rest.iter().position(|word| word == "--")?;
            Some(Asked::Shoseki(&rest[dashes + 1..]))
        }
        _ => None,
    }
}

/// The words with `--help` where it is still an option.
fn with_help(arguments: &[String]) -> Vec<String> {
    let mut arguments = arguments.to_vec();
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    arguments.insert(end, "--help".to_owned());
    arguments
}

fn is_ours(arguments: &[String]) -> Result<(), String> {
    let words = [vec!["xtask".to_owned()], with_help(arguments)].concat();
    match crate::Arguments::command().try_get_matches_from(words) {
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Ok(()),
        Err(error) => Err(first_line(&error.to_string())),
        Ok(_) => Ok(()),
    }
}

fn is_known(binary: &PathBuf, arguments: &[String]) -> Result<(), String> {
    let output = Command::new(binary).args(with_help(arguments)).env("LANG", "C").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(first_line(&String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(error.to_string()),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("refused without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Vec<String>> {
        commands(line)
    }

    #[test]
    fn a_line_is_taken_apart_as_a_shell_would() {
        assert_eq!(
            words("A=1 shoseki query 'a | b' -o csv > x.csv && cargo xtask lint # c"),
            [vec!["shoseki", "query", "a | b", "-o", "csv"], vec!["cargo", "xtask", "lint"]]
        );
        assert_eq!(
            words("cat x 2>/dev/null | shoseki ingest auto -"),
            [vec!["cat", "x"], vec!["shoseki", "ingest", "auto", "-"]]
        );
        assert!(words("# nothing").is_empty());
    }

    #[test]
    fn only_shell_blocks_are_read_and_lines_are_joined() {
        let page = "shoseki no\n```text\nshoseki no\n```\n```sh\nshoseki a \\\n  b\n```\n```console\n$ shoseki c\noutput\n```\n";
        assert_eq!(lines(page), [(6, "shoseki a b".to_owned()), (10, "shoseki c".to_owned())]);
    }

    #[test]
    fn our_programs_are_recognised() {
        let of = |line: &str| {
            let words = commands(line).remove(0);
            match asked(&words) {
                Some(Asked::Shoseki(rest)) => format!("shoseki {}", rest.join(" ")),
                Some(Asked::Xtask(rest)) => format!("xtask {}", rest.join(" ")),
                None => "neither".to_owned(),
            }
        };
        assert_eq!(of("./target/release/shoseki verify --deep"), "shoseki verify --deep");
        assert_eq!(of("cargo run --release -- demo"), "shoseki demo");
        assert_eq!(of("cargo xtask bench --runs 1"), "xtask bench --runs 1");
        assert_eq!(of("cargo run -p xtask -- lint"), "neither");
        assert_eq!(of("cargo build"), "neither");
    }

    #[test]
    fn an_unknown_verb_or_flag_of_ours_is_found() {
        let found = |line: &str| check(&Repository::of(&[("a.md", &format!("```sh\n{line}\n```\n"))])).findings.len();
        assert_eq!(found("cargo xtask lint"), 0);
        assert_eq!(found("cargo xtask test -- --nocapture"), 0);
        assert_eq!(found("cargo xtask nothing"), 1);
        assert_eq!(found("cargo xtask lint --nothing"), 1);
    }
}
