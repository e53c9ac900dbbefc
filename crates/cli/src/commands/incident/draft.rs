//! `incident report ID --form FORM` without a file: the draft of the report in Markdown, from what was said of the incident and from the
//! evidence. What only people know stands as a place to fill in, with its name; nothing is invented.
//!
//! Which item is asked for by which clause stands in [`items`]; the words are the catalogue's.

use std::fmt::Write;
use std::path::Path;

use clap::ArgMatches;
use shoseki_comply::incident::{Deed, Form, Incident, Told};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg, shown};

use super::Opened;
use super::runs::Run;
use super::trail::{self, Found};
use crate::context::Context;
use crate::whole_file::{self, WholeFile};
use crate::{Exit, output};

/// In the place of a form: every one that the incident asks for.
pub(super) const ALL: &str = "all";
/// The most lines of a list.
const LINES: usize = 60;

/// What an item is filled from.
#[derive(Clone, Copy)]
enum Fill {
    /// People only.
    People,
    /// When, who, how many records.
    Overview,
    /// What was read, changed, deleted.
    Data,
    /// The cause that was said.
    Cause,
    /// The measures, with the checks that prove them.
    Measures,
    /// The steps that were run.
    Steps,
    /// What happened, minute by minute.
    Timeline,
    /// What people said and did.
    History,
    /// What the evidence cannot say.
    Limits,
}

/// The items of a form: its clause, the end of its message's id, and what it is filled from.
fn items(form: Form) -> &'static [(&'static str, &'static str, Fill)] {
    use Fill::{Cause, Data, History, Limits, Measures, Overview, People, Steps, Timeline};
    match form {
        Form::AppiPreliminary | Form::AppiFinal => &[
            ("", "reporter", People),
            ("7", "ground", People),
            ("8(1)1", "overview", Overview),
            ("8(1)2", "personal-data", Data),
            ("8(1)3", "persons", People),
            ("8(1)4", "cause", Cause),
            ("8(1)5", "secondary", People),
            ("8(1)6", "to-persons", People),
            ("8(1)7", "publication", People),
            ("8(1)8", "measures", Measures),
            ("8(1)9", "other", Limits),
        ],
        Form::Gdpr33 => &[
            ("33(1)", "delay", People),
            ("33(3)(a)", "nature", Overview),
            ("33(3)(a)", "personal-data", Data),
            ("33(3)(a)", "categories", People),
            ("33(3)(b)", "contact", People),
            ("33(3)(c)", "consequences", People),
            ("33(3)(d)", "taken", Steps),
            ("33(3)(d)", "measures", Measures),
            ("", "other", Limits),
        ],
        Form::Pci1210 => &[
            ("12.10.1", "roles", People),
            ("12.10.1", "overview", Overview),
            ("12.10.1", "card-data", Data),
            ("12.10.1", "payment-brands", People),
            ("12.10.5", "timeline", Timeline),
            ("12.10.1", "taken", Steps),
            ("12.10.7", "pan", People),
            ("12.10.6", "cause", Cause),
            ("12.10.6", "measures", Measures),
            ("", "other", Limits),
        ],
        Form::Review => &[
            ("", "overview", Overview),
            ("", "timeline", Timeline),
            ("", "history", History),
            ("", "touched", Data),
            ("", "taken", Steps),
            ("", "cause", Cause),
            ("", "measures", Measures),
            ("", "went-well", People),
            ("", "other", Limits),
        ],
    }
}

/// Where drafts go, and of which forms.
pub(super) async fn run(context: &Context, matches: &ArgMatches, (opened, one): (&Opened, &Incident)) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (form, out) = (text("form").unwrap_or_default(), text("out"));
    if form == ALL && out.is_none() {
        return Err(Fault::caller(msg!("incident-draft-all-out")));
    }
    let may_replace = whole_file::may_replace(matches);
    if let Some(path) = out.filter(|_| form != ALL) {
        whole_file::refuse_existing(Path::new(path), may_replace)?;
    }
    let Some(found) = trail::of_incident(context, matches, ("report", opened, one)).await? else {
        return Ok(Exit::Stopped);
    };
    let draft = Draft { context, one, found: &found };
    match (Form::from_name(form), out) {
        (Some(form), Some(path)) => {
            written(Path::new(path), &draft.text(form), may_replace)?;
            context.note(&msg!("incident-draft-written", path = path, id = one.name(), form = form.name()));
        }
        (Some(form), None) => output::print(draft.text(form).as_bytes()),
        (None, folder) => draft.all(Path::new(folder.unwrap_or_default()), may_replace)?,
    }
    Ok(Exit::Done)
}

fn written(path: &Path, text: &str, may_replace: bool) -> Result<()> {
    let unwritable = |error| Fault::world(msg!("cli-out-unwritable", path = path.display().to_string())).because(error);
    let file = WholeFile::begin(path, may_replace)?;
    std::io::Write::write_all(&mut file.writer(), text.as_bytes()).map_err(unwritable)?;
    file.finish()
}

