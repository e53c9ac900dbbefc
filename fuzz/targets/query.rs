//! The text of a query: parsed or refused with places that are in it, and what was parsed is read again from its print.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shoseki_insights::{parse, render};
use shoseki_messages::Lang;

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    for lang in [Lang::En, Lang::Ja] {
        let _ = render(text, &parsed.errors, lang);
    }
    if parsed.errors.is_empty() {
        let printed = parsed.query.to_string();
        let again = parse(&printed);
        assert!(again.errors.is_empty(), "{printed}");
        assert_eq!(again.query.to_string(), printed);
    }
});
