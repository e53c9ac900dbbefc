//! The summary: how many requirements stand how, and a picture of which day each stream spoke on. Both pictures say in words what they
//! show, and tell their parts by shape as well as by colour.

use std::collections::BTreeSet;

use shoseki_comply::checks::{Status, day_of};
use shoseki_comply::gaps::State;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::{Page, sign};
use crate::markup::escape;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// How many streams are drawn; all of them are in the table.
const STREAMS: usize = 40;
/// How many days have a square of their own; of a longer period, one stands for several.
const SQUARES: i64 = 100;
/// How wide the picture is, and how much of it the names have.
const WIDTH: i64 = 960;
const NAMES: i64 = 300;
/// How high a line is.
const LINE: i64 = 20;

pub(super) fn summary(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let tile = |status: Status| {
        let (name, count) = (status.name(), report.count(status));
        format!("<li class=\"{name}\"><b>{count}</b> {}</li>\n", page.assessed(status))
    };
    let tiles: String = Status::ALL.map(tile).concat();
    let open = report.open();
    let overdue = open.iter().filter(|case| case.overdue(report.made.at).is_some()).count();
    let gaps = report.gaps.open().count();
    let review: usize = report.judged.iter().map(|judged| judged.to_review()).sum();
    let facts = page.facts(&[
        ("requirements", report.assessed.len().to_string()),
        ("open", page.tell(msg!("report-said-open", open = open.len(), overdue = overdue))),
        ("exceptions", report.exceptions().len().to_string()),
        ("outside", report.from_outside().len().to_string()),
        ("gaps", gaps.to_string()),
        ("to-review", review.to_string()),
    ]);
    format!(
        "<ul class=\"tiles\">\n{tiles}</ul>\n{}{facts}<h3>{}</h3>\n{}",
        bar(page),
        page.word("h-coverage"),
        coverage(page)
    )
}

/// The requirements as one bar: as long as their number.
fn bar(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let all = i64::try_from(report.assessed.len().max(1)).unwrap_or(1);
    let (mut at, mut parts, mut said) = (0, String::new(), Vec::new());
    for status in Status::ALL {
        let count = i64::try_from(report.count(status)).unwrap_or_default();
        if count == 0 {
            continue;
        }
        let width = (WIDTH * count / all).max(1);
        let (x, middle) = (at, at + width / 2);
        let text = if width > 60 { format!("{} {count}", sign(status)) } else { count.to_string() };
        parts.push_str(&format!(
            "<rect x=\"{x}\" y=\"1\" width=\"{width}\" height=\"38\" fill=\"{}\" stroke=\"#1a1a1a\"/>\
             <text x=\"{middle}\" y=\"25\" text-anchor=\"middle\" font-size=\"15\" font-weight=\"700\">{text}</text>\n",
            fill(status)
        ));
        said.push(page.tell(msg!("report-said-counted", status = status.assessed(page.lang), count = count)));
        at += width;
    }
    let said = page.joined(said);
    format!(
        "<figure>\n<svg viewBox=\"0 0 {WIDTH} 40\" role=\"img\" aria-labelledby=\"bar-t\">\n<title id=\"bar-t\">{said}</title>\n\
         {PATTERNS}{parts}</svg>\n<figcaption>{}: {said}</figcaption>\n</figure>\n",
        page.word("bar")
    )
}

/// Light enough for the dark text on it, each with a pattern of its own.
fn fill(status: Status) -> &'static str {
    match status {
        Status::Fail => "url(#p-fail)",
        Status::NoEvidence => "url(#p-none)",
        Status::Pass => "#bfe3cf",
        Status::NotApplicable => "#e6e6e6",
    }
}

