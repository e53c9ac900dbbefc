//! The test runners' output, passed on as it comes and counted on the way.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::call;

/// How many tests ran, over all runners.
#[derive(Debug, Default, PartialEq)]
pub struct Cases {
    passed: usize,
    failed: usize,
    ignored: usize,
    broken_runners: usize,
}

impl Cases {
    /// Runs a test runner and counts.
    pub fn run(&mut self, mut command: Command) -> Result<()> {
        call::announce(&command);
        // Both runners' results are counted: cargo prints its own on standard output, nextest on standard error.
        let is_nextest = command.get_args().any(|argument| argument == "nextest");
        if is_nextest {
            command.stderr(Stdio::piped());
        } else {
            command.stdout(Stdio::piped());
        }
        let mut child = command.spawn().context("cannot run the tests")?;
        if let Some(output) = child.stderr.take() {
            self.read(BufReader::new(output), &mut std::io::stderr().lock())?;
        }
        if let Some(output) = child.stdout.take() {
            self.read(BufReader::new(output), &mut std::io::stdout().lock())?;
        }
        self.broken_runners += usize::from(!child.wait()?.success());
        Ok(())
    }

    /// Whether every runner was content.
    pub fn passed(&self) -> bool {
        self.broken_runners == 0 && self.failed == 0
    }

    fn read(&mut self, mut output: impl BufRead, to: &mut impl Write) -> Result<()> {
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            to.write_all(&line)?;
            to.flush()?;
            self.count(&String::from_utf8_lossy(&line));
            line.clear();
        }
        Ok(())
    }

    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …` or `Summary [0.1s] 3 tests run: 3 passed, 1 skipped`.
    fn count(&mut self, line: &str) {
        if !line.starts_with("test result:") && !line.trim_start().starts_with("Summary [") {
            return;
        }
        let words: Vec<&str> = line.split([' ', ';', ',', '\n']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<usize>() else { continue };
            match pair[1] {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "skipped" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Cases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)?;
        if self.broken_runners > 0 && self.failed == 0 {
            f.write_str("; the runner stopped before its end, see above")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_runners_are_counted_and_passed_on() {
        let text = "running 3 tests\ntest result: ok. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out\n     Summary [   0.1s] 4 tests run: 4 passed, 1 skipped\nnot \u{fffd} a result: 9 passed\n";
        let (mut cases, mut out) = (Cases::default(), Vec::new());
        cases.read(text.as_bytes(), &mut out).unwrap();
        assert_eq!(out, text.as_bytes());
        assert_eq!(cases.to_string(), "7 passed, 1 failed, 3 ignored");
        assert!(!cases.passed());
    }

    #[test]
    fn a_runner_that_does_not_build_is_a_failure() {
        let mut cases = Cases::default();
        cases.run(Command::new("false")).unwrap();
        assert!(!cases.passed());
        assert!(cases.to_string().contains("stopped"));
    }
}
