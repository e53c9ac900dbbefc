//! Parameters as the wire has them: JSON as XML, and as a form.

use serde_json::Value;

/// JSON as XML: a member is an element, a list is as many of its name.
///
/// ```text
/// {"Tag": [{"Key": "a"}, {"Key": "b"}]}      <Tag><Key>a</Key></Tag><Tag><Key>b</Key></Tag>
/// ```
pub(super) fn xml(value: &Value) -> String {
    let mut text = String::new();
    inside(value, &mut text);
    // The outermost element is in S3's name space, as its description has it.
    match text.find('>') {
        Some(end) => {
            format!("{}{NAMESPACE}{}", text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default())
        }
        None => text,
    }
}

/// S3's name space.
const NAMESPACE: &str = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

fn inside(value: &Value, text: &mut String) {
    match value {
        Value::Object(all) => {
            for (name, value) in all {
                match value {
                    Value::Array(list) => list.iter().for_each(|one| element(name, one, text)),
                    one => element(name, one, text),
                }
            }
        }
        other => text.push_str(&escaped(&plain(other))),
    }
}

fn element(name: &str, value: &Value, text: &mut String) {
    *text += &format!("<{name}>");
    inside(value, text);
    *text += &format!("</{name}>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// JSON as the names and values of a form: `{"A": {"B": [{"C": 1}]}}` is `A.B.1.C=1`.
pub(super) fn form(value: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    under("", value, &mut all);
    all
}

fn under(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(part, value)| under(&below(part), value, all)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| under(&below(&(at + 1).to_string()), value, all));
        }
        other => all.push((name.to_owned(), plain(other))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_as_many_elements_and_text_is_escaped() {
        let value = json!({"LifecycleConfiguration": {"Rule": [
            {"ID": "a<b&c", "Filter": {"Prefix": ""}, "Expiration": {"Days": 372}}, {"ID": "d", "Filter": ""}]}});
        let expected = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><Expiration><Days>372</Days></Expiration><Filter><Prefix></Prefix></Filter>\
                        <ID>a&lt;b&amp;c</ID></Rule><Rule><Filter></Filter><ID>d</ID></Rule></LifecycleConfiguration>";
        assert_eq!(xml(&value), expected);
    }

    #[test]
    fn what_came_as_xml_goes_as_it_came() {
        let text = "<R><A>1</A><B><C>x</C><C>y</C></B></R>";
        let read = crate::call::Element::parse(text.as_bytes()).unwrap().to_json();
        assert_eq!(xml(&json!({"R": read})).replace(NAMESPACE, ""), text);
        assert_eq!(xml(&json!({})), "");
    }

    #[test]
    fn a_form_has_places_for_lists() {
        let value =
            json!({"Name": "g", "Parameters": {"Parameter": [{"Name": "a", "On": true}, {"Name": "b", "On": 1}]}});
        let named: Vec<String> = form(&value).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expected = [
            "Name=g",
            "Parameters.Parameter.1.Name=a",
            "Parameters.Parameter.1.On=true",
            "Parameters.Parameter.2.Name=b",
            "Parameters.Parameter.2.On=1",
        ];
        assert_eq!(named, expected);
    }
}
