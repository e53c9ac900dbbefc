//! What a word can become: commands, functions, aggregates, fields, what was seen in the last answer, and in a line of the
//! shell's own commands their names and what they take.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, RecordBatch};
use shoseki_query::{AGGREGATES, FUNCTIONS, field_names, sql_views};

use super::meta::COMMANDS as META;
use crate::commands::query::FORMATS;

/// How many events of an answer are looked at for fields.
const EVENTS_SEEN: usize = 50;
/// How many fields of them are kept.
const MOST_FIELDS: usize = 2_000;

/// Words of SQL that begin or join its parts; functions are left to who knows them.
const SQL_WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "having",
    "limit",
    "as",
    "and",
    "or",
    "not",
    "in",
    "like",
    "between",
    "is null",
    "is not null",
    "distinct",
    "count(*)",
    "join",
    "left join",
    "on",
    "using",
    "union all",
    "with",
    "case",
    "when",
    "then",
    "else",
    "end",
    "desc",
    "asc",
    "explain",
    "describe",
    "show tables",
    "events",
];

/// Words of the language that are neither commands nor functions.
const INSIGHTS_WORDS: &[&str] = &["by", "as", "and", "or", "not", "in", "like", "asc", "desc"];

/// What is known for completing.
#[derive(Debug, Default)]
pub struct Words {
    /// Whether questions are in SQL.
    pub is_sql: bool,
    /// Names of saved queries.
    pub saved: Vec<String>,
    seen: BTreeSet<String>,
}

impl Words {
    /// What is known before the first answer.
    pub fn new(is_sql: bool, saved: Vec<String>) -> Self {
        Self { is_sql, saved, seen: BTreeSet::new() }
    }

