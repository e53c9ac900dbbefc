//! One text for a manifest and for a template of the chart: words between `@`, and lines that hold under a condition.
//!
//! ```text
//! %if storage_class           for the chart `{{- if .Values.storage.className }}`; for a manifest, where the word has a value
//!   storageClassName: @storage_class@
//! %end
//! %chart … %end               for the chart alone, as it stands
//! %manifest … %end            for a manifest alone
//! ```

use shoseki_messages::{Fault, Result, msg};

/// A word, and what stands in its place.
pub(super) struct Word {
    pub(super) name: &'static str,
    /// In a manifest; nothing where it has no value.
    pub(super) manifest: String,
    /// In the chart: an expression.
    pub(super) chart: &'static str,
    /// What its conditions ask in the chart.
    pub(super) condition: &'static str,
}

/// For what a text is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Manifest,
    Chart,
}

fn unknown(name: &str) -> Fault {
    Fault::broken(msg!("setup-export-placeholder", text = name))
}

/// A text with its words filled in.
///
/// # Errors
/// Our own broken invariant: a word that is unknown.
pub(super) fn filled(text: &str, words: &[Word], to: For) -> Result<String> {
    let word = |name: &str| words.iter().find(|word| word.name == name).ok_or_else(|| unknown(name));
    let mut out = String::new();
    // Whether the lines of each open condition are kept, and whether the chart has an end of it.
    let mut open: Vec<(bool, bool)> = Vec::new();
    for line in text.lines() {
        let mut said = line.strip_prefix('%').unwrap_or_default().split(' ');
        match (said.next(), said.next()) {
            (Some("if"), Some(name)) => {
                let word = word(name)?;
                open.push((to == For::Chart || !word.manifest.is_empty(), to == For::Chart));
                if to == For::Chart {
                    out.push_str(&format!("{{{{- if {} }}}}\n", word.condition));
                }
            }
            (Some("chart"), None) => open.push((to == For::Chart, false)),
            (Some("manifest"), None) => open.push((to == For::Manifest, false)),
            (Some("end"), None) => {
                if let Some((_, true)) = open.pop() {
                    out.push_str("{{- end }}\n");
                }
            }
            _ if open.iter().all(|(is_kept, _)| *is_kept) => {
                let mut rest = line;
                while let Some((before, (name, after))) =
                    rest.split_once('@').and_then(|(before, after)| Some((before, after.split_once('@')?)))
                {
                    out.push_str(before);
                    let word = word(name)?;
                    match to {
                        For::Manifest => out.push_str(&word.manifest),
                        For::Chart => out.push_str(&format!("{{{{ {} }}}}", word.chart)),
                    }
                    rest = after;
                }
                out.push_str(rest);
                out.push('\n');
            }
            _ => {}
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_manifest_and_a_template() {
        let word =
            |name, manifest: &str, chart, condition| Word { name, manifest: manifest.to_owned(), chart, condition };
        let words = [word("a", "x", ".Values.a | quote", ".Values.a"), word("b", "", ".Values.b", ".Values.b")];
        let text = "a: @a@\n%if b\nb: @b@\n%end\n%if a\nc: 1\n%end\n%chart\n{{ d }}\n%end\n%manifest\ne: 2\n%end\n";
        assert_eq!(filled(text, &words, For::Manifest).unwrap(), "a: x\nc: 1\ne: 2\n");
        let chart = "a: {{ .Values.a | quote }}\n{{- if .Values.b }}\nb: {{ .Values.b }}\n{{- end }}\n{{- if .Values.a }}\nc: 1\n{{- end }}\n{{ d }}\n";
        assert_eq!(filled(text, &words, For::Chart).unwrap(), chart);
        assert!(filled("@c@", &words, For::Chart).is_err());
    }
}
