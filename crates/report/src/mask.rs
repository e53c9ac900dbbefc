//! Masking of what must not be shown: tokens, passwords and other secrets, card numbers (PCI DSS 3.4.1), and what a mask file
//! names. What is a secret or a card number `shoseki_sources::secrets` says.
//!
//! A mask file holds one regular expression a line; what each matches is replaced whole. `#` begins a comment.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use regex::Regex;
use shoseki_messages::{Fault, Result, msg};
use shoseki_sources::secrets::{Secrets, masked_cards};

/// What is masked.
#[derive(Clone, Debug)]
pub struct Mask {
    /// What sees secrets; nothing where packages are judged that were made before secrets were masked.
    secrets: Option<&'static Secrets>,
    patterns: Vec<Regex>,
}

/// What stands in the place of what a mask file names.
const HIDDEN: &str = "***";

impl Mask {
    /// Secrets, card numbers, and the patterns of a mask file's text.
    ///
    /// # Errors
    /// The caller's mistake where a line is no regular expression; it is named by its number.
    pub fn new(file: Option<&str>) -> Result<Self> {
        let mut patterns = Vec::new();
        for (number, line) in file.unwrap_or_default().lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let pattern = Regex::new(line).map_err(|error| {
                Fault::caller(msg!("package-mask-line", number = number + 1, line = line)).because(error)
            })?;
            patterns.push(pattern);
        }
        Ok(Self { secrets: Some(Secrets::all()?), patterns })
    }

    /// The patterns of the mask file, which make the same mask again.
    pub fn patterns(&self) -> Vec<String> {
        self.patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect()
    }

    /// The same with secrets as a version of the rules sees them; `None` where it is not known.
    ///
    /// # Errors
    /// Our own broken invariant: the rules can be read.
    pub fn with_secrets_of(self, version: u32) -> Result<Option<Self>> {
        Ok(Secrets::of_version(version)?.map(|secrets| Self { secrets: Some(secrets), ..self }))
    }

    /// The same without secrets: card numbers, and the patterns of the mask file.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        Self { secrets: None, ..self }
    }

    /// A text with everything masked.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.of_column("", text)
    }

    /// A text of a column with everything masked: the column's name may say that it is a secret.
    pub fn of_column<'a>(&self, name: &str, text: &'a str) -> Cow<'a, str> {
        let mut masked = self.secrets.map_or(Cow::Borrowed(text), |secrets| secrets.masked_of(name, text));
        if let Cow::Owned(replaced) = masked_cards(&masked) {
            masked = Cow::Owned(replaced);
        }
        for pattern in &self.patterns {
            if let Cow::Owned(replaced) = pattern.replace_all(&masked, HIDDEN) {
                masked = Cow::Owned(replaced);
            }
        }
        masked
    }

    /// Masks every text of a value; a member's name may say that it is a secret.
    pub fn json(&self, value: &mut serde_json::Value) {
        self.below("", value);
    }

    fn below(&self, name: &str, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                let masked = self.of_column(name, text);
                if *masked != **text {
                    *text = masked.into_owned();
                }
            }
            serde_json::Value::Array(elements) => elements.iter_mut().for_each(|element| self.below(name, element)),
            serde_json::Value::Object(members) => {
                let text = |name: &str| members.get(name).and_then(serde_json::Value::as_str);
                let is_variable = match (self.secrets, text("name"), text("value")) {
                    (Some(secrets), Some(name), Some(value)) => secrets.is_variable(name, value),
                    _ => false,
                };
                if is_variable {
                    members.insert("value".to_owned(), HIDDEN.into());
                }
                members.iter_mut().for_each(|(name, member)| self.below(name, member));
            }
            _ => {}
        }
    }

    /// A batch with every text masked.
    ///
    /// # Errors
    /// Our own broken invariant: the batch keeps its shape.
    pub fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns: Vec<ArrayRef> =
            names.zip(batch.columns()).map(|(name, column)| self.column(name, column)).collect();
        RecordBatch::try_new(schema, columns).map_err(|error| Fault::broken(msg!("package-mask-own")).because(error))
    }

    fn column(&self, name: &str, column: &ArrayRef) -> ArrayRef {
        if *column.data_type() != DataType::Utf8 {
            return Arc::clone(column);
        }
        let texts = column.as_string::<i32>().iter().map(|text| text.map(|text| self.of_column(name, text)));
        Arc::new(texts.collect::<StringArray>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_secrets_are_masked() {
        let mask = Mask::new(None).unwrap();
        let event = r#"{"card":"4111111111111111","password":"hunter2","note":"password=hunter2"}"#;
        let masked = r#"{"card":"411111******1111","password":"***","note":"password=***"}"#;
        assert_eq!(mask.of_column("@message", event), masked);
        assert_eq!(mask.of_column("requestObject.data.key", "aA=="), "***");
        let mut pod = serde_json::json!({"env": [{"name": "DB_PASSWORD", "value": "hunter2pass"}, {"name": "PORT", "value": "80"}]});
        mask.json(&mut pod);
        assert_eq!(pod["env"][0]["value"], "***");
        assert_eq!(pod["env"][1]["value"], "80");
        assert_eq!(mask.without_secrets().of_column("requestObject.data.key", "aA=="), "aA==");
    }

    #[test]
    fn a_mask_file_names_more() {
        let mask = Mask::new(Some("# people\n[a-z]+@example\\.com\n\n")).unwrap();
        assert_eq!(mask.text("to: mei@example.com"), "to: ***");
        let refused = Mask::new(Some("ok\n(open")).unwrap_err();
        assert_eq!(refused.id(), "package-mask-line");
        assert!(refused.to_string().contains('2'), "{refused}");
    }
}
