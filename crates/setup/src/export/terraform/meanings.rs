//! What stands in code where a plan has a placeholder: a variable, a local value, a reference; and values of calls as expressions.

use serde_json::Value;
use shoseki_messages::{Fault, Result, msg};

use crate::export::hcl::{Expression, Part};

/// What a piece of a text means.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// One value.
    One(String),
    /// Each of a list, in the list where it stands.
    Each {
        /// The list.
        list: String,
        /// What one of it is called.
        one: &'static str,
    },
}

/// Pieces of texts with what they mean, the longest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Meanings {
    all: Vec<(String, Meaning)>,
}

/// In which order a person reads a statement of a policy.
const ORDER: [&str; 8] = ["Version", "Statement", "Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/// A stretch of a text.
enum Stretch<'m> {
    Literal(String),
    Means(&'m Meaning),
}

impl Meanings {
    /// Adds a piece, where it is one; what it meant before it means no more.
    pub(super) fn add(&mut self, piece: &str, meaning: Meaning) {
        self.all.retain(|(known, _)| known != piece);
        if !piece.is_empty() {
            self.all.push((piece.to_owned(), meaning));
            self.all.sort_by_key(|(piece, _)| std::cmp::Reverse(piece.len()));
        }
    }

    /// Adds one that stands for a value.
    pub(super) fn one(&mut self, piece: &str, code: impl Into<String>) {
        self.add(piece, Meaning::One(code.into()));
    }

    fn stretches(&self, text: &str) -> Vec<Stretch<'_>> {
        let mut all = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            match self.all.iter().find(|(piece, _)| rest.starts_with(piece.as_str())) {
                Some((piece, meaning)) => {
                    if !literal.is_empty() {
                        all.push(Stretch::Literal(std::mem::take(&mut literal)));
                    }
                    all.push(Stretch::Means(meaning));
                    rest = &rest[piece.len()..];
                }
                None => {
                    literal.push(first);
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
        if !literal.is_empty() {
            all.push(Stretch::Literal(literal));
        }
        all
    }

    /// The list that a text stands for each of, and the text as an expression.
    fn each(&self, text: &str) -> Result<(Option<&Meaning>, Expression)> {
        let mut parts = Vec::new();
        let mut each: Option<&Meaning> = None;
        for stretch in self.stretches(text) {
            match stretch {
                Stretch::Literal(literal)
                    if literal.contains(['\u{E000}', '\u{E001}']) || literal.contains("${setup:") =>
                {
                    return Err(Fault::broken(msg!("setup-export-placeholder", text = literal)));
                }
                Stretch::Literal(literal) => parts.push(Part::Literal(literal)),
                Stretch::Means(Meaning::One(code)) => parts.push(Part::Filled(code.clone())),
                Stretch::Means(meaning @ Meaning::Each { one, .. }) => {
                    each = Some(meaning);
                    parts.push(Part::Filled((*one).to_owned()));
                }
            }
        }
        let expression = match parts.as_slice() {
            [Part::Filled(code)] => Expression::Code(code.clone()),
            [] => Expression::text(""),
            _ => Expression::Text(parts),
        };
        Ok((each, expression))
    }

    /// A text of a call.
    ///
    /// # Errors
    /// Our own broken invariant: a placeholder that means nothing here, or a list where one value stands.
    pub(super) fn text(&self, text: &str) -> Result<Expression> {
        match self.each(text)? {
            (None, expression) => Ok(expression),
            (Some(_), _) => Err(Fault::broken(msg!("setup-export-placeholder", text = text))),
        }
    }

    fn list(&self, all: &[Value]) -> Result<Expression> {
        let (mut groups, mut plain) = (Vec::new(), Vec::new());
        for value in all {
            let text = value.as_str().map(|text| self.each(text)).transpose()?;
            match text {
                Some((Some(Meaning::Each { list, one }), expression)) => {
                    if !plain.is_empty() {
                        groups.push(Expression::List(std::mem::take(&mut plain)));
                    }
                    groups.push(match expression {
                        Expression::Code(_) => Expression::Code(list.clone()),
                        other => Expression::Code(format!(
                            "[for {one} in {list} : {}]",
                            crate::export::hcl::expression(&other)
                        )),
                    });
                }
                Some((_, expression)) => plain.push(expression),
                None => plain.push(self.value(value)?),
            }
        }
        if !plain.is_empty() || groups.is_empty() {
            groups.push(Expression::List(plain));
        }
        match groups.len() {
            1 => Ok(groups.swap_remove(0)),
            _ => Ok(Expression::Call("concat", groups)),
        }
    }

    /// A value of a call.
    ///
    /// # Errors
    /// As [`Meanings::text`].
    pub(super) fn value(&self, value: &Value) -> Result<Expression> {
        Ok(match value {
            Value::String(text) => self.text(text)?,
            Value::Array(all) => self.list(all)?,
            Value::Object(all) => {
                let place = |name: &str| ORDER.iter().position(|one| *one == name).unwrap_or(ORDER.len());
                let mut names: Vec<&String> = all.keys().collect();
                names.sort_by_key(|name| (place(name), name.as_str()));
                let member = |name: &String| {
                    let name_parts = match self.text(name)? {
                        Expression::Text(parts) => parts,
                        Expression::Code(code) => vec![Part::Filled(code)],
                        _ => Vec::new(),
                    };
                    Ok((name_parts, self.value(&all[name.as_str()])?))
                };
                Expression::Object(names.into_iter().map(member).collect::<Result<_>>()?)
            }
            Value::Null => Expression::code("null"),
            Value::Bool(is) => Expression::code(is.to_string()),
            Value::Number(number) => Expression::code(number.to_string()),
        })
    }

    /// A document of JSON, given as such or as its text.
    ///
    /// # Errors
    /// As [`Meanings::text`], and a text that is no JSON.
    pub(super) fn document(&self, document: &Value) -> Result<Expression> {
        let parsed = match document.as_str() {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Fault::broken(msg!("setup-export-placeholder", text = text)).because(error))?,
            None => document.clone(),
        };
        Ok(self.value(&parsed)?.json())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::export::hcl::expression;
    use crate::export::placeholder::{ACCOUNT, NAME, READER};

    fn meanings() -> Meanings {
        let mut all = Meanings::default();
        all.one(NAME, "var.name");
        all.one(ACCOUNT, "local.account_id");
        all.one(&format!("arn:{NAME}"), "local.arn");
        all.add(READER, Meaning::Each { list: "var.readers".to_owned(), one: "reader" });
        all
    }

    fn code(value: &Value) -> String {
        expression(&meanings().value(value).unwrap())
    }

    #[test]
    fn texts_are_filled_by_the_longest_piece_and_what_is_no_placeholder_is_escaped() {
        assert_eq!(code(&json!(format!("arn:{NAME}/*"))), "\"${local.arn}/*\"");
        assert_eq!(code(&json!(format!("{NAME}-{ACCOUNT}"))), "\"${var.name}-${local.account_id}\"");
        assert_eq!(code(&json!(NAME)), "var.name");
        assert_eq!(code(&json!("${aws:username}")), "\"$${aws:username}\"");
    }

    #[test]
    fn a_list_has_the_others_of_a_variable_in_it() {
        assert_eq!(code(&json!([READER])), "var.readers");
        assert_eq!(code(&json!(["a", READER])), "concat([\"a\"], var.readers)");
        assert_eq!(code(&json!([format!("x/{READER}/*")])), "[for reader in var.readers : \"x/${reader}/*\"]");
        assert!(meanings().value(&json!({"a": READER})).is_err(), "a list where one value stands");
        assert!(meanings().value(&json!("\u{E000}unknown\u{E001}")).is_err());
    }
}