const PATTERNS: &str = "<defs><pattern id=\"p-fail\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect width=\"8\" height=\"8\" fill=\"#f7cfcf\"/><rect width=\"2\" height=\"8\" fill=\"#e39a9a\"/></pattern>\
<pattern id=\"p-none\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\" fill=\"#ffedcc\"/>\
<circle cx=\"4\" cy=\"4\" r=\"1.3\" fill=\"#c99a45\"/></pattern></defs>\n";

/// What a square says.
#[derive(Clone, Copy, PartialEq)]
enum Square {
    /// The stream spoke on each of its days.
    Whole,
    /// On some of its days.
    Part,
    /// On none.
    None,
    /// A gap is open in it, and the stream spoke on no day.
    Gap,
    /// A gap is open in it, and the stream spoke as well.
    PartGap,
}

/// Which days each stream spoke on: a line a stream, a square a day, in the zone of the report, as the checks count them.
fn coverage(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let day = |time: i64| day_of(Timestamp(time), report.made.zone);
    let (first, end) = (day(report.period.from.0), day(report.period.to.0 - 1) + 1);
    let days = (end - first).max(1);
    let each = (days + SQUARES - 1) / SQUARES;
    let squares = (days + each - 1) / each;
    let step = ((WIDTH - NAMES) / squares).min(26);
    let streams = report.arrivals.streams.iter().take(STREAMS);
    let (mut lines, mut y) = (String::new(), 4);
    for (name, arrived) in streams {
        let gaps = gap_days(page, name);
        let shown = page.tell(msg!("report-said-days-of", count = arrived.days.len(), days = days));
        lines.push_str(&format!("<g><title>{}: {shown}</title>", escape(name)));
        lines.push_str(&format!("<text x=\"0\" y=\"{}\" font-size=\"12\">{}</text>", y + 13, escape(&short(name))));
        for square in 0..squares {
            let of = (first + square * each)..(first + (square + 1) * each).min(end);
            let kind = square_of(of, &arrived.days, &gaps);
            lines.push_str(&drawn(kind, NAMES + square * step, y, step));
        }
        lines.push_str("</g>\n");
        y += LINE;
    }
    if y == 4 {
        return format!("<p class=\"callout\">{}</p>\n", page.word("no-streams"));
    }
    let axis = axis((first, squares, each), (step, y));
    let more = report.arrivals.streams.len().saturating_sub(STREAMS);
    let more = if more > 0 { page.tell(msg!("report-said-more-streams", count = more)) } else { String::new() };
    let legend = [
        (Square::Whole, "sq-whole"),
        (Square::Part, "sq-part"),
        (Square::None, "sq-none"),
        (Square::Gap, "sq-gap"),
        (Square::PartGap, "sq-part-gap"),
    ];
    let legend: String = legend
        .iter()
        .filter(|(kind, _)| each > 1 || *kind != Square::Part)
        .map(|(kind, name)| {
            let square = drawn(*kind, 1, 1, 16);
            format!("<svg viewBox=\"0 0 18 18\" width=\"18\" height=\"18\" aria-hidden=\"true\" style=\"display:inline-block;vertical-align:-3px;margin:0 .3em 0 1em\">{square}</svg>{}", page.word(name))
        })
        .collect();
    format!(
        "<figure>\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"cov-t\">\n<title id=\"cov-t\">{title}</title>\n{lines}{axis}</svg>\n\
         <figcaption>{caption} {more}<br/>{legend}</figcaption>\n</figure>\n",
        height = y + 22,
        title = page.word("coverage-title"),
        caption = page.tell(msg!("report-said-square", days = each, zone = report.made.zone.name())),
    )
}

/// The days of a stream's open gaps.
fn gap_days(page: &Page<'_, '_>, stream: &str) -> BTreeSet<i64> {
    let of_stream = page.report.gaps.gaps.iter().filter(|gap| gap.stream == stream);
    let open = of_stream.filter(|gap| matches!(gap.state, State::Open | State::Ongoing));
    let days = open.flat_map(|gap| {
        let to = gap.to.unwrap_or(page.report.period.to).0.min(page.report.period.to.0);
        let day = |time: i64| day_of(Timestamp(time), page.report.made.zone);
        day(gap.from.0.max(page.report.period.from.0))..=day(to - 1)
    });
    days.collect()
}

