//! Manifests of Kubernetes and values of Helm: roles, the audit policy, Falco. What else stands in them is passed over.

use shoseki_messages::{Message, msg};

use super::seen::{Place, Seen};
use super::tree::Node;
use super::yaml;
use crate::audit_policy;
use crate::checks::Finding;
use crate::settings::{AuditPolicy, Fact, Falco, KubernetesRole, KubernetesRule};

/// How many audit policies are evaluated.
const MOST_POLICIES: usize = 100;
/// How deep lists of manifests may stand in lists.
const DEEPEST: usize = 4;

/// Whether a document is one of ours: a manifest, or values of Falco's chart.
pub(crate) fn is_manifest(node: &Node) -> bool {
    (node.text_at("apiVersion").is_some() && node.text_at("kind").is_some()) || falco_values(node).is_some()
}

/// Reads a document of a file.
pub(crate) fn read(path: &str, text: &str, node: &Node, seen: &mut Seen) {
    document(path, text, node, seen, 0);
}

fn document(path: &str, text: &str, node: &Node, seen: &mut Seen, depth: usize) {
    seen.count += 1;
    if !seen.has_room() {
        return seen.is_cut(path, node.line);
    }
    let at = |address| Place { address, path, line: node.line, doubt: None };
    let kind = node.text_at("kind").unwrap_or_default();
    let group = node.text_at("apiVersion").unwrap_or_default();
    match kind {
        "List" if depth < DEEPEST => {
            for one in node.get("items").map(Node::items).unwrap_or_default() {
                document(path, text, one, seen, depth + 1);
            }
        }
        "ClusterRole" | "Role" if group.starts_with("rbac.authorization.k8s.io/") => {
            seen.resource(&at(&name(node, kind)), &Fact::Absent, role(node, kind == "ClusterRole"));
        }
        "ClusterRoleBinding" | "RoleBinding" if is_of_administrators(node) => {
            let all = vec!["*".to_owned()];
            let rule = KubernetesRule { groups: all.clone(), resources: all.clone(), verbs: all, names: Vec::new() };
            let rules = Fact::Known(vec![rule]);
            let role = KubernetesRole { is_cluster: kind == "ClusterRoleBinding", rules };
            seen.resource(&at(&name(node, kind)), &Fact::Absent, role);
        }
        "Policy" if group.starts_with("audit.k8s.io/") => {
            let found = audit_findings(path, text, node.line, seen);
            seen.resource(&at("audit.k8s.io/Policy"), &Fact::Absent, AuditPolicy { found });
        }
        "ConfigMap" => {
            let Some(said) = node.path(&["data", "falco.yaml"]).and_then(Node::text) else { return };
            match yaml::read(said) {
                // Falco takes the first document.
                Ok(all) => {
                    if let Some(first) = all.first() {
                        seen.resource(&at(&name(node, kind)), &Fact::Absent, falco(first, None));
                    }
                }
                Err(broken) => seen.problem(path, node.line, msg!("iac-no-falco", what = broken.what)),
            }
        }
        _ => {
            if let Some((values, sidekick)) = falco_values(node) {
                seen.resource(&at("falco"), &Fact::Absent, falco(values, sidekick));
            }
        }
    }
}

/// What the evaluation of an audit policy finds. An API server takes one: of very many, the rest is not evaluated.
fn audit_findings(path: &str, text: &str, line: u32, seen: &mut Seen) -> Vec<(&'static str, Vec<Finding>)> {
    let unread = |what: Message| vec![(audit_policy::CHECKS[0].0, vec![Finding::no_evidence("Policy", what)])];
    seen.policies += 1;
    if seen.policies > MOST_POLICIES {
        return unread(msg!("iac-too-much"));
    }
    match audit_policy::judge(path, document_text(text, line)) {
        Ok(report) => report.findings,
        Err(fault) => unread(fault.message().clone()),
    }
}

