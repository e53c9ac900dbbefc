//! The rules that are asked: our own, and those of folders. A document that cannot be read is a problem that is told, and costs no
//! other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use rsigma_parser::{CorrelationRule, FilterRule, SigmaCollection, SigmaRule, parse_sigma_yaml};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Message, Result, msg};

use crate::ENGINE;
use crate::log_source::sources_of;
use crate::rule::{More, Origin, Read, Rule};

/// Our own rules, and the events that prove them.
static OWN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rules");

/// The most of a file of rules.
const MAX_FILE: u64 = 1 << 20;

/// The most files of a folder, and the deepest of its folders.
const MAX_FILES: usize = 50_000;
const MAX_DEPTH: usize = 32;

/// What the files of events end with.
const EVENTS: &str = ".events.yml";

/// What is read of a rule or of a correlation: two types that have these fields by the same names. It gives what has no id one.
macro_rules! read {
    ($rule:ident, $sources:expr, $is_correlation:expr) => {{
        let id = $rule.id.clone().unwrap_or_else(|| id_of(&$rule.title));
        $rule.id = Some(id.clone());
        // One rule's wish for the engine would be a rule for all of them.
        $rule.custom_attributes.retain(|name, _| !name.starts_with("rsigma."));
        Read {
            id,
            title: $rule.title.clone(),
            description: $rule.description.clone(),
            level: $rule.level,
            tags: $rule.tags.clone(),
            false_positives: $rule.falsepositives.clone(),
            more: more_of(&$rule.custom_attributes),
            sources: $sources,
            is_correlation: $is_correlation,
        }
    }};
}

/// A document that is no rule, or one that cannot be asked.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub why: Message,
}

/// Rules, each once by its id, in the order of the ids.
#[derive(Debug, Default)]
pub struct Rules {
    pub(crate) rules: BTreeMap<String, Rule>,
    pub(crate) detections: Vec<SigmaRule>,
    pub(crate) correlations: Vec<CorrelationRule>,
    pub(crate) filters: Vec<FilterRule>,
    /// The SHA-256 of the files with filters: they decide what is found, too.
    filtering: BTreeSet<String>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How many rules are about what shoseki takes in nothing of.
    pub elsewhere: usize,
    /// What those may be called by correlations.
    called_elsewhere: BTreeSet<String>,
}

/// Our own files, by their names, in their order.
fn own_files() -> impl Iterator<Item = (String, &'static str)> {
    fn below(folder: &'static Dir<'static>) -> Vec<(String, &'static str)> {
        let own = folder.files().filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)));
        own.chain(folder.dirs().flat_map(below)).collect()
    }
    let mut files: Vec<_> = below(&OWN).into_iter().filter(|(name, _)| name.ends_with(".yml")).collect();
    files.sort();
    files.into_iter()
}

impl Rules {
    /// Our own rules, where they are wanted, and those of files and folders: all files below that end with `.yml` or `.yaml`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such path, or it has more files than may be; the world's failure where it cannot be
    /// read.
    pub fn load(with_own: bool, paths: &[PathBuf]) -> Result<Self> {
        let mut rules = Self::default();
        for (name, text) in own_files().filter(|(name, _)| with_own && !name.ends_with(EVENTS)) {
            rules.take(&name, text, &Origin::Own);
        }
        for path in paths {
            rules.add(path)?;
        }
        rules.related();
        Ok(rules)
    }

    /// The SHA-256 of the names and the contents of the files that [`Rules::load`] would read: another one once anything in them is.
    ///
    /// # Errors
    /// As [`Rules::load`].
    pub fn stamp(paths: &[PathBuf]) -> Result<String> {
        let mut files = Vec::new();
        for path in paths {
            find(path, 0, &mut files)?;
        }
        files.sort();
        let mut stamp = Sha256::new();
        for file in files {
            let is_read = fs::metadata(&file).is_ok_and(|about| about.len() <= MAX_FILE);
            let bytes = if is_read { fs::read(&file).unwrap_or_default() } else { Vec::new() };
            stamp.update(format!("{}\0{}\0", file.display(), bytes.len()));
            stamp.update(bytes);
        }
        Ok(hex::encode(stamp.finalize()))
    }

