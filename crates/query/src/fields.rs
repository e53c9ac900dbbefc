//! What a field's name means: a system field, an OCSF name, a native name that a source declares to be a column, or a
//! path of the raw JSON. They are asked in that order.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_segment::commit::Add;
use shoseki_sources::Source;

use crate::json::Path;
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
    let natives = shoseki_sources::SOURCES.iter().flat_map(|source| {
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

/// The native fields of the sources whose files are asked about.
pub(crate) fn natives(files: &[Add], selection: &Selection) -> Vec<Native> {
    let asked = files.iter().filter(|file| selection.open(file).is_some());
    let sources: BTreeSet<&str> =
        asked.flat_map(|file| &file.tags.segments).map(|segment| segment.source.as_str()).collect();
    let mut columns: BTreeMap<&str, Vec<(&'static str, &'static str)>> = BTreeMap::new();
    for source in shoseki_sources::SOURCES.iter().filter(|source| sources.contains(source.id())) {
        let own = source.fields().iter().chain([&STATUS].into_iter().filter(|_| !has(*source, STATUS.0)));
        // Of a record's key only the hash is a column: the key itself is read from the JSON.
        for (path, column) in own.filter(|(_, column)| shoseki_segment::schema::index_of(column).is_some()) {
            columns.entry(path).or_default().push((source.id(), column));
        }
    }
    let native = |(path, columns)| Native { column: native_column(path), path: Path::parse(path), columns };
    columns.into_iter().map(native).collect()
}
