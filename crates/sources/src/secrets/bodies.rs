//! The bodies of Kubernetes secrets in audit events: what must not be recorded at all. They are told by their `kind`, or by
//! the resource of the call, since a patch has no kind.
//!
//! ```text
//! {"kind":"Event",…,"objectRef":{"resource":"secrets"},"requestObject":{"data":{"token":"…"}}}
//! {"kind":"Event",…,"responseObject":{"kind":"SecretList","items":[{"data":{"token":"…"}}]}}
//! {…,"objectRef":{"resource":"secrets"},"requestObject":[{"op":"add","path":"/data/token","value":"…"}]}
//! ```

use std::collections::BTreeSet;

use super::values::Leaf;

/// Where values of secrets stand.
#[derive(Default)]
pub(super) struct Bodies {
    /// What fields of secrets begin with, their last dot included; of the event itself it is empty.
    secrets: BTreeSet<String>,
    /// Fields that are values of a JSON patch, or begin so.
    patched: BTreeSet<String>,
}

/// The annotation in which `kubectl apply` keeps the whole body.
const APPLIED: &str = "metadata.annotations.`kubectl.kubernetes.io/last-applied-configuration`";

impl Bodies {
    pub(super) fn of(leaves: &[Leaf<'_>]) -> Self {
        let mut bodies = Self::default();
        for leaf in leaves {
            if let Some(object) = leaf.field.strip_suffix("kind").filter(|rest| rest.is_empty() || rest.ends_with('.'))
            {
                match &*leaf.text {
                    "Secret" => drop(bodies.secrets.insert(object.to_owned())),
                    "SecretList" => bodies.add_list(object),
                    _ => {}
                }
            }
            if leaf.field == "objectRef.resource" && leaf.text == "secrets" {
                for object in ["requestObject.", "responseObject."] {
                    bodies.secrets.insert(object.to_owned());
                    bodies.add_list(object);
                }
            }
        }
        let is_secret = bodies.secrets.contains("requestObject.");
        for leaf in leaves.iter().filter(|leaf| is_secret && leaf.field.starts_with("requestObject.")) {
            let is_data = ["/data", "/stringData"].iter().any(|path| leaf.text.starts_with(path));
            if let Some(part) = leaf.field.strip_suffix("path").filter(|_| is_data) {
                bodies.patched.insert(format!("{part}value"));
            }
        }
        bodies
    }

    fn add_list(&mut self, object: &str) {
        self.secrets.insert(format!("{object}items.*."));
    }

    /// Whether a value is one of a secret.
    pub(super) fn has(&self, leaf: &Leaf<'_>) -> bool {
        if leaf.text.is_empty() || self.secrets.is_empty() {
            return false;
        }
        let is_value = |rest: &str| rest.starts_with("data.") || rest.starts_with("stringData.");
        let is_applied =
            |rest: &str| rest == APPLIED && (leaf.text.contains("\"data\"") || leaf.text.contains("\"stringData\""));
        let is_of = |object: &String| {
            let rest = match object.strip_suffix("*.") {
                Some(list) => leaf.field.strip_prefix(list).and_then(behind_place),
                None => leaf.field.strip_prefix(object.as_str()),
            };
            rest.is_some_and(|rest| is_value(rest) || is_applied(rest))
        };
        let is_patched = |value: &String| {
            leaf.field.strip_prefix(value.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.secrets.iter().any(is_of) || self.patched.iter().any(is_patched)
    }
}

/// What stands behind a place in a list.
fn behind_place(field: &str) -> Option<&str> {
    let (place, rest) = field.split_once('.')?;
    place.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}
