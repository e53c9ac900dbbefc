//! What our rules find of attacks that others recorded, and what they make of what is harmless: by the rule that must find it
//! (`recall/expected.txt`), with how many there are of each. `docs/recall.md` and `docs/ja/recall.md` have the tables, and are held
//! to what is found; `UPDATE_EXPECT=1` writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use site::Site;

const EXPECTED: &str = include_str!("recall/expected.txt");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn data(folder: &str) -> Option<PathBuf> {
    let folder = Path::new(ROOT).join("../shared/data").join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: what rules find of others' events needs ../shared/data");
    None
}

/// The rules that must find what is named so, of a part of the list.
fn expected(part: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = EXPECTED.split_once(&format!("[{part}]\n")).unwrap().1;
    let lines = text.lines().take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty());
    let one = |line: &str| {
        let (name, rules) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
        let rules = rules.split(' ').filter(|rule| *rule != "-").map(str::to_owned);
        (name.to_owned(), rules.collect())
    };
    lines.map(one).collect()
}

/// The names of our rules' files for a source, by the ids in them.
fn names(source: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("rules").join(source)).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".yml").map(str::to_owned) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
        names.extend(ids.filter(|_| !name.ends_with(".events")).map(|id| (id.to_owned(), name.clone())));
    }
    names
}

/// What was found in files.
#[derive(Default)]
struct Found {
    /// How many events each file has.
    events: BTreeMap<String, usize>,
    /// The rules that match in it.
    rules: BTreeMap<String, BTreeSet<String>>,
    /// All matches, by their level.
    levels: BTreeMap<String, usize>,
}

fn found(source: &str, files: &[PathBuf]) -> Found {
    let (site, names) = (Site::with_vault(&[]), names(source));
    let paths: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let taken = site.run(&[&["ingest", source][..], &paths].concat());
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let rows = site.run(&["query", "fields @ptr, @origin | limit 100000", "-o", "jsonl"]);
    let (mut found, mut origins) = (Found::default(), BTreeMap::new());
    for line in rows.out.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let file = name_of(Path::new(row["@origin"].as_str().unwrap()));
        *found.events.entry(file.clone()).or_default() += 1;
        origins.insert(row["@ptr"].as_str().unwrap().to_owned(), file);
    }
    let answer = site.run(&["detect", "--json"]);
    let report: Value = serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    for one in report["matches"].as_array().unwrap() {
        *found.levels.entry(one["level"].as_str().unwrap().to_owned()).or_default() += 1;
        let rule = &names[one["rule"].as_str().unwrap()];
        for record in one["records"].as_array().unwrap() {
            let file = origins[record.as_str().unwrap()].clone();
            found.rules.entry(file).or_default().insert(rule.clone());
        }
    }
    found
}

impl Found {
    /// The rules that match in a file: those of the expected ones, and others.
    fn of(&self, file: &str, expected: &BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        let rules = self.rules.get(file).cloned().unwrap_or_default();
        rules.into_iter().partition(|rule| expected.contains(rule))
    }

    fn matches(&self) -> usize {
        self.levels.values().sum()
    }

    /// Those that people are told of.
    fn told(&self) -> usize {
        ["medium", "high", "critical"].iter().filter_map(|level| self.levels.get(*level)).sum()
    }
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path, ending)),
            false if path.to_str().unwrap().ends_with(ending) => files.push(path),
            false => {}
        }
    }
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// How grave a label says that something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grave {
    Yes,
    /// Falco notes it (`INFO`).
    Noted,
    /// Nothing must be found.
    Harmless,
}

/// The labels that hold without lists of one's own (of images, users and namespaces that are allowed): the file, how grave it is, and
/// Falco's rule.
fn labels(text: &str) -> BTreeMap<String, (Grave, String)> {
    let mut labels = BTreeMap::new();
    for block in text.split("\n\n  ").skip(1) {
        let file = block.split_once("trace_files/k8s_audit/").map(|(_, rest)| rest);
        let file = file.and_then(|rest| rest.split_whitespace().next()).and_then(|file| file.strip_suffix(".json"));
        let Some(file) = file else { continue };
        let has_list = ["/allow_", "/trust_", "disallow_namespace"].iter().any(|list| block.contains(list));
        if has_list || block.starts_with("json_pointer") {
            continue; // a list, or a rule of the label's own
        }
        let rule = block.split_once("detect_counts:").and_then(|(_, rest)| rest.split_once("- ")?.1.lines().next());
        let rule = rule.and_then(|rule| rule.rsplit_once(':')).map(|(rule, _)| rule.to_owned()).unwrap_or_default();
        let label = match (block.contains("detect: True"), block.contains("detect_level: INFO")) {
            (true, false) => Grave::Yes,
            (true, true) => Grave::Noted,
            (false, _) => Grave::Harmless,
        };
        labels.insert(file.to_owned(), (label, rule));
    }
    labels
}

