//! The report as one page: it needs no script and nothing from outside, prints on A4, and is read aloud in a sensible order. All that
//! comes from evidence is escaped (`markup.rs`); a status is a sign and a word, and never a colour alone.

mod chart;
mod findings;
mod leak;
mod register;
mod requirements;
mod sheet;
mod style;

use shoseki_comply::checks::Status;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, is_hidden, lookup, msg};

use super::{Leak, Report};
use crate::markup::escape;
use crate::pdf::Paper;

/// What writes a part of the page.
type Part = fn(&Page<'_, '_>) -> String;

/// The parts after the title page, in their order: the name of each heading, and what writes it.
const PARTS: [(&str, Part); 11] = [
    ("scope", scope),
    ("method", method),
    ("summary", chart::summary),
    ("requirements", requirements::all),
    ("findings", findings::all),
    ("gaps", register::gaps),
    ("reviews", register::reviews),
    ("changes", register::changes),
    ("unseen", register::unseen),
    ("checks", checks),
    ("proof", proof),
];

/// The page in a language.
pub(super) fn page(report: &Report<'_>, lang: Lang) -> String {
    let page = Page { report, lang };
    let mut parts: Vec<(&str, String)> = PARTS.iter().map(|(name, part)| (*name, part(&page))).collect();
    if page.has_sheet() {
        parts.insert(parts.len() - 1, ("sheet", sheet::all(&page)));
    }
    parts.push(("signatures", sheet::signatures(&page)));
    let title = page.title();
    let contents: String = parts
        .iter()
        .map(|(name, _)| format!("<li><a href=\"#{name}\">{}</a></li>\n", page.word(&format!("h-{name}"))))
        .collect();
    let sections: String = parts
        .iter()
        .map(|(name, inside)| {
            let heading = page.word(&format!("h-{name}"));
            format!(
                "<section id=\"{name}\" aria-labelledby=\"h-{name}\">\n<h2 id=\"h-{name}\">{heading}</h2>\n{inside}</section>\n"
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">{skip}</a>\n\
         <header class=\"cover\">\n{cover}</header>\n\
         <nav aria-labelledby=\"h-contents\">\n<h2 id=\"h-contents\">{head}</h2>\n<ol>\n{contents}</ol>\n</nav>\n\
         <main id=\"main\">\n{sections}</main>\n<footer><p>{foot}</p></footer>\n</body>\n</html>\n",
        code = lang.code(),
        style = style::sheet(&page),
        skip = page.word("skip"),
        cover = cover(&page),
        head = page.word("h-contents"),
        foot = page.tell(msg!("report-said-foot", version = env!("CARGO_PKG_VERSION"))),
    )
}

/// The draft of a leak report in a language.
pub(super) fn leak(report: &Report<'_>, leak: &Leak, lang: Lang) -> String {
    leak::page(&Page { report, lang }, leak)
}

/// What a PDF of the page says of itself: of the report, or of the draft of a leak report.
pub(super) fn paper<'a>(report: &'a Report<'a>, leak: Option<&Leak>, lang: Lang) -> Paper<'a> {
    let page = Page { report, lang };
    let title = match leak {
        Some(_) => lookup("report-page-l-title", lang).unwrap_or_default(),
        None => page.plain_title(),
    };
    let author = report.made.by.map_or_else(|| lookup("report-page-unknown", lang).unwrap_or_default(), str::to_owned);
    let told = |text: &str| text.chars().filter(|letter| !is_hidden(*letter)).take(500).collect();
    Paper {
        title: told(&title),
        foot: told(&page.foot()),
        author: told(&author),
        lang: lang.code(),
        made: report.made.at,
    }
}

/// A page that is written: the report and the language.
pub(super) struct Page<'r, 'a> {
    pub(super) report: &'r Report<'a>,
    pub(super) lang: Lang,
}

impl Page<'_, '_> {
    /// A word of the page, ready to stand in it.
    pub(super) fn word(&self, name: &str) -> String {
        self.said(&lookup(&format!("report-page-{name}"), self.lang).unwrap_or_default())
    }

    /// A text of the catalogue or of a framework: what stands between backticks is to be typed.
    pub(super) fn said(&self, text: &str) -> String {
        let text = escape(text);
        let parts = text.split('`').enumerate();
        let part = |(at, part): (usize, &str)| match at % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        };
        parts.map(part).collect()
    }

    /// A sentence, ready to stand in it.
    pub(super) fn tell(&self, message: Message) -> String {
        escape(&message.text(self.lang))
    }

    /// What comes from evidence: it keeps its direction to itself.
    pub(super) fn data(&self, text: &str) -> String {
        format!("<bdi>{}</bdi>", escape(text))
    }

    /// A status as a sign and a word.
    pub(super) fn status(&self, status: Status) -> String {
        mark(status, &status.word(self.lang))
    }

    /// A status in the assessor's word, and in ours.
    pub(super) fn assessed(&self, status: Status) -> String {
        let ours = escape(&status.word(self.lang));
        format!("{} <span class=\"ours\">({ours})</span>", mark(status, &status.assessed(self.lang)))
    }

    /// A time for machines and for people.
    pub(super) fn time(&self, time: Timestamp) -> String {
        format!("<time datetime=\"{time}\">{}</time>", escape(&self.report.local(time)))
    }

    /// A stretch of time.
    pub(super) fn stretch(&self, first: Option<Timestamp>, last: Option<Timestamp>) -> String {
        match (first, last) {
            (Some(first), Some(last)) if first != last => format!("{} – {}", self.time(first), self.time(last)),
            (first, last) => first.or(last).map(|time| self.time(time)).unwrap_or_default(),
        }
    }

    /// A list of names in the manner of the language.
    pub(super) fn joined(&self, all: impl IntoIterator<Item = String>) -> String {
        let between = match self.lang {
            Lang::En => ", ",
            Lang::Ja => "、",
        };
        all.into_iter().collect::<Vec<String>>().join(between)
    }

    /// A table with its caption and the names of its columns; `rows` has lines of cells that are ready.
    pub(super) fn table(&self, caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
        let heads: String =
            heads.iter().map(|name| format!("<th scope=\"col\">{}</th>", self.word(&format!("c-{name}")))).collect();
        let row = |cells: &Vec<String>| {
            let cell = |(at, cell): (usize, &String)| match at {
                0 => format!("<th scope=\"row\">{cell}</th>"),
                _ => format!("<td>{cell}</td>"),
            };
            format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
        };
        let rows: String = rows.iter().map(row).collect();
        let caption = self.word(caption);
        format!(
            "<div class=\"wide\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n\
             <thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
        )
    }

    /// Facts by their names.
    pub(super) fn facts(&self, facts: &[(&str, String)]) -> String {
        let row = |(name, value): &(&str, String)| {
            format!("<tr><th scope=\"row\">{}</th><td>{value}</td></tr>\n", self.word(&format!("f-{name}")))
        };
        format!("<table class=\"facts\">\n<tbody>\n{}</tbody>\n</table>\n", facts.iter().map(row).collect::<String>())
    }

    fn title(&self) -> String {
        escape(&self.plain_title())
    }

    fn plain_title(&self) -> String {
        msg!("report-said-title", framework = self.report.framework.title.of(self.lang)).text(self.lang)
    }

    /// What stands at the foot of each printed page: the period, and the log with as much of it as was looked at.
    fn foot(&self) -> String {
        let (report, period) = (self.report, self.report.period);
        let (from, to) = (report.day(period.from), report.day(Timestamp(period.to.0 - 1)));
        format!("{from} – {to}, {} @ {}", report.scope.origin, report.scope.tree_size)
    }

    /// Samples are for whoever audits internal controls; where somebody drew one, it is shown in any report.
    fn has_sheet(&self) -> bool {
        self.report.framework.id == "j-sox" || !self.report.samples.is_empty()
    }
}

/// The sign of a status.
pub(super) fn sign(status: Status) -> &'static str {
    match status {
        Status::Fail => "✗",
        Status::NoEvidence => "?",
        Status::Pass => "✓",
        Status::NotApplicable => "–",
    }
}