/// `ClusterRole/name`, `Role/namespace/name`.
fn name(node: &Node, kind: &str) -> String {
    let of = |name: &str| node.path(&["metadata", name]).and_then(Node::text);
    let namespace = of("namespace").map(|name| format!("{name}/")).unwrap_or_default();
    format!("{kind}/{namespace}{}", of("name").or_else(|| of("generateName")).unwrap_or_default())
}

/// Whether a binding gives the role that comes with every cluster and may do everything.
fn is_of_administrators(node: &Node) -> bool {
    let of = |name: &str| node.path(&["roleRef", name]).and_then(Node::text);
    of("kind") == Some("ClusterRole") && of("name") == Some("cluster-admin")
}

fn role(node: &Node, is_cluster: bool) -> KubernetesRole {
    let rule = |rule: &Node| KubernetesRule {
        groups: rule.texts_at("apiGroups"),
        resources: rule.texts_at("resources"),
        verbs: rule.texts_at("verbs"),
        names: rule.texts_at("resourceNames"),
    };
    let rules = Fact::from(node.get("rules").map(|all| all.items().iter().map(rule).collect::<Vec<_>>()));
    // Of a role that is put together of others, its file says nothing.
    let is_open = |all: &[String]| all.iter().any(|one| one.contains("{{"));
    let is_filled = |rule: &KubernetesRule| {
        ![&rule.groups, &rule.resources, &rule.verbs, &rule.names].into_iter().any(|all| is_open(all))
    };
    let is_whole = |rules: &Fact<Vec<KubernetesRule>>| rules.known().is_none_or(|all| all.iter().all(is_filled));
    let rules = match node.get("aggregationRule") {
        None if !is_whole(&rules) => Fact::Unknown(msg!("iac-helm-template")),
        Some(_) => Fact::Unknown(msg!("iac-not-in-code", name = "aggregationRule")),
        None => rules,
    };
    KubernetesRole { is_cluster, rules }
}

/// The text of the document that stands on a line: the API server takes one a file.
fn document_text(text: &str, line: u32) -> &str {
    let (mut from, mut to, mut at) = (0, text.len(), 0);
    for (index, one) in text.split_inclusive('\n').enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let is_border = one.starts_with("---");
        if is_border && number < line {
            from = at + one.len();
        } else if is_border && number > line {
            to = at;
            break;
        }
        at += one.len();
    }
    text.get(from..to).unwrap_or(text)
}

/// Falco's own configuration and falcosidekick's, in values of its chart, of a chart that has it within, of a release of Flux, or in
/// `falco.yaml` itself.
fn falco_values(node: &Node) -> Option<(&Node, Option<&Node>)> {
    let is_falco = |node: &&Node| {
        ["json_output", "http_output", "rules_files", "rules_file", "stdout_output", "program_output"]
            .iter()
            .any(|name| node.get(name).is_some())
    };
    if node.text_at("kind") == Some("HelmRelease") {
        let is_it = node.path(&["spec", "chart", "spec", "chart"]).and_then(Node::text) == Some("falco");
        return falco_values(node.path(&["spec", "values"]).filter(|_| is_it)?);
    }
    if node.text_at("kind").is_some() {
        return None;
    }
    if is_falco(&node) {
        return Some((node, None));
    }
    let outer = node.get("falco")?;
    let inner = outer.get("falco").filter(is_falco);
    match inner {
        Some(inner) => Some((inner, outer.get("falcosidekick"))),
        None => Some(outer)
            .filter(|outer| is_falco(outer) || node.get("falcosidekick").is_some())
            .map(|outer| (outer, node.get("falcosidekick"))),
    }
}

fn falco(values: &Node, sidekick: Option<&Node>) -> Falco {
    let is = |node: Option<&Node>| Fact::from(node.and_then(Node::is));
    let has_sidekick = is(sidekick.and_then(|one| one.get("enabled")));
    // The chart makes alerts JSON, and posts them, where falcosidekick is on.
    let is_json = if has_sidekick == Fact::Known(true) { Fact::Known(true) } else { is(values.get("json_output")) };
    Falco { is_json, posts: is(values.path(&["http_output", "enabled"])), has_sidekick }
}