/// Rows of a table, and how many of them were found, of how many.
#[derive(Default)]
struct Table {
    rows: Vec<String>,
    found: usize,
    all: usize,
    missed: Vec<String>,
}

fn list(rules: &BTreeSet<String>) -> String {
    match rules.is_empty() {
        true => "–".to_owned(),
        false => rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", "),
    }
}

impl Table {
    /// A row: what it is, its events, the expected rules, in how many of its files all of them match, and what else does.
    fn add(&mut self, name: &str, files: &[&String], expected: &BTreeSet<String>, found: &Found) {
        let (mut count, mut events, mut others) = (0, 0, BTreeSet::new());
        for file in files {
            let (by, more) = found.of(file, expected);
            events += found.events[*file];
            others.extend(more);
            match by.len() < expected.len() {
                true => self.missed.push((*file).clone()),
                false => count += 1,
            }
        }
        if !expected.is_empty() {
            (self.found, self.all) = (self.found + count, self.all + files.len());
        }
        let found = if expected.is_empty() { "–".to_owned() } else { format!("{count} / {}", files.len()) };
        self.rows.push(format!("| {name} | {events} | {} | {found} | {} |", list(expected), list(&others)));
    }
}

/// What was measured.
struct Measured {
    techniques: Table,
    grave: Table,
    noted: Table,
    /// Files and events of what is harmless, and the rules that match there all the same.
    harmless: (usize, usize, BTreeMap<String, BTreeSet<String>>),
    /// Without labels: the name, events, matches, and those that people are told of.
    load: Vec<(&'static str, usize, usize, usize)>,
}

fn measured() -> Option<Measured> {
    let (stratus, falco) = (data("cloudtrail/stratus")?, data("k8s-audit/falco")?);
    let (mut techniques, rules) = (Table::default(), expected("stratus"));
    let of_stratus = files(&stratus, ".json");
    let there = found("cloudtrail", &of_stratus);
    let names: BTreeSet<String> = of_stratus.iter().map(|file| name_of(file)).collect();
    assert_eq!(names, rules.keys().cloned().collect(), "each technique, and no other, has its rules in the list");
    names.iter().for_each(|name| techniques.add(&format!("`{name}`"), &[name], &rules[name], &there));

    let labels = labels(&std::fs::read_to_string(falco.join("labels.yaml")).unwrap());
    let of_falco: Vec<PathBuf> =
        files(&falco, ".json").into_iter().filter(|file| labels.contains_key(&name_of(file))).collect();
    let (there, rules) = (found("k8s-audit", &of_falco), expected("falco"));
    let of = |label: Grave| {
        let mut by_rule: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
        for (file, (grave, rule)) in labels.iter().filter(|(file, _)| there.events.contains_key(*file)) {
            if *grave == label {
                by_rule.entry(rule).or_default().push(file);
            }
        }
        by_rule
    };
    let [grave, noted] = [Grave::Yes, Grave::Noted].map(|label| {
        let mut table = Table::default();
        of(label).iter().for_each(|(rule, files)| table.add(rule, files, &rules[*rule], &there));
        table
    });
    let known: BTreeSet<&String> =
        [Grave::Yes, Grave::Noted].into_iter().flat_map(|label| of(label).into_keys()).collect();
    assert_eq!(known, rules.keys().collect(), "each of Falco's rules, and no other, has ours in the list");
    let harmless: Vec<&String> = of(Grave::Harmless).into_values().flatten().collect();
    let events = harmless.iter().map(|file| there.events[*file]).sum();
    let alarms = harmless.iter().filter_map(|file| Some(((*file).clone(), there.rules.get(*file)?.clone()))).collect();
    let harmless = (harmless.len(), events, alarms);
    let load = |name: &'static str, source: &str, folder: &str, ending: &str| {
        let found = found(source, &files(&data(folder)?, ending));
        Some((name, found.events.values().sum(), found.matches(), found.told()))
    };
    let load = [
        load("invictus", "cloudtrail", "cloudtrail/invictus", ".gz")?,
        load("kube-apiserver", "k8s-audit", "k8s-audit/apiserver", ".gz")?,
    ];
    assert!(load.iter().all(|(_, events, ..)| *events > 1_000), "{load:?}");
    Some(Measured { techniques, grave, noted, harmless, load: load.into() })
}

