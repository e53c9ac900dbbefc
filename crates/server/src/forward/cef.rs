//! The Common Event Format (version 0, revision 25): `CEF:0|vendor|product|version|class|name|severity|extension`.

use std::fmt::Write;

use shoseki_event::Outcome;

use super::line::Line;

/// The most characters of a message, as the format's dictionary has it.
const MESSAGE: usize = 1_023;

/// A record's line.
pub(super) fn line(line: &Line) -> String {
    let columns = &line.columns;
    let name = columns.operation.as_deref().unwrap_or("event");
    let class = format!("{}:{}", line.source, columns.class_uid);
    let mut text = String::from("CEF:0|shoseki|shoseki|");
    for (index, part) in [env!("CARGO_PKG_VERSION"), &class, name].into_iter().enumerate() {
        if index > 0 {
            text.push('|');
        }
        head(part, &mut text);
    }
    let _ = write!(text, "|{}|", severity(columns.severity_id)); // writing to a text does not fail
    let time = line.milliseconds().to_string();
    let received = line.received.0.div_euclid(1_000).to_string();
    let record = line.id.to_string();
    let outcome = match columns.status {
        Outcome::Unknown => None,
        known => Some(known.name()),
    };
    let address = columns.src_ip.as_deref().filter(|text| text.parse::<std::net::IpAddr>().is_ok());
    let service = columns.src_ip.as_deref().filter(|_| address.is_none());
    let message: String = line.text.chars().take(MESSAGE).collect();
    let pairs: [(&str, Option<&str>); 18] = [
        ("rt", Some(&time)),
        ("deviceReceiptTime", Some(&received)),
        ("externalId", columns.key.as_deref()),
        ("act", columns.operation.as_deref()),
        ("suser", columns.actor.as_deref()),
        ("src", address),
        ("sourceServiceName", service),
        ("destinationServiceName", columns.service.as_deref()),
        ("outcome", outcome),
        ("reason", columns.error.as_deref()),
        ("cs1Label", Some("record")),
        ("cs1", Some(&record)),
        ("cs2Label", Some("stream")),
        ("cs2", Some(&line.stream)),
        ("cs3", columns.resource.as_deref()),
        ("cs4", columns.account.as_deref()),
        ("cs5", columns.region.as_deref()),
        ("msg", Some(&message)),
    ];
    let mut is_first = true;
    for (key, value) in pairs {
        let Some(value) = value else { continue };
        if let Some(label) = label(key) {
            pair(label.0, label.1, &mut is_first, &mut text);
        }
        pair(key, value, &mut is_first, &mut text);
    }
    text
}

/// What a custom string is of, said only where it stands.
fn label(key: &str) -> Option<(&'static str, &'static str)> {
    match key {
        "cs3" => Some(("cs3Label", "resource")),
        "cs4" => Some(("cs4Label", "account")),
        "cs5" => Some(("cs5Label", "region")),
        _ => None,
    }
}

fn pair(key: &str, value: &str, is_first: &mut bool, text: &mut String) {
    if !std::mem::take(is_first) {
        text.push(' ');
    }
    text.push_str(key);
    text.push('=');
    for letter in value.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '=' => text.push_str("\\="),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            letter => text.push(letter),
        }
    }
}

/// A part of the head: in one line, its bars escaped.
fn head(part: &str, text: &mut String) {
    for letter in part.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '|' => text.push_str("\\|"),
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
}

/// OCSF's severity on the format's scale of 0 to 10.
fn severity(id: i32) -> u8 {
    match id {
        2 => 3,
        3 => 5,
        4 => 7,
        5 => 9,
        6 => 10,
        1 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Form;
    use crate::forward::line::tests::line_of;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let raw = br#"{"eventVersion":"1.08","eventID":"a=b","eventName":"Delete|All","eventSource":"s3.amazonaws.com","eventTime":"2026-03-05T00:00:00Z","sourceIPAddress":"203.0.113.7","errorCode":"AccessDenied","x":"a\\nb"}"#;
        let text = line_of("cloudtrail", raw, Form::Cef).text;
        assert!(text.starts_with("CEF:0|shoseki|shoseki|"), "{text}");
        assert!(text.contains(r"|cloudtrail:6003|Delete\|All|"), "{text}");
        for part in [
            "rt=1772668800000",
            r"externalId=a\=b",
            "src=203.0.113.7",
            "outcome=failure",
            "reason=AccessDenied",
            r"a\\\\nb",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains('\n'));
    }
}
