//! What a field's name means: a system field, an OCSF name, a native name that a source declares to be a column, or a
//! path of the raw JSON. They are asked in that order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shoseki_insights::Field;
use shoseki_segment::commit::Add;
use shoseki_sources::Source;

use crate::json::{Path, Sightings};
use crate::scan::{Native, Selection, native_column};
use crate::values::Kind;

/// System fields and their columns. `@ptr` is made of two.
pub(crate) const SYSTEM: &[(&str, &str, Kind)] = &[
    ("@timestamp", "time", Kind::Time),
    ("@ingestionTime", "received", Kind::Time),
    ("@message", "raw", Kind::Bytes),
    ("@log", "stream", Kind::Text),
    ("@logStream", "stream", Kind::Text),
    // Ours: where a record came from and what it is.
    ("@source", "source", Kind::Text),
    ("@kind", "kind", Kind::Text),
    ("@origin", "origin", Kind::Text),
    ("@reason", "reason", Kind::Text),
    ("@timeOrigin", "time_origin", Kind::Text),
];

/// OCSF names and their columns. `status` is not among them: many events have a field of that name, so that it is the
/// column in the files of sources that we know, and their own field in others; see [`natives`].
pub(crate) const OCSF: &[(&str, &str, Kind)] = &[
    ("class_uid", "class_uid", Kind::Number),
    ("activity_id", "activity_id", Kind::Number),
    ("severity_id", "severity_id", Kind::Number),
    ("actor.user.name", "actor", Kind::Text),
    ("actor.user.type", "actor_type", Kind::Text),
    ("api.operation", "operation", Kind::Text),
    ("api.service.name", "service", Kind::Text),
    ("api.response.error", "error", Kind::Text),
    ("src_endpoint.ip", "src_ip", Kind::Text),
    ("cloud.account.uid", "account", Kind::Text),
    ("cloud.region", "region", Kind::Text),
    ("resources.0.name", "resource", Kind::Text),
];

/// The column of a system field or of an OCSF name.
pub(crate) fn column(name: &str) -> Option<(&'static str, Kind)> {
    let found = SYSTEM.iter().chain(OCSF).find(|(known, ..)| *known == name);
    found.map(|(_, column, kind)| (*column, *kind))
}

/// The names of fields that are known without looking at an event: system fields, OCSF's names, and what sources
/// declare. Each stands once.
pub fn names() -> Vec<&'static str> {
    let ours = SYSTEM.iter().chain(OCSF).map(|(name, ..)| *name).chain(["@ptr", STATUS.0]);
    let natives = shoseki_sources::all().flat_map(|source| {
        let fields = source.fields().iter().map(|(path, _)| *path);
        fields.chain(source.natives().iter().map(|(path, _)| *path))
    });
    let mut names: Vec<&'static str> = Vec::new();
    for name in ours.chain(natives) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// OCSF's `status` and its column.
const STATUS: (&str, &str) = ("status", "status");

fn has(source: &dyn Source, path: &str) -> bool {
    source.fields().iter().any(|(known, _)| *known == path)
}

/// A name that a query may ask a field by, and what is seen of the field while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    pub(crate) field: Field,
    pub(crate) sightings: Arc<Sightings>,
}

/// The native fields of the sources whose files are asked about, and those of `sought` that are nothing else: paths of the
/// JSON, each a column of the table, so that the scan reads them where they lie best.
pub(crate) fn natives(files: &[Add], selection: &Selection, sought: &[Sought]) -> Vec<Native> {
    let chosen = files.iter().filter(|file| selection.open(file).is_some());
    let sources: BTreeSet<&str> =
        chosen.flat_map(|file| &file.tags.segments).map(|segment| segment.source.as_str()).collect();
    let mut columns: BTreeMap<&str, Vec<(&'static str, &'static str)>> = BTreeMap::new();
    for source in shoseki_sources::all().filter(|source| sources.contains(source.id())) {
        let own = source.fields().iter().chain([&STATUS].into_iter().filter(|_| !has(source, STATUS.0)));
        // Of a record's key only the hash is a column: the key itself is read from the JSON.
        for (path, column) in own.filter(|(_, column)| shoseki_segment::schema::index_of(column).is_some()) {
            columns.entry(path).or_default().push((source.id(), column));
        }
    }
    let native =
        |(path, columns)| Native { column: native_column(path), path: Path::parse(path), columns, sightings: None };
    let mut natives: Vec<Native> = columns.into_iter().map(native).collect();
    for Sought { field, sightings } in sought {
        let (name, keys) = native_path(field);
        let whole = native_whole(field).map(|whole| (whole, vec![field.name()]));
        for (name, keys) in [(name, keys)].into_iter().chain(whole) {
            let known = native_column(&name);
            let is_other = name == "@ptr" || column(&field.name()).is_some();
            if !is_other && natives.iter().all(|native| native.column != known) {
                let sightings = Some(Arc::clone(sightings));
                natives.push(Native { column: known, path: Path::new(&keys), columns: Vec::new(), sightings });
            }
        }
    }
    natives
}

/// The name and the keys of a native field: one of the source itself that begins with `@` is called `@@…`. A key with a dot
/// stands in backticks in the name, so that no two paths have one name.
pub(crate) fn native_path(field: &Field) -> (String, Vec<String>) {
    let mut keys = field.keys();
    if let Some(first) = keys.first_mut().filter(|first| first.starts_with("@@")) {
        first.remove(0);
    }
    let shown = |key: &String| if key.contains('.') { format!("`{key}`") } else { key.clone() };
    (keys.iter().map(shown).collect::<Vec<_>>().join("."), keys)
}

/// The name of a field in backticks with a dot in it as one key: events may have it so, or nested.
pub(crate) fn native_whole(field: &Field) -> Option<String> {
    matches!(field.segments.as_slice(), [only] if only.name.contains('.')).then(|| format!("`{}`", field.name()))
}

/// What is seen of a field.
pub(crate) fn sightings<'s>(sought: &'s [Sought], field: &Field) -> Option<&'s Arc<Sightings>> {
    let (name, _) = native_path(field);
    sought.iter().find(|sought| native_path(&sought.field).0 == name).map(|sought| &sought.sightings)
}

/// The names of the sources, as `--source` takes them; our own too.
pub fn source_names() -> impl Iterator<Item = &'static str> {
    shoseki_sources::all().map(|source| source.id())
}
