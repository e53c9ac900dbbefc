//! What S3 says of an object that lies in an archive: it is there, and must be restored before it can be read.
//!
//! ```text
//! 403 <Error><Code>InvalidObjectState</Code><Message>…</Message><StorageClass>GLACIER</StorageClass>…</Error>
//! ```
//!
//! Whoever reads a store has only the text of its error; what it says of the object is read here, for all of them alike.

use std::fmt::Display;

use shoseki_messages::{Fault, msg};

/// The code by which S3 says it.
const CODE: &str = "<Code>InvalidObjectState</Code>";

/// The fault of an object that lies in an archive; `None` where the error says something else. `store` is what its store calls itself
/// (`AmazonS3(evidence)`), or its URL, and `key` its whole key.
pub fn archived(store: &str, key: &str, error: &impl Display) -> Option<Fault> {
    let text = error.to_string();
    if !text.contains(CODE) {
        return None;
    }
    let member = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once("</")?;
        let is_word =
            !value.is_empty() && value.len() < 64 && value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        is_word.then(|| value.to_owned())
    };
    let class = member("StorageClass").unwrap_or_else(|| "GLACIER".to_owned());
    let class = member("AccessTier").map_or(class.clone(), |tier| format!("{class}, {tier}"));
    // What Intelligent-Tiering put into its archive comes back for good, and there is no number of days.
    let request = if class.starts_with("INTELLIGENT_TIERING") { "{}" } else { "Days=7" };
    let quoted = key.replace('\'', r"'\''"); // the command is pasted into a shell
    let message = msg!(
        "segment-object-archived",
        bucket = bucket(store),
        key = key,
        quoted = quoted,
        class = class,
        request = request
    );
    Some(Fault::world(message))
}

/// The bucket that a store is of.
fn bucket(store: &str) -> &str {
    let of_url = store.strip_prefix("s3://").map(|rest| rest.split('/').next().unwrap_or(rest));
    let of_store = || store.split_once('(').map(|(_, rest)| rest.trim_end_matches(')'));
    of_url.or_else(of_store).unwrap_or(store)
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use super::*;

    /// What `object_store` gives for it.
    fn said(inner: &str) -> String {
        format!(
            "The operation lacked the necessary privileges to complete for path v/a.parquet: Error performing GET \
             https://s3.amazonaws.com/shop/v/a.parquet in 1ms - Server returned non-2xx status code: 403 Forbidden: \
             <?xml version=\"1.0\"?><Error><Code>InvalidObjectState</Code><Message>m</Message>{inner}</Error>"
        )
    }

    fn text(store: &str, inner: &str) -> String {
        archived(store, "v/a.parquet", &said(inner)).unwrap().chain(Lang::En)
    }

    #[test]
    fn an_archived_object_is_told_with_the_command_that_brings_it_back() {
        let glacier = text("s3://shop/v", "<StorageClass>DEEP_ARCHIVE</StorageClass>");
        let command = "aws s3api restore-object --bucket shop --key 'v/a.parquet' --restore-request Days=7";
        assert!(glacier.contains("DEEP_ARCHIVE") && glacier.contains(command), "{glacier}");
        let tier = "<StorageClass>INTELLIGENT_TIERING</StorageClass><AccessTier>ARCHIVE_ACCESS</AccessTier>";
        let tiered = text("AmazonS3(shop)", tier);
        assert!(
            tiered.contains("ARCHIVE_ACCESS")
                && tiered.contains("--bucket shop ")
                && tiered.contains("--restore-request {}"),
            "{tiered}"
        );
        let sly = archived("s3://shop", "a'; id; '", &said("<StorageClass>GLACIER</StorageClass>")).unwrap();
        assert!(sly.chain(Lang::En).contains(r"--key 'a'\''; id; '\''' --restore"), "{sly:?}");
        let bare = text("AmazonS3(shop)", "<StorageClass>x`rm -rf`</StorageClass>");
        assert!(bare.contains("`GLACIER`") && !bare.contains("rm"), "{bare}");
    }

    #[test]
    fn other_refusals_are_not_taken_for_it() {
        for other in ["<Code>AccessDenied</Code>", "InvalidObjectState", ""] {
            assert!(archived("s3://shop", "a", &other).is_none(), "{other}");
        }
    }
}
