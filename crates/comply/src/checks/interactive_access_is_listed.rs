//! Who entered a container or a node: `exec`, `attach`, `portforward`, debug containers, a node's proxy, and sessions of Systems
//! Manager. Each is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts};
use super::scope::{CLOUDTRAIL, K8S_AUDIT};
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[
    Query::sql(acts!(
        "source = 'k8s-audit' and status <> 'unknown' and operation in ('create', 'get', 'update', 'patch') \
         and regexp_like(resource, '^[^/]+/pods/(exec|attach|portforward|ephemeralcontainers)(/|$)|^nodes/proxy(/|$)')"
    )),
    Query::sql(acts!(
        "source = 'cloudtrail' and operation in ('StartSession', 'ResumeSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', \
         'ExecuteCommand')"
    )),
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_interactive_access_is_listed", Severity::Medium, QUERIES, |evidence| {
        LIST.judge(evidence)
    });

const LIST: List = List {
    needs: &[&CLOUDTRAIL, &K8S_AUDIT],
    is_global: false,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-entered"),
    none: || msg!("check-found-nobody-entered"),
};
