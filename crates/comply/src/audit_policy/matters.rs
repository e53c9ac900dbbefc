//! What a cluster's audit log should have: the requests that matter, and what is asked of each.

/// What is asked of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Changes of what runs, of secrets, of rights.
    Changes,
    /// Ways into containers and nodes.
    Interactive,
    /// Reads of secrets.
    SecretReads,
    /// Who was authenticated, and what was asked of rights.
    Reviews,
}

impl Ask {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Changes, Self::Interactive, Self::SecretReads, Self::Reviews];

    /// The name of its check.
    pub fn check(self) -> &'static str {
        match self {
            Self::Changes => "audit_policy_records_changes",
            Self::Interactive => "audit_policy_records_interactive_access",
            Self::SecretReads => "audit_policy_records_secret_reads",
            Self::Reviews => "audit_policy_records_reviews",
        }
    }
}

/// Requests about a resource.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    /// What is asked of them.
    pub ask: Ask,
    /// The API group.
    pub group: &'static str,
    /// The resource.
    pub resource: &'static str,
    /// The subresource.
    pub subresource: &'static str,
    /// Whether it lies in namespaces.
    pub is_namespaced: bool,
    /// The verbs.
    pub verbs: &'static [&'static str],
}

const RBAC: &str = "rbac.authorization.k8s.io";
const CHANGES: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
/// `kubectl exec` opens a web socket by `get` since 1.30, and SPDY by `create` before.
const OPENS: &[&str] = &["create", "get"];

const fn changes(group: &'static str, resource: &'static str, is_namespaced: bool) -> Matter {
    Matter { ask: Ask::Changes, group, resource, subresource: "", is_namespaced, verbs: CHANGES }
}

const fn opens(resource: &'static str, subresource: &'static str, is_namespaced: bool) -> Matter {
    Matter { ask: Ask::Interactive, group: "", resource, subresource, is_namespaced, verbs: OPENS }
}

/// The list.
pub const MATTERS: &[Matter] = &[
    changes("", "pods", true),
    changes("apps", "deployments", true),
    changes("apps", "daemonsets", true),
    changes("", "secrets", true),
    changes("", "configmaps", true),
    changes("", "serviceaccounts", true),
    Matter { subresource: "token", verbs: &["create"], ..changes("", "serviceaccounts", true) },
    changes(RBAC, "roles", true),
    changes(RBAC, "rolebindings", true),
    changes(RBAC, "clusterroles", false),
    changes(RBAC, "clusterrolebindings", false),
    changes("admissionregistration.k8s.io", "validatingwebhookconfigurations", false),
    changes("admissionregistration.k8s.io", "mutatingwebhookconfigurations", false),
    opens("pods", "exec", true),
    opens("pods", "attach", true),
    opens("pods", "portforward", true),
    Matter { verbs: &["update", "patch"], ..opens("pods", "ephemeralcontainers", true) },
    opens("nodes", "proxy", false),
    opens("pods", "proxy", true),
    opens("services", "proxy", true),
    Matter { ask: Ask::SecretReads, verbs: &["get", "list", "watch"], ..changes("", "secrets", true) },
    Matter { ask: Ask::Reviews, verbs: &["create"], ..changes("authentication.k8s.io", "tokenreviews", false) },
    Matter { ask: Ask::Reviews, verbs: &["create"], ..changes("authorization.k8s.io", "subjectaccessreviews", false) },
    Matter {
        ask: Ask::Reviews,
        verbs: &["create"],
        ..changes("authorization.k8s.io", "selfsubjectaccessreviews", false)
    },
    Matter {
        ask: Ask::Reviews,
        verbs: &["create"],
        ..changes("authorization.k8s.io", "selfsubjectrulesreviews", false)
    },
];

impl Matter {
    /// Its name as a policy writes it, the group behind it.
    pub fn name(&self) -> String {
        let whole = match self.subresource {
            "" => self.resource.to_owned(),
            subresource => format!("{}/{subresource}", self.resource),
        };
        if self.group.is_empty() { whole } else { format!("{whole} ({})", self.group) }
    }

    /// Whether requests of a verb name the object.
    pub fn names_object(&self, verb: &str) -> bool {
        !matches!(verb, "list" | "watch" | "deletecollection") && (verb != "create" || !self.subresource.is_empty())
    }

    /// The level from which a record holds what is secret, where there is one.
    pub fn secret_from(&self, verb: &str) -> Option<super::Level> {
        use super::Level::{Request, RequestResponse};
        match (self.resource, self.subresource, verb) {
            ("secrets", "", "create" | "update" | "patch") | ("tokenreviews", "", _) => Some(Request),
            // A deletion is answered with a status, one of a collection with what was in it.
            ("secrets", "", "get" | "list" | "deletecollection") => Some(RequestResponse),
            ("serviceaccounts", "token", _) => Some(RequestResponse),
            _ => None,
        }
    }
}
