//! How often something is made: what `count` and `for_each` of a resource or of a call of a module come to.

use hcl_edit::structure::Body;
use shoseki_messages::{Message, msg};

use super::eval::{Eval, pairs};
use crate::settings::{Target, Value};

/// How often it is made.
pub(super) enum Made {
    /// Not at all.
    Never,
    /// Once, and under its own name.
    Once,
    /// So many times, by numbers.
    Times(usize),
    /// Once for each of these keys and values.
    Each(Vec<(Value, Value)>),
    /// That cannot be told, and why.
    Perhaps(Message),
}

impl Made {
    /// Nothing where it is not there; else why it may not be.
    pub(super) fn into_doubt(self) -> Option<Option<Message>> {
        match self {
            Self::Never => None,
            Self::Once | Self::Times(_) | Self::Each(_) => Some(None),
            Self::Perhaps(why) => Some(Some(why)),
        }
    }

    /// How many there are, as far as that is told.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Never => 0,
            Self::Once | Self::Perhaps(_) => 1,
            Self::Times(count) => *count,
            Self::Each(items) => items.len(),
        }
    }
}

/// How often a body is made.
pub(super) fn of(eval: Eval<'_, '_>, body: &Body) -> Made {
    let value = |name: &str| body.get_attribute(name).map(|one| eval.value(&one.value, None));
    if let Some(count) = value("count") {
        return match count.to_number().get().map(|number| number.and_then(|number| usize::try_from(*number).ok())) {
            Ok(Some(0)) => Made::Never,
            Ok(Some(count)) => Made::Times(count),
            Ok(None) => Made::Perhaps(msg!("iac-count-unknown", why = vec![msg!("settings-unreadable")])),
            Err(why) => Made::Perhaps(msg!("iac-count-unknown", why = vec![why.clone()])),
        };
    }
    match value("for_each") {
        Some(each) => of_each(eval, &each),
        None => Made::Once,
    }
}

fn of_each(eval: Eval<'_, '_>, each: &Value) -> Made {
    let is_list = matches!(each, Value::List(_));
    let items = match each {
        // As many as another resource is made.
        Value::Reference(target, attribute) if attribute.is_empty() => keys_of(eval, target),
        each => pairs(each),
    };
    match items {
        Some(items) if items.is_empty() => Made::Never,
        Some(items) if is_list => Made::Each(items.into_iter().map(|(_, value)| (value.clone(), value)).collect()),
        Some(items) => Made::Each(items),
        None => {
            let why = each.unknown_within().unwrap_or_else(|| msg!("settings-unreadable"));
            Made::Perhaps(msg!("iac-count-unknown", why = vec![why]))
        }
    }
}

/// The instances of a resource that has a `for_each`, each under its key.
fn keys_of(eval: Eval<'_, '_>, target: &Target) -> Option<Vec<(Value, Value)>> {
    let address = target.0.as_str();
    let kind = address.rsplit_once('.')?.0;
    let prefix = address.get(..kind.rfind('.').map_or(0, |dot| dot + 1))?;
    let at = *eval.tree.prefixes.get(prefix)?;
    let declared = eval.tree.scopes.get(at)?.declared.get(address.get(prefix.len()..)?)?;
    if !eval.tree.enter() {
        return None;
    }
    let made = of(Eval { at, ..eval }, &declared.block.body);
    eval.tree.leave();
    let Made::Each(items) = made else { return None };
    let one = |(key, _): (Value, Value)| {
        let name = key.to_text().known().cloned().unwrap_or_default();
        (key, Value::Reference(Target(format!("{address}[\"{name}\"]")), String::new()))
    };
    eval.tree.spend(items.len().saturating_mul(16)).then(|| items.into_iter().map(one).collect())
}
