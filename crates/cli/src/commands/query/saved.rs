//! Saved queries: files `NAME.query` with a head of comments, a first set of them inside the binary.
//!
//! ```text
//! # title: Who deleted a pod
//! # title.ja: Pod を削除した人
//! # description: Without the cluster's own controllers
//! # description.ja: クラスター自身のコントローラーを除く
//! # language: insights
//! filter verb = "delete" and objectRef.resource = "pods"
//! ```
//!
//! The head ends with the first line that is no such comment. `language` is `insights`, unless it is `sql`. `source` is the source that
//! is asked where none is given: a question about our own records names `shoseki`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use shoseki_messages::{Fault, Lang, Result, lookup, msg};

use crate::context::{Context, config_folder};
use crate::output;

/// The set that comes with the program; a file there is all that a new one needs.
static FIRST_SET: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../queries");

/// How a file of a saved query ends.
const EXTENSION: &str = "query";

/// A saved query.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The file's name without `.query`.
    pub name: String,
    /// The query, without its head.
    pub text: String,
    /// Whether it is SQL.
    pub is_sql: bool,
    /// The source that it is about, where its head names one: our own records are asked only then.
    pub source: Option<String>,
    /// What the head says.
    head: BTreeMap<String, String>,
    /// The file; none where it comes with the program.
    file: Option<PathBuf>,
}

impl Saved {
    fn parse(name: &str, content: &str, file: Option<PathBuf>) -> Self {
        let mut head = BTreeMap::new();
        let mut rest = content.trim_start_matches('\u{feff}');
        while let Some((key, value, after)) = entry(rest) {
            head.insert(key.to_owned(), value.to_owned());
            rest = after;
        }
        let is_sql = head.get("language").is_some_and(|language| language.eq_ignore_ascii_case("sql"));
        let source = head.get("source").cloned();
        Self { source, name: name.to_owned(), text: rest.trim().to_owned(), is_sql, head, file }
    }

    fn said(&self, key: &str, lang: Lang) -> &str {
        let translated = self.head.get(&format!("{key}.{}", lang.code()));
        translated.or_else(|| self.head.get(key)).map_or("", String::as_str)
    }

    fn to_json(&self) -> Value {
        let both = |key: &str| json!({"en": self.said(key, Lang::En), "ja": self.said(key, Lang::Ja)});
        json!({
            "name": self.name, "title": both("title"), "description": both("description"),
            "language": if self.is_sql { "sql" } else { "insights" }, "query": self.text,
            "source": self.source,
            "file": self.file.as_ref().map(|file| file.display().to_string()),
        })
    }
}

/// The first line, where it is one of the head: its key, its value, and what follows.
fn entry(text: &str) -> Option<(&str, &str, &str)> {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let (key, value) = line.trim().strip_prefix('#')?.split_once(':')?;
    let key = key.trim();
    let is_key =
        ["title", "title.ja", "title.en", "description", "description.ja", "description.en", "language", "source"];
    is_key.contains(&key).then(|| (key, value.trim(), after))
}

/// The user's folder: that of `--queries` or `SHOSEKI_QUERIES`, which must be there, else that of the configuration,
/// which may be there.
pub fn folder(matches: &ArgMatches) -> Option<PathBuf> {
    let given = matches.get_one::<String>("queries").map(PathBuf::from);
    given.or_else(|| config_folder().map(|config| config.join("queries")).filter(|folder| folder.is_dir()))
}

/// All saved queries by name; the user's own stand before those of the same name that come with the program. A file that
/// cannot be read is no question.
pub fn all(folder: Option<&Path>) -> Result<Vec<Saved>> {
    Ok(known(folder)?.0)
}

/// The name of a file that cannot be read, and the reason.
type Unreadable = (String, Fault);

/// All saved queries by name, and those of the folder that cannot be read.
fn known(folder: Option<&Path>) -> Result<(Vec<Saved>, Vec<Unreadable>)> {
    let mut unreadable = Vec::new();
    let mut known: BTreeMap<String, Saved> = BTreeMap::new();
    for file in FIRST_SET.files() {
        if let (Some(name), Some(content)) = (name_of(file.path()), file.contents_utf8()) {
            known.insert(name.to_owned(), Saved::parse(name, content, None));
        }
    }
    for path in folder.map(files_of).transpose()?.unwrap_or_default() {
        let Some(name) = name_of(&path) else { continue };
        match std::fs::read_to_string(&path) {
            Ok(content) => {
                known.insert(name.to_owned(), Saved::parse(name, &content, Some(path.clone())));
            }
            Err(error) => {
                let fault = Fault::caller(msg!("cli-query-unreadable", path = path.display().to_string()));
                unreadable.push((name.to_owned(), fault.because(error)));
            }
        }
    }
    Ok((known.into_values().collect(), unreadable))
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str().filter(|_| path.extension().is_some_and(|extension| extension == EXTENSION))
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || Fault::caller(msg!("cli-saved-folder", path = folder.display().to_string()));
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable().because(error))?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    Ok(paths.map_err(|error| unreadable().because(error))?.into_iter().filter(|path| path.is_file()).collect())
}