    /// Adds the rules of a path.
    ///
    /// # Errors
    /// The caller's mistake where there is no such path, or it has more files than may be; the world's failure where it cannot be
    /// read.
    fn add(&mut self, path: &Path) -> Result<()> {
        let mut files = Vec::new();
        find(path, 0, &mut files)?;
        files.sort();
        for file in files {
            let shown = file.display().to_string();
            let read = fs::metadata(&file).and_then(|about| match about.len() > MAX_FILE {
                true => Ok(None),
                false => fs::read(&file).map(Some),
            });
            let bytes = match read {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    self.problem(&shown, msg!("detect-file-large", path = shown.as_str(), most = MAX_FILE));
                    continue;
                }
                Err(_) => {
                    self.problem(&shown, msg!("detect-file-unreadable", path = shown.as_str()));
                    continue;
                }
            };
            match String::from_utf8(bytes) {
                Ok(text) => self.take(&shown, &text, &Origin::File(file)),
                Err(_) => self.problem(&shown, msg!("detect-file-no-text", path = shown.as_str())),
            }
        }
        Ok(())
    }

    /// Leaves only rules of which that is true, and what they count.
    pub fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        let kept: BTreeSet<String> =
            self.rules.values().filter(|rule| keep(rule)).map(|rule| rule.id.clone()).collect();
        // What is asked for by its name is a match by itself.
        for rule in self.rules.values_mut().filter(|rule| rule.is_base && kept.contains(&rule.id)) {
            rule.is_base = false;
        }
        let counts = |rule: &&CorrelationRule| rule.id.as_ref().is_some_and(|id| kept.contains(id));
        let counted: BTreeSet<String> =
            self.correlations.iter().filter(counts).flat_map(|rule| rule.rules.iter().cloned()).collect();
        let is_counted = |rule: &SigmaRule| names(rule).any(|name| counted.contains(name));
        for rule in self.detections.iter().filter(|rule| is_counted(rule)) {
            if let Some(rule) = rule.id.as_ref().filter(|id| !kept.contains(*id)).and_then(|id| self.rules.get_mut(id))
            {
                rule.is_base = true;
            }
        }
        let is_left = |id: &Option<String>| id.as_ref().is_some_and(|id| kept.contains(id));
        self.correlations.retain(|rule| is_left(&rule.id));
        self.detections.retain(|rule| is_left(&rule.id) || names(rule).any(|name| counted.contains(name)));
        let left: BTreeSet<&String> = self
            .detections
            .iter()
            .filter_map(|rule| rule.id.as_ref())
            .chain(self.correlations.iter().filter_map(|rule| rule.id.as_ref()))
            .collect();
        self.rules.retain(|id, _| left.contains(id));
    }

    /// The rules, those too that are counted only.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// A rule.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// The SHA-256 of the engine's name, of all rules' ids and hashes and of the files with filters, in hexadecimal digits: what looked at a record.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(ENGINE);
        for rule in self.rules.values() {
            hash.update(format!("\n{} {} {}", rule.id, rule.hash, rule.is_base));
        }
        for filter in &self.filtering {
            hash.update(format!("\nfilter {filter}"));
        }
        hex::encode(hash.finalize())
    }

    fn problem(&mut self, file: &str, why: Message) {
        self.problems.push(Problem { file: file.to_owned(), why });
    }

    fn take(&mut self, file: &str, text: &str, origin: &Origin) {
        let collection = match parse_sigma_yaml(text) {
            Ok(collection) => collection,
            Err(error) => {
                return self.problem(file, msg!("detect-rule-unreadable", file = file, why = error.to_string()));
            }
        };
        let SigmaCollection { rules, correlations, filters, errors } = collection;
        for error in errors {
            self.problem(file, msg!("detect-rule-unreadable", file = file, why = error));
        }
        let hash = hex::encode(Sha256::digest(text));
        for mut rule in rules {
            let sources = sources_of(&rule.logsource);
            if sources.is_empty() {
                self.elsewhere += 1;
                self.called_elsewhere.extend(names(&rule).cloned());
                continue;
            }
            let read = read!(rule, sources, false);
            if self.insert(file, Rule::of(read, &hash, origin)) {
                self.detections.push(rule);
            }
        }
        for mut rule in correlations {
            let read = read!(rule, Vec::new(), true); // its sources are known when all are read
            if self.insert(file, Rule::of(read, &hash, origin)) {
                self.correlations.push(rule);
            }
        }
        if !filters.is_empty() {
            self.filtering.insert(hash);
        }
        self.filters.extend(filters);
    }

    /// Whether a rule is new. One with the id of another is a problem: which of the two is meant cannot be known.
    fn insert(&mut self, file: &str, rule: Rule) -> bool {
        if self.rules.contains_key(&rule.id) {
            self.problem(file, msg!("detect-rule-twice", file = file, id = rule.id));
            return false;
        }
        self.rules.insert(rule.id.clone(), rule);
        true
    }

    /// What correlations and rules are to one another.
    fn related(&mut self) {
        let mut lost = Vec::new();
        let mut bases: BTreeSet<&String> = BTreeSet::new();
        for correlation in &self.correlations {
            let counted = |rule: &&SigmaRule| names(rule).any(|name| correlation.rules.contains(name));
            let counted: Vec<&SigmaRule> = self.detections.iter().filter(counted).collect();
            if !correlation.generate {
                bases.extend(counted.iter().filter_map(|rule| rule.id.as_ref()));
            }
            let sources: BTreeSet<&'static str> = counted.iter().flat_map(|rule| sources_of(&rule.logsource)).collect();
            let Some(rule) = correlation.id.as_ref().and_then(|id| self.rules.get_mut(id)) else { continue };
            if sources.is_empty() {
                let is_elsewhere = correlation.rules.iter().any(|name| self.called_elsewhere.contains(name));
                lost.push((rule.id.clone(), is_elsewhere));
            }
            rule.sources = sources.into_iter().collect();
        }
        for id in bases {
            if let Some(rule) = self.rules.get_mut(id) {
                rule.is_base = true;
            }
        }
        for (id, is_elsewhere) in lost {
            self.correlations.retain(|rule| rule.id.as_ref() != Some(&id));
            if is_elsewhere {
                self.elsewhere += 1;
                self.rules.remove(&id);
                continue;
            }
            if let Some(Rule { origin: Origin::File(file), .. }) = self.rules.remove(&id) {
                self.problem(&file.display().to_string(), msg!("detect-rule-counts-none", id = id));
            }
        }
    }
}

