//! A receipt: what was received, and the recipe that rebuilds it from the records it became.
//!
//! It is a record of its own (source `shoseki`, kind `receipt`), sealed like any other: even a file in which nothing was
//! new leaves one. Its raw bytes are this document, as JSON.
//!
//! ```text
//! {"receipt":1,"origin":"logs/a.json.gz","encoding":"gzip",
//!  "received":{"size":812,"sha256":"…"},"content":{"size":5210,"sha256":"…"},"etag":"\"9a03…\"",
//!  "events":3,"new":2,"duplicates":1,"conflicts":0,"unparsed":0,
//!  "recipe":[{"text":"{\"Records\":["},{"segment":"…","first":17,"count":2,"between":","},{"text":"…"}]}
//! ```
//!
//! Where the recipe would be longer than [`MAX_RECIPE_BYTES`], or the bytes could not be inflated to their end, `recipe` is
//! absent and what was received lies whole in `originals/<sha256 of what was received>`. Where that could not be kept either,
//! as of something damaged that came by standard input, `"not_kept":true` says so.

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Result, msg};

use crate::layout::newer;

/// The version of the form.
pub const RECEIPT_VERSION: u32 = 1;

/// The longest recipe that stands in a receipt.
pub const MAX_RECIPE_BYTES: usize = 1 << 20;

/// Some bytes: how many, and their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// One step of a recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Bytes between records, as text.
    Text {
        /// The text.
        text: String,
    },
    /// Bytes between records that are not UTF-8.
    Bytes {
        /// Base64.
        base64: String,
    },
    /// The raw bytes of records that follow one another in a segment.
    Run {
        /// The segment.
        segment: String,
        /// The first ordinal.
        first: u32,
        /// How many.
        count: u32,
        /// What stands between two of them.
        between: String,
    },
}

/// The document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The version of this form.
    pub receipt: u32,
    /// Where it came from.
    pub origin: String,
    /// `none`, `gzip` or `zstd`.
    pub encoding: String,
    /// What was received.
    pub received: Extent,
    /// What was in it, uncompressed; absent where it could not be inflated to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<Extent>,
    /// What the bucket that it was fetched from called this version of it; absent where it came from elsewhere. The same
    /// name, length and tag need not be fetched again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub etag: Option<String>,
    /// How many events were in it.
    pub events: u64,
    /// How many of them were new.
    pub new: u64,
    /// How many were here already.
    pub duplicates: u64,
    /// How many have a key that is here already, with other content.
    pub conflicts: u64,
    /// How many pieces no parser could read.
    pub unparsed: u64,
    /// Why it could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub damage: Option<String>,
    /// How to rebuild the uncompressed bytes; absent where the original was kept whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recipe: Option<Vec<Step>>,
    /// Whether it can be given back neither by a recipe nor whole; absent where it can.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub not_kept: bool,
}

impl Receipt {
    /// The record's raw bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // plain structs always serialise
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// Damage where it is none; the caller's mistake where a newer version wrote it.
    pub fn parse(raw: &[u8]) -> Result<Self> {
        let receipt: Self = serde_json::from_slice(raw)
            .map_err(|error| Fault::damage(msg!("segment-receipt-unreadable")).because(error))?;
        if receipt.receipt > RECEIPT_VERSION {
            return Err(newer("receipt", receipt.receipt));
        }
        Ok(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_golden() {
        let extent = |size| Extent { size, sha256: "ab".repeat(32) };
        let receipt = Receipt {
            receipt: 1,
            origin: "logs/証跡.json.gz".to_owned(),
            encoding: "gzip".to_owned(),
            received: extent(812),
            content: Some(extent(5_210)),
            etag: Some("\"9a0364b9e99bb480dd25e1f0284c8555\"".to_owned()),
            events: 3,
            new: 2,
            duplicates: 1,
            conflicts: 0,
            unparsed: 0,
            damage: None,
            recipe: Some(vec![
                Step::Text { text: "{\"Records\":[".to_owned() },
                Step::Run { segment: "0".repeat(32), first: 17, count: 2, between: ",".to_owned() },
                Step::Bytes { base64: "/w==".to_owned() },
            ]),
            not_kept: false,
        };
        assert_eq!(Receipt::parse(&receipt.to_bytes()).unwrap(), receipt);
        crate::golden::stays("receipt.golden.json", &receipt.to_bytes());
    }
}
