//! The native fields of an event of text, written as a JSON object. It is not sealed and not kept: it is what a query reads
//! in the place of the JSON that such an event does not have.
//!
//! ```text
//! 20260305 01:02:03,db-1,aiko,…  →  {"timestamp":"20260305 01:02:03","serverhost":"db-1","username":"aiko",…}
//! ```

/// An object that is being written. What is empty is left out.
pub(crate) struct Native(Vec<u8>);

impl Native {
    pub(crate) fn new() -> Self {
        let mut object = Vec::with_capacity(512);
        object.push(b'{');
        Self(object)
    }

    /// A member that is a string. The name needs no escapes.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.name(name);
            self.string(value);
        }
    }

    /// A member that is a whole number where its text is one without leading zeros, and a string where it is not.
    pub(crate) fn number(&mut self, name: &str, value: &str) {
        let is_whole = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && (value == "0" || !value.starts_with('0')) {
            self.name(name);
            self.0.extend_from_slice(value.as_bytes());
        } else {
            self.text(name, value);
        }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend(b"\":");
    }

    fn string(&mut self, text: &str) {
        self.0.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' ')) {
            self.0.extend_from_slice(&rest[..at]);
            match rest[at] {
                byte @ (b'"' | b'\\') => self.0.extend([b'\\', byte]),
                b'\n' => self.0.extend(b"\\n"),
                b'\t' => self.0.extend(b"\\t"),
                byte => self.0.extend(format!("\\u{byte:04x}").bytes()),
            }
            rest = &rest[at + 1..];
        }
        self.0.extend_from_slice(rest);
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_empty_is_left_out() {
        let mut native = Native::new();
        native.text("a", "");
        native.number("b", "17");
        native.number("c", "017");
        native.number("d", "");
        native.number("e", "0");
        assert_eq!(native.finish(), br#"{"b":17,"c":"017","e":0}"#);
    }

    proptest! {
        #[test]
        fn any_text_becomes_json(text in any::<String>(), number in "[0-9]{0,30}|\\PC{0,4}") {
            let mut native = Native::new();
            native.text("text", &text);
            native.number("number", &number);
            let value: serde_json::Value = serde_json::from_slice(&native.finish()).unwrap();
            prop_assert_eq!(value["text"].as_str().unwrap_or_default(), text);
        }
    }
}
