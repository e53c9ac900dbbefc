//! The page for the auditor, in Japanese and in English: what is in the package, what it proves, how to check it.

use shoseki_messages::{Lang, Message, lookup, msg};
use shoseki_segment::attachment::Document;
use shoseki_verify::package::Manifest;

use crate::markup::escape;

/// What is in a package that its manifest only counts.
pub(crate) struct Inside {
    /// Whether tables are there.
    pub(crate) has_tables: bool,
    /// What is said of the documents.
    pub(crate) documents: Vec<Document>,
}

/// A document in a line: what for, what, from when to when, and under which name it lies here.
fn line_of(document: &Document) -> String {
    let Document { file, requirement, sha256, title, valid_from, valid_to, .. } = document;
    let title = title.as_ref().map(|title| format!("{title} ")).unwrap_or_default();
    let (from, to) = (valid_from.as_deref().unwrap_or_default(), valid_to.as_deref().unwrap_or_default());
    let valid = if from.is_empty() && to.is_empty() { String::new() } else { format!(", {from} – {to}") };
    format!("{requirement}: {title}({file}{valid})\nattachments/{sha256}")
}

/// The page in a language. It loads nothing from anywhere.
pub(crate) fn page(manifest: &Manifest, verifier: &str, inside: &Inside, lang: Lang) -> String {
    let say = |id: &str| escape(&lookup(id, lang).unwrap_or_default());
    let tell = |message: Message| escape(&message.text(lang));
    let none = lookup("package-page-open", lang).unwrap_or_default();
    let mut facts = vec![
        ("package-page-query", manifest.query.clone()),
        ("package-page-from", manifest.from.clone().unwrap_or_else(|| none.clone())),
        ("package-page-to", manifest.to.clone().unwrap_or(none)),
        ("package-page-zone", manifest.time_zone.clone()),
        ("package-page-origin", manifest.origin.clone()),
        ("package-page-tree", manifest.tree_size.to_string()),
        ("package-page-rows", manifest.rows.to_string()),
        ("package-page-records", manifest.records.to_string()),
        ("package-page-streams", manifest.streams.join("\n")),
        ("package-page-created", manifest.created.clone()),
        ("package-page-key", verifier.to_owned()),
    ];
    if let Some(asked) = &manifest.asked {
        let only = [("package-page-sources", &asked.sources), ("package-page-asked-streams", &asked.streams)];
        facts.extend(only.into_iter().filter(|(_, names)| !names.is_empty()).map(|(id, names)| (id, names.join("\n"))));
    }
    let (population, sample) = (manifest.population.as_ref(), manifest.sample.as_ref());
    facts.extend(population.map(|population| ("package-page-population", population.records.to_string())));
    facts.extend(sample.map(|sample| ("package-page-sample", format!("{} / {}", manifest.records, sample.from))));
    if !inside.documents.is_empty() {
        let lines: Vec<String> = inside.documents.iter().map(line_of).collect();
        facts.push(("package-page-documents", lines.join("\n")));
    }
    let rows: String = facts
        .iter()
        .map(|(id, value)| format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", say(id), escape(value)))
        .collect();
    let files = [
        ("rows-csv", true),
        ("rows-jsonl", true),
        ("records", true),
        ("commits", true),
        ("all-commits", population.is_some()),
        ("population", population.is_some()),
        ("drawn-from", sample.is_some()),
        ("lookups", inside.has_tables),
        ("attachments", !inside.documents.is_empty()),
        ("checkpoint", true),
        ("manifest", true),
    ];
    let files = files.into_iter().filter(|(_, is_there)| *is_there);
    let files: String =
        files.map(|(file, _)| format!("<li>{}</li>\n", say(&format!("package-page-file-{file}")))).collect();
    let claims = claims(manifest, lang);
    let again = population.map(|_| {
        let (how, key) = (say("package-page-how-again"), escape(verifier));
        format!("<p>{how}</p>\n<pre>shoseki package verify PACKAGE.zip --key {key}</pre>\n")
    });
    let masked = if manifest.masked { say("package-page-masked") } else { say("package-page-unmasked") };
    let records = tell(msg!("package-page-proven", records = manifest.records, size = manifest.tree_size));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{intro}</p>\n<table>\n{rows}</table>\n\
         <h2>{proves}</h2>\n<p>{records}</p>\n{claims}<p>{masked}</p>\n\
         <h2>{check}</h2>\n<p>{how}</p>\n<pre>shoseki-verify package PACKAGE.zip --key {key}</pre>\n{again}<p>{trust}</p>\n\
         <h2>{inside}</h2>\n<ul>\n{files}</ul>\n</main>\n</body>\n</html>\n",
        code = lang.code(),
        title = say("package-page-title"),
        intro = say("package-page-intro"),
        proves = say("package-page-proves"),
        check = say("package-page-check"),
        how = say("package-page-how"),
        key = escape(verifier),
        again = again.unwrap_or_default(),
        trust = say("package-page-trust"),
        inside = say("package-page-inside"),
    )
}

/// What beside the records is proven, and what is not: of the population, of a sample, of completeness.
fn claims(manifest: &Manifest, lang: Lang) -> String {
    let (population, sample) = (manifest.population.as_ref(), manifest.sample.as_ref());
    let mut all = Vec::new();
    if let Some(sample) = sample {
        all.push(msg!(
            "package-page-sample-how",
            by = sample.drawn_by.as_str(),
            time = sample.drawn.as_str(),
            count = manifest.records,
            from = sample.from,
            take = sample.take,
            seed = sample.seed.as_str()
        ));
        all.push(msg!("package-page-sample-seed"));
    }
    all.push(match (population, sample) {
        (Some(population), _) => {
            msg!("package-page-whole", records = population.records, size = manifest.tree_size)
        }
        (None, Some(_)) => msg!("package-page-claims-sample"),
        (None, None) => msg!("package-page-claims"),
    });
    all.into_iter().map(|message| format!("<p>{}</p>\n", escape(&message.text(lang)))).collect()
}

const STYLE: &str = "body{font:16px/1.7 system-ui,'Hiragino Sans','Noto Sans CJK JP','Noto Sans JP',sans-serif;color:#1b1b1b;background:#fff;margin:0}\
main{max-width:52rem;margin:0 auto;padding:2rem 1rem}table{border-collapse:collapse;width:100%}\
th,td{border:1px solid #767676;padding:.4rem .6rem;text-align:left;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere}\
th{background:#f2f2f2;width:11rem;font-weight:600}pre{background:#f2f2f2;padding:.8rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}";
