//! `/203.0.113.77/`: an address in which each dot stands for any character. It finds what is meant, and more; and no literal is left
//! in it that an index could rule out.

use std::sync::LazyLock;

use regex::Regex;

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = "[0-9]{1,3}";
    Regex::new(&format!(r"(?:^|[^0-9.\\]){number}(?:\.{number}){{3}}(?:$|[^0-9.*+?{{])")).ok()
});

/// A pattern with the dots of its addresses escaped; `None` where it has none that are not.
pub(crate) fn escaped(pattern: &str) -> Option<String> {
    let mut escaped = pattern.to_owned();
    // One after another: what stands between two belongs to both.
    while let Some(found) = ADDRESS.as_ref()?.find(&escaped) {
        escaped.replace_range(found.range(), &found.as_str().replace('.', r"\."));
    }
    (escaped != pattern).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_addresses_are_escaped_and_no_others() {
        assert_eq!(escaped("203.0.113.77").as_deref(), Some(r"203\.0\.113\.77"));
        assert_eq!(escaped("(ip=10.1.2.3|x)").as_deref(), Some(r"(ip=10\.1\.2\.3|x)"));
        assert_eq!(escaped("1.2.3.4|5.6.7.8").as_deref(), Some(r"1\.2\.3\.4|5\.6\.7\.8"));
        for other in [r"203\.0\.113\.77", "1.2.3", "a.b.c.d", "1.2.3.4.5", "1.2.3.4+", r"\1.2.3.4", "[0-9.]+", ""] {
            assert_eq!(escaped(other), None, "{other}");
        }
    }
}
