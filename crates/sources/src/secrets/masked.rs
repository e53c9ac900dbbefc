//! Masking: an event or a text in which each secret is hidden. What is JSON stays JSON; the values that have no secret stay as
//! they were written.

use std::borrow::Cow;

use super::text::Place;
use super::{SecretKind, Secrets, values};

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "***";

impl Secrets {
    /// A text, or an event, with every secret hidden. Card numbers keep their first six and last four digits, see
    /// [`super::masked_cards`]: they are not touched here.
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.may_have(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let mut masked = String::new();
        let mut end = 0;
        for (_, seen) in values::seen(self, text) {
            let Some(hidden) = hidden(&seen.text, &seen.places) else { continue };
            masked.push_str(text.get(end..seen.span.start).unwrap_or_default());
            if seen.is_string {
                write_string(&hidden, &mut masked)
            } else {
                masked.push_str(&hidden)
            }
            end = seen.span.end;
        }
        if end == 0 {
            return Cow::Borrowed(text);
        }
        masked.push_str(text.get(end..).unwrap_or_default());
        Cow::Owned(masked)
    }

    /// Whether a variable of a container of this name is given a secret: who masks member by member asks it of each `name` that
    /// stands beside a `value`.
    pub fn is_variable(&self, name: &str, value: &str) -> bool {
        self.reads_variables() && super::variables::is_secret_variable(name, value)
    }

    /// A value by the name of its column: where the name says that it is a secret, all of it is hidden. `data` and
    /// `stringData` of the body of a call are taken for those of a Kubernetes secret, and each variable of a container for a secret,
    /// since a single value does not say.
    pub fn masked_of<'t>(&self, name: &str, text: &'t str) -> Cow<'t, str> {
        let key = name.rsplit('.').next().unwrap_or(name).trim_matches('`');
        let is_body = ["requestObject.", "responseObject."].iter().any(|object| {
            let parts = name.strip_prefix(object).unwrap_or_default().split('.');
            parts.take(3).any(|part| part == "data" || part == "stringData")
        });
        let is_variable = self.reads_variables() && super::variables::is_value_of_variable(name);
        let is_secret = super::named::is_secret_name(key, text) && !super::named::is_placeholder(text);
        if !text.is_empty() && (is_body || is_variable || is_secret) {
            Cow::Borrowed(HIDDEN)
        } else {
            self.masked(text)
        }
    }
}

/// A value with its secrets hidden; `None` where there is nothing to hide.
fn hidden(text: &str, places: &[Place]) -> Option<String> {
    let mut hidden = String::with_capacity(text.len());
    let mut end = 0;
    for (range, _) in places.iter().filter(|(_, kind)| *kind != SecretKind::CardNumber) {
        hidden.push_str(text.get(end..range.start)?);
        hidden.push_str(HIDDEN);
        end = range.end;
    }
    if end == 0 {
        return None;
    }
    hidden.push_str(text.get(end..)?);
    Some(hidden)
}

/// Writes a string of JSON.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < '\u{20}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
