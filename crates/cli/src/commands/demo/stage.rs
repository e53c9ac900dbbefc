//! The stage that a demo is played on: a folder of its own, the titles of its steps, and its commands, each shown as it is typed and run
//! as it would be.

use std::path::PathBuf;

use clap::ArgMatches;
use shoseki_messages::{Fault, Lang, Message, Result, msg};

use crate::context::Context;
use crate::output::{self, quoted};
use crate::{Exit, help};

pub(super) struct Stage {
    pub(super) context: Context,
    pub(super) folder: PathBuf,
}

impl Stage {
    pub(super) fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(super) fn failed(&self, error: std::io::Error) -> Fault {
        Fault::world(msg!("demo-folder-unusable", path = self.folder.display().to_string())).because(error)
    }

    pub(super) fn title(&self, title: &Message) {
        output::line("");
        self.context.say(title);
    }

    /// Runs a command as it is typed, and expects how it ends.
    pub(super) async fn shoseki(&self, words: &[&str], expected: Exit) -> Result<()> {
        output::line("");
        self.short((words, &[]), expected).await
    }

    /// The same without a line before it, and with words that are not shown: what the environment would say.
    pub(super) async fn short(&self, (words, unseen): (&[&str], &[&str]), expected: Exit) -> Result<()> {
        let typed: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        output::line(&format!("$ shoseki {}", typed.join(" ")));
        let (context, matches) = self.read(&[words, unseen].concat())?;
        match super::super::run(&context, &matches).await? == expected {
            true => Ok(()),
            false => Err(Fault::broken(msg!("demo-went-wrong", command = typed.join(" ")))),
        }
    }

    /// What is asked for by words, with the keys, the zone and the folders of the demo.
    pub(super) fn read(&self, words: &[&str]) -> Result<(Context, ArgMatches)> {
        // A report may be in the other language; what is not asked for is in that of the demo.
        let asked = words.iter().position(|word| *word == "--lang").and_then(|at| words.get(at + 1));
        let asked = asked.and_then(|name| Lang::from_name(name));
        let (keys, lang) = (self.path("keys"), ["--lang", self.context.lang.code()]);
        let hidden = ["--key-dir", &keys, "--tz", self.context.zone.name()];
        let lang = lang.iter().filter(|_| asked.is_none());
        let all = ["shoseki"].iter().chain(words).chain(&hidden).chain(lang);
        let went_wrong = || msg!("demo-went-wrong", command = words.join(" "));
        let matches = help::command(self.context.lang)
            .try_get_matches_from(all)
            .map_err(|error| Fault::broken(went_wrong()).because(error))?;
        let context = Context::of(&matches, asked.unwrap_or(self.context.lang))?.with_wal(self.folder.join("wal"));
        Ok((context, matches))
    }
}
