//! What stands beside exported code for who reads it, in English and Japanese.

use super::kubernetes::EXAMPLES;
use super::{File, What, head, headed, skips};

fn texts(what: What) -> [(&'static str, &'static str); 2] {
    let [en, ja] = match what {
        What::CloudFormation => {
            [include_str!("readmes/cloudformation.md"), include_str!("readmes/cloudformation.ja.md")]
        }
        What::Helm => [include_str!("readmes/helm.md"), include_str!("readmes/helm.ja.md")],
        What::Kubernetes => [include_str!("readmes/kubernetes.md"), include_str!("readmes/kubernetes.ja.md")],
        What::Terraform => [include_str!("readmes/terraform.md"), include_str!("readmes/terraform.ja.md")],
        What::Github => ["", ""],
    };
    [("README.md", en), ("README.ja.md", ja)]
}

/// The files of a folder, with words filled in.
pub(super) fn files(folder: &str, what: What, words: &[(&str, String)]) -> Vec<File> {
    filled(folder, &head(what), texts(what), words)
}

/// A part of the text that says what the code does not have of what is asked for, in both languages; empty where it has all.
pub(super) fn left_out(names: &[&str]) -> [String; 2] {
    if names.is_empty() {
        return [String::new(), String::new()];
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let [en, ja] = [names.join(", "), names.join("、")];
    [
        format!(
            "\n## Asked for, and not in here\n\n`[setup]` asks for {en}: `shoseki setup apply` alone makes that.\n"
        ),
        format!(
            "\n## 指定されていて、ここに含まれないもの\n\n`[setup]` で指定された {ja} は、`shoseki setup apply` だけが作ります。\n"
        ),
    ]
}

/// Those of an account as it is.
pub(super) fn live(folder: &str, words: &[(&str, String)]) -> Vec<File> {
    let texts =
        [("README.md", include_str!("readmes/account.md")), ("README.ja.md", include_str!("readmes/account.ja.md"))];
    filled(folder, &headed("terraform --live"), texts, words)
}

fn filled(folder: &str, head: &str, texts: [(&'static str, &'static str); 2], words: &[(&str, String)]) -> Vec<File> {
    let [image, vault, origin] = EXAMPLES;
    let one = |(name, text): (&'static str, &'static str)| {
        let table = skips::table(name == "README.ja.md");
        let mut text = text.replace("@skips@", table.trim_end());
        for (word, value) in [("@image@", image), ("@vault@", vault), ("@origin@", origin)] {
            text = text.replace(word, value);
        }
        for (word, value) in words {
            text = text.replace(word, value.trim_end());
        }
        let other = if name == "README.md" { "[日本語](README.ja.md)" } else { "[English](README.md)" };
        let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let head = head.replace('\n', " ");
        File::new(format!("{folder}/{name}"), format!("<!-- {head} -->\n\n{title}\n\n{other}\n{rest}"))
    };
    texts.into_iter().map(one).collect()
}
