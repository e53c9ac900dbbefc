//! An event value by value: what of each is a secret.

use std::borrow::Cow;
use std::ops::Range;

use super::bodies::Bodies;
use super::card::known_cards;
use super::named::{is_placeholder, is_secret_name};
use super::text::{Place, kind_of_name};
use super::variables::{self, Variables};
use super::{SecretKind, Secrets};
use crate::{Cursor, Reason};

/// The most values of an event that are looked at one by one; an event with more is one text.
const MOST_VALUES: usize = 200_000;

/// A value and what of it is secret.
pub(super) struct Seen<'t> {
    /// Where it stands in the event, with its quotes.
    pub(super) span: Range<usize>,
    /// The value, decoded.
    pub(super) text: Cow<'t, str>,
    /// Whether it is a string, and not a number.
    pub(super) is_string: bool,
    /// Where in it secrets stand.
    pub(super) places: Vec<Place>,
}

/// The values of an event that have secrets, with their fields. What is no JSON object or list is one value, without a span.
pub(super) fn seen<'t>(secrets: &Secrets, event: &'t str) -> Vec<(String, Seen<'t>)> {
    match leaves(event) {
        Some(leaves) => of_leaves(secrets, event, leaves),
        None => {
            let places = secrets.places(event);
            let seen = Seen { span: 0..event.len(), text: Cow::Borrowed(event), is_string: false, places };
            if seen.places.is_empty() { Vec::new() } else { vec![("@message".to_owned(), seen)] }
        }
    }
}

/// Whether a text is an event of JSON, and not prose.
pub(super) fn is_json(text: &str) -> bool {
    text.starts_with(['{', '['])
}

/// A value of an event that is no object and no list.
pub(super) struct Leaf<'t> {
    pub(super) field: String,
    /// Its own key.
    pub(super) key: String,
    pub(super) span: Range<usize>,
    pub(super) text: Cow<'t, str>,
    pub(super) is_string: bool,
}

fn of_leaves<'t>(secrets: &Secrets, event: &str, leaves: Vec<Leaf<'t>>) -> Vec<(String, Seen<'t>)> {
    let bodies = if secrets.may_be_body(event.as_bytes()) { Bodies::of(&leaves) } else { Bodies::default() };
    let has_variables = secrets.reads_variables() && variables::may_have(event);
    let variables = if has_variables { Variables::of(&leaves) } else { Variables::default() };
    let mut found = Vec::new();
    for leaf in leaves {
        let places = places_of(secrets, (&bodies, &variables), &leaf);
        if !places.is_empty() {
            let Leaf { field, span, text, is_string, .. } = leaf;
            found.push((field, Seen { span, text, is_string, places }));
        }
    }
    found
}

fn places_of(secrets: &Secrets, (bodies, variables): (&Bodies, &Variables), leaf: &Leaf<'_>) -> Vec<Place> {
    let whole = |kind| vec![(0..leaf.text.len(), kind)];
    if !leaf.is_string {
        return known_cards(&leaf.text).into_iter().map(|card| (card, SecretKind::CardNumber)).collect();
    }
    if bodies.has(leaf) {
        return whole(SecretKind::KubernetesSecret);
    }
    let variable = variables.name(leaf);
    let is_named = !leaf.text.is_empty() && is_secret_name(&leaf.key, &leaf.text) && !is_placeholder(&leaf.text);
    if variable.is_some() || is_named {
        // What it is by its looks says more than its name.
        let looks = secrets.places(&leaf.text).into_iter().map(|(_, kind)| kind);
        let kind = looks.filter(|kind| *kind != SecretKind::CardNumber).min();
        return whole(kind.unwrap_or_else(|| kind_of_name(variable.unwrap_or(&leaf.key), &leaf.text)));
    }
    if leaf.text.len() < 8 {
        return Vec::new();
    }
    let places = secrets.places(&leaf.text);
    match secrets.reads_variables() {
        true => variables::joined(variables::within(&leaf.text), places),
        false => places,
    }
}

/// The values of an event; `None` where it is no JSON object or list, or has too many.
pub(super) fn leaves(event: &str) -> Option<Vec<Leaf<'_>>> {
    if !is_json(event) {
        return None;
    }
    let mut cursor = Cursor::new(event.as_bytes()).ok()?;
    let (mut leaves, mut path) = (Vec::new(), Vec::new());
    walk(&mut cursor, &mut path, &mut leaves).ok()?;
    cursor.end().ok()?;
    Some(leaves)
}

fn walk<'t>(cursor: &mut Cursor<'t>, path: &mut Vec<String>, leaves: &mut Vec<Leaf<'t>>) -> Result<(), Reason> {
    if cursor.is_object() || cursor.is_list() {
        let begins_list = cursor.is_list();
        let visit = |key: String, cursor: &mut Cursor<'t>, path: &mut Vec<String>, leaves: &mut Vec<Leaf<'t>>| {
            path.push(key);
            let walked = walk(cursor, path, leaves);
            path.pop();
            walked
        };
        if begins_list {
            cursor.elements(|place, cursor| visit(place.to_string(), cursor, path, leaves))?;
        } else {
            cursor.members(|key, cursor| visit(key.to_owned(), cursor, path, leaves))?;
        }
        return Ok(());
    }
    if leaves.len() >= MOST_VALUES {
        return Err(Reason::TooDeep);
    }
    let (start, is_string, is_null) = (cursor.position(), cursor.is_string(), cursor.is_null());
    let text = cursor.text()?.unwrap_or_default();
    if !is_null {
        let key = path.last().cloned().unwrap_or_default();
        leaves.push(Leaf { field: field(path), key, span: start..cursor.position(), text, is_string });
    }
    Ok(())
}

/// A path as a query names it.
fn field(path: &[String]) -> String {
    let name = |(at, key): (usize, &String)| {
        let is_plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '@');
        match (at, is_plain) {
            // A field of the event itself that begins with `@` is called `@@…`.
            (0, true) if key.starts_with('@') => format!("@{key}"),
            (_, true) => key.clone(),
            _ => format!("`{key}`"),
        }
    };
    path.iter().enumerate().map(name).collect::<Vec<_>>().join(".")
}
