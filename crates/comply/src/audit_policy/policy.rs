//! An audit policy of Kubernetes, `audit.k8s.io/v1`, as the API server reads it: what it refuses, and what it passes over.
//!
//! ```yaml
//! apiVersion: audit.k8s.io/v1
//! kind: Policy
//! omitStages: [RequestReceived]
//! rules:
//!   - level: Metadata
//!     resources:
//!       - group: ""
//!         resources: ["secrets", "pods/exec"]
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shoseki_messages::{Message, Result, msg};

use crate::yaml;

/// How much is recorded of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    #[default]
    None,
    /// Who, what, when, and what came of it.
    Metadata,
    /// The request's body too.
    Request,
    /// The response's body too.
    RequestResponse,
}

impl Level {
    /// Its name in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Metadata => "Metadata",
            Self::Request => "Request",
            Self::RequestResponse => "RequestResponse",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Metadata, Self::Request, Self::RequestResponse]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// The stages of a request, of which a policy may leave out some.
const STAGES: [&str; 4] = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];

type Others = BTreeMap<String, Value>;
type Texts = Option<Vec<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    api_version: Option<String>,
    kind: Option<String>,
    omit_stages: Texts,
    omit_managed_fields: Option<bool>,
    metadata: Option<Value>,
    rules: Option<Vec<RuleDocument>>,
    #[serde(flatten)]
    others: Others,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RuleDocument {
    level: Option<String>,
    users: Texts,
    user_groups: Texts,
    verbs: Texts,
    resources: Option<Vec<ResourcesDocument>>,
    namespaces: Texts,
    #[serde(rename = "nonResourceURLs")]
    non_resource_urls: Texts,
    omit_stages: Texts,
    omit_managed_fields: Option<bool>,
    #[serde(flatten)]
    others: Others,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ResourcesDocument {
    group: Option<String>,
    resources: Texts,
    resource_names: Texts,
    #[serde(flatten)]
    others: Others,
}

/// A policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The rules, in their order.
    pub rules: Vec<Rule>,
    /// Stages that are left out where no rule matches.
    pub omit_stages: Vec<String>,
}

/// A rule. What is empty matches everything.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// How much is recorded of what matches.
    pub level: Level,
    /// Names of users.
    pub users: Vec<String>,
    /// Groups, of which the user is in one.
    pub groups: Vec<String>,
    /// Verbs.
    pub verbs: Vec<String>,
    /// Resources.
    pub resources: Vec<Resources>,
    /// Namespaces; the empty one is that of what has none.
    pub namespaces: Vec<String>,
    /// Paths of requests that are about no resource.
    pub urls: Vec<String>,
    /// Stages that are left out, those of the policy included.
    pub omit_stages: Vec<String>,
}

/// Resources of a group.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// The API group; empty for the core.
    pub group: String,
    /// Resources, `pods/exec`, `pods/*`, `*/status`, `*`; all of the group where it is empty.
    pub resources: Vec<String>,
    /// Names of objects; any where it is empty.
    pub names: Vec<String>,
}

/// A policy that was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The policy, with what the API server would refuse left out.
    pub policy: Policy,
    /// Why the API server would not start with it.
    pub refused: Vec<Message>,
    /// What it passes over: fields that it does not know.
    pub ignored: Vec<String>,
}

/// Reads a policy.
///
/// # Errors
/// The caller's mistake: what is no YAML, or has other types than a policy.
pub fn read(name: &str, text: &str) -> Result<Read> {
    let document: Document = yaml::read(name, text)?;
    let mut read = Read::default();
    if document.api_version.as_deref() != Some("audit.k8s.io/v1") || document.kind.as_deref() != Some("Policy") {
        read.refused.push(msg!("comply-policy-kind"));
    }
    let all = document.omit_stages.unwrap_or_default();
    read.stages(&all);
    read.ignored.extend(document.others.into_keys());
    for (index, rule) in document.rules.unwrap_or_default().into_iter().enumerate() {
        let rule = read.rule(index + 1, rule, &all);
        read.policy.rules.push(rule);
    }
    read.policy.omit_stages = all;
    if read.policy.rules.is_empty() {
        read.refused.push(msg!("comply-policy-no-rules"));
    }
    Ok(read)
}

impl Read {
    fn stages(&mut self, stages: &[String]) {
        for stage in stages.iter().filter(|stage| !STAGES.contains(&stage.as_str())) {
            self.refused.push(msg!("comply-policy-stage", stage = stage, known = STAGES.join(", ")));
        }
    }

    fn rule(&mut self, number: usize, rule: RuleDocument, of_policy: &[String]) -> Rule {
        let level = rule.level.as_deref().unwrap_or_default();
        let known = Level::from_name(level);
        if known.is_none() {
            self.refused.push(msg!("comply-policy-level", rule = number, level = level));
        }
        let own_stages = rule.omit_stages.unwrap_or_default();
        self.stages(&own_stages);
        let prefix = |name: String| format!("rules[{number}].{name}");
        self.ignored.extend(rule.others.into_keys().map(prefix));
        let mut resources = Vec::new();
        for one in rule.resources.unwrap_or_default() {
            let prefix = |name: String| format!("rules[{number}].resources.{name}");
            self.ignored.extend(one.others.into_keys().map(prefix));
            resources.push(Resources {
                group: one.group.unwrap_or_default(),
                resources: one.resources.unwrap_or_default(),
                names: one.resource_names.unwrap_or_default(),
            });
        }
        let rule = Rule {
            level: known.unwrap_or_default(),
            users: rule.users.unwrap_or_default(),
            groups: rule.user_groups.unwrap_or_default(),
            verbs: rule.verbs.unwrap_or_default(),
            resources,
            namespaces: rule.namespaces.unwrap_or_default(),
            urls: rule.non_resource_urls.unwrap_or_default(),
            omit_stages: own_stages.into_iter().chain(of_policy.iter().cloned()).collect(),
        };
        self.whole(number, &rule);
        rule
    }

    /// What the API server refuses of a rule that has the right types.
    fn whole(&mut self, number: usize, rule: &Rule) {
        let is_about_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
        if is_about_resources && !rule.urls.is_empty() {
            self.refused.push(msg!("comply-policy-both", rule = number));
        }
        for url in rule.urls.iter().filter(|url| url.as_str() != "*") {
            let has_star_inside = url.char_indices().any(|(at, c)| c == '*' && at + 1 < url.len());
            if !url.starts_with('/') || has_star_inside {
                self.refused.push(msg!("comply-policy-url", rule = number, url = url));
            }
        }
        for one in &rule.resources {
            if !one.names.is_empty() && one.resources.is_empty() {
                self.refused.push(msg!("comply-policy-names", rule = number));
            }
            if !one.group.is_empty() && !is_subdomain(&one.group) {
                self.refused.push(msg!("comply-policy-group", rule = number, group = &one.group));
            }
        }
    }
}

/// Whether a text is a DNS subdomain, as the names of API groups are: without the version.
fn is_subdomain(text: &str) -> bool {
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(is_good) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
