//! Files of at most 600 lines before their tests, functions of at most 100.

use crate::repository::Repository;

use super::Outcome;
use super::scan::{before_tests, code, is_test_file};

const FILE: usize = 600;
const FUNCTION: usize = 100;

/// Looks at every Rust file that is not all tests.
pub fn check(repository: &Repository) -> Outcome {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(".rs").filter(|(path, _)| !is_test_file(path)) {
        let text = before_tests(text);
        let lines = text.lines().count();
        if lines > FILE {
            findings.push(format!("{path}: {lines} lines without its tests, {FILE} at most: it wants a folder"));
        }
        for (line, name, length) in functions(&code(text)) {
            if length > FUNCTION {
                findings.push(format!("{path}:{line}: `{name}` has {length} lines, {FUNCTION} at most"));
            }
        }
    }
    findings.into()
}

/// Line, name and length of each function with a body, in code without comments and literals.
fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word = code[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        if let Some(end) = end_of_body(code, at) {
            let line = code[..at].matches('\n').count() + 1;
            found.push((line, name, code[at..end].matches('\n').count() + 1));
        }
    }
    found
}

/// Where the braces of a function close; `None` where it has no body.
fn end_of_body(code: &str, from: usize) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (at, character) in code[from..].char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' if braces <= 1 => return Some(from + at),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        check(&Repository::of(&[("crates/a/src/b.rs", text)])).findings
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        assert!(findings(&"a\n".repeat(FILE)).is_empty());
        assert_eq!(findings(&"a\n".repeat(FILE + 1)).len(), 1);
        let tests = format!("a\n#[cfg(test)]\nmod tests {{\n{}}}", "a\n".repeat(FILE));
        assert!(findings(&tests).is_empty());
    }

    #[test]
    fn a_long_function_is_found_with_its_line() {
        let body = |lines: usize| {
            format!("//! x\nfn short() {{}}\nfn long(a: [u8; 3]) {{\n{}}}\n", "  { a; }\n".repeat(lines))
        };
        assert!(findings(&body(98)).is_empty());
        let found = findings(&body(99));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/a/src/b.rs:3: `long` has 101 lines"), "{found:?}");
    }

    #[test]
    fn a_function_without_a_body_has_no_length() {
        assert!(functions("trait T { fn a(&self); fn b(&self) {} }").iter().all(|(_, name, _)| name == "b"));
    }
}