fn mark(status: Status, word: &str) -> String {
    let (name, sign) = (status.name(), sign(status));
    format!("<span class=\"status {name}\"><span aria-hidden=\"true\">{sign}</span> {}</span>", escape(word))
}

fn cover(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let (made, scope) = (report.made, report.scope);
    let by = made.by.map_or_else(|| page.word("unknown"), |by| page.data(by));
    // The period's end does not belong to it: its last day is the one before.
    let days = format!("{} – {}", report.day(report.period.from), report.day(Timestamp(report.period.to.0 - 1)));
    let goes_on = made.goes_on.map(|end| {
        let last = report.day(Timestamp(end.0 - 1));
        format!("<br/><strong>{}</strong>", page.tell(msg!("report-said-goes-on", last = last)))
    });
    let stretch = page.stretch(Some(report.period.from), Some(report.period.to));
    let facts = page.facts(&[
        ("period", format!("{days}<br/>{stretch}{}", goes_on.unwrap_or_default())),
        ("zone", escape(made.zone.name())),
        ("made", page.time(made.at)),
        ("by", by),
        ("vault", page.data(&scope.place)),
        ("tree", scope.tree_size.to_string()),
        ("status", page.assessed(report.status())),
    ]);
    let recorded = if made.is_recorded { page.word("recorded") } else { page.word("unrecorded") };
    let note = report.framework.note.as_ref().map(|note| format!("<p>{}</p>\n", escape(note.of(page.lang))));
    format!(
        "<p class=\"kind\">{kind}</p>\n<h1>{title}</h1>\n{facts}{note}<p class=\"small\">{recorded}</p>\n",
        kind = page.word("kind"),
        title = page.title(),
        note = note.unwrap_or_default(),
    )
}

