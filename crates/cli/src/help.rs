//! Help in both languages: the command tree is built once, its texts are looked up by their place in it.
//!
//! The command `key backup` has its text at `help-key-backup`, its argument `FILE` at `help-key-backup--file`, and an
//! argument that many commands share at `help--vault`. `help-key-backup-more` holds its examples.

use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use shoseki_messages::{Fault, Lang, Message, lookup, msg};

use crate::commands::COMMANDS;
use crate::output;

/// The arguments that every command takes.
fn shared() -> [Arg; 6] {
    [
        Arg::new("vault").long("vault").value_name("URL").env("SHOSEKI_VAULT").hide_env_values(true).global(true),
        Arg::new("key-dir").long("key-dir").value_name("DIR").env("SHOSEKI_KEY_DIR").hide_env_values(true).global(true),
        Arg::new("lang").long("lang").value_name("LANG").value_parser(["ja", "en"]).global(true),
        Arg::new("tz").long("tz").value_name("ZONE").env("SHOSEKI_TZ").hide_env_values(true).global(true),
        Arg::new("json").long("json").action(ArgAction::SetTrue).global(true),
        Arg::new("require-record")
            .long("require-record")
            .env("SHOSEKI_REQUIRE_RECORD")
            .hide_env_values(true)
            .value_parser(FalseyValueParser::new())
            .action(ArgAction::SetTrue)
            .global(true),
    ]
}

/// The whole command tree, in a language.
pub fn command(lang: Lang) -> Command {
    let mut root = Command::new("shoseki")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .args(shared());
    for command in COMMANDS {
        root = root.subcommand((command.arguments)(Command::new(command.name)));
    }
    translated(root, "help", lang)
}

/// The same tree with the texts of a language.
fn translated(mut command: Command, path: &str, lang: Lang) -> Command {
    let text = |id: &str| lookup(id, lang).unwrap_or_default();
    command = command.about(text(path));
    if let Some(more) = lookup(&format!("{path}-more"), lang) {
        command = command.after_help(more);
    }
    command = command
        .disable_help_flag(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help(text("help--help")));
    if path == "help" {
        command = command
            .disable_version_flag(true)
            .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help(text("help--version")));
    }
    let names: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    for name in names {
        let own = lookup(&format!("{path}--{name}"), lang);
        let shared = own.or_else(|| lookup(&format!("help--{name}"), lang));
        command = command.mut_arg(&name, |argument| {
            let text = shared.unwrap_or_default();
            let (values, usual) = (argument.get_possible_values(), argument.get_default_values());
            let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            let usual: Vec<_> = usual.iter().map(|value| value.to_string_lossy()).collect();
            let is_listed = !values.is_empty() && argument.get_action().takes_values();
            let values = is_listed.then(|| msg!("help-possible-values", values = values.join(", ")));
            // Some texts say the default themselves, where there is more to say of it.
            let says_default = ["[default", "[既定"].iter().any(|word| text.contains(word));
            let is_untold = !usual.is_empty() && !says_default && argument.get_action().takes_values();
            let usual = is_untold.then(|| msg!("help-default", value = usual.join(", ")));
            let parts = [values, usual].into_iter().flatten().map(|part| part.text(lang));
            let text = std::iter::once(text).chain(parts).collect::<Vec<_>>().join(" ");
            // Clap's own words are English.
            let argument = match argument.get_action().takes_values() {
                true => argument.hide_possible_values(true).hide_default_value(true),
                false => argument,
            };
            let heading = if argument.is_positional() { "help-heading-arguments" } else { "help-heading-options" };
            argument.help(text).help_heading(lookup(heading, lang).unwrap_or_default())
        });
    }
    let below: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in below {
        command = command.mut_subcommand(&name, |below| translated(below, &format!("{path}-{name}"), lang));
    }
    let usage = text("help-heading-usage");
    command
        .subcommand_help_heading(text("help-heading-commands"))
        .help_template(format!("{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"))
}

