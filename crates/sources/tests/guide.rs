//! The table of sources in the guide is made from the list, in both languages, and each source has its section;
//! `UPDATE_EXPECT=1` writes the table anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;

use expect_test::expect_file;
use shoseki_sources::{Form, SOURCES, Source};

const BEGIN: &str = "<!-- made from the lists: sources -->\n";
const END: &str = "<!-- end -->";

/// A page's few words: the head of the table, and the forms of an input.
struct Words {
    head: &'static str,
    json: &'static str,
    lines: &'static str,
    groups: &'static str,
}

const ENGLISH: Words = Words {
    head: "| source | is | its input | OCSF classes |",
    json: "JSON",
    lines: "text, a line an event",
    groups: "text, one or more lines an event",
};

const JAPANESE: Words = Words {
    head: "| ソース | 名称 | 入力の形 | OCSF のクラス |",
    json: "JSON",
    lines: "テキスト。1行が1イベント",
    groups: "テキスト。1行以上が1イベント",
};

impl Words {
    fn row(&self, source: &dyn Source) -> String {
        let form = match source.form() {
            Form::Json => self.json,
            Form::Lines => self.lines,
            Form::Groups(_) => self.groups,
        };
        let classes: Vec<String> = source.classes().iter().map(i32::to_string).collect();
        format!("| `{}` | {} | {form} | {} |\n", source.id(), source.title(), classes.join(", "))
    }

    fn check(&self, page: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let rows: String = SOURCES.iter().map(|source| self.row(*source)).collect();
        for source in SOURCES {
            assert!(
                after.contains(&format!("\n## {}\n", source.title())),
                "{page} has no section on `{}`",
                source.id()
            );
            assert!(after.contains(&format!("shoseki ingest {} ", source.id())), "{page}: `{}`", source.id());
        }
        expect_file![path]
            .assert_eq(&format!("{before}{BEGIN}{}\n| --- | --- | --- | --- |\n{rows}{END}{after}", self.head));
    }
}

#[test]
fn the_guides_table_is_the_list() {
    ENGLISH.check("docs/guide/collect.md");
    JAPANESE.check("docs/ja/guide/collect.md");
}
