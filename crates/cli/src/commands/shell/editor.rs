//! Lines on a terminal: editing, history, completion, and going on to a next line.

use std::borrow::Cow;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Helper};
use shoseki_messages::{Fault, Result, msg};

use super::complete::Words;
use super::lines;
use super::session::Session;
use crate::context::state_folder;

/// How many questions are remembered.
const REMEMBERED: usize = 1_000;

/// What was read.
pub enum Read {
    /// A question or a command of the shell.
    Text(String),
    /// Nothing: Ctrl-C took the line away.
    Again,
    /// Ctrl-D.
    End,
    /// The terminal failed.
    Failed(Fault),
}

/// The terminal and what it remembers.
pub struct Editor {
    editor: rustyline::Editor<Help, FileHistory>,
    /// The file of the history; none where there is nowhere to put it.
    history: Option<PathBuf>,
    warning: Option<Fault>,
}

impl Editor {
    /// Begins, with what was remembered.
    pub fn new() -> Result<Self> {
        let failed = |error: ReadlineError| Fault::world(msg!("cli-shell-terminal")).because(error);
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .map_err(failed)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .bracketed_paste(true)
            .auto_add_history(false)
            .build();
        let mut editor = rustyline::Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(Help::default()));
        let mut own = Self { editor, history: None, warning: None };
        if let Some(folder) = state_folder() {
            let path = folder.join("history");
            match private(&folder, &path) {
                Ok(()) => {
                    // A history that cannot be read is begun anew.
                    let _ = own.editor.load_history(&path);
                    own.history = Some(path);
                }
                Err(error) => {
                    let message = msg!("cli-shell-history", path = path.display().to_string());
                    own.warning = Some(Fault::world(message).because(error));
                }
            }
        }
        Ok(own)
    }

    /// Why nothing is remembered.
    pub fn warning(&self) -> Option<&Fault> {
        self.warning.as_ref()
    }

    /// Reads a question, of one line or several.
    pub fn read(&mut self, session: &mut Session) -> Read {
        if let Some(help) = self.editor.helper_mut() {
            help.words = std::mem::take(&mut session.words);
        }
        let prompt = if session.is_sql { "shoseki sql> " } else { "shoseki> " };
        let read = tokio::task::block_in_place(|| self.editor.readline(prompt));
        if let Some(help) = self.editor.helper_mut() {
            session.words = std::mem::take(&mut help.words);
        }
        match read {
            Ok(text) => {
                self.remember(&text);
                Read::Text(text)
            }
            Err(ReadlineError::Interrupted) => Read::Again,
            Err(ReadlineError::Eof) => Read::End,
            Err(error) => Read::Failed(Fault::world(msg!("cli-shell-terminal")).because(error)),
        }
    }

    /// At once, so that a shell that is killed has remembered.
    fn remember(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let is_new = self.editor.add_history_entry(text).unwrap_or(false);
        if let (true, Some(path)) = (is_new, &self.history) {
            // The question is worth more than its being remembered.
            let _ = self.editor.append_history(path);
        }
    }
}

/// Makes the history for its owner alone: questions name people and addresses.
fn private(folder: &Path, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// What the editor asks while a line is edited.
#[derive(Default)]
struct Help {
    words: Words,
}

impl Helper for Help {}

impl Hinter for Help {
    type Hint = String;
}

impl Highlighter for Help {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Validator for Help {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let goes_on = lines::goes_on(context.input(), self.words.is_sql);
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Help {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        place: usize,
        _context: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (begin, words) = self.words.complete(line, place);
        Ok((begin, words.into_iter().map(|word| Pair { display: word.clone(), replacement: word }).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_history_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let (folder, path) = (home.path().join("state/shoseki"), home.path().join("state/shoseki/history"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        private(&folder, &path).unwrap();
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        private(&folder, &path).unwrap();
        assert_eq!(mode(&path), 0o600, "one that was open to others is closed");
    }
}
