//! Text in markup: nothing that comes from evidence is taken for a tag, and nothing that is invisible changes how it reads.

use shoseki_messages::{by_number, is_hidden};

/// A text as HTML or XML may have it: its markup is escaped, and what cannot be seen, or turns the direction of what stands around
/// it, is shown by its number (`U+202E`).
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if is_hidden(c) => out.push_str(&by_number(c)),
            c => out.push(c),
        }
    }
    out
}

/// A text between the quotes of a string in a style sheet that stands in a page.
pub(crate) fn css_string(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | ',' | ':' | '(' | ')');
    let letter = |c: char| if plain(c) { c.to_string() } else { format!("\\{:X} ", u32::from(c)) };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markup_and_nothing_hides() {
        for (text, shown) in [
            ("<script>\"a\" & 'b'", "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;"),
            ("a\u{202E}gpj.exe", "a[U+202E]gpj.exe"),
            ("zero\u{200B}width", "zero[U+200B]width"),
            ("bell\u{7}", "bell[U+0007]"),
            ("a\nb", "a\nb"),
            ("監査\u{3000}証跡", "監査\u{3000}証跡"),
        ] {
            assert_eq!(escape(text), shown);
        }
        assert_eq!(css_string("a\"</style>"), "a\\22 \\3C \\2F style\\3E ");
    }
}
