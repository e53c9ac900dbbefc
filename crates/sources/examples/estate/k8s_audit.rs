//! How a Kubernetes audit event is written, and the cluster's ordinary day.

use std::path::PathBuf;

use super::File;
use super::random::Random;

/// A request to the API server.
pub struct Request {
    /// Seconds since midnight, UTC.
    pub time: u64,
    /// Who asked.
    pub user: &'static str,
    /// From where.
    pub address: &'static str,
    /// What was asked: `get`, `list`, …
    pub verb: &'static str,
    /// `resource`, `resource/subresource`.
    pub resource: &'static str,
    /// The namespace; empty for what has none.
    pub namespace: &'static str,
    /// The object's name; may be empty.
    pub name: String,
    /// The answer's HTTP status.
    pub code: u16,
    /// `requestObject` as JSON; may be empty.
    pub body: &'static str,
}

impl Request {
    /// A request that is answered with 200.
    pub fn new(time: u64, user: &'static str, verb: &'static str, resource: &'static str) -> Self {
        let address = if user.starts_with("system:") { "192.0.2.10" } else { super::office::OFFICE };
        Self { time, user, address, verb, resource, namespace: "", name: String::new(), code: 200, body: "" }
    }

    /// The same for an object.
    pub fn of(mut self, namespace: &'static str, name: impl Into<String>) -> Self {
        (self.namespace, self.name) = (namespace, name.into());
        self
    }

    fn json(&self, random: &mut Random) -> String {
        let Self { user, address, verb, namespace, name, code, .. } = self;
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        let group = match resource {
            "deployments" | "replicasets" => "apps",
            "leases" => "coordination.k8s.io",
            "roles" | "rolebindings" | "clusterrolebindings" => "rbac.authorization.k8s.io",
            "selfsubjectaccessreviews" | "selfsubjectrulesreviews" => "authorization.k8s.io",
            _ => "",
        };
        let mut uri = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
        let mut object = format!(r#"{{"resource":"{resource}""#);
        if !namespace.is_empty() {
            uri += &format!("/namespaces/{namespace}");
            object += &format!(r#","namespace":"{namespace}""#);
        }
        uri += &format!("/{resource}");
        if !name.is_empty() {
            uri += &format!("/{name}");
            object += &format!(r#","name":"{name}""#);
        }
        if !group.is_empty() {
            object += &format!(r#","apiGroup":"{group}""#);
        }
        object += r#","apiVersion":"v1""#;
        if !subresource.is_empty() {
            uri += &format!("/{subresource}");
            object += &format!(r#","subresource":"{subresource}""#);
        }
        object += "}";
        let (level, body) = match self.body {
            "" => ("Metadata", String::new()),
            body => ("RequestResponse", format!(r#","requestObject":{body}"#)),
        };
        let agent = match user.strip_prefix("system:") {
            None => "kubectl/v1.33.1 (linux/amd64)",
            Some(rest) => rest.rsplit(':').next().unwrap_or(rest),
        };
        let groups = if user.starts_with("system:node:") { r#""system:nodes","# } else { "" };
        let (status, decision) = match code {
            403 => (r#","status":"Failure","message":"forbidden","reason":"Forbidden""#, "forbid"),
            _ => ("", "allow"),
        };
        let clock = super::cloudtrail::clock(self.time);
        let time = clock.trim_end_matches('Z');
        let micros = random.below(900_000);
        let done = micros + 1 + random.below(90_000);
        let id = random.uuid();
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"{id}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"{user}","groups":[{groups}"system:authenticated"]}},"sourceIPs":["{address}"],"userAgent":"{agent}","objectRef":{object},"responseStatus":{{"metadata":{{}}{status},"code":{code}}}{body},"requestReceivedTimestamp":"{time}.{micros:06}Z","stageTimestamp":"{time}.{done:06}Z","annotations":{{"authorization.k8s.io/decision":"{decision}"}}}}"#
        )
    }
}

/// What machines and people ask of the cluster on any day.
pub fn routine(random: &mut Random) -> Vec<Request> {
    let mut requests = Vec::new();
    let node = "system:node:ip-192-0-2-41";
    let argo = "system:serviceaccount:argocd:application-controller";
    let secrets = "system:serviceaccount:shop:external-secrets";
    for start in (0..12 * 3600).step_by(1200) {
        let mut at = || start + random.below(1100);
        requests.push(Request::new(at(), node, "patch", "nodes/status").of("", "ip-192-0-2-41"));
        requests.push(Request::new(at(), "system:kube-scheduler", "get", "leases").of("kube-system", "kube-scheduler"));
        requests.push(Request::new(at(), argo, "list", "deployments").of("shop", ""));
        requests.push(Request::new(at(), argo, "get", "deployments").of("shop", "web"));
        requests.push(Request::new(at(), secrets, "get", "secrets").of("shop", "payment-api-key"));
    }
    for hour in [1, 3, 6, 9, 11] {
        let manager = "system:kube-controller-manager";
        let time = hour * 3600 + random.below(3000);
        requests.push(Request::new(time, manager, "update", "leases").of("kube-system", "kube-controller-manager"));
    }
    for minute in [44, 129, 194, 275, 349, 459, 534] {
        let time = minute * 60 + random.below(200);
        let replicas = "system:serviceaccount:kube-system:replicaset-controller";
        let pod = |random: &mut Random| format!("web-7c9d-{}", random.code(5).to_lowercase());
        requests.push(Request::new(time, argo, "patch", "deployments").of("shop", "web"));
        for after in [2, 3] {
            let mut create = Request::new(time + after, replicas, "create", "pods").of("shop", "");
            create.code = 201;
            requests.push(create);
        }
        requests.push(Request::new(time + 20, node, "get", "secrets").of("shop", "db-credentials"));
        if minute % 2 == 1 {
            requests.push(Request::new(time + 40, replicas, "delete", "pods").of("shop", pod(random)));
        }
    }
    for _ in 0..40 {
        let time = 2400 + random.below(9 * 3600);
        let user = *random.pick(&["aiko", "kenji", "haruto"]);
        let (verb, resource) =
            *random.pick(&[("list", "pods"), ("get", "pods/log"), ("list", "events"), ("get", "deployments")]);
        let name = if verb == "get" { "web" } else { "" };
        requests.push(Request::new(time, user, verb, resource).of("shop", name));
    }
    for minute in [165, 166] {
        let mut refused = Request::new(minute * 60, "kenji", "get", "secrets").of("shop", "db-credentials");
        refused.code = 403;
        requests.push(refused);
    }
    requests
}

/// The API server's log file.
pub fn file(mut requests: Vec<Request>, random: &mut Random) -> File {
    requests.sort_by_key(|request| request.time);
    let lines = requests.iter().map(|request| request.json(random) + "\n");
    (PathBuf::from("k8s-audit/audit.log"), lines.collect::<String>().into_bytes())
}
