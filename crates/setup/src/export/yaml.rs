//! YAML of a tree: maps in the order in which a person reads them, texts between quotation marks where they would be something else.

use serde_json::Value;

/// What comes first in a map; all else follows by name.
const ORDER: [&str; 19] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Parameters",
    "Resources",
    "Outputs",
    "Type",
    "Properties",
    "RoleName",
    "PolicyName",
    "Version",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "Resource",
    "Condition",
    "Default",
    "AllowedPattern",
];

/// A tree as a document.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(all) => {
            let place = |name: &str| ORDER.iter().position(|one| *one == name).unwrap_or(ORDER.len());
            let mut names: Vec<&String> = all.keys().collect();
            names.sort_by_key(|name| (place(name), name.as_str()));
            for name in names {
                text.push_str(&format!("{indent}{}:", scalar(&Value::String(name.clone()))));
                below(&all[name.as_str()], depth, text);
            }
        }
        Value::Array(all) => {
            for one in all {
                let mut item = String::new();
                if is_nested(one) {
                    write(one, depth + 1, &mut item);
                    // The first line stands behind the dash.
                    text.push_str(&format!("{indent}- {}", item.trim_start()));
                } else {
                    text.push_str(&format!("{indent}- {}\n", scalar(one)));
                }
            }
        }
        other => text.push_str(&format!("{indent}{}\n", scalar(other))),
    }
}

fn below(value: &Value, depth: usize, text: &mut String) {
    if is_nested(value) {
        text.push('\n');
        write(value, depth + 1, text);
    } else {
        text.push_str(&format!(" {}\n", scalar(value)));
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(all) => !all.is_empty(),
        Value::Array(all) => !all.is_empty(),
        _ => false,
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a text needs no quotation marks: letters and what no reader of YAML takes for more.
fn is_plain(text: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_fit);
    let is_other =
        ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    is_word && !is_other && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::document;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let tree = json!({
            "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"On": "on", "List": [{"Sid": "A", "B": ["x", "*"]}, []]}}},
            "Description": "a: b # c\n\"d\"", "Number": 1, "Version": "2012-10-17", "Empty": {},
        });
        let text = document(&tree);
        assert_eq!(serde_saphyr::from_str::<serde_json::Value>(&text).unwrap(), tree, "{text}");
        assert!(text.starts_with("Description: "), "{text}");
    }
}
