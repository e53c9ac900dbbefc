//! What people fill in: the sheet of an audit of internal controls, with population, sample and the test of each item, and the blanks
//! for signatures.

use shoseki_messages::msg;

use super::super::Sampled;
use super::Page;
use crate::markup::escape;

/// How many items of a sample have a line.
const SHOWN: usize = 500;

/// Samples that were drawn, each item with room for its test.
pub(super) fn all(page: &Page<'_, '_>) -> String {
    let intro = format!("<p>{}</p>\n<pre>{}</pre>\n", page.word("sheet"), escape(&command(page)));
    let each: String = page.report.samples.iter().map(|sample| one(page, sample)).collect();
    let none =
        page.report.samples.is_empty().then(|| format!("<p class=\"callout\">{}</p>\n", page.word("no-samples")));
    format!("{intro}{}{each}", none.unwrap_or_default())
}

fn command(page: &Page<'_, '_>) -> String {
    let (from, to) = (page.report.period.from, page.report.period.to);
    format!(
        "shoseki package create --query 'filter …' --from {from} --to {to} --population --sample 25 --seed \"SEED\" --drawn-by \"NAME\" --out sample.zip"
    )
}

fn one(page: &Page<'_, '_>, sample: &Sampled) -> String {
    let (from, to) = (sample.asked.0.as_deref().unwrap_or("…"), sample.asked.1.as_deref().unwrap_or("…"));
    let whole = if sample.has_population { "population-there" } else { "population-not-there" };
    let facts = page.facts(&[
        ("s-query", format!("<pre>{}</pre>", escape(&sample.query))),
        ("s-asked", format!("{} – {}", page.data(from), page.data(to))),
        ("s-population", page.tell(msg!("report-said-population", count = sample.from))),
        ("s-whole", page.word(whole)),
        ("s-sample", page.tell(msg!("report-said-sample", count = sample.drawn.len(), take = sample.take))),
        ("s-seed", format!("<code>{}</code>", escape(&sample.seed))),
        ("s-drawn", format!("{} · {}", page.data(&sample.by), page.time(sample.at))),
        ("s-file", format!("<code>{}</code><br/><code>{}</code>", escape(&sample.file), escape(&sample.record))),
    ]);
    let rows: Vec<Vec<String>> = sample
        .drawn
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(at, record)| {
            vec![
                (at + 1).to_string(),
                format!("<code>{}</code>", escape(record)),
                String::new(),
                String::new(),
                String::new(),
            ]
        })
        .collect();
    let table = page.table("t-sample", &["item", "sampled", "tested", "result", "tester"], &rows);
    let more = sample.drawn.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("<p>{}</p>\n", page.tell(msg!("report-said-more", count = more))));
    format!(
        "<h3>{}</h3>\n{facts}{table}{}",
        page.tell(msg!("report-said-sample-of", file = &sample.file)),
        more.unwrap_or_default()
    )
}

/// Blanks: whoever made it, whoever approves it, whoever audits it.
pub(super) fn signatures(page: &Page<'_, '_>) -> String {
    let row = |name: &str| format!("<tr><th scope=\"row\">{}</th><td></td><td></td><td></td></tr>\n", page.word(name));
    let heads = ["role", "name", "date", "sign"]
        .map(|name| format!("<th scope=\"col\">{}</th>", page.word(&format!("c-{name}"))));
    let rows: String = ["made-by", "approved-by", "audited-by"].map(row).concat();
    format!(
        "<p>{}</p>\n<table class=\"blank\">\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n",
        page.word("signatures"),
        page.word("h-signatures"),
        heads.concat()
    )
}
