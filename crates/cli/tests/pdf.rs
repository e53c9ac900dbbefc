//! Reports on paper, read back by another program (pypdf): all that the page says is in the PDF, in order; its fonts are embedded and
//! hold what is used of them alone; it says what its parts are, in which language, and leads to them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "in a test they are how it fails")]

mod site;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::{Value, json};
use site::Site;

const MARCH: [&str; 2] = ["--period", "2026-03-05..2026-03-05"];

/// Python with pypdf, and a vault with the estate of the demo; `None`, said aloud, where something that they need is absent.
fn prepared(test: &str) -> Option<(String, Site)> {
    let Ok(python) = std::env::var("SHOSEKI_TEST_PYTHON") else {
        println!("skipped: `{test}` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
        return None;
    };
    if shoseki_report::Fonts::find(&[]).is_err() {
        println!("skipped: `{test}` needs a font with Japanese letters, which `cargo xtask test` installs on Debian");
        return None;
    }
    if !Command::new(&python).args(["-c", "import pypdf"]).status().unwrap().success() {
        println!("skipped: `{test}` needs pypdf");
        return None;
    }
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    done(&site, &["ingest", "auto", evidence.to_str().unwrap()]);
    Some((python, site))
}

fn done(site: &Site, words: &[&str]) -> String {
    let answer = site.run(words);
    assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
    answer.out
}

/// What a file holds, as pypdf reads it.
fn read(python: &str, path: &Path) -> Value {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf/read.py");
    let output = Command::new(python).args(["-W", "ignore"]).arg(reader).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A text without its space: lines end elsewhere on paper.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// What a page says to whoever sees it.
fn said(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap();
    let unseen = Regex::new("(?s)<title.*?</title>|<a class=\"skip\".*?</a>").unwrap().replace_all(body, "");
    let text = Regex::new("<[^>]*>").unwrap().replace_all(&unseen, "").into_owned();
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    letters(&named.iter().fold(text, |text, (name, letter)| text.replace(name, letter)))
}

fn counted(text: &str) -> BTreeMap<char, usize> {
    let mut all = BTreeMap::new();
    text.chars().for_each(|letter| *all.entry(letter).or_default() += 1);
    all
}

#[test]
fn a_report_on_paper_says_what_its_page_says() {
    let Some((python, site)) = prepared("a_report_on_paper_says_what_its_page_says") else { return };
    // Names that hide, that no font has, and that have no end.
    let odd = format!("arn:aws:iam::111122223333:user/{}\u{202E}\u{7}\u{E000}", "x".repeat(400));
    let record = json!({
        "eventVersion": "1.08", "eventTime": "2026-03-05T10:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "awsRegion": "ap-northeast-1", "sourceIPAddress": "192.0.2.1", "errorCode": "AccessDenied", "eventType": "AwsApiCall",
        "eventID": "00000000-0000-4000-9000-000000000001", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": odd, "accountId": "111122223333"},
    });
    let path = site.write("odd.json", json!({"Records": vec![record]}).to_string());
    done(&site, &["ingest", "cloudtrail", &path]);
    let headings = Regex::new("<h3 id=\"r-[^>]*><span class=\"number\">(.*?)</span>(.*?)</h3>").unwrap();
    for lang in ["ja", "en"] {
        let (html, pdf) = (site.path(&format!("{lang}.html")), site.path(&format!("{lang}.pdf")));
        let make = |out: &Path, format: &str| {
            let of =
                ["report", "--framework", "pci-dss", "--lang", lang, "--tz", "Asia/Tokyo", "--format", format, "--out"];
            done(&site, &[&of[..], &[out.to_str().unwrap()], &MARCH].concat())
        };
        make(&html, "html");
        make(&pdf, "pdf");
        let page = std::fs::read_to_string(&html).unwrap();
        let paper = read(&python, &pdf);
        let text: String =
            paper["pages"].as_array().unwrap().iter().map(|page| letters(page.as_str().unwrap())).collect();
        // The PDF was made after the page: digits of times and the checkpoint differ, and what is compared with the report before.
        let is_same = |letter: &char| !letter.is_ascii_digit();
        let (_, judged) = page.split_once("<section id=\"method\"").unwrap();
        let judged = format!("<body><section {}", judged.split("<section id=\"changes\"").next().unwrap());
        let (wanted, there) = (counted(&said(&judged).replace('\u{E000}', "[U+E000]")), counted(&text));
        let lost: Vec<(&char, &usize)> = wanted
            .iter()
            .filter(|(letter, count)| is_same(letter) && there.get(letter).is_none_or(|there| there < count))
            .collect();
        assert!(lost.is_empty(), "lost of `{lang}`: {lost:?}");
        assert!(text.contains("[U+202E]") && text.contains("[U+0007]") && text.contains("[U+E000]"));
        assert!(text.contains(&"x".repeat(60)), "what has no end is all there");
        // The requirements, in their order.
        let mut rest = text.as_str();
        let numbers: Vec<String> =
            headings.captures_iter(&page).map(|found| letters(&format!("{}{}", &found[1], &found[2]))).collect();
        assert!(numbers.len() > 40);
        for number in &numbers {
            let number = number.replace("&#39;", "'").replace("&amp;", "&");
            rest = rest.split_once(&number).unwrap_or_else(|| panic!("`{number}` is not where it should be")).1;
        }
        is_sound(&paper, lang);
    }
    site.assert_intact();
}

/// What every PDF must be.
fn is_sound(paper: &Value, lang: &str) {
    let pages = paper["pages"].as_array().unwrap();
    assert_eq!(
        (&paper["lang"], &paper["is_marked"], &paper["standards"]),
        (&json!(lang), &json!(true), &json!(["2", "A"]))
    );
    for (at, page) in pages.iter().enumerate() {
        let count = format!("{} / {}", at + 1, pages.len());
        assert!(page.as_str().unwrap().contains(&count), "page {} has no number", at + 1);
    }
    let fonts = paper["fonts"].as_object().unwrap();
    assert!(!fonts.is_empty());
    let subset = Regex::new("^/[A-Z]{6}\\+").unwrap();
    for (name, is_embedded) in fonts {
        assert!(is_embedded == true && subset.is_match(name), "`{name}` is not embedded in part, with its letters");
    }
    let roles = &paper["roles"];
    for role in ["/H1", "/H2", "/H3", "/TH", "/TD", "/THead", "/TOCI", "/Link", "/Figure", "/L", "/Caption"] {
        assert!(roles[role].as_u64().is_some_and(|count| count > 0), "`{role}` is not there: {roles}");
    }
    assert!(paper["links"].as_u64().unwrap() > 50, "the contents and the list of requirements lead to their parts");
    let outline = paper["outline"].as_array().unwrap();
    assert!(outline.len() > 50 && outline[0] == paper["title"], "{outline:?}");
    assert!(!paper["authors"].as_array().unwrap().is_empty() && paper["created"].as_str().unwrap().starts_with("20"));
}

#[test]
fn a_pdf_is_recorded_and_the_draft_of_a_leak_report_is_one_too() {
    let Some((python, site)) = prepared("a_pdf_is_recorded_and_the_draft_of_a_leak_report_is_one_too") else { return };
    let out = site.path("leak.pdf");
    let leak =
        ["report", "leak", "--incident-from", "2026-03-05", "--incident-to", "2026-03-05", "--known", "2026-03-06"];
    let how = ["--lang", "ja", "--format", "pdf", "--out", out.to_str().unwrap()];
    done(&site, &[&leak[..], &how].concat());
    let paper = read(&python, &out);
    let text: String = paper["pages"].as_array().unwrap().iter().map(|page| letters(page.as_str().unwrap())).collect();
    for words in ["速報", "1.概要", "9.その他参考となる事項", "[記入してください]", "cloudtrail/111122223333"]
    {
        assert!(text.contains(words), "`{words}`");
    }
    let listed = site.run(&["report", "list", "--json"]).report(0);
    let made = &listed["reports"][0];
    assert_eq!((&made["format"], &made["bytes"]), (&json!("pdf"), &json!(out.metadata().unwrap().len())));
}

#[test]
fn a_font_that_is_none_is_refused_before_anything_is_judged() {
    let site = Site::with_vault(&[]);
    let path = site.write("font.ttf", "no font");
    for (file, words) in [(path.as_str(), "no font that a PDF"), ("/nowhere/font.ttf", "cannot be read")] {
        let answer = site.run(&["report", "--framework", "pci-dss", "--format", "pdf", "--font", file]);
        assert!(answer.code != Some(0) && answer.err.contains(words), "{answer:?}");
    }
    assert_eq!(site.run(&["report", "list", "--json"]).report(0)["reports"], json!([]));
}

#[test]
fn sarif_has_no_pass_and_says_which_requirements_ask() {
    let site = Site::with_vault(&[]);
    let evidence = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/estate");
    done(&site, &["ingest", "auto", evidence.to_str().unwrap()]);
    let log: Value = serde_json::from_str(&done(
        &site,
        &[&["report", "--framework", "pci-dss", "--format", "sarif"], &MARCH[..]].concat(),
    ))
    .unwrap();
    let (run, whole) = (&log["runs"][0], json!("2.1.0"));
    assert_eq!(log["version"], whole);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let taxa = run["taxonomies"][0]["taxa"].as_array().unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for result in run["results"].as_array().unwrap() {
        let (kind, level) = (result["kind"].as_str().unwrap(), result["level"].as_str().unwrap());
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        assert_eq!(kind == "fail", level != "none", "what does not fail has no level (3.27.10)");
        assert!(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].is_string());
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(kinds.keys().copied().collect::<Vec<&str>>(), ["fail", "open", "review"]);
    for rule in rules {
        for relationship in rule["relationships"].as_array().into_iter().flatten() {
            assert!(taxa.iter().any(|taxon| taxon["id"] == relationship["target"]["id"]), "{relationship}");
        }
    }
}