fn square_of(of: std::ops::Range<i64>, days: &BTreeSet<i64>, gaps: &BTreeSet<i64>) -> Square {
    let spoke = days.range(of.clone()).count();
    match spoke {
        0 if gaps.range(of.clone()).next().is_some() => Square::Gap,
        _ if gaps.range(of.clone()).next().is_some() => Square::PartGap,
        0 => Square::None,
        spoke if i64::try_from(spoke).is_ok_and(|spoke| spoke == of.end - of.start) => Square::Whole,
        _ => Square::Part,
    }
}

/// A square: full, half full, empty, or crossed out.
fn drawn(kind: Square, x: i64, y: i64, step: i64) -> String {
    let (size, high) = ((step - 1).max(1), LINE - 4);
    let frame = |fill: &str| {
        format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{high}\" fill=\"{fill}\" stroke=\"#8a8a8a\" stroke-width=\".5\"/>"
        )
    };
    match kind {
        Square::Whole => frame("#2f7d5b"),
        Square::None => frame("#fff"),
        Square::Part => {
            let (half, low) = (high / 2, y + high / 2);
            format!(
                "{}<rect x=\"{x}\" y=\"{low}\" width=\"{size}\" height=\"{half}\" fill=\"#2f7d5b\"/>",
                frame("#fff")
            )
        }
        Square::Gap | Square::PartGap => {
            let (right, low) = (x + size, y + high);
            let below = if kind == Square::Gap { "#f7cfcf" } else { "#8cc9a8" };
            format!(
                "{}<path d=\"M{x} {y}L{right} {low}M{right} {y}L{x} {low}\" stroke=\"#9b1c1c\" stroke-width=\"1.4\"/>",
                frame(below)
            )
        }
    }
}

/// The first day, the last, and some between.
fn axis((first, squares, each): (i64, i64, i64), (step, y): (i64, i64)) -> String {
    let apart = (90 / step.max(1)).max(1);
    let day = |square: i64| {
        let time = Timestamp((first + square * each) * DAY);
        let text = time.to_string();
        format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"11\">{}</text>",
            NAMES + square * step,
            y + 14,
            escape(text.split('T').next().unwrap_or_default())
        )
    };
    (0..squares).step_by(usize::try_from(apart).unwrap_or(1)).map(day).collect()
}

/// A name that fits: its beginning and its end say more than its middle.
fn short(name: &str) -> String {
    const LETTERS: usize = 40;
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= LETTERS {
        return name.to_owned();
    }
    let (head, tail) = (&letters[..18], &letters[letters.len() - 21..]);
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_says_whether_the_stream_spoke_on_its_days() {
        let days = |all: &[i64]| all.iter().copied().collect::<BTreeSet<i64>>();
        let spoke = days(&[10, 11, 13]);
        assert!(square_of(10..11, &spoke, &days(&[])) == Square::Whole);
        assert!(square_of(12..13, &spoke, &days(&[])) == Square::None);
        assert!(square_of(10..14, &spoke, &days(&[])) == Square::Part);
        assert!(square_of(12..13, &spoke, &days(&[12])) == Square::Gap);
        assert!(square_of(10..11, &spoke, &days(&[10])) == Square::PartGap, "a gap of a part of the day is told");
    }

    #[test]
    fn a_long_name_keeps_its_ends() {
        assert_eq!(short("cloudtrail/111122223333/ap-northeast-1"), "cloudtrail/111122223333/ap-northeast-1");
        let long = format!("app/{}/payments", "監".repeat(60));
        assert!(short(&long).starts_with("app/") && short(&long).ends_with("/payments"));
        assert_eq!(short(&long).chars().count(), 40);
    }
}
