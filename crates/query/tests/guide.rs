//! The tables of the user's page on queries are made from the lists, so that they hold what there is. They stand between
//! markers; `UPDATE_EXPECT=1` writes them anew.
//!
//! ```text
//! <!-- made from the lists: commands -->
//! …
//! <!-- end -->
//! ```

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test they are how it fails")]

use std::path::Path;

use expect_test::expect_file;
use shoseki_insights::COMMANDS;
use shoseki_messages::{Lang, lookup};
use shoseki_query::{AGGREGATES, FUNCTION_GROUPS, sql_views};

const BEGIN: &str = "<!-- made from the lists: ";
const END: &str = "<!-- end -->";

/// A page's language and the few words that its tables have beside the catalogue's.
struct Words {
    lang: Lang,
    command: [&'static str; 3],
    function: [&'static str; 3],
    and: &'static str,
}

const ENGLISH: Words = Words {
    lang: Lang::En,
    command: ["command", "does", "example"],
    function: ["function", "gives", "example"],
    and: ", ",
};

const JAPANESE: Words =
    Words {
        lang: Lang::Ja, command: ["コマンド", "働き", "例"], function: ["関数", "結果", "例"], and: "、"
    };

/// Code in a cell of a table.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

impl Words {
    fn title(&self, id: &str) -> String {
        lookup(id, self.lang).unwrap_or_else(|| panic!("`{id}` is not in the catalogue")).replace('|', "\\|")
    }

    fn names(&self, names: impl Iterator<Item = &'static str>) -> String {
        names.map(code).collect::<Vec<_>>().join(self.and)
    }

    fn head([name, title, example]: [&str; 3]) -> String {
        format!("| {name} | {title} | {example} |\n| --- | --- | --- |\n")
    }

    fn row(&self, names: String, title: &str, example: &str) -> String {
        format!("| {names} | {} | {example} |\n", self.title(title))
    }

    fn commands(&self) -> String {
        let rows = COMMANDS.iter().map(|info| self.row(self.names(info.names()), info.title, &code(info.example)));
        Self::head(self.command) + &rows.collect::<String>()
    }

    fn functions(&self) -> String {
        let group = |(title, functions): &(&str, &[shoseki_query::Function])| {
            let rows = functions.iter().map(|function| {
                let (call, value) = function.example;
                let example = format!("{} → {}", code(call), code(value));
                self.row(self.names(function.names()), function.title, &example)
            });
            format!("### {}\n\n{}{}", self.title(title), Self::head(self.function), rows.collect::<String>())
        };
        FUNCTION_GROUPS.iter().map(group).collect::<Vec<_>>().join("\n")
    }

    fn aggregates(&self) -> String {
        let row = |aggregate: &shoseki_query::Aggregate| {
            self.row(self.names(aggregate.names()), aggregate.title, &code(aggregate.example.0))
        };
        Self::head(self.function) + &AGGREGATES.iter().map(row).collect::<String>()
    }

    fn made(&self, name: &str) -> String {
        match name {
            "commands" => self.commands(),
            "functions" => self.functions(),
            "aggregates" => self.aggregates(),
            other => panic!("there is no list `{other}`"),
        }
    }

    fn check(&self, page: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut parts = text.split(BEGIN);
        let mut made = parts.next().unwrap().to_owned();
        let mut lists = 0;
        for part in parts {
            let (name, rest) = part.split_once(" -->").unwrap();
            let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{page}: `{name}` does not end"));
            made += &format!("{BEGIN}{name} -->\n{}{END}{after}", self.made(name));
            lists += 1;
        }
        assert_eq!(lists, 3, "{page}");
        expect_file![path].assert_eq(&made);
    }
}

#[test]
fn the_guides_tables_are_those_of_the_lists() {
    ENGLISH.check("docs/guide/query.md");
    JAPANESE.check("docs/ja/guide/query.md");
}

#[test]
fn the_guides_name_every_view_of_sql() {
    for page in ["docs/guide/query.md", "docs/ja/guide/query.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page)).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        for view in sql_views() {
            assert!(rows.iter().any(|row| row.contains(&format!("`{view}`"))), "{page}: {view}");
        }
    }
}
