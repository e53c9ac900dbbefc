//! OCSF names of applications' events, as the user's mapping has them: the first of its names that the event has, and else
//! the column, which was found by the names that are known without being told.

use std::sync::Arc;

use datafusion::functions::expr_fn::{coalesce, lower};
use datafusion::logical_expr::expr::Like;
use datafusion::logical_expr::{Expr, lit, when};
use shoseki_event::Outcome;
use shoseki_messages::msg;

use super::{Planned, Planner, all, any, named_column, system};
use crate::json::{Path, at_path};
use crate::mapping::{Rule, STATUS};
use crate::values::{Kernel, Kind, Value, per_row};

impl Planner {
    /// What an OCSF name stands for, given its column.
    pub(super) fn mapped(&mut self, ocsf: &str, column: Value) -> Planned<Value> {
        let Some(mapping) = self.ground.mapping.clone() else { return Ok(column) };
        let own = column.expr.clone();
        let mut value = own.clone();
        let mut is_mapped = false;
        for rule in mapping.of(ocsf).rev() {
            is_mapped = true;
            value = when(is_of(rule), of_rule(rule, ocsf, &own)?).otherwise(value)?;
        }
        if !is_mapped {
            return Ok(column);
        }
        let hint = msg!("query-hint-mapped", name = ocsf);
        if !self.hints.known.contains(&hint) {
            self.hint(hint);
        }
        Ok(Value::new(value, Kind::Text))
    }
}

/// Whether an event is of a rule's streams.
fn is_of(rule: &Rule) -> Expr {
    let is_app = named_column("source").eq(lit("app"));
    let streams = rule.streams.iter().map(|glob| {
        let like = Like::new(false, named_column("stream").into(), lit(pattern(glob)).into(), None, false);
        Expr::Like(like)
    });
    match any(streams.collect()) {
        Some(is_of) => all(vec![is_app.clone(), is_of]).unwrap_or(is_app),
        None => is_app,
    }
}

/// A name with `*` for any letters, as SQL's `LIKE` has it.
fn pattern(glob: &str) -> String {
    let mut pattern = String::with_capacity(glob.len());
    for c in glob.chars() {
        match c {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', c]),
            c => pattern.push(c),
        }
    }
    pattern
}

fn of_rule(rule: &Rule, ocsf: &str, own: &Expr) -> Planned<Expr> {
    let mut texts: Vec<Expr> = rule.names(ocsf).iter().flat_map(|name| paths(name)).collect();
    if ocsf != STATUS {
        texts.push(own.clone());
        return Ok(coalesce(texts));
    }
    let text = coalesce(texts);
    let is_word = |words: &[String]| {
        let words = words.iter().map(|word| lit(word.to_lowercase())).collect();
        lower(text.clone()).in_list(words, false)
    };
    let read =
        per_row("appOutcome", Kernel::Text(|row| row.text(0).map(|text| word_of(text).to_owned())), vec![text.clone()]);
    let outcome = when(text.clone().is_null(), own.clone())
        .when(is_word(&rule.success), lit("success"))
        .when(is_word(&rule.failure), lit("failure"))
        .otherwise(read)?;
    Ok(outcome)
}

/// What the word of a result means where the mapping does not say.
fn word_of(text: &str) -> &'static str {
    match shoseki_sources::outcome(text) {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Unknown => "unknown",
    }
}

/// A name with dots is a path of nested objects, or a key that has these dots in itself.
fn paths(name: &str) -> Vec<Expr> {
    let keys: Vec<String> = name.split('.').map(str::to_owned).collect();
    let at = |shown: &str, keys: &[String]| at_path(system("@message").expr, shown, Path::new(keys), Arc::default());
    let mut paths = vec![at(name, &keys)];
    if keys.len() > 1 {
        paths.push(at(&format!("`{name}`"), &[name.to_owned()]));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_any_letters_and_nothing_else_is() {
        assert_eq!(pattern("app/shop*"), "app/shop%");
        assert_eq!(pattern(r"a_b%\*"), r"a\_b\%\\%");
    }
}
