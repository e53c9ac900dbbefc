//! What happens to files: they grow, are renamed, shortened, deleted, closed and found again.

use std::fs::{self, OpenOptions};
use std::io::Write;

use super::*;
use crate::config::Start;

/// A folder that is watched.
struct Folder {
    folder: tempfile::TempDir,
    watch: Watch,
    now: Instant,
}

impl Folder {
    fn new(pattern: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::new(&config(folder.path(), pattern), Cursors::new("db", [].into_iter()));
        Self { folder, watch, now: Instant::now() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// What comes of looking and reading until nothing does, some seconds later; and what is told.
    fn after(&mut self, seconds: u64) -> (Vec<String>, Vec<&'static str>) {
        self.now += Duration::from_secs(seconds);
        let Looked { mut told, .. } = self.watch.look(self.now);
        let mut events = Vec::new();
        loop {
            let read = self.watch.read(self.now);
            self.watch.durable(&read.cuts);
            told.extend(read.told);
            if read.cuts.is_empty() {
                let told = told.iter().map(|happening| happening.action).collect();
                return (events, told);
            }
            let texts = read.cuts.iter().flat_map(|cut| &cut.events);
            events.extend(texts.map(|event| String::from_utf8(event.to_vec()).unwrap()));
        }
    }

    fn events(&mut self, seconds: u64) -> Vec<String> {
        let (events, told) = self.after(seconds);
        assert!(told.is_empty(), "{told:?}");
        events
    }

    /// As after a kill and a new start.
    fn restart(&mut self, pattern: &str) {
        let cursors = std::mem::take(&mut self.watch.cursors);
        self.watch = Watch::new(&config(self.folder.path(), pattern), cursors);
    }
}

fn config(folder: &Path, pattern: &str) -> Files {
    Files {
        name: "db".to_owned(),
        paths: vec![folder.join(pattern).display().to_string()],
        exclude: vec!["*.bak".to_owned()],
        format: Format::Lines,
        start: Start::Beginning,
        source: None,
        stream: None,
    }
}

#[test]
fn a_renamed_file_is_read_to_its_end_before_the_new_one() {
    for pattern in ["audit.log", "audit.log*"] {
        let mut folder = Folder::new(pattern);
        assert!(folder.events(0).is_empty());
        folder.append("audit.log", "one\n");
        assert_eq!(folder.events(1), ["one"]);
        folder.append("audit.log", "two\nunen");
        fs::rename(folder.path("audit.log"), folder.path("audit.log.1")).unwrap();
        folder.append("audit.log", "four\n");
        assert_eq!(folder.events(1), ["two"], "{pattern}: the new one waits");
        folder.append("audit.log.1", "ded");
        assert!(folder.events(1).is_empty());
        folder.append("audit.log.1", "\n");
        assert_eq!(folder.events(1), ["unended", "four"]);
        folder.append("audit.log.1", "late\n");
        assert_eq!(folder.events(30), ["late"], "whoever writes may not know yet that it was renamed");
        folder.append("audit.log.1.gz", "compressed\n");
        fs::remove_file(folder.path("audit.log.1")).unwrap();
        assert!(folder.events(1).is_empty());
        assert!(folder.events(61).is_empty());
        assert_eq!(folder.watch.files.len(), 1, "{pattern}: what is gone is let go");
        folder.restart(pattern);
        folder.append("audit.log", "five\n");
        assert_eq!(folder.events(1), ["five"]);
    }
}

#[test]
fn a_line_without_an_end_of_a_rotated_file_holds_nothing_up_for_long() {
    let mut folder = Folder::new("audit.log");
    folder.append("audit.log", "unended");
    assert!(folder.events(1).is_empty());
    fs::rename(folder.path("audit.log"), folder.path("audit.log.1")).unwrap();
    folder.append("audit.log", "next\n");
    assert!(folder.events(1).is_empty());
    assert_eq!(folder.events(5), ["unended", "next"]);
}

#[test]
fn a_deleted_file_is_read_to_its_end() {
    let mut folder = Folder::new("*.log");
    folder.append("a.log", "one\n");
    assert_eq!(folder.events(1), ["one"]);
    folder.append("a.log", "two\n");
    fs::remove_file(folder.path("a.log")).unwrap();
    folder.append("a.log", "three\n");
    assert_eq!(folder.events(1), ["two", "three"]);
}

#[test]
fn a_file_that_is_written_anew_is_read_anew_and_it_is_told() {
    let mut folder = Folder::new("*.log");
    folder.append("a.log", "head\none\ntwo\n");
    assert_eq!(folder.events(1), ["head", "one", "two"]);
    fs::write(folder.path("a.log"), "head\n").unwrap();
    assert_eq!(folder.after(1), (vec!["head".to_owned()], vec!["files.shortened"]));
    fs::write(folder.path("a.log"), "other and longer than before\n").unwrap();
    assert_eq!(folder.after(1), (vec!["other and longer than before".to_owned()], vec!["files.shortened"]));
    folder.restart("*.log");
    assert!(folder.events(1).is_empty());
    fs::write(folder.path("a.log"), "").unwrap();
    assert_eq!(folder.after(1).1, ["files.shortened"]);
    folder.append("a.log", "other and longer than before\n");
    assert_eq!(folder.events(1), ["other and longer than before"], "two equal lines are two events");
    folder.restart("*.log");
    folder.append("a.log", "more\n");
    assert_eq!(folder.events(1), ["more"]);
}

#[test]
fn what_grows_while_nobody_looks_is_read_once() {
    let mut folder = Folder::new("*.log");
    let mut expected = Vec::new();
    for round in 0..20 {
        for file in ["a.log", "b.log"] {
            let line = format!("{file} {round}");
            folder.append(file, &format!("{line}\n"));
            expected.push(line);
        }
        folder.append("c.log", "half");
        if round % 3 == 0 {
            folder.restart("*.log");
        }
        assert_eq!(folder.events(1), expected.split_off(0), "round {round}");
        folder.watch.files.iter_mut().for_each(Watched::close);
    }
}

#[test]
fn reading_may_begin_behind_the_last_line() {
    let mut folder = Folder::new("*.log");
    folder.append("a.log", "old\nolder\nha");
    folder.append("b.log", "no line");
    folder.watch.look(folder.now);
    let skipped = folder.watch.skip(folder.now);
    assert_eq!(skipped.iter().map(|one| one.sequence).collect::<Vec<_>>(), [10]);
    skipped.iter().for_each(|one| folder.watch.cursors.done(one));
    folder.restart("*.log");
    folder.append("a.log", "lf\nnew\n");
    folder.append("b.log", " yet\n");
    let mut events = folder.events(1);
    events.sort();
    assert_eq!(events, ["half", "new", "no line yet"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told_once_and_tried_again() {
    let mut folder = Folder::new("*.log");
    std::os::unix::fs::symlink(folder.path("a.log"), folder.path("a.log")).unwrap(); // it leads to itself
    folder.append("b.log", "one\n");
    assert_eq!(folder.after(1), (vec!["one".to_owned()], vec!["files.unreadable"]));
    assert!(folder.events(10).is_empty());
    fs::remove_file(folder.path("a.log")).unwrap();
    folder.append("a.log", "two\n");
    assert_eq!(folder.events(10), ["two"]);
    assert!(folder.watch.failing.is_empty());
}

#[test]
fn what_is_long_is_read_in_turns_and_called_by_its_place() {
    let mut folder = Folder::new("*.log");
    let text: String = (0..400_000).map(|n| format!("line {n:09}\n")).collect();
    folder.append("a.log", &text);
    folder.append("b.log", "short\n");
    folder.watch.look(folder.now);
    let (mut ids, mut cuts) = (HashSet::new(), Vec::new());
    loop {
        let read = folder.watch.read(folder.now);
        let bytes: usize = read.cuts.iter().flat_map(|cut| &cut.events).map(|event| event.len()).sum();
        assert!(bytes < TOGETHER + (2 << 20));
        assert!(read.cuts.iter().all(|cut| cut.events.len() < 100_000 && ids.insert(cut.id.clone())));
        folder.watch.durable(&read.cuts);
        if read.cuts.is_empty() {
            break;
        }
        cuts.extend(read.cuts);
    }
    assert_eq!(cuts.iter().map(|cut| cut.events.len()).sum::<usize>(), 400_001);
    assert!(ids.iter().any(|id| id.ends_with(":0") && id.contains("/a.log:")), "{ids:?}");
    assert_eq!(folder.watch.counts(), (2, 0));
    assert_eq!(cuts.iter().find(|cut| cut.path.ends_with("b.log")).unwrap().cursor.sequence, 6);
}

#[test]
fn of_very_many_files_some_are_open() {
    let mut folder = Folder::new("*.log");
    let all: Vec<String> = (0..MAX_OPEN + 50).map(|n| format!("{n:03}")).collect();
    for round in 0..3 {
        all.iter().for_each(|name| folder.append(&format!("{name}.log"), &format!("{name} {round}\n")));
        let mut events = folder.events(1);
        events.sort();
        assert_eq!(events, all.iter().map(|name| format!("{name} {round}")).collect::<Vec<_>>());
        assert!(folder.watch.files.iter().filter(|file| file.is_open()).count() <= MAX_OPEN);
    }
    assert_eq!(folder.watch.counts(), (all.len(), 0));
}