/// What a correlation may call a rule.
pub(crate) fn names(rule: &SigmaRule) -> impl Iterator<Item = &String> {
    rule.id.iter().chain(&rule.name)
}

fn id_of(title: &str) -> String {
    hex::encode(&Sha256::digest(title)[..16])
}

fn more_of<V: serde::Serialize>(attributes: &std::collections::HashMap<String, V>) -> More {
    let more = attributes.get("shoseki").and_then(|more| serde_json::to_value(more).ok());
    more.and_then(|more| serde_json::from_value(more).ok()).unwrap_or_default()
}

/// The files of a path. What is hidden is passed over: a folder that Kubernetes mounts has each file twice, once below a hidden one.
/// Links to files are followed, links to folders are not.
fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let shown = path.display().to_string();
    let about = fs::metadata(path)
        .map_err(|error| Fault::caller(msg!("detect-path-missing", path = shown.as_str())).because(error))?;
    if about.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > MAX_DEPTH {
        return Err(Fault::caller(msg!("detect-folder-deep", path = shown.as_str())));
    }
    let unreadable =
        |error: std::io::Error| Fault::world(msg!("detect-file-unreadable", path = shown.as_str())).because(error);
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_rules = (name.ends_with(".yml") || name.ends_with(".yaml")) && !name.ends_with(EVENTS);
        match kind.is_dir() {
            _ if name.starts_with('.') => {}
            true => find(&path, depth + 1, files)?,
            false if is_rules => files.push(path),
            false => {}
        }
        if files.len() > MAX_FILES {
            return Err(Fault::caller(msg!("detect-folder-large", path = shown.as_str(), most = MAX_FILES)));
        }
    }
    Ok(())
}

/// Events that a file of rules is proven by: each of `match` makes one of its rules match, and none of `no_match` any. Where rules
/// of the file count others, an example is a list of events.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Examples {
    /// What must match.
    #[serde(rename = "match", default)]
    pub matching: Vec<Example>,
    /// What must not.
    #[serde(default)]
    pub no_match: Vec<Example>,
}

/// One event, or several in their order.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// Several.
    Events(Vec<Value>),
    /// One.
    Event(Value),
}

impl Example {
    /// Its events.
    pub fn events(&self) -> &[Value] {
        match self {
            Self::Events(events) => events,
            Self::Event(event) => std::slice::from_ref(event),
        }
    }
}

impl Examples {
    /// Each of our own files of rules, with its rules and its examples.
    ///
    /// # Errors
    /// A defect: a file of ours cannot be read.
    pub fn own() -> Result<Vec<(String, Rules, Self)>> {
        let files: BTreeMap<String, &str> = own_files().collect();
        let mut all = Vec::new();
        for (name, text) in files.iter().filter(|(name, _)| !name.ends_with(EVENTS)) {
            let mut rules = Rules::default();
            rules.take(name, text, &Origin::Own);
            rules.related();
            let events = name.replace(".yml", EVENTS);
            let defect = |why: String| Fault::broken(msg!("detect-rule-unreadable", file = events.as_str(), why = why));
            let text = files.get(&events).ok_or_else(|| defect("there is no such file".to_owned()))?;
            let examples = serde_saphyr::from_str(text).map_err(|error| defect(error.to_string()))?;
            all.push((name.clone(), rules, examples));
        }
        Ok(all)
    }
}
