//! What comes from evidence and is told to people: secrets and card numbers in it are masked, as they are in rows (`query --mask`).

use shoseki_sources::secrets::{Secrets, masked_cards};

/// What stands in the place of a text of which it cannot be told what is secret.
const HIDDEN: &str = "***";

/// A text without what is secret in it.
pub(crate) fn masked(text: &str) -> String {
    // What sees secrets is built in: where it cannot be made, nothing is shown.
    let Ok(secrets) = Secrets::all() else { return HIDDEN.to_owned() };
    let without = secrets.masked(text);
    masked_cards(&without).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_cards_are_masked_and_names_stay() {
        let text = "GET /pay?password=hunter2&card=4111111111111111 by arn:aws:iam::111122223333:user/aiko";
        let said = masked(text);
        assert!(!said.contains("hunter2") && !said.contains("4111111111111111"), "{said}");
        assert!(said.contains("arn:aws:iam::111122223333:user/aiko"), "{said}");
    }
}