/// Shows help or a version as they were asked for, or says what is wrong with the arguments.
pub fn refuse(error: &clap::Error, lang: Lang) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return match error.print() {
                Err(unwritten) if unwritten.kind() != std::io::ErrorKind::BrokenPipe => {
                    crate::fail(&Fault::world(msg!("cli-stdout")).because(unwritten), lang)
                }
                _ => ExitCode::SUCCESS, // a reader that is gone need not be told
            };
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(2);
        }
        _ => {}
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let hint = |id: &'static str, name: &'static str, kind| match context(kind) {
        known if known.is_empty() => known,
        known => Message::new(id).with(name, known).text(lang),
    };
    // Of several that are near, the nearest stands last.
    let nearest = |kind| match error.get(kind) {
        Some(ContextValue::Strings(near)) => near
            .last()
            .map(|near| Message::new("cli-nearest").with("nearest", near.as_str()).text(lang))
            .unwrap_or_default(),
        _ => hint("cli-nearest", "nearest", kind),
    };
    // Of a group, any of its arguments would do: `<--title <TEXT>|--match <ID>>`.
    let argument = context(ContextKind::InvalidArg);
    let group = argument.strip_prefix("<--").and_then(|inner| inner.strip_suffix('>'));
    let argument = group.map_or(argument.clone(), |inner| format!("--{}", inner.replace('|', " | ")));
    let message = match error.kind() {
        ErrorKind::UnknownArgument => {
            msg!("cli-argument-unknown", argument = argument, nearest = nearest(ContextKind::SuggestedArg))
        }
        ErrorKind::InvalidSubcommand => msg!(
            "cli-command-unknown",
            command = context(ContextKind::InvalidSubcommand),
            nearest = nearest(ContextKind::SuggestedSubcommand)
        ),
        ErrorKind::MissingRequiredArgument => msg!("cli-argument-missing", argument = argument),
        ErrorKind::MissingSubcommand => {
            msg!("cli-command-missing", known = context(ContextKind::ValidSubcommand))
        }
        ErrorKind::ValueValidation => {
            // The parser of numbers says `0 is not in 1..=9`, or that there is none.
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let known = match why.split_once(" is not in ") {
                Some((_, range)) => msg!("cli-expected-within", range = range),
                None => msg!("cli-expected-number"),
            };
            let value = context(ContextKind::InvalidValue);
            msg!("cli-value-unusable", argument = argument, value = value, known = known.text(lang))
        }
        // `--region` with nothing behind it.
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => {
            msg!("cli-value-missing", argument = argument, known = hint("cli-known", "known", ContextKind::ValidValue))
        }
        ErrorKind::InvalidValue => msg!(
            "cli-value-unusable",
            argument = argument,
            value = context(ContextKind::InvalidValue),
            known = hint("cli-known", "known", ContextKind::ValidValue)
        ),
        ErrorKind::ArgumentConflict => {
            msg!("cli-argument-conflict", argument = argument, other = context(ContextKind::PriorArg))
        }
        _ => {
            let text = error.to_string();
            msg!("cli-arguments-unusable", text = text.lines().next().unwrap_or_default().replace("error: ", ""))
        }
    };
    output::note(&msg!("cli-error", what = message.text(lang)).text(lang));
    output::note(&msg!("cli-see-help").text(lang));
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &Command, lang: Lang) {
        assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "{command}: no text");
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "`{}` of `{}` has no text in {lang:?}", argument.get_id(), command.get_name());
        }
        let is_leaf = !command.has_subcommands();
        let more = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(!is_leaf || more.contains("shoseki "), "`{}` has no example in {lang:?}", command.get_name());
        command.get_subcommands().for_each(|below| check(below, lang));
    }

    #[test]
    fn every_command_has_a_text_and_an_example_in_both_languages() {
        for lang in [Lang::En, Lang::Ja] {
            let mut command = command(lang);
            command.build();
            check(&command, lang);
        }
        command(Lang::En).debug_assert();
    }
}