/// The tables of a page.
fn page(measured: &Measured, is_japanese: bool) -> String {
    let say = |en: &'static str, ja: &'static str| if is_japanese { ja } else { en };
    let mut page = String::new();
    let head = say(
        "| events | expected rule | found / files | other rules that match |",
        "| イベント | 検知すべきルール | 検知 / ファイル | ほかに一致したルール |",
    );
    let mut table = |title: &str, first: &str, table: &Table| {
        writeln!(
            page,
            "## {title}: {} / {}\n\n| {first} {head}\n| --- | --- | --- | --- | --- |",
            table.found, table.all
        )
        .unwrap();
        writeln!(page, "{}\n", table.rows.join("\n")).unwrap();
        if !table.missed.is_empty() {
            let missed = table.missed.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ");
            writeln!(page, "{}{missed}\n", say("Missed: ", "検知しないもの: ")).unwrap();
        }
    };
    table(
        say("Techniques of Stratus Red Team", "Stratus Red Team の手口"),
        say("technique", "手口"),
        &measured.techniques,
    );
    table(
        say("What Falco calls grave", "Falco が重大とするもの"),
        say("Falco's rule", "Falco のルール"),
        &measured.grave,
    );
    table(
        say("What Falco notes", "Falco が記録するだけのもの"),
        say("Falco's rule", "Falco のルール"),
        &measured.noted,
    );
    let (files, events, alarms) = &measured.harmless;
    writeln!(
        page,
        "## {}: {} / {files}\n\n{}\n",
        say("False alarms, of what Falco's labels call harmless", "誤検知 (Falco のラベルで無害なもの)"),
        alarms.len(),
        match alarms.is_empty() {
            true => format!("{} {files} {} {events} {}", say("No rule matches in any of the", "一致するルールは"), say("files of", "ファイル、"), say("events.", "イベントのどれにもありません。")),
            false => alarms.iter().map(|(file, rules)| format!("- `{file}`: {}", list(rules))).collect::<Vec<_>>().join("\n"),
        }
    )
    .unwrap();
    writeln!(
        page,
        "## {}\n\n| {} |\n| --- | --- | --- | --- |",
        say("Load, where there are no labels", "ラベルのないデータでの一致の数"),
        say(
            "recorded by | events | matches | of level `medium` or graver",
            "記録 | イベント | 一致 | うち `medium` 以上"
        ),
    )
    .unwrap();
    for (name, events, matches, told) in &measured.load {
        writeln!(page, "| {name} | {events} | {matches} | {told} |").unwrap();
    }
    page
}

/// Holds the end of a page, from the mark on, to what was measured.
fn hold(path: &str, measured: &Measured, is_japanese: bool) {
    const MARK: &str = "<!-- measured -->\n";
    let path = Path::new(ROOT).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, there) = text.split_once(MARK).unwrap_or_else(|| panic!("no mark in {}", path.display()));
    let page = format!("\n{}", page(measured, is_japanese));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return std::fs::write(&path, format!("{head}{MARK}{page}")).unwrap();
    }
    assert_eq!(there, page, "{}: UPDATE_EXPECT=1 writes it", path.display());
}

#[test]
fn what_is_expected_is_a_rule_of_ours() {
    for (part, source) in [("stratus", "cloudtrail"), ("falco", "k8s-audit")] {
        let known: BTreeSet<String> = names(source).into_values().collect();
        let all: BTreeSet<String> = expected(part).into_values().flatten().collect();
        let unknown: Vec<&String> = all.difference(&known).collect();
        assert!(!all.is_empty() && unknown.is_empty(), "{part}: {unknown:?}");
    }
}

#[test]
fn the_tables_say_what_is_found_and_what_is_not() {
    let Some(measured) = measured() else { return };
    assert_eq!((measured.techniques.missed.clone(), measured.techniques.all), (Vec::new(), 35));
    // Controllers make pods in kube-system all the time.
    assert_eq!(measured.grave.missed, ["create_pod_kube_system_namespace"]);
    assert!(measured.grave.all >= 20 && measured.noted.missed.is_empty(), "{:?}", measured.noted.missed);
    let (files, events, alarms) = &measured.harmless;
    assert!(*files >= 5 && events >= files && alarms.is_empty(), "{alarms:?}");
    // What the guides say in short is the same.
    let (files, grave, techniques) = (*files, &measured.grave, &measured.techniques);
    for (path, counts) in [
        (
            "docs/guide/detect.md",
            [(techniques.found, techniques.all), (grave.found, grave.all), (0, files)]
                .map(|(found, all)| format!("{found} of {all} |")),
        ),
        (
            "docs/ja/guide/detect.md",
            [(techniques.found, techniques.all), (grave.found, grave.all), (0, files)]
                .map(|(found, all)| format!("{all} 件中 {found} 件 |")),
        ),
    ] {
        let text = std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
        counts.iter().for_each(|count| assert!(text.contains(count), "{path} does not say {count}"));
    }
    hold("docs/recall.md", &measured, false);
    hold("docs/ja/recall.md", &measured, true);
}
