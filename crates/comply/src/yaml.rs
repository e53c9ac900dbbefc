//! YAML from outside, within bounds: frameworks, and audit policies of Kubernetes.
//!
//! One document, without duplicate keys; what is nested deeply, has many nodes or blows up by aliases is refused before it is read.

use serde::de::DeserializeOwned;
use shoseki_messages::{Fault, Result, msg};

/// The longest text that is read.
const MOST_BYTES: usize = 4 << 20;

/// Reads a text as what is asked for; `name` is what messages call it.
///
/// # Errors
/// The caller's mistake: what is too long, is no YAML, or is something else, with its line.
pub(crate) fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    if text.len() > MOST_BYTES {
        return Err(Fault::caller(msg!("comply-yaml-long", name = name, most = MOST_BYTES >> 20)));
    }
    let budget = serde_saphyr::budget! {
        max_depth: 32,
        max_nodes: 200_000,
        max_events: 400_000,
        max_aliases: 1_000,
        max_anchors: 100,
        max_documents: 1,
        max_merge_keys: 100,
    };
    let options = serde_saphyr::options! { budget: budget, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| Fault::caller(msg!("comply-yaml", name = name)).because(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    type Map = BTreeMap<String, serde_json::Value>;

    #[test]
    fn what_is_no_document_of_ours_is_refused() {
        let read = |text: &str| read::<Map>("a.yaml", text);
        assert_eq!(read("a: 1\nb: [x, 'y']\n").map(|map| map.len()).unwrap_or_default(), 2);
        let deep = format!("a: {}{}", "[".repeat(100), "]".repeat(100));
        let many = format!("a: [{}]", "1,".repeat(300_000));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
        for text in ["a: 1\na: 2\n", "a: [1", "- a\n", "a: 1\n---\nb: 2\n", "\0", &deep, &many, bomb] {
            let failed = read(text);
            assert!(failed.is_err_and(|fault| fault.id() == "comply-yaml"), "{}", text.get(..40).unwrap_or(text));
        }
        assert!(read(&" ".repeat(MOST_BYTES + 1)).is_err_and(|fault| fault.id() == "comply-yaml-long"));
    }
}
