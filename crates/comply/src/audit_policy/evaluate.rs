//! What a policy records of a request: the first rule that matches decides, as `audit/policy/checker.go` of the API server has it.

use super::policy::{Level, Policy, Resources, Rule};

/// A request, as rules see it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Who asks.
    pub user: String,
    /// The groups that he is in.
    pub groups: Vec<String>,
    /// `get`, `create`, `deletecollection` …
    pub verb: String,
    /// The namespace; empty where the resource has none.
    pub namespace: String,
    /// The API group; empty for the core.
    pub group: String,
    /// The resource; empty where the request is about none.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The object's name; empty where the request names none, as in `list` and `create`.
    pub name: String,
    /// The path, where the request is about no resource.
    pub path: String,
}

/// What is recorded of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// How much; nothing where all stages are left out.
    pub level: Level,
    /// Whether what came of it is recorded: the stage `ResponseComplete`.
    pub has_outcome: bool,
    /// The rule that decided, counted from 1; none where no rule matches.
    pub rule: Option<usize>,
}

impl Policy {
    /// What is recorded of a request. Where no rule matches, nothing is.
    pub fn recorded(&self, request: &Request) -> Recorded {
        let decided = self.rules.iter().enumerate().find(|(_, rule)| rule.matches(request));
        let Some((index, rule)) = decided else {
            return Recorded { level: Level::None, has_outcome: false, rule: None };
        };
        let is_kept = |stage: &str| !rule.omit_stages.iter().any(|omitted| omitted == stage);
        let is_any = ["RequestReceived", "ResponseStarted", "ResponseComplete"].iter().any(|stage| is_kept(stage));
        let level = if is_any { rule.level } else { Level::None };
        Recorded { level, has_outcome: level > Level::None && is_kept("ResponseComplete"), rule: Some(index + 1) }
    }
}

impl Rule {
    /// Whether it matches a request.
    pub fn matches(&self, request: &Request) -> bool {
        let is_of = |list: &[String], value: &str| list.is_empty() || list.iter().any(|known| known == value);
        let is_in_group = || self.groups.is_empty() || request.groups.iter().any(|group| self.groups.contains(group));
        if !is_of(&self.users, &request.user) || !is_in_group() || !is_of(&self.verbs, &request.verb) {
            return false;
        }
        let is_about_resource = !request.resource.is_empty();
        if !self.namespaces.is_empty() || !self.resources.is_empty() {
            let is_there = is_about_resource && is_of(&self.namespaces, &request.namespace);
            return is_there && (self.resources.is_empty() || self.resources.iter().any(|one| one.match_(request)));
        }
        if !self.urls.is_empty() {
            return !is_about_resource && self.urls.iter().any(|url| is_path(&request.path, url));
        }
        true
    }
}

/// A path: any, the same, or one that begins so.
fn is_path(path: &str, url: &str) -> bool {
    url == "*" || url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
}

impl Resources {
    fn match_(&self, request: &Request) -> bool {
        if self.group != request.group {
            return false;
        }
        if self.resources.is_empty() {
            return true;
        }
        if !self.names.is_empty() && !self.names.contains(&request.name) {
            return false;
        }
        let whole = match request.subresource.as_str() {
            "" => request.resource.clone(),
            subresource => format!("{}/{subresource}", request.resource),
        };
        self.resources.iter().any(|one| {
            let of_any = one.strip_prefix("*/").is_some_and(|sub| !sub.is_empty() && sub == request.subresource);
            let any_of = one.strip_suffix("/*").is_some_and(|resource| resource == request.resource);
            *one == whole || one == "*" || of_any || any_of
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::read;
    use super::*;

    fn rule(text: &str) -> Rule {
        let policy = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  {text}\n");
        let read = read("policy", &policy).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert!(read.refused.is_empty() && read.ignored.is_empty(), "{text}: {read:?}");
        read.policy.rules[0].clone()
    }

    fn request(what: &str) -> Request {
        let mut parts = what.split('/');
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Request {
            user: "tim@k8s.io".to_owned(),
            groups: vec!["humans".to_owned(), "developers".to_owned()],
            verb: "get".to_owned(),
            namespace: "default".to_owned(),
            resource: part(parts.next()),
            subresource: part(parts.next()),
            name: "busybox".to_owned(),
            ..Request::default()
        }
    }

    /// The cases of the API server's own tests, and those that its code decides.
    #[test]
    fn rules_match_as_in_the_api_server() {
        for (text, what, matches) in [
            ("verbs: []", "pods", true),
            ("users: ['tim@k8s.io']", "pods", true),
            ("users: [\"humans\"]", "pods", false),
            ("userGroups: [developers]", "pods", true),
            ("userGroups: [admins]", "pods", false),
            ("verbs: [get]", "pods", true),
            ("verbs: [list]", "pods", false),
            ("namespaces: [default]", "pods", true),
            ("namespaces: [kube-system]", "pods", false),
            ("resources: [{group: ''}]", "pods/log", true),
            ("resources: [{group: apps}]", "pods", false),
            ("resources: [{resources: [pods]}]", "pods", true),
            ("resources: [{resources: [pods]}]", "pods/log", false),
            ("resources: [{resources: ['pods/log']}]", "pods/log", true),
            ("resources: [{resources: ['pods/*']}]", "pods/exec", true),
            ("resources: [{resources: ['pods/*']}]", "pods", true),
            ("resources: [{resources: ['*/log']}]", "pods/log", true),
            ("resources: [{resources: ['*/log']}]", "pods", false),
            ("resources: [{resources: ['*']}]", "pods/exec", true),
            ("resources: [{resources: [pods], resourceNames: [busybox]}]", "pods", true),
            ("resources: [{resources: [pods], resourceNames: [other]}]", "pods", false),
            ("nonResourceURLs: ['/healthz*']", "pods", false),
        ] {
            assert_eq!(rule(text).matches(&request(what)), matches, "{text} {what}");
        }
        let path = |path: &str| Request { path: path.to_owned(), ..request("") };
        for (text, url, matches) in [
            ("nonResourceURLs: ['/healthz*']", "/healthz/etcd", true),
            ("nonResourceURLs: ['/healthz']", "/healthz/etcd", false),
            ("nonResourceURLs: ['*']", "/version", true),
            ("resources: [{group: ''}]", "/version", false),
            ("namespaces: ['']", "/version", false),
            ("verbs: [get]", "/version", true),
        ] {
            assert_eq!(rule(text).matches(&path(url)), matches, "{text} {url}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides_and_stages_are_left_out() {
        let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [a]\n\
                    - level: RequestResponse\n  resources: [{resources: [pods]}]\n  omitStages: [ResponseStarted, ResponseComplete]\n\
                    - level: Metadata\n";
        let policy = read("policy", text).map(|read| read.policy).unwrap_or_default();
        let of = |user: &str, what: &str| {
            let recorded = policy.recorded(&Request { user: user.to_owned(), ..request(what) });
            (recorded.level, recorded.has_outcome, recorded.rule)
        };
        assert_eq!(of("a", "pods"), (Level::None, false, Some(1)));
        assert_eq!(of("b", "pods"), (Level::None, false, Some(2)), "no stage is left");
        assert_eq!(of("b", "secrets"), (Level::Metadata, true, Some(3)));
        assert_eq!(Policy::default().recorded(&request("pods")).rule, None);
    }
}
