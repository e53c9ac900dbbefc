//! Which names of an application's events say who did what, with which result: what a user states beside the names that are
//! known without being told. It stands in the vault's configuration, sealed, and is applied when a question is asked: it
//! changes nothing that is stored, and holds for what was taken in before it too.
//!
//! ```toml
//! [[app]]
//! streams = ["app/shop*"]          # all streams of applications where it is left out
//! who = ["account.mail", "principal"]
//! action = ["op"]
//! result = ["state"]
//! success = ["done", "0"]
//! failure = ["rejected"]
//! ```

use std::sync::Arc;

use serde::Deserialize;
use shoseki_messages::{Fault, Result, msg};

/// The most rules.
const MOST_RULES: usize = 100;
/// The most names of one list.
const MOST_NAMES: usize = 50;
/// The longest text, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// The longest name, in bytes.
const LONGEST: usize = 256;

/// A mapping: its rules, in the order in which they are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    app: Vec<Rule>,
}

/// What is said of some streams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rule {
    /// The names of streams, with `*` for any letters; all where it is empty.
    pub(crate) streams: Vec<String>,
    who: Vec<String>,
    who_type: Vec<String>,
    action: Vec<String>,
    result: Vec<String>,
    /// Values of the result that mean success, whatever their case.
    pub(crate) success: Vec<String>,
    /// Values of the result that mean failure.
    pub(crate) failure: Vec<String>,
    address: Vec<String>,
    resource: Vec<String>,
    error: Vec<String>,
}

/// The name of the result.
pub(crate) const STATUS: &str = "status";

impl Rule {
    /// The names that stand for an OCSF name, the most telling first.
    pub(crate) fn names(&self, ocsf: &str) -> &[String] {
        match ocsf {
            "actor.user.name" => &self.who,
            "actor.user.type" => &self.who_type,
            "api.operation" => &self.action,
            STATUS => &self.result,
            "src_endpoint.ip" => &self.address,
            "resources.0.name" => &self.resource,
            "api.response.error" => &self.error,
            _ => &[],
        }
    }

    fn lists(&self) -> [(&'static str, &Vec<String>); 10] {
        [
            ("streams", &self.streams),
            ("who", &self.who),
            ("who_type", &self.who_type),
            ("action", &self.action),
            ("result", &self.result),
            ("success", &self.success),
            ("failure", &self.failure),
            ("address", &self.address),
            ("resource", &self.resource),
            ("error", &self.error),
        ]
    }

    /// What is wrong with the rule.
    fn check(&self) -> Result<()> {
        for (list, names) in self.lists() {
            if names.len() > MOST_NAMES {
                return Err(Fault::caller(msg!("query-mapping-many", list = list, limit = MOST_NAMES)));
            }
            if let Some(name) = names.iter().find(|name| name.is_empty() || name.len() > LONGEST) {
                let shown: String = name.chars().take(40).collect();
                return Err(Fault::caller(msg!("query-mapping-name", list = list, name = shown, limit = LONGEST)));
            }
        }
        let words = self.success.len() + self.failure.len();
        if words > 0 && self.result.is_empty() {
            return Err(Fault::caller(msg!("query-mapping-words")));
        }
        let same = |word: &&String| self.failure.iter().any(|other| other.to_lowercase() == word.to_lowercase());
        if let Some(word) = self.success.iter().find(same) {
            return Err(Fault::caller(msg!("query-mapping-both", word = word.as_str())));
        }
        let said =
            self.lists().iter().filter(|(list, _)| *list != "streams").map(|(_, names)| names.len()).sum::<usize>();
        if said == 0 { Err(Fault::caller(msg!("query-mapping-nothing"))) } else { Ok(()) }
    }
}

impl Mapping {
    /// Reads the text of a mapping file.
    ///
    /// # Errors
    /// The caller's mistake where it is no TOML of this form, or says nothing, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST_TEXT {
            return Err(Fault::caller(msg!("query-mapping-long", limit = LONGEST_TEXT)));
        }
        let file: File = toml::from_str(text)
            .map_err(|error| Fault::caller(msg!("query-mapping-unreadable")).because(error.to_string()))?;
        if file.app.len() > MOST_RULES {
            return Err(Fault::caller(msg!("query-mapping-many", list = "[[app]]", limit = MOST_RULES)));
        }
        file.app.iter().try_for_each(Rule::check)?;
        Ok(Self { rules: file.app })
    }

    /// The mapping of a vault's configuration, given its text; `None` where it has none.
    ///
    /// # Errors
    /// Damage where it cannot be read.
    pub fn of_vault(text: Option<&str>) -> Result<Option<Arc<Self>>> {
        let unreadable = |fault| Fault::damage(msg!("query-mapping-of-vault")).because(fault);
        text.map(|text| Self::parse(text).map(Arc::new).map_err(unreadable)).transpose()
    }

    /// The rules that say something of an OCSF name, in their order.
    pub(crate) fn of<'m>(&'m self, ocsf: &str) -> impl DoubleEndedIterator<Item = &'m Rule> {
        self.rules.iter().filter(move |rule| !rule.names(ocsf).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read() {
        let text = "[[app]]\nstreams = ['app/a*']\nwho = ['x.y', 'z']\n[[app]]\nwho = ['w']\nresult = ['r']\nsuccess = ['ok']\n";
        let mapping = Mapping::parse(text).unwrap();
        let who: Vec<&[String]> = mapping.of("actor.user.name").map(|rule| rule.names("actor.user.name")).collect();
        assert_eq!(who, [["x.y".to_owned(), "z".to_owned()].as_slice(), ["w".to_owned()].as_slice()]);
        assert_eq!((mapping.of(STATUS).count(), mapping.of("api.operation").count()), (1, 0));
    }

    #[test]
    fn mistakes_are_named() {
        let long = format!("[[app]]\nwho = ['{}']", "x".repeat(LONGEST + 1));
        let large = "#".repeat(LONGEST_TEXT + 1);
        let many = format!("[[app]]\nwho = {:?}", vec!["x"; MOST_NAMES + 1]);
        for (text, id) in [
            ("", "query-mapping-unreadable"),
            ("[[app]]\nwhom = ['x']", "query-mapping-unreadable"),
            ("[[app]]\ntime = ['ts']", "query-mapping-unreadable"),
            ("[[app]]\nwho = 'x'", "query-mapping-unreadable"),
            ("[[app]]\nstreams = ['x']", "query-mapping-nothing"),
            ("[[app]]\nwho = ['']", "query-mapping-name"),
            (&*long, "query-mapping-name"),
            (&*many, "query-mapping-many"),
            (&*large, "query-mapping-long"),
            ("[[app]]\nsuccess = ['ok']", "query-mapping-words"),
            ("[[app]]\nresult = ['r']\nsuccess = ['OK']\nfailure = ['ok']", "query-mapping-both"),
        ] {
            assert_eq!(Mapping::parse(text).unwrap_err().id(), id, "{text}");
        }
    }
}
