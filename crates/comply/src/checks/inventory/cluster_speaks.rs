//! Each cluster of EKS speaks in the audit log of Kubernetes.
//!
//! An event does not name its cluster; its stream does, where it came by the log group (`k8s-audit/<fetcher>/aws/eks/<name>/cluster`),
//! or where it was named so (`k8s-audit/<name>`).

use shoseki_messages::msg;

use super::{Check, Habit, Heard, Kind, Listening, Severity, Speech, Status, namesakes, somewhere};
use crate::inventory::{QUERIES, Stream};
use crate::settings::Resource;

pub(in crate::checks) const CHECK: Check =
    Check::inventory("inventory_cluster_speaks", Severity::Critical, (&[Kind::Cluster], QUERIES), judge);

/// Its own controllers ask the API server all the time.
const HABIT: Habit = Habit::steady(24);

fn judge(at: &Listening<'_>) -> Vec<Speech> {
    at.resources(Kind::Cluster).filter_map(|resource| one(at, resource)).collect()
}

fn one(at: &Listening<'_>, resource: &Resource) -> Option<Speech> {
    let name = resource.cluster()?.name.known()?.as_str();
    let group = format!("aws/eks/{name}/cluster");
    let stream = somewhere("k8s-audit", &group);
    // What was heard before it was made was another of its name.
    let is_since = |heard: &Heard| resource.created.is_none_or(|created| heard.last >= created);
    let heard = at.spoken.heard(|stream| is_its(stream, name, &group)).filter(is_since);
    let count = namesakes(at, Kind::Cluster, name).max(log_groups(at, &group));
    let said = match &heard {
        Some(heard) if count > 1 => {
            (Status::NoEvidence, msg!("inventory-namesakes", count = count, stream = heard.stream.as_str()))
        }
        Some(heard) => HABIT.judged((&heard.stream, Some(heard)), resource.created, at.now),
        None => match nameless(at) {
            Some(nameless) => (Status::NoEvidence, msg!("inventory-nameless", streams = nameless)),
            None => HABIT.judged((&stream, None), resource.created, at.now),
        },
    };
    let stream = heard.as_ref().map_or(stream, |heard| heard.stream.clone());
    Some(Speech::of(resource, stream, said).hearing(heard.as_ref()))
}

/// How many log groups of a name speak, by different fetchers: they are of different accounts or regions.
fn log_groups(at: &Listening<'_>, group: &str) -> usize {
    let end = format!("/{group}");
    at.spoken.of_sources(&["k8s-audit"]).filter(|stream| stream.heard.stream.ends_with(&end)).count()
}

fn is_its(stream: &Stream, name: &str, group: &str) -> bool {
    let stream_name = stream.heard.stream.as_str();
    let rest = stream_name.strip_suffix(group);
    let is_by_group = rest.is_some_and(|rest| rest.ends_with('/'));
    let is_by_name = !stream_name.contains("/aws/eks/") && stream_name.rsplit('/').next() == Some(name);
    stream.source == "k8s-audit" && (is_by_group || is_by_name)
}

/// Streams of which it is not known whose they are: they name neither a log group nor a cluster that is here.
fn nameless(at: &Listening<'_>) -> Option<String> {
    let names: Vec<&str> =
        at.resources(Kind::Cluster).filter_map(|one| Some(one.cluster()?.name.known()?.as_str())).collect();
    let is_known = |stream: &&Stream| {
        let name = stream.heard.stream.as_str();
        name.contains("/aws/eks/") || names.iter().any(|known| name.rsplit('/').next() == Some(known))
    };
    let mut all: Vec<&str> = at
        .spoken
        .of_sources(&["k8s-audit"])
        .filter(|stream| !is_known(stream))
        .map(|stream| stream.heard.stream.as_str())
        .collect();
    all.sort_unstable();
    all.dedup();
    (!all.is_empty()).then(|| all.join(", "))
}
