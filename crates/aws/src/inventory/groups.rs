//! What groups of RDS are called that a set-up makes. It asks about them before it writes to them: another database may have them.

use serde_json::Value;

/// What a group is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audited {
    /// Options of an instance.
    Options,
    /// Parameters of an instance.
    Parameters,
    /// Parameters of a cluster.
    ClusterParameters,
}

/// The first parts of a version: `8.0` of `8.0.35`.
fn version(version: &str, parts: usize) -> String {
    version.split('.').take(parts).collect::<Vec<_>>().join(".")
}

/// The family of parameters of an engine: `postgres16`, `aurora-mysql8.0`.
pub fn family(engine: &str, of: &str) -> String {
    let parts = if engine.ends_with("mysql") { 2 } else { 1 };
    format!("{engine}{}", version(of, parts))
}

/// The group with the settings of audit, of databases of an engine that have the default one.
pub fn audit_group(name: &str, of: Audited, engine: &str, of_version: &str) -> String {
    let rest = match of {
        Audited::Options => format!("{engine}-{}", version(of_version, 2)),
        Audited::Parameters | Audited::ClusterParameters => family(engine, of_version),
    };
    format!("{name}-{}-audit", rest.replace('.', "-"))
}

/// The group that a set-up would give a database.
pub(super) fn group_of(name: &str, database: &Value, is_cluster: bool) -> Option<(Audited, String)> {
    let text = |name: &str| database.get(name).and_then(Value::as_str);
    let (engine, version) = (text("Engine")?, text("EngineVersion").unwrap_or_default());
    let of = match (engine, is_cluster) {
        ("mysql" | "mariadb", false) => Audited::Options,
        ("postgres", false) => Audited::Parameters,
        ("postgres" | "aurora-mysql" | "aurora-postgresql", true) => Audited::ClusterParameters,
        _ => return None,
    };
    Some((of, audit_group(name, of, engine, version)))
}
