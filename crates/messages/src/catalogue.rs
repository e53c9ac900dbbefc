//! The catalogue: one file an area and a language, built into the binary.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::{Lang, Message, Value};

/// The list of areas: a new one is a file in each language and one word here.
macro_rules! areas {
    ($($area:literal),* $(,)?) => {
        pub(crate) const AREAS: &[(&str, &str, &str)] = &[$((
            $area,
            include_str!(concat!("../catalogue/en/", $area, ".ftl")),
            include_str!(concat!("../catalogue/ja/", $area, ".ftl")),
        )),*];
    };
}
areas!(
    "alert",
    "aws",
    "check",
    "cli",
    "comply",
    "conflict",
    "demo",
    "detect",
    "erasure",
    "event",
    "finding",
    "help",
    "incident",
    "insights",
    "inventory",
    "loss",
    "package",
    "query",
    "question",
    "replica",
    "report",
    "retention",
    "schedule",
    "segment",
    "server",
    "settings",
    "setup",
    "sources",
    "system",
    "tier",
    "tlog",
    "trail",
    "vault",
    "verify",
);

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));
static JAPANESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Ja));

fn bundle(lang: Lang) -> Bundle {
    let locale: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false); // terminals and files show the marks as garbage
    for (_, english, japanese) in AREAS {
        let text = match lang {
            Lang::En => english,
            Lang::Ja => japanese,
        };
        let resource = match FluentResource::try_new((*text).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource, // the tests refuse a file with errors
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn of(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::En => &ENGLISH,
        Lang::Ja => &JAPANESE,
    }
}

pub(crate) fn lookup(id: &str, lang: Lang) -> Option<String> {
    let bundle = of(lang);
    let pattern = bundle.get_message(id)?.value()?;
    Some(bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned())
}

pub(crate) fn render(message: &Message, lang: Lang) -> String {
    let mut arguments = FluentArgs::new();
    for (name, value) in message.arguments() {
        let value = match value {
            Value::Text(text) => FluentValue::from(text.as_str()),
            Value::Number(number) => FluentValue::from(*number),
            Value::Both { en, ja } => FluentValue::from(match lang {
                Lang::En => en.as_str(),
                Lang::Ja => ja.as_str(),
            }),
            Value::Sentences(messages) => match messages.as_slice() {
                [message] => FluentValue::from(render(message, lang)),
                all => {
                    let lines: Vec<String> = all.iter().map(|message| format!("- {}", render(message, lang))).collect();
                    FluentValue::from(lines.join("\n"))
                }
            },
        };
        arguments.set(*name, value);
    }
    let bundle = of(lang);
    match bundle.get_message(message.id()).and_then(|found| found.value()) {
        Some(pattern) => bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned(),
        None => format!("{} {:?}", message.id(), message.arguments()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Ids of one file, each with the names of the variables that its text uses.
    fn ids(area: &str, text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let resource = FluentResource::try_new(text.to_owned())
            .unwrap_or_else(|(_, errors)| panic!("`{area}.ftl` does not parse: {errors:?}"));
        drop(resource);
        let mut found = BTreeMap::new();
        let mut current: Option<String> = None;
        for line in text.lines() {
            let is_start = line.starts_with(|c: char| c.is_ascii_alphabetic());
            if let Some((id, _)) = line.split_once(" =").filter(|_| is_start) {
                assert!(found.insert(id.to_owned(), BTreeSet::new()).is_none(), "`{id}` stands twice in `{area}.ftl`");
                current = Some(id.to_owned());
            }
            if line.starts_with('#') {
                current = None;
            }
            let Some(variables) = current.as_ref().and_then(|id| found.get_mut(id)) else { continue };
            for (at, _) in line.match_indices('$') {
                let name: String =
                    line[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                variables.insert(name);
            }
        }
        found
    }

    #[test]
    fn every_file_is_in_the_list() {
        for language in ["en", "ja"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue").join(language);
            let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
            let there: BTreeSet<String> = names.collect();
            let listed: BTreeSet<String> = AREAS.iter().map(|(area, ..)| format!("{area}.ftl")).collect();
            assert_eq!(listed, there, "{language}: what is in no area is said by its id alone");
        }
    }

    #[test]
    fn a_text_of_both_languages_is_said_in_that_of_the_whole() {
        let both =
            Value::Both { en: "an anchor is missing".to_owned(), ja: "アンカーがありません".to_owned() };
        let message = crate::msg!("cli-warning", what = both);
        assert_eq!(message.text(Lang::En), "warning: an anchor is missing");
        assert_eq!(message.text(Lang::Ja), "警告: アンカーがありません");
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let mut everywhere = BTreeSet::new();
        for (area, english, japanese) in AREAS {
            let (english, japanese) = (ids(area, english), ids(area, japanese));
            assert_eq!(english, japanese, "`{area}.ftl` differs between the languages");
            for id in english.into_keys() {
                assert!(everywhere.insert(id.clone()), "`{id}` stands in two areas");
            }
        }
    }
}