/// What was looked at: the vault, its key and checkpoint, streams and accounts.
fn scope(page: &Page<'_, '_>) -> String {
    let (report, scope) = (page.report, page.report.scope);
    let none = || page.word("none");
    let lines = |all: &[String]| all.iter().map(|one| page.data(one)).collect::<Vec<String>>().join("<br/>");
    let anchors = if scope.anchors.is_empty() { none() } else { lines(&scope.anchors) };
    let accounts = scope.accounts.iter().map(|(account, events)| format!("{} ({events})", page.data(account)));
    let accounts = if scope.accounts.is_empty() { none() } else { page.joined(accounts) };
    let checkpoint = scope.checkpoint.as_ref().map(|text| format!("<pre>{}</pre>", escape(text)));
    let period = |months: &Option<u32>| match months {
        Some(months) => page.tell(msg!("cli-retention-months", months = *months)),
        None => page.tell(msg!("cli-retention-for-ever")),
    };
    let periods = scope.periods.iter().map(|(class, months)| format!("{}: {}", page.data(class), period(months)));
    let holds = scope.holds.iter().map(|(id, why)| format!("{}: {}", page.data(id), page.data(why)));
    let holds = if scope.holds.is_empty() { none() } else { holds.collect::<Vec<String>>().join("<br/>") };
    let facts = page.facts(&[
        ("vault", page.data(&scope.place)),
        ("origin", page.data(&scope.origin)),
        ("verifier", format!("<code>{}</code>", escape(&scope.verifier))),
        (
            "tree",
            page.tell(msg!("report-said-tree", size = scope.tree_size, sealed = scope.sealed.min(scope.tree_size))),
        ),
        ("checkpoint", checkpoint.unwrap_or_else(none)),
        ("anchors", anchors),
        ("periods", periods.collect::<Vec<String>>().join("<br/>")),
        ("holds", holds),
        ("accounts", accounts),
    ]);
    let streams = report.arrivals.streams.iter().map(|(name, arrived)| {
        vec![
            page.data(name),
            escape(&arrived.source),
            arrived.records.to_string(),
            arrived.days.len().to_string(),
            page.stretch(arrived.first, arrived.last),
        ]
    });
    let streams: Vec<Vec<String>> = streams.collect();
    let table = match streams.is_empty() {
        true => format!("<p>{}</p>\n", page.word("no-streams")),
        false => page.table("t-streams", &["stream", "source", "records", "days", "time"], &streams),
    };
    format!("{facts}<h3>{}</h3>\n{table}", page.word("h-streams"))
}

/// How it was judged, and what the words mean.
fn method(page: &Page<'_, '_>) -> String {
    let rows = Status::ALL.map(|status| {
        let means = page.word(&format!("means-{}", status.name().replace('_', "-")));
        vec![page.assessed(status), means]
    });
    format!(
        "<p>{how}</p>\n<p class=\"callout\">{absence}</p>\n<p>{accepted}</p>\n{words}",
        how = page.word("how"),
        absence = page.word("absence"),
        accepted = page.word("accepted"),
        words = page.table("t-words", &["status", "means"], &rows),
    )
}

/// The checks, what each asks and how it judges.
fn checks(page: &Page<'_, '_>) -> String {
    let checks: Vec<Vec<String>> = page
        .report
        .judged
        .iter()
        .map(|judged| {
            let check = judged.check;
            let (id, severity) = (escape(&check.id), escape(&check.severity.word(page.lang)));
            vec![
                format!("{}<br/><code>{id}</code>", escape(&check.title(page.lang))),
                severity,
                page.said(&check.asks(page.lang)),
            ]
        })
        .collect();
    format!("<p>{}</p>\n{}", page.word("ask-yourself"), page.table("t-checks", &["check", "severity", "asks"], &checks))
}

/// A word as a shell takes it.
fn typed(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@%+,=".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The commands by which somebody else comes to the same.
fn proof(page: &Page<'_, '_>) -> String {
    let report = page.report;
    let (key, place) = (escape(&report.scope.verifier), escape(&typed(&report.scope.place)));
    let (from, to) = (report.period.from, report.period.to);
    let first = report.judged.iter().flat_map(|judged| &judged.findings).flat_map(|finding| &finding.records).next();
    let record = first.map_or_else(|| "RECORD".to_owned(), |record| escape(record));
    let framework = escape(&report.framework.id);
    let steps = [
        ("verify", format!("shoseki verify --deep --vault {place} --key {key}")),
        (
            "prove",
            format!(
                "shoseki prove {record} --out proof.json --vault {place}\nshoseki-verify proof proof.json --key {key}"
            ),
        ),
        ("again", format!("shoseki check --framework {framework} --from {from} --to {to} --vault {place}")),
        (
            "question",
            format!("shoseki check show CHECK\nshoseki query --sql '…' --from {from} --to {to} --vault {place}"),
        ),
        ("same", "shoseki report list\nsha256sum REPORT".to_owned()),
    ];
    let step = |(name, command): &(&str, String)| {
        format!("<li><p>{}</p>\n<pre>{command}</pre></li>\n", page.word(&format!("proof-{name}")))
    };
    format!(
        "<p>{}</p>\n<ol class=\"steps\">\n{}</ol>\n",
        page.word("proof"),
        steps.iter().map(step).collect::<String>()
    )
}
