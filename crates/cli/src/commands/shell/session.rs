//! What the shell keeps between two questions, and the asking of one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::ArgMatches;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::{Cache, Engine, Options};
use shoseki_vault::Vault;
use shoseki_vault::wal::Tail;

use super::complete::Words;
use super::{lines, meta};
use crate::access::Beginning;
use crate::commands::query::{self, Ended, Limits, Question, Target};
use crate::context::Context;
use crate::output;

/// What comes after a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next one.
    Again,
    /// The next one, and this one failed.
    Failed,
    /// The next one, and this one was stopped by Ctrl-C.
    Stopped,
    /// The shell ends.
    Leave,
}

/// An open vault, and how it is asked.
pub struct Session {
    /// The language and the zone.
    pub context: Context,
    /// Whether questions are in SQL.
    pub is_sql: bool,
    /// From when to when, as it was said: `-7d` is seven days before each question.
    pub range: (Option<String>, Option<String>),
    /// The format of answers; what fits standard output where none was asked for.
    pub format: Option<&'static str>,
    /// The file that the next answer goes to, its format there, and whether one that is there may be replaced.
    pub file: Option<(PathBuf, &'static str, bool)>,
    /// Whether the time that each answer took is said behind it.
    pub is_timed: bool,
    /// The folder of saved queries.
    pub folder: Option<PathBuf>,
    /// What is known for completing.
    pub words: Words,
    /// The question before.
    pub last: Option<Question>,
    /// Whether only what is sealed is asked.
    is_sealed_only: bool,
    vault: Arc<Vault>,
    cache: Arc<Cache>,
    options: Options,
    limits: Limits,
}

impl Session {
    /// Opens the vault.
    pub async fn open(context: &Context, matches: &ArgMatches) -> Result<Self> {
        let (limits, folder) = (query::limits(matches)?, query::saved_folder(matches));
        let options = limits.apply(query::options(context, matches)?);
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let is_sql = matches.get_flag("sql");
        let saved = query::all_saved(folder.as_deref())?.into_iter().map(|saved| saved.name).collect();
        Ok(Self {
            context: context.clone(),
            is_sql,
            range: (text("from"), text("to")),
            format: None,
            is_sealed_only: matches.get_flag("sealed"),
            file: None,
            is_timed: false,
            folder,
            words: Words::new(is_sql, saved),
            last: None,
            vault: Arc::new(context.open().await?),
            cache: Arc::default(),
            options,
            limits,
        })
    }

    /// A question or a command of the shell. What goes wrong is said here.
    pub async fn take(&mut self, text: &str) -> Next {
        let text = text.trim().trim_end_matches(';').trim_end();
        if text.is_empty() {
            return Next::Again;
        }
        let taken = if lines::is_meta(text) { meta::run(self, text).await } else { self.ask_text(text).await };
        match taken {
            Ok(next) => {
                if next == Next::Stopped {
                    self.context.note(&msg!("cli-shell-stopped"));
                }
                next
            }
            Err(fault) => {
                self.context.note(&msg!("cli-error", what = fault.chain(self.context.lang)));
                Next::Failed
            }
        }
    }

    /// A text that begins with `|` goes on where the question before ended.
    async fn ask_text(&mut self, text: &str) -> Result<Next> {
        let question = self.question(text)?;
        self.ask(question).await
    }

    /// The question that a text asks.
    pub fn question(&self, text: &str) -> Result<Question> {
        if self.is_sql || !text.starts_with('|') {
            return Ok(Question { text: text.to_owned(), is_sql: self.is_sql, saved: None });
        }
        let last = self.last.as_ref().filter(|last| !last.is_sql);
        let last = last.ok_or_else(|| Fault::caller(msg!("cli-shell-nothing-before")))?;
        Ok(Question { text: format!("{}\n{text}", last.text), is_sql: false, saved: None })
    }

    /// Asks, over the vault as it is now.
    pub async fn ask(&mut self, question: Question) -> Result<Next> {
        let begun = Instant::now();
        let (engine, tail) = self.engine().await?;
        let sealed = self.vault.checkpoint().await;
        let target = self.target()?;
        let access = question.access(engine.options(), tail.snapshot.size());
        let recorded = Beginning::of(&self.context, &self.vault, access);
        let ended = query::answer(&self.context, &engine, &question, (&self.limits, &target), recorded).await?;
        self.last = Some(question);
        let Ended::Whole { rows, hints, first, .. } = ended else { return Ok(Next::Stopped) };
        let took = begun.elapsed(); // from the newest state of the vault to the last row written
        self.file = None;
        query::remarks(&self.context, &hints, sealed, &tail);
        match first {
            Some(batch) => self.words.see(&batch),
            None if rows == 0 => self.context.note(&msg!("cli-query-no-rows")),
            None => {}
        }
        if self.is_timed {
            let milliseconds = took.as_secs_f64() * 1_000.0;
            self.context.note(&msg!("cli-shell-took", milliseconds = format!("{milliseconds:.3}")));
        }
        Ok(Next::Again)
    }

    /// An engine over the newest state of the vault.
    pub async fn engine(&self) -> Result<(Engine, Tail)> {
        let (from, to) = query::range(&self.context, self.range.0.as_deref(), self.range.1.as_deref())?;
        let (zone, now) = (self.context.zone, Timestamp::now());
        let mut options = Options { from, to, zone, now, ..self.options.clone() };
        let with_own = options.include_internal;
        let tail = query::newest(&self.context, &self.vault, self.is_sealed_only, with_own).await?;
        query::mapped(&mut options, tail.snapshot.app_mapping())?;
        let engine = Engine::over_tail(Arc::clone(&self.vault), &tail, options).with_cache(&self.cache);
        Ok((engine, tail))
    }

    fn target(&self) -> Result<Target> {
        let format = self.format.unwrap_or(match (self.context.json, output::is_terminal()) {
            (true, _) => "json",
            (false, true) => "table",
            (false, false) => "csv",
        });
        let (file, format, may_replace) = match &self.file {
            Some((file, format, may_replace)) => (Some(file.clone()), *format, *may_replace),
            None => (None, format, false),
        };
        Target { format, file, may_replace, bom: false, mask: None }.checked()
    }

    /// Turns to the other language.
    pub fn turn_to(&mut self, is_sql: bool) {
        self.is_sql = is_sql;
        self.words.is_sql = is_sql;
    }
}
