//! A life cycle as others take it: JSON for `aws s3api put-bucket-lifecycle-configuration`, and Terraform.
//!
//! ```text
//! {"Rules": [{"ID": "a", "Filter": {"Prefix": ""}, "Status": "Enabled", "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}]}]}
//! ```

use serde_json::{Map, Value, json};
use shoseki_messages::{Fault, Result, msg};

use crate::export::hcl::{Block, Expression, Part, file};
use crate::found::{many, text};

/// What S3 says in a header beside the rules.
const SMALLEST: &str = "TransitionDefaultMinimumObjectSize";

/// Lists of XML, by the names that they have in JSON.
const LISTS: [(&str, &str); 4] = [
    ("Rule", "Rules"),
    ("Transition", "Transitions"),
    ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
    ("Tag", "Tags"),
];

/// The members that are numbers.
const NUMBERS: [&str; 6] = [
    "Days",
    "NoncurrentDays",
    "NewerNoncurrentVersions",
    "DaysAfterInitiation",
    "ObjectSizeGreaterThan",
    "ObjectSizeLessThan",
];

/// The argument of `--lifecycle-configuration`. What S3 takes for too small to move is an argument of its own, see [`smallest`].
pub fn for_aws(life_cycle: &Value) -> Value {
    let rules: Vec<Value> = many(&life_cycle["Rule"]).into_iter().map(|rule| spelled("Rule", rule, false)).collect();
    json!({"Rules": rules})
}

/// The argument of `--transition-default-minimum-object-size`, where the bucket has it set otherwise than S3 does by itself.
pub fn smallest(life_cycle: &Value) -> Option<&str> {
    text(life_cycle, SMALLEST)
}

/// A value of XML as JSON has it: numbers are numbers, and what may stand there often is a list.
fn spelled(name: &str, value: &Value, is_in_and: bool) -> Value {
    match value {
        Value::Object(all) => {
            let mut members = Map::new();
            for (member, value) in all {
                // A tag that is asked for alone is one, and no list.
                let list = LISTS.iter().find(|(xml, _)| xml == member && (*xml != "Tag" || is_in_and));
                match list {
                    Some((_, list)) => {
                        let all = many(value).into_iter().map(|one| spelled(member, one, false)).collect();
                        members.insert((*list).to_owned(), Value::Array(all));
                    }
                    None => drop(members.insert(member.clone(), spelled(member, value, member == "And"))),
                }
            }
            Value::Object(members)
        }
        Value::String(text) if NUMBERS.contains(&name) => text.parse::<u64>().map_or_else(|_| json!(text), Value::from),
        Value::String(text) if name == "ExpiredObjectDeleteMarker" => json!(text.eq_ignore_ascii_case("true")),
        // An empty element is an empty filter.
        Value::String(text) if text.is_empty() && matches!(name, "Filter" | "And") => json!({}),
        other => other.clone(),
    }
}

/// The resource of Terraform.
///
/// # Errors
/// The caller's mistake where a rule says something that has no word here: Terraform would take it away.
pub fn terraform(bucket: &str, life_cycle: &Value) -> Result<String> {
    let mut block = Block::resource("aws_s3_bucket_lifecycle_configuration", "vault").text("bucket", bucket);
    if let Some(size) = smallest(life_cycle) {
        block = block.text("transition_default_minimum_object_size", size);
    }
    for rule in for_aws(life_cycle)["Rules"].as_array().into_iter().flatten() {
        block = block.block(of_rule(rule)?);
    }
    Ok(file("", &[block]).trim_start().to_owned())
}

