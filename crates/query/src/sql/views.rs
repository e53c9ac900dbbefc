//! The views: what a source's events, and the events of an OCSF class, look like as a table.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use chrono_tz::Tz;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ident, lit, try_cast};
use datafusion::prelude::DataFrame;
use shoseki_insights::Field;
use shoseki_sources::{NativeKind, Source};

use crate::fields;
use crate::plan::pointer;
use crate::scan::native_column;
use crate::values::Value;

/// A view by its name and what its rows are.
pub(super) struct View {
    pub(super) name: String,
    rows: Rows,
}

enum Rows {
    Source(&'static dyn Source),
    Class(i32),
}

/// OCSF 1.8's classes, as far as audit evidence has them: `class_uid` and the name in its schema.
const CLASSES: &[(i32, &str)] = &[
    (0, "base_event"),
    (1001, "file_activity"),
    (1007, "process_activity"),
    (2001, "security_finding"),
    (2002, "vulnerability_finding"),
    (2003, "compliance_finding"),
    (2004, "detection_finding"),
    (2005, "incident_finding"),
    (3001, "account_change"),
    (3002, "authentication"),
    (3003, "authorize_session"),
    (3004, "entity_management"),
    (3005, "user_access"),
    (3006, "group_management"),
    (4001, "network_activity"),
    (4002, "http_activity"),
    (4003, "dns_activity"),
    (5001, "inventory_info"),
    (5002, "config_state"),
    (5023, "cloud_resources_inventory_info"),
    (6001, "web_resources_activity"),
    (6002, "application_lifecycle"),
    (6003, "api_activity"),
    (6004, "web_resource_access_activity"),
    (6005, "datastore_activity"),
    (6006, "file_hosting"),
];

/// A view for each source, and for each class that some source's events are of.
pub(super) fn all() -> Vec<View> {
    let of_source =
        |source: &'static dyn Source| View { name: source.id().replace('-', "_"), rows: Rows::Source(source) };
    let classes: BTreeSet<i32> = shoseki_sources::all().flat_map(|source| source.classes()).collect();
    let of_class = |uid: i32| {
        let name = CLASSES.iter().find(|(known, _)| *known == uid).map(|(_, name)| format!("ocsf_{name}"));
        View { name: name.unwrap_or_else(|| format!("ocsf_{uid}")), rows: Rows::Class(uid) }
    };
    shoseki_sources::all().map(of_source).chain(classes.into_iter().map(of_class)).collect()
}

/// The fields that the views of sources show: the table has a column for each.
pub(super) fn fields() -> Vec<Field> {
    let paths = shoseki_sources::all().flat_map(|source| {
        let declared = source.natives().iter().map(|(path, _)| *path);
        declared.chain(source.fields().iter().map(|(path, _)| *path))
    });
    paths.map(Field::bare).collect()
}

/// The table `events` as it is shown: where a record lies is one column, `@ptr`, as in the other language.
pub(super) fn events(events: &DataFrame) -> Result<DataFrame> {
    let is_shown = |name: &String| !["segment", "ordinal"].contains(&name.as_str()) && !name.contains(':');
    let names = events.schema().fields().iter().map(|field| field.name().clone()).filter(is_shown);
    let columns: Vec<Expr> = names.map(ident).chain([pointer().expr.alias("@ptr")]).collect();
    events.clone().select(columns)
}

impl View {
    /// What the view stands for.
    pub(super) fn plan(&self, events: &DataFrame, zone: Tz) -> Result<DataFrame> {
        match self.rows {
            Rows::Source(source) => of_source(source, events, zone),
            Rows::Class(uid) => of_class(uid, events),
        }
    }
}

fn of_source(source: &'static dyn Source, events: &DataFrame, zone: Tz) -> Result<DataFrame> {
    let is_of_source = ident("source").eq(lit(source.id())).and(ident("kind").eq(lit("event")));
    let mut columns = vec![ident("time"), ident("stream")];
    let declared = source.natives();
    let others = source.fields().iter().filter(|(path, _)| declared.iter().all(|(known, _)| known != path));
    let others = others.map(|(path, _)| (*path, NativeKind::Text));
    for (path, kind) in declared.iter().copied().chain(others) {
        if ["time", "stream", "raw"].contains(&path) {
            continue; // ours; the native one is in `raw`
        }
        columns.push(typed(ident(native_column(path)), kind, zone).alias(path));
    }
    columns.extend([ident("raw"), pointer().expr.alias("@ptr")]);
    events.clone().filter(is_of_source)?.select(columns)
}

/// A text of the JSON as what it is; what cannot be read as such is null.
fn typed(text: Expr, kind: NativeKind, zone: Tz) -> Expr {
    match kind {
        NativeKind::Text => text,
        NativeKind::Whole => try_cast(text, DataType::Int64),
        NativeKind::Boolean => try_cast(text, DataType::Boolean),
        NativeKind::Time => Value::text(text).as_time(zone),
    }
}

fn of_class(uid: i32, events: &DataFrame) -> Result<DataFrame> {
    let named = fields::OCSF.iter().map(|(name, column, _)| ident(*column).alias(*name));
    let mut columns = vec![ident("time")];
    columns.extend(named);
    let others = [
        ("status", "status"),
        ("source", "metadata.product.name"),
        ("stream", "metadata.log_name"),
        ("raw", "raw_data"),
    ];
    columns.extend(others.map(|(column, name)| ident(column).alias(name)));
    columns.push(pointer().expr.alias("@ptr"));
    let is_of_class = ident("class_uid").eq(lit(uid)).and(ident("kind").eq(lit("event")));
    events.clone().filter(is_of_class)?.select(columns)
}
