//! A page on paper: the same bytes each time, the rules of Japanese lines, no letter lost, and bounds on what is large. They need a
//! Japanese font on this machine. `crates/cli/tests/pdf.rs` has whole reports read back by another program.

use std::time::{Duration, Instant};

use super::blocks::{BODY, Look, Piece};
use super::fonts::{Letters, Role};
use super::text::{Line, Part, lines, measure};
use super::*;

/// The fonts of this machine; `None`, said aloud, where it has none with Japanese letters.
fn fonts() -> Option<Fonts> {
    let found = Fonts::find(&[]);
    if found.is_err() {
        println!("skipped: this machine has no font with Japanese letters");
    }
    found.ok()
}

fn paper(lang: &str) -> Paper<'_> {
    let made = Timestamp::parse("2026-10-05T01:02:03Z").unwrap();
    Paper { title: "監査".to_owned(), foot: "2026Q3, vault @ 40".to_owned(), author: "芽衣".to_owned(), lang, made }
}

fn page(inside: &str) -> String {
    format!("<!DOCTYPE html>\n<html lang=\"ja\"><head><title>t</title></head><body>{inside}</body></html>")
}

fn told(line: &Line) -> String {
    let text = |part: &Part| match part {
        Part::Run(_, run) => run.text.clone(),
        Part::Picture(..) => String::new(),
    };
    line.parts.iter().map(text).collect()
}

fn set(letters: &mut Letters<'_>, text: &str, width: f32) -> Vec<String> {
    let pieces = [Piece::Text(text.to_owned(), Look::of(BODY))];
    lines(letters, &pieces, width, true).iter().map(told).collect()
}

#[test]
fn the_same_page_is_the_same_bytes() {
    let Some(fonts) = fonts() else { return };
    let page = page(
        "<h1>監査</h1><nav><h2>目次</h2><ol><li><a href=\"#a\">一</a></li></ol></nav><section id=\"a\"><h2>一</h2><p>証跡 <code>s:1</code></p></section>",
    );
    let first = of(&page, &paper("ja"), &fonts).unwrap();
    assert!(first.starts_with(b"%PDF-1.7") && first == of(&page, &paper("ja"), &fonts).unwrap());
    assert!(first != of(&page, &paper("en"), &fonts).unwrap());
}

#[test]
fn no_line_begins_with_what_closes_nor_ends_with_what_opens() {
    let Some(fonts) = fonts() else { return };
    let mut letters = Letters::of(&fonts);
    let text = "証跡は（保管庫にあり）、「改変」できません。チェックポイントとは、署名された木の頭のことです。ツリーサイズ（コミット数）は、チェックの対象です！";
    for width in 60..240 {
        let lines = set(&mut letters, text, width as f32);
        assert_eq!(lines.concat(), text, "at {width} nothing is lost");
        for line in lines.iter().filter(|line| line.chars().count() > 2) {
            let (first, last) = (line.chars().next().unwrap(), line.chars().last().unwrap());
            assert!(!"、。）」！ーゃゅょっ".contains(first), "`{line}` at {width}");
            assert!(!"（「".contains(last), "`{line}` at {width}");
        }
    }
}

#[test]
fn long_names_end_where_they_must_and_keep_all_their_letters() {
    let Some(fonts) = fonts() else { return };
    let mut letters = Letters::of(&fonts);
    let arn =
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Administrator_0123456789abcdef";
    let parts = set(&mut letters, arn, 150.0);
    assert!(parts.len() > 2 && parts.concat() == arn, "{parts:?}");
    assert!(parts.iter().filter(|line| line.ends_with(['/', ':', '_', '-', '.'])).count() >= 2, "{parts:?}");
    for line in lines(&mut letters, &[Piece::Text("x".repeat(5_000), Look::of(BODY))], 150.0, false) {
        assert!(line.width <= 150.1, "{}", line.width);
    }
    // An option is not parted from its hyphens.
    assert!((30..120).all(|width| !set(&mut letters, "使うのは --live です", width as f32)[0].ends_with("--")));
}

#[test]
fn what_no_font_has_is_told_by_its_number() {
    let Some(fonts) = fonts() else { return };
    let mut letters = Letters::of(&fonts);
    for (text, shown) in [
        ("外字\u{E000}", "外字[U+E000]"),
        ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
        ("a\u{10FFFD}b", "a[U+10FFFD]b"),
        ("✓ ✗ … –", "✓ ✗ … –"),
    ] {
        assert_eq!(set(&mut letters, text, 500.0).concat(), shown);
    }
    assert!(letters.glyph(Role::Bold, '証').is_some() && letters.glyph(Role::Mono, 'a').is_some());
}

#[test]
fn full_width_marks_close_up() {
    let Some(fonts) = fonts() else { return };
    let mut letters = Letters::of(&fonts);
    let mut width = |text: &str| measure(&mut letters, &[Piece::Text(text.to_owned(), Look::of(10.0))]).1;
    assert!((width("証」、「跡") - 40.0).abs() < 0.1, "two halves go: {}", width("証」、「跡"));
    assert!((width("証、跡") - 30.0).abs() < 0.1);
}

#[test]
fn a_large_report_is_laid_out_in_bounded_time_and_size() {
    let Some(fonts) = fonts() else { return };
    let long = "無限に続く長い文字列xyz".repeat(40);
    let row = |at: usize| {
        let name = format!("arn:aws:s3:::{}{at}", "b".repeat(300));
        format!(
            "<tr><th scope=\"row\"><code>F-{at}</code></th><td>{name}</td><td>{long}</td><td>[U+0007][U+202E]</td></tr>"
        )
    };
    let rows: String = (0..1_000).map(row).collect();
    let heads = "<th scope=\"col\">a</th><th scope=\"col\">b</th><th scope=\"col\">c</th><th scope=\"col\">d</th>";
    let cell = format!("<table><tbody><tr><td>{}</td></tr></tbody></table>", "一行。<br/>".repeat(3_000));
    let page = page(&format!(
        "<h1>t</h1><h2>h</h2><table><caption>c</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{cell}<p>{}</p>",
        "語".repeat(50_000)
    ));
    let started = Instant::now();
    let bytes = of(&page, &paper("ja"), &fonts).unwrap();
    // It takes seconds without optimisation; a way that is not linear would take hours.
    assert!(started.elapsed() < Duration::from_secs(240), "{:?}", started.elapsed());
    assert!(bytes.len() < 20_000_000, "{}", bytes.len());
}

#[test]
fn without_fonts_there_is_no_pdf() {
    assert_eq!(of(&page(""), &paper("ja"), &Fonts::default()).unwrap_err().id(), "report-pdf-no-font");
}