fn of_rule(rule: &Value) -> Result<Block> {
    let id = text(rule, "ID").unwrap_or_default();
    let mut said = Said { rule: id, at: rule, block: Block::new("rule", &[]).text("id", id), known: vec!["ID"] };
    said.text("Status", "status");
    said.known.extend(["Filter", "Prefix"]);
    let mut block = said.done()?;
    block = block.block(filter(id, rule)?);
    let nested: [(&str, &str, Words); 5] = [
        ("Transitions", "transition", &[("Days", "days"), ("Date", "date"), ("StorageClass", "storage_class")]),
        (
            "Expiration",
            "expiration",
            &[("Days", "days"), ("Date", "date"), ("ExpiredObjectDeleteMarker", "expired_object_delete_marker")],
        ),
        (
            "NoncurrentVersionTransitions",
            "noncurrent_version_transition",
            &[
                ("NoncurrentDays", "noncurrent_days"),
                ("NewerNoncurrentVersions", "newer_noncurrent_versions"),
                ("StorageClass", "storage_class"),
            ],
        ),
        (
            "NoncurrentVersionExpiration",
            "noncurrent_version_expiration",
            &[("NoncurrentDays", "noncurrent_days"), ("NewerNoncurrentVersions", "newer_noncurrent_versions")],
        ),
        (
            "AbortIncompleteMultipartUpload",
            "abort_incomplete_multipart_upload",
            &[("DaysAfterInitiation", "days_after_initiation")],
        ),
    ];
    for (member, name, words) in nested {
        for one in many(&rule[member]) {
            block = block.block(worded(id, one, name, words)?);
        }
    }
    Ok(block)
}

/// Members, and what each is called in Terraform.
type Words = &'static [(&'static str, &'static str)];

fn worded(rule: &str, at: &Value, name: &str, words: Words) -> Result<Block> {
    let mut said = Said { rule, at, block: Block::new(name, &[]), known: Vec::new() };
    words.iter().for_each(|(member, word)| said.text(member, word));
    said.done()
}

const FILTER: Words = &[
    ("Prefix", "prefix"),
    ("ObjectSizeGreaterThan", "object_size_greater_than"),
    ("ObjectSizeLessThan", "object_size_less_than"),
];

fn filter(rule: &str, of: &Value) -> Result<Block> {
    let at = match (&of["Filter"], text(of, "Prefix")) {
        (Value::Null, Some(prefix)) => return Ok(Block::new("filter", &[]).text("prefix", prefix)),
        (filter, _) => filter,
    };
    let mut said = Said { rule, at, block: Block::new("filter", &[]), known: vec!["Tag", "And"] };
    FILTER.iter().for_each(|(member, word)| said.text(member, word));
    let mut block = said.done()?;
    if let Some(tag) = at.get("Tag") {
        block = block.block(worded(rule, tag, "tag", &[("Key", "key"), ("Value", "value")])?);
    }
    if let Some(and) = at.get("And") {
        let mut said = Said { rule, at: and, block: Block::new("and", &[]), known: vec!["Tags"] };
        FILTER.iter().for_each(|(member, word)| said.text(member, word));
        let tags = many(&and["Tags"]).into_iter().map(|tag| {
            let part = |name| Part::Literal(text(tag, name).unwrap_or_default().to_owned());
            (vec![part("Key")], Expression::Text(vec![part("Value")]))
        });
        let tags: Vec<_> = tags.collect();
        let inner = said.done()?;
        block = block.block(inner.when(!tags.is_empty(), |inner| inner.set("tags", Expression::Object(tags))));
    }
    Ok(block)
}

/// A block that is being written, and what of its value has been said.
struct Said<'a> {
    rule: &'a str,
    at: &'a Value,
    block: Block,
    known: Vec<&'static str>,
}

