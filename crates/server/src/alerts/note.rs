//! What is sent to somebody: one thing that happened, or several that are told as one.
//!
//! ```text
//! {"time":"…","action":"alert.group","outcome":"failure","severity":"high","message":"3 things happened","alerts":[{…},{…},{…}]}
//! ```

use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, msg, shown};

use super::pager::About;
use super::{Happening, Severity};

/// Several things that are told as one.
pub(crate) const GROUP: &str = "alert.group";
/// How many of them a text has in full, so that it stays one that is taken.
const IN_FULL: usize = 40;

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// In a line.
    pub(crate) title: String,
    /// With what to do.
    pub(crate) text: String,
    /// For machines.
    pub(crate) json: Value,
    pub(super) severity: Severity,
    pub(super) about: About,
}

impl Note {
    pub(crate) fn of(happening: &Happening, lang: Lang) -> Self {
        // What an event says stands in them: it may begin no line of its own, and hide nothing.
        let said = on_one_line(&happening.message.text(lang));
        let mend = happening.mend.as_ref().map(|mend| shown(&mend.text(lang)).into_owned());
        let beside: Vec<String> = happening.beside.iter().map(|line| on_one_line(&line.text(lang))).collect();
        let (mut json, severity) = (happening.to_json(), Severity::of(happening));
        json["severity"] = json!(severity.name());
        // By these we know rows again; nobody else can read them.
        json["details"].as_object_mut().map(|details| details.remove("new_rows"));
        json["message"] = json!(said);
        json["what_to_do"] = json!(mend);
        if !beside.is_empty() {
            json["lines"] = json!(beside);
        }
        Self::read(json, lang)
    }

    /// That of its JSON, as it was kept.
    pub(super) fn read(json: Value, lang: Lang) -> Self {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let severity = text("severity").and_then(|name| Severity::from_name(&name)).unwrap_or(Severity::Info);
        let action = text("action").unwrap_or_default();
        let lines = json["lines"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let lines = lines.map(|line| format!("- {line}"));
        let said = text("message").into_iter().chain(lines).chain(text("what_to_do"));
        Self {
            title: format!("shoseki: [{}] {action}", severity.word().text(lang)),
            text: said.collect::<Vec<String>>().join("\n"),
            severity,
            about: About::read(&action, &|name| json["details"][name].as_str(), &json["details"]),
            json,
        }
    }

    /// Several as one. One alone stays as it is; of none there is nothing.
    pub(super) fn group(notes: &[Self], lang: Lang) -> Option<Self> {
        let [_, _, ..] = notes else { return notes.first().cloned() };
        let severity = notes.iter().map(|note| note.severity).max().unwrap_or(Severity::Info);
        let said = msg!("alert-group", count = notes.len()).text(lang);
        let is_failure = notes.iter().any(|note| note.json["outcome"] == "failure");
        let each = notes.iter().take(IN_FULL).map(|note| {
            let title = note.title.strip_prefix("shoseki: ").unwrap_or(&note.title);
            format!("{title} ({})\n{}", note.json["time"].as_str().unwrap_or_default(), note.text)
        });
        let more = notes.len().checked_sub(IN_FULL).filter(|more| *more > 0);
        let more = more.map(|count| msg!("alert-group-more", count = count).text(lang));
        let text: Vec<String> = std::iter::once(said.clone()).chain(each).chain(more).collect();
        let json = json!({
            "time": Timestamp::now().to_string(),
            "action": GROUP,
            "outcome": if is_failure { "failure" } else { "success" },
            "severity": severity.name(),
            "message": said,
            "alerts": notes.iter().map(|note| &note.json).collect::<Vec<_>>(),
        });
        let about = About { each: Vec::new(), is_end: false };
        let title = format!("shoseki: [{}] {said}", severity.word().text(lang));
        Some(Self { title, text: text.join("\n\n"), json, severity, about })
    }

    /// Its title where letters of ASCII alone are taken.
    pub(super) fn plain_title(&self) -> String {
        format!("shoseki: [{}] {}", self.severity.name(), self.json["action"].as_str().unwrap_or_default())
    }
}

fn on_one_line(text: &str) -> String {
    shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_told_as_one_and_one_stays_as_it_is() {
        let happening = Happening::failure("gap.opened", msg!("server-seal-recovered")).with("stream", "app/a");
        let happening = happening.with("from", "x").mended_by(msg!("alert-disk-mend"));
        let note = Note::of(&happening, Lang::Ja);
        let again = Note::read(note.json.clone(), Lang::Ja);
        assert_eq!((&again.title, &again.text, &again.json), (&note.title, &note.text, &note.json), "as it was kept");
        assert_eq!(again.about.each, note.about.each);
        assert!(Note::group(&[], Lang::En).is_none());
        assert_eq!(Note::group(std::slice::from_ref(&note), Lang::Ja).unwrap().json, note.json);
        let other = Note::of(&Happening::new("serve.stop", msg!("server-stopped")), Lang::Ja);
        let both = Note::group(&[other, note.clone()], Lang::Ja).unwrap();
        assert_eq!((&both.json["action"], &both.json["severity"]), (&json!(GROUP), &json!("high")));
        assert_eq!(both.json["alerts"][1], note.json);
        assert!(both.title.contains("[高]") && both.text.contains("[高] gap.opened"), "{both:?}");
        assert_eq!(both.text.matches(note.text.as_str()).count(), 1);
        let many = Note::group(&vec![note; IN_FULL + 2], Lang::En).unwrap();
        assert!(many.text.ends_with("and 2 more") && many.json["alerts"].as_array().unwrap().len() == IN_FULL + 2);
    }
}
