//! Changes of users, rights and credentials in AWS, Kubernetes and databases: PCI DSS 10.2.1.5. That they are recorded is asked;
//! each is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts, acts_in_mariadb};
use super::scope::{CLOUDTRAIL, DATABASE, K8S_AUDIT};
use super::{Check, Query, Severity};

/// In Kubernetes, a resource is `namespace/resource/subresource/name`, without what is absent; what was only received has no outcome
/// yet and is left out.
const QUERIES: &[Query] = &[
    Query::sql(acts!(
        "source = 'cloudtrail' and (service = 'iam.amazonaws.com' \
         and regexp_like(operation, '^(Add|Attach|Change|Create|Deactivate|Delete|Detach|Enable|Put|Remove|Reset|Set|Tag|Untag|Update|Upload)') \
         or service = 'eks.amazonaws.com' and operation in ('CreateAccessEntry', 'UpdateAccessEntry', 'DeleteAccessEntry', \
         'AssociateAccessPolicy', 'DisassociateAccessPolicy') \
         or service = 'sso.amazonaws.com' and regexp_like(operation, '^(Attach|Create|Delete|Detach|Provision|Put|Update)') \
         or service = 'identitystore.amazonaws.com' and regexp_like(operation, '^(Create|Delete|Update)') \
         or service = 'organizations.amazonaws.com' and operation in ('AttachPolicy', 'DetachPolicy', 'UpdatePolicy', 'DeletePolicy'))"
    )),
    Query::sql(acts!(
        "source = 'k8s-audit' and status <> 'unknown' and (operation in ('create', 'update', 'patch', 'delete', 'deletecollection') \
         and regexp_like(resource, '^[^/]+/(roles|rolebindings)(/|$)|^(clusterroles|clusterrolebindings)(/|$)') \
         or operation = 'create' and regexp_like(resource, '^[^/]+/serviceaccounts/token(/|$)') and actor not like 'system:%')"
    )),
    Query::sql(acts!(
        "source = 'pgaudit' and regexp_like(operation, '^((GRANT|REVOKE)( ROLE)?|(CREATE|ALTER|DROP) (ROLE|USER|GROUP))$')"
    )),
    Query::sql(acts_in_mariadb!(
        "(?i)^\\s*(grant\\s|revoke\\s|set\\s+password|rename\\s+user|(create|alter|drop)\\s+(user|role))"
    )),
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_privilege_changes_are_listed", Severity::High, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL, &K8S_AUDIT, &DATABASE],
    is_global: true,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-privileges-changed"),
    none: || msg!("check-found-no-privilege-change"),
};