struct Draft<'a> {
    context: &'a Context,
    one: &'a Incident,
    found: &'a Found,
}

/// A text of evidence in Markdown: a span of code, on one line, whose fence is longer than any in it.
fn code(text: &str) -> String {
    let text = shown(&output::on_one_line(text)).to_string();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

impl Draft<'_> {
    /// A file of each report that the incident asks for: `FOLDER/appi-final.ja.md`.
    fn all(&self, folder: &Path, may_replace: bool) -> Result<()> {
        let shown = folder.display().to_string();
        let unwritable = |error| Fault::world(msg!("incident-draft-folder", path = shown.as_str())).because(error);
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        let owed = self.one.owed(self.context.zone);
        let path = |form: Form| folder.join(format!("{}.{}.md", form.name(), self.context.lang.code()));
        // All or nothing: of drafts of which half are older, nobody knows which.
        owed.iter().try_for_each(|owed| whole_file::refuse_existing(&path(owed.form), may_replace))?;
        for owed in &owed {
            written(&path(owed.form), &self.text(owed.form), may_replace)?;
        }
        self.context.note(&msg!("incident-drafts-written", count = owed.len(), path = shown, id = self.one.name()));
        Ok(())
    }

    fn word(&self, name: &str) -> String {
        lookup(&format!("incident-draft-{name}"), self.context.lang).unwrap_or_default()
    }

    fn say(&self, message: &shoseki_messages::Message) -> String {
        message.text(self.context.lang)
    }

    fn text(&self, form: Form) -> String {
        let (context, one) = (self.context, self.one);
        let (title, zone) = (form.title(context.lang), one.zone(context.zone));
        let mut text = format!("# {title}: {}\n\n{}\n\n", code(&one.open.title), self.word("note"));
        let due = one.owed(context.zone).into_iter().find(|owed| owed.form == form).and_then(|owed| owed.deadline);
        let due = due.map_or_else(|| self.word("undated"), |due| due.until);
        let (made, zone) = (context.local(Timestamp::now()), zone.name());
        let known = context.local(one.open.known);
        let head = msg!("incident-draft-head", id = one.name(), known = known, due = due, zone = zone, made = made);
        let _ = writeln!(text, "{}", self.say(&head));
        for (number, (clause, name, from)) in items(form).iter().enumerate() {
            let clause = match (form, *clause) {
                (_, "") => String::new(),
                (Form::AppiPreliminary | Form::AppiFinal, clause) => {
                    format!(" ({})", self.say(&msg!("incident-draft-rule", clause = clause)))
                }
                (Form::Gdpr33, clause) => format!(" (GDPR {clause})"),
                (_, clause) => format!(" (PCI DSS {clause})"),
            };
            let _ = writeln!(text, "\n## {}. {}{clause}\n", number + 1, self.word(name));
            self.fill(&mut text, name, *from);
        }
        text
    }

    /// A place for what only people know.
    fn blank(&self, text: &mut String, name: &str) {
        let _ = writeln!(text, "{}", self.say(&msg!("incident-draft-blank", what = self.word(&format!("{name}-ask")))));
    }

    fn fill(&self, text: &mut String, name: &str, from: Fill) {
        match from {
            Fill::People => self.blank(text, name),
            Fill::Overview => self.overview(text),
            Fill::Data => {
                self.data(text);
                self.blank(text, name);
            }
            Fill::Cause => match &self.one.cause {
                Some(cause) => text.push_str(&format!("{}\n", code(cause))),
                None => self.blank(text, name),
            },
            Fill::Measures => self.measures(text),
            Fill::Steps => self.steps(text),
            Fill::Timeline => self.timeline(text),
            Fill::History => {
                let history = self.one.history.iter().map(|told| self.told(told)).collect();
                self.list(text, history);
            }
            Fill::Limits => {
                self.limits(text);
                self.blank(text, name);
            }
        }
    }

    /// A list of at most so many lines; what is left out is said.
    fn list(&self, text: &mut String, lines: Vec<String>) {
        for line in lines.iter().take(LINES) {
            let _ = writeln!(text, "- {line}");
        }
        if lines.len() > LINES {
            let cut = msg!("incident-draft-cut", shown = LINES, all = lines.len(), id = self.one.name());
            let _ = writeln!(text, "- {}", self.say(&cut));
        }
    }

    fn told(&self, told: &Told) -> String {
        let what = code(&told.text(self.context.lang).text(self.context.lang));
        format!(
            "{} {}: {what} ({})",
            self.context.local(told.at),
            code(told.by.as_deref().unwrap_or("-")),
            code(&told.record)
        )
    }

    fn overview(&self, text: &mut String) {
        let trail = &self.found.trail;
        let own = || trail.steps().filter(|step| !step.is_origin);
        let at = |time: Timestamp| self.context.local(time);
        let _ = match (own().next(), own().last()) {
            (Some(first), Some(last)) => {
                let (first, last) = (at(first.seen.time), at(last.seen.time));
                let seen = msg!("incident-draft-seen", records = own().count(), first = first, last = last);
                writeln!(text, "{}\n", self.say(&seen))
            }
            _ => writeln!(text, "{}\n", self.word("nothing-seen")),
        };
        let lines = trail.identities.iter().enumerate().map(|(number, identity)| {
            let kind = identity.subject.kind.word(self.context.lang);
            let way = trail.way(number, self.context.lang).map(|way| format!(" ← {}", code(&way))).unwrap_or_default();
            format!("{kind}: {}{way}", code(&identity.subject.value))
        });
        self.list(text, lines.collect());
    }

    fn data(&self, text: &mut String) {
        let Some(scope) = &self.found.scope else { return };
        let deeds = [Deed::Read, Deed::Changed, Deed::Created, Deed::Deleted];
        let lines = deeds.into_iter().flat_map(|deed| scope.folded(deed));
        let lines: Vec<String> = lines
            .filter(|(line, _)| !line.resource.is_empty())
            .map(|(line, things)| {
                let actions = line.actions.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let (deed, objects) = (line.deed.word(self.context.lang), msg!("incident-objects", count = things));
                let objects = if things > 1 { format!(" {}", self.say(&objects)) } else { String::new() };
                format!("{deed}: {}{objects} ({} × {})", code(&line.resource), code(&actions), line.records)
            })
            .collect();
        let intro = if lines.is_empty() { "nothing-touched" } else { "touched-list" };
        let _ = writeln!(text, "{}\n", self.word(intro));
        self.list(text, lines);
        text.push('\n');
    }

    fn measures(&self, text: &mut String) {
        let measures = self.one.measures().map(|one| {
            let (check, finding) = (code(&one.check), code(&one.finding.to_string()));
            let due = one.due.as_ref().map_or_else(|| self.word("undated"), |due| due.day.clone());
            self.say(&msg!(
                "incident-draft-measure",
                text = code(&one.text),
                check = check,
                finding = finding,
                due = due
            ))
        });
        let measures: Vec<String> = measures.collect();
        if measures.is_empty() {
            self.blank(text, "measures");
        }
        self.list(text, measures);
    }

    fn steps(&self, text: &mut String) {
        let step = |(told, step): (&Told, &shoseki_comply::incident::Contain)| {
            let note = step.note.as_deref().map(|note| format!(" {}", code(note))).unwrap_or_default();
            format!("{} {} {}{note}", self.context.local(told.at), step.step, code(&step.command))
        };
        let steps: Vec<String> = self.one.steps().map(step).collect();
        if steps.is_empty() {
            self.blank(text, "taken");
        }
        self.list(text, steps);
    }

    fn timeline(&self, text: &mut String) {
        let weighty = self.found.trail.steps().filter(|step| !matches!(step.seen.deed, Deed::Read));
        let weighty = Run::all(weighty).iter().map(|run| self.run(run)).collect();
        let _ = writeln!(text, "{}\n", self.say(&msg!("incident-draft-weighty", id = self.one.name())));
        self.list(text, weighty);
    }

    fn run(&self, run: &Run<'_>) -> String {
        let (seen, last) = (&run.first.seen, &run.last.seen);
        let until = |first: String, last: String| if run.count > 1 { format!("{first} – {last}") } else { first };
        let at = until(self.context.local(seen.time), self.context.local(last.time));
        let what = format!("{} {}", run.actions.join(", "), run.resource);
        let end = code(if seen.error.is_empty() { &seen.outcome } else { &seen.error });
        let end = if run.count > 1 { format!("{end} × {}", run.count) } else { end };
        let record = until(code(&seen.record), code(&last.record));
        format!("{at} {} {}: {} {end} ({record})", seen.source, code(&seen.actor), code(what.trim_end()))
    }

    fn limits(&self, text: &mut String) {
        let at = |time: Timestamp| self.context.local(time);
        let span = self.found.span;
        let limits = msg!("incident-draft-limits", from = at(span.from), to = at(span.to));
        let _ = writeln!(text, "{}\n", self.say(&limits));
        let cut = self.found.scope.as_ref().map(|scope| &scope.cut).unwrap_or(&self.found.trail.cut);
        let mut lines: Vec<String> = cut.iter().map(|cut| self.say(cut)).collect();
        let others = self.found.scope.as_ref().map_or(0, |scope| scope.others.len());
        if others > 0 {
            lines.push(self.say(&msg!("incident-draft-others", count = others, id = self.one.name())));
        }
        self.list(text, lines);
        text.push('\n');
    }
}