impl Said<'_> {
    fn text(&mut self, member: &'static str, word: &str) {
        self.known.push(member);
        let block = std::mem::replace(&mut self.block, Block::new("", &[]));
        self.block = match self.at.get(member) {
            Some(Value::String(text)) => block.text(word, text.as_str()),
            Some(Value::Null) | None => block,
            Some(other) => block.code(word, other.to_string()),
        };
    }

    /// The block, where nothing of it is left unsaid. What stands in blocks of its own is said there.
    fn done(self) -> Result<Block> {
        const NESTED: [&str; 5] = [
            "Transitions",
            "Expiration",
            "NoncurrentVersionTransitions",
            "NoncurrentVersionExpiration",
            "AbortIncompleteMultipartUpload",
        ];
        let is_said = |name: &str| self.known.contains(&name) || NESTED.contains(&name);
        let unsaid = self.at.as_object().into_iter().flat_map(Map::keys).find(|name| !is_said(name));
        match unsaid {
            Some(name) => Err(Fault::caller(msg!("tier-rule-unsaid", rule = self.rule, member = name.as_str()))),
            None => Ok(self.block),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that a rule can say, as S3 answers it.
    fn life_cycle() -> Value {
        json!({"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K", "Rule": [
            {"ID": "all", "Filter": "", "Status": "Enabled", "Expiration": {"ExpiredObjectDeleteMarker": "true"},
             "NoncurrentVersionExpiration": {"NoncurrentDays": "400", "NewerNoncurrentVersions": "2"},
             "NoncurrentVersionTransition": {"NoncurrentDays": "30", "StorageClass": "GLACIER"},
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "7"}},
            {"ID": "some", "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": "5", "Tag": {"Key": "k", "Value": "${v}"}}},
             "Status": "Disabled", "Expiration": {"Days": "30"}},
            {"ID": "tagged", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Status": "Enabled", "Expiration": {"Date": "2030-01-01T00:00:00Z"}},
            {"ID": "old", "Prefix": "logs/", "Status": "Enabled", "Transition": [
                {"Days": 90, "StorageClass": "GLACIER_IR"}, {"Days": "365", "StorageClass": "DEEP_ARCHIVE"}]},
        ]})
    }

    #[test]
    fn the_command_line_takes_lists_and_numbers() {
        let expected = json!({"Rules": [
            {"ID": "all", "Filter": {}, "Status": "Enabled", "Expiration": {"ExpiredObjectDeleteMarker": true},
             "NoncurrentVersionExpiration": {"NoncurrentDays": 400, "NewerNoncurrentVersions": 2},
             "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
            {"ID": "some", "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 5, "Tags": [{"Key": "k", "Value": "${v}"}]}},
             "Status": "Disabled", "Expiration": {"Days": 30}},
            {"ID": "tagged", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Status": "Enabled", "Expiration": {"Date": "2030-01-01T00:00:00Z"}},
            {"ID": "old", "Prefix": "logs/", "Status": "Enabled", "Transitions": [
                {"Days": 90, "StorageClass": "GLACIER_IR"}, {"Days": 365, "StorageClass": "DEEP_ARCHIVE"}]},
        ]});
        assert_eq!(for_aws(&life_cycle()), expected);
        assert_eq!(smallest(&life_cycle()), Some("all_storage_classes_128K"));
        assert_eq!(for_aws(&Value::Null), json!({"Rules": []}));
    }

    #[test]
    fn terraform_says_all_that_rules_say() {
        let expected = r#"resource "aws_s3_bucket_lifecycle_configuration" "vault" {
  bucket                                 = "shop"
  transition_default_minimum_object_size = "all_storage_classes_128K"

  rule {
    id     = "all"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_transition {
      noncurrent_days = 30
      storage_class   = "GLACIER"
    }

    noncurrent_version_expiration {
      noncurrent_days           = 400
      newer_noncurrent_versions = 2
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "some"
    status = "Disabled"

    filter {
      and {
        prefix                   = "a/"
        object_size_greater_than = 5
        tags = {
          k = "$${v}"
        }
      }
    }

    expiration {
      days = 30
    }
  }

  rule {
    id     = "tagged"
    status = "Enabled"

    filter {
      tag {
        key   = "k"
        value = "v"
      }
    }

    expiration {
      date = "2030-01-01T00:00:00Z"
    }
  }

  rule {
    id     = "old"
    status = "Enabled"

    filter {
      prefix = "logs/"
    }

    transition {
      days          = 90
      storage_class = "GLACIER_IR"
    }

    transition {
      days          = 365
      storage_class = "DEEP_ARCHIVE"
    }
  }
}
"#;
        assert_eq!(terraform("shop", &life_cycle()).unwrap(), expected);
    }

    #[test]
    fn a_rule_with_more_than_there_are_words_for_is_not_said_in_part() {
        for rule in [
            json!({"ID": "new", "Status": "Enabled", "Filter": "", "Replication": {"Days": "1"}}),
            json!({"ID": "new", "Status": "Enabled", "Filter": {"Suffix": ".log"}, "Expiration": {"Days": "1"}}),
            json!({"ID": "new", "Status": "Enabled", "Filter": "", "Transition": {"Days": "1", "StorageClass": "X", "Hours": "2"}}),
        ] {
            let refused = terraform("shop", &json!({"Rule": rule})).unwrap_err();
            assert_eq!(refused.id(), "tier-rule-unsaid", "{rule}");
            assert!(for_aws(&json!({"Rule": rule}))["Rules"][0]["ID"] == "new", "as it came");
        }
    }
}
