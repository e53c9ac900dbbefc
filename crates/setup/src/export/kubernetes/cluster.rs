//! What a cluster needs that sends by itself: an audit policy and the webhook's kubeconfig for API servers that are one's own, and
//! Falco's values.
//!
//! The policy is made of what [`MATTERS`] asks for, which `shoseki check audit-policy` judges by: a request that matters there is
//! recorded here, and the bodies that it calls secret are not.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_comply::audit_policy::{Ask, MATTERS, Matter};

use crate::export::File;

/// Resources, by their API groups.
type Groups = BTreeMap<&'static str, BTreeSet<String>>;

/// What is not recorded: who, by which verbs, of what. All of it comes behind what matters, so that it takes nothing of that away.
const NOISE: &str = r#"  # What components ask again and again, and change nothing by.
  - level: None
    users: ["system:kube-proxy"]
    verbs: [watch]
    resources:
      - group: ""
        resources: [endpoints, services, services/status]
      - group: discovery.k8s.io
        resources: [endpointslices]
  - level: None
    userGroups: ["system:nodes"]
    verbs: [get, list, watch]
  - level: None
    users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"]
    verbs: [get, list, watch]
  - level: None
    userGroups: ["system:serviceaccounts:kube-system"]
    verbs: [get, list, watch]
  # Signs of life.
  - level: None
    resources:
      - group: coordination.k8s.io
        resources: [leases]
      - group: ""
        resources: [events]
      - group: events.k8s.io
        resources: [events]
  - level: None
    userGroups: ["system:nodes"]
    resources:
      - group: ""
        resources: [nodes/status, pods/status]
  - level: None
    nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/metrics", "/openapi*", "/swagger*"]
"#;

fn groups(is_wanted: impl Fn(&Matter) -> bool) -> Groups {
    let mut all = Groups::new();
    for matter in MATTERS.iter().filter(|matter| is_wanted(matter)) {
        let name = match matter.subresource {
            "" => matter.resource.to_owned(),
            subresource => format!("{}/{subresource}", matter.resource),
        };
        all.entry(matter.group).or_default().insert(name);
    }
    all
}

fn resources(groups: &Groups) -> String {
    let one = |(group, names): (&&str, &BTreeSet<String>)| {
        let group = if group.is_empty() { "\"\"" } else { group };
        let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("      - group: {group}\n        resources: [{names}]\n")
    };
    groups.iter().map(one).collect()
}

/// The audit policy.
fn policy() -> String {
    let is_secret = |matter: &Matter| matter.verbs.iter().any(|verb| matter.secret_from(verb).is_some());
    let mut secret = groups(|matter| is_secret(matter) || matter.ask == Ask::SecretReads);
    // People put passwords into these, too.
    secret.entry("").or_default().insert("configmaps".to_owned());
    let rule = |level: &str, about: &str, groups: &Groups| {
        format!("  # {about}\n  - level: {level}\n    resources:\n{}", resources(groups))
    };
    let interactive = groups(|matter| matter.ask == Ask::Interactive);
    let rights = groups(|matter| {
        matter.ask == Ask::Changes
            && (matter.group.starts_with("rbac.") || matter.group.starts_with("admissionregistration."))
    });
    [
        "apiVersion: audit.k8s.io/v1\nkind: Policy\n# What came of a request is in its last stage.\nomitStages: [RequestReceived]\nrules:\n",
        &rule("Metadata", "Never their bodies: who did what to which, and no more.", &secret),
        &rule("Metadata", "Ways into containers and nodes: what is run stands in the path.", &interactive),
        "  # Who may do what: with what was asked for. Reads of it are below.\n  - level: Request\n    verbs: [create, update, patch, delete, deletecollection]\n    resources:\n",
        &resources(&rights),
        NOISE,
        "  # All else, without bodies.\n  - level: Metadata\n",
    ]
    .concat()
}

/// The kubeconfig of an API server's webhook. The token lies in a file beside it.
const WEBHOOK: &str = r#"# --audit-policy-file=/etc/kubernetes/audit/policy.yaml
# --audit-webhook-config-file=/etc/kubernetes/audit/webhook.kubeconfig
# --audit-webhook-batch-max-wait=5s
# --audit-log-path=/var/log/kubernetes/audit.log
apiVersion: v1
kind: Config
clusters:
  - name: shoseki
    cluster:
      # The API server resolves names as its node does, not as pods do.
      server: https://shoseki.example:8484/kubernetes-audit
      certificate-authority: /etc/kubernetes/audit/ca.crt
users:
  - name: kube-apiserver
    user:
      # What `shoseki token NAME --receiver kubernetes-audit` showed, in a file of mode 0600.
      tokenFile: /etc/kubernetes/audit/token
contexts:
  - name: shoseki
    context:
      cluster: shoseki
      user: kube-apiserver
current-context: shoseki
"#;

/// Values for Falco's chart. It has no place for a header, so the token stands in the path; Falco fills it in from its environment.
const FALCO: &str = r#"# helm install falco falcosecurity/falco --namespace falco --create-namespace --values falco-values.yaml
# Falco 0.36 or newer fills variables in.
# Secret shoseki-sender: `token`, as `shoseki token NAME --receiver falco` showed it. Secret shoseki-ca: `ca.crt`.
falco:
  json_output: true
  json_include_output_fields_property: true
  http_output:
    enabled: true
    url: "https://shoseki.shoseki.svc:8484/t/${SHOSEKI_TOKEN}/falco"
    ca_cert: /etc/falco/shoseki/ca.crt
    ca_path: ""
    insecure: false
    keep_alive: true
extra:
  env:
    - name: SHOSEKI_TOKEN
      valueFrom:
        secretKeyRef:
          name: shoseki-sender
          key: token
mounts:
  volumes:
    - name: shoseki-ca
      secret:
        secretName: shoseki-ca
  volumeMounts:
    - name: shoseki-ca
      mountPath: /etc/falco/shoseki
      readOnly: true
"#;

/// The files.
pub(super) fn files(head: &str) -> Vec<File> {
    [("audit-policy.yaml", policy().as_str()), ("audit-webhook.kubeconfig", WEBHOOK), ("falco-values.yaml", FALCO)]
        .map(|(name, text)| File::new(format!("kubernetes/cluster/{name}"), format!("{head}{text}")))
        .into()
}

#[cfg(test)]
mod tests {
    use shoseki_comply::audit_policy::judge;
    use shoseki_comply::checks::Status;

    use super::policy;

    #[test]
    fn the_policy_passes_what_it_is_judged_by_and_records_no_less_of_anybody() {
        let report = judge("audit-policy.yaml", &policy()).unwrap();
        assert_eq!(report.status(), Status::Pass, "{:?}", report.findings);
        assert!(report.ignored.is_empty());
        for row in &report.rows {
            assert!(row.less.is_empty(), "{}: {:?}", row.matter.name(), row.less);
        }
    }
}
