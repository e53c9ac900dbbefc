//! The commands: one file each. To add one, write its file and add one line to the list below; help, the parser and the
//! tests read the list.

use std::fmt;

use crate::parser::{Parser, Read};

/// What a command's file says of the command.
trait Syntax: Sized + fmt::Display {
    /// Its name, in the spelling of the documentation.
    const NAME: &'static str;
    /// Other names that it answers to.
    const ALIASES: &'static [&'static str] = &[];
    /// A query that uses it.
    const EXAMPLE: &'static str;

    /// Reads what stands behind the name.
    fn parse(parser: &mut Parser<'_>) -> Read<Self>;
}

/// A command as the list describes it.
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// Other names that it answers to.
    pub aliases: &'static [&'static str],
    /// The id of its one-line title in the catalogue of messages.
    pub title: &'static str,
    /// A query that uses it.
    pub example: &'static str,
    pub(crate) parse: fn(&mut Parser<'_>) -> Read<Command>,
}

impl CommandInfo {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.names().any(|known| known.eq_ignore_ascii_case(name))
    }
}

macro_rules! commands {
    ($($module:ident $command:ident),* $(,)?) => {
        $(mod $module;)*
        $(pub use $module::$command;)*

        /// A command of a query.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Command {
            $(#[doc = concat!("`", stringify!($module), "`")] $command($command)),*
        }

        /// Every command that is supported, in the order in which help shows them.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: <$command as Syntax>::NAME,
            aliases: <$command as Syntax>::ALIASES,
            title: concat!("insights-command-", stringify!($module)),
            example: <$command as Syntax>::EXAMPLE,
            parse: |parser| <$command as Syntax>::parse(parser).map(Command::$command),
        }),*];

        impl Command {
            /// What the list says of this command.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$command(_) => <$command as Syntax>::NAME),*
                }
            }
        }

        impl fmt::Display for Command {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$command(command) => command.fmt(f)),*
                }
            }
        }
    };
}

commands! {
    fields Fields,
    display Display,
    filter Filter,
    filterindex FilterIndex,
    parse Parse,
    stats Stats,
    sort Sort,
    limit Limit,
    dedup Dedup,
    accum Accum,
    addtotals Addtotals,
    autoregress Autoregress,
    countfrequent CountFrequent,
    filldown Filldown,
    fillmissing Fillmissing,
    outlier Outlier,
    sessionize Sessionize,
    pattern Patterns,
    diff Diff,
    logcompare Logcompare,
    anomaly Anomaly,
    relevantfields RelevantFields,
    source Source,
    unnest Unnest,
    expand Expand,
    join Join,
    appendcols Appendcols,
    lookup Lookup,
    cidrlookup Cidrlookup,
    unmask Unmask,
}

pub use diff::Earlier;
pub use fillmissing::Filling;
pub use join::{JoinKey, JoinKind};
pub use lookup::{LookupKey, Output, Outputs};
pub use parse::Pattern;
pub use sort::SortKey;
pub use source::{Logs, Moment};
pub use stats::Offset;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shoseki_messages::{Lang, lookup};

    use super::*;

    #[test]
    fn names_are_unique() {
        let mut seen = BTreeSet::new();
        for name in COMMANDS.iter().flat_map(CommandInfo::names) {
            assert!(seen.insert(name.to_lowercase()), "`{name}` stands twice");
        }
    }

    #[test]
    fn examples_parse_and_use_their_command() {
        for info in COMMANDS {
            let parsed = crate::parse(info.example);
            assert!(parsed.errors.is_empty(), "`{}`: {:?}", info.name, parsed.errors);
            let used = parsed.query.steps.iter().any(|step| step.command.name() == info.name);
            assert!(used, "the example of `{}` does not use it", info.name);
        }
    }

    #[test]
    fn every_command_has_a_title_in_both_languages() {
        for info in COMMANDS {
            for lang in [Lang::En, Lang::Ja] {
                assert!(lookup(info.title, lang).is_some(), "`{}` has no title in {lang:?}", info.name);
            }
        }
    }
}