    /// Notes the columns of an answer and the fields of the events in it.
    pub fn see(&mut self, batch: &RecordBatch) {
        self.seen.clear();
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            self.seen.insert(field.name().clone());
            if !["@message", "raw", "raw_data"].contains(&field.name().as_str()) {
                continue;
            }
            let Some(texts) = column.as_string_opt::<i32>() else { continue };
            for row in (0..texts.len().min(EVENTS_SEEN)).filter(|row| texts.is_valid(*row)) {
                if let Ok(event) = serde_json::from_str::<serde_json::Value>(texts.value(row)) {
                    self.see_within(&event, "", 0);
                }
            }
        }
    }

    /// The paths of an event, four levels deep.
    fn see_within(&mut self, value: &serde_json::Value, path: &str, depth: usize) {
        let Some(members) = value.as_object().filter(|_| depth < 4) else { return };
        for (key, inner) in members {
            if self.seen.len() >= MOST_FIELDS {
                return;
            }
            let is_plain = key.chars().all(|c| c.is_alphanumeric() || c == '_');
            let key = if is_plain { key.clone() } else { format!("`{key}`") };
            let path = if path.is_empty() { key } else { format!("{path}.{key}") };
            self.see_within(inner, &path, depth + 1);
            self.seen.insert(path);
        }
    }

    /// Where the word begins that ends at a place, and what it can become, in the order of their use.
    pub fn complete(&self, line: &str, place: usize) -> (usize, Vec<String>) {
        let before = line.get(..place).unwrap_or(line);
        if before.trim_start().starts_with('\\') {
            return self.complete_meta(before);
        }
        let begin = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '-')))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = &before[begin..];
        let begins_command = before[..begin].trim_end().ends_with('|') || before[..begin].trim().is_empty();
        let candidates = match (self.is_sql, begins_command) {
            (true, _) => self.of_sql(),
            (false, true) => commands(),
            (false, false) => self.of_insights(),
        };
        (begin, fitting(word, candidates))
    }

    fn of_insights(&self) -> Vec<String> {
        let functions = FUNCTIONS.iter().map(|function| format!("{}(", function.name));
        let aggregates = AGGREGATES.iter().map(|aggregate| format!("{}(", aggregate.name));
        let fields = field_names().into_iter().map(str::to_owned);
        let words = INSIGHTS_WORDS.iter().map(|word| (*word).to_owned());
        self.seen.iter().cloned().chain(fields).chain(functions).chain(aggregates).chain(words).collect()
    }

    fn of_sql(&self) -> Vec<String> {
        let words = SQL_WORDS.iter().map(|word| (*word).to_owned());
        // A name with capitals or dots needs quotes, and so the word that is completed has none yet.
        let quoted = |name: &str| {
            let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if is_plain { name.to_owned() } else { format!("\"{name}\"") }
        };
        let fields = self.seen.iter().map(|name| quoted(name)).chain(field_names().into_iter().map(quoted));
        sql_views().into_iter().chain(words).chain(fields).collect()
    }

    fn complete_meta(&self, before: &str) -> (usize, Vec<String>) {
        let begin = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = &before[begin..];
        let mut words = before[..begin].split_whitespace();
        let candidates: Vec<String> = match (words.next(), words.next()) {
            (None, _) => META.iter().map(|command| format!("\\{}", command.name)).collect(),
            (Some("\\run"), None) => self.saved.clone(),
            (Some("\\o"), None) => FORMATS.iter().map(|format| (*format).to_owned()).collect(),
            (Some("\\tz"), None) => chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
            (Some("\\timing"), None) => ["on", "off"].map(str::to_owned).to_vec(),
            (Some("\\range"), None) => ["-1h", "-1d", "-7d", "-30d", "all"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        (begin, fitting(word, candidates))
    }
}

fn commands() -> Vec<String> {
    shoseki_insights::COMMANDS.iter().flat_map(shoseki_insights::CommandInfo::names).map(str::to_owned).collect()
}

/// Those that begin with the word, without regard to case, each once.
fn fitting(word: &str, candidates: Vec<String>) -> Vec<String> {
    let word = word.to_lowercase();
    let mut fit: Vec<String> = Vec::new();
    for candidate in candidates {
        let bare = candidate.trim_start_matches('"').to_lowercase();
        if bare.starts_with(&word) && !fit.contains(&candidate) {
            fit.push(candidate);
        }
    }
    fit
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn of(words: &Words, line: &str) -> (usize, Vec<String>) {
        words.complete(line, line.len())
    }

    #[test]
    fn a_word_becomes_what_can_stand_there() {
        let words = Words { saved: vec!["handbook".to_owned()], ..Words::default() };
        assert_eq!(of(&words, "fil").1.first().map(String::as_str), Some("filter"));
        assert_eq!(of(&words, "fields a | sta"), (11, vec!["stats".to_owned()]));
        assert!(of(&words, "filter eventN").1.contains(&"eventName".to_owned()));
        assert!(of(&words, "filter objectref.res").1.contains(&"objectRef.resource".to_owned()), "in any case");
        assert!(of(&words, "fields strl").1.contains(&"strlen(".to_owned()));
        assert!(of(&words, "stats count_d").1.contains(&"count_distinct(".to_owned()));
        assert!(of(&words, "sort @times").1.contains(&"@timestamp".to_owned()));
        assert!(of(&words, "filter a = 証").1.is_empty(), "a letter of several bytes is one letter");
        assert_eq!(of(&words, "\\ra"), (0, vec!["\\range".to_owned()]));
        assert_eq!(of(&words, "\\run ha"), (5, vec!["handbook".to_owned()]));
        assert!(of(&words, "\\tz Asia/Tok").1.contains(&"Asia/Tokyo".to_owned()));
        assert_eq!(of(&words, "\\timing o").1, ["on", "off"]);
        assert_eq!(of(&words, "\\o js").1, ["json", "jsonl"]);
        let sql = Words { is_sql: true, ..Words::default() };
        assert!(of(&sql, "select * from cloud").1.contains(&"cloudtrail".to_owned()));
        assert!(of(&sql, "select eventna").1.contains(&"\"eventName\"".to_owned()));
    }

    #[test]
    fn fields_of_the_last_answer_are_known() {
        let schema =
            Schema::new(vec![Field::new("@message", DataType::Utf8, true), Field::new("mine", DataType::Utf8, true)]);
        let event = r#"{"requestParameters":{"bucketName":"b","a-b":1},"n":null}"#;
        let texts = |text: &str| Arc::new(StringArray::from(vec![Some(text), Some("no JSON"), None])) as _;
        let batch = RecordBatch::try_new(Arc::new(schema), vec![texts(event), texts("x")]).unwrap();
        let mut words = Words::default();
        words.see(&batch);
        assert_eq!(of(&words, "fields requestParameters.b").1, ["requestParameters.bucketName"]);
        assert_eq!(of(&words, "fields mi").1.first().map(String::as_str), Some("mine"));
        assert!(words.seen.contains("requestParameters.`a-b`"));
    }
}