/// The saved query of a name.
pub fn find(name: &str, folder: Option<&Path>) -> Result<Saved> {
    let (all, unreadable) = known(folder)?;
    // Of the user's own, though another of that name comes with the program.
    if let Some((_, fault)) = unreadable.into_iter().find(|(unreadable, _)| unreadable == name) {
        return Err(fault);
    }
    if let Some(saved) = all.iter().find(|saved| saved.name == name) {
        return Ok(saved.clone());
    }
    let near = shoseki_insights::nearest(name, all.iter().map(|saved| saved.name.as_str()));
    Err(Fault::caller(match near {
        Some(near) => msg!("cli-saved-unknown-near", name = name, near = near),
        None => msg!("cli-saved-unknown", name = name),
    }))
}

/// Prints them all.
pub fn list(context: &Context, folder: Option<&Path>) -> Result<()> {
    let (all, unreadable) = known(folder)?;
    for (_, fault) in &unreadable {
        context.note(fault.message());
    }
    if context.json {
        return output::json(&all.iter().map(Saved::to_json).collect::<Vec<_>>());
    }
    let head = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let mut table = output::table(&["cli-saved-name", "cli-saved-title", "cli-saved-description"].map(head));
    for saved in &all {
        let (title, description) = (saved.said("title", context.lang), saved.said("description", context.lang));
        table.add_row([saved.name.as_str(), title, description]);
    }
    output::line(&table.to_string());
    context.note(&msg!("cli-saved-how"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_and_taken_off() {
        let saved = Saved::parse(
            "a",
            "# title: A: b\n#title.ja:甲\n# language: SQL\n#source: shoseki\n\nselect 1\n# title: not this\n",
            None,
        );
        assert_eq!((saved.said("title", Lang::En), saved.said("title", Lang::Ja)), ("A: b", "甲"));
        assert_eq!((saved.said("description", Lang::Ja), saved.is_sql), ("", true));
        assert_eq!(saved.source.as_deref(), Some("shoseki"));
        assert_eq!(saved.text, "select 1\n# title: not this");
        let bare = Saved::parse("b", "# who did it: a remark\nfields a", None);
        assert_eq!((bare.text.as_str(), bare.is_sql), ("# who did it: a remark\nfields a", false));
        assert_eq!(Saved::parse("c", "# title: only", None).text, "");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_in_nobodys_way_but_its_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.query"), "fields a").unwrap();
        std::fs::write(folder.path().join("broken.query"), b"fields \xff").unwrap();
        let folder = Some(folder.path());
        assert_eq!(find("mine", folder).unwrap().text, "fields a");
        assert_eq!(find("broken", folder).unwrap_err().id(), "cli-query-unreadable");
        assert_eq!(all(folder).unwrap().len(), all(None).unwrap().len() + 1);
    }

    #[test]
    fn the_first_set_is_whole() {
        let all = all(None).unwrap();
        assert!(all.len() >= 30, "{}", all.len());
        assert_eq!(FIRST_SET.files().count(), all.len(), "every file there is a query");
        for saved in &all {
            for key in ["title", "title.ja", "description", "description.ja"] {
                assert!(saved.head.get(key).is_some_and(|text| !text.is_empty()), "{}: {key}", saved.name);
            }
            let parsed = shoseki_insights::parse(&saved.text);
            assert!(parsed.errors.is_empty(), "{}: {:?}", saved.name, parsed.errors);
        }
        let count = |prefix: &str| all.iter().filter(|saved| saved.name.starts_with(prefix)).count();
        assert!(count("cloudtrail-") >= 10 && count("k8s-") >= 8);
        let handbook = find("handbook", None).unwrap();
        assert_eq!(
            handbook.text,
            "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100"
        );
    }

    #[test]
    fn a_users_own_stand_before_ours_and_names_are_no_paths() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("handbook.query"), "# title: mine\nfields a").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not a query").unwrap();
        let own = find("handbook", Some(folder.path())).unwrap();
        assert_eq!((own.text.as_str(), own.said("title", Lang::Ja)), ("fields a", "mine"));
        assert_eq!(find("handbok", None).unwrap_err().id(), "cli-saved-unknown-near");
        for name in ["../handbook", "/etc/passwd", "zzzzzzzzzzzz"] {
            assert!(find(name, Some(folder.path())).is_err(), "{name}");
        }
        assert_eq!(all(Some(Path::new("/nonexistent"))).unwrap_err().id(), "cli-saved-folder");
    }
}
