//! Creation and deletion of system-level objects in AWS, Kubernetes and databases: PCI DSS 10.2.1.7. That they are recorded is
//! asked; they are daily work, and nothing is wrong with one by itself.

use shoseki_messages::msg;

use super::listed::{List, Mark, acts, acts_in_mariadb};
use super::scope::{CLOUDTRAIL, DATABASE, K8S_AUDIT};
use super::{Check, Query, Severity};

/// Resources by their kinds, since they are many. What systems write every second is no system-level object, and what has four parts
/// in Kubernetes (`namespace/pods/exec/name`) is a subresource.
const QUERIES: &[Query] = &[
    Query::sql(
        "select stream, actor, operation, service as resource, status, count(*) as events, min(time) as first, max(time) as last, \
         min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and source = 'cloudtrail' \
         and regexp_like(operation, '^(Allocate|Create|Delete|Deregister|Import|Register|Release|Restore|Run|Terminate)') \
         and operation not in ('DeleteObject', 'DeleteObjects', 'DeleteObjectTagging', 'CreateMultipartUpload', 'CreateSession', \
         'CreateLogStream', 'DeleteMessage', 'DeleteItem', 'CreateGrant', 'CreateTags')\ngroup by 1, 2, 3, 4, 5",
    ),
    Query::sql(
        "select stream, actor, operation, case when split_part(resource, '/', 1) in ('nodes', 'clusterroles', 'clusterrolebindings', \
         'persistentvolumes', 'storageclasses', 'customresourcedefinitions', 'priorityclasses', 'apiservices', 'ingressclasses', \
         'mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'certificatesigningrequests') \
         then split_part(resource, '/', 1) else split_part(resource, '/', 2) end as resource, \
         status, count(*) as events, min(time) as first, max(time) as last, min(\"@ptr\") as record\nfrom events\n\
         where kind = 'event' and source = 'k8s-audit' and status <> 'unknown' and operation in ('create', 'delete', 'deletecollection') \
         and not regexp_like(resource, '^[^/]+/[^/]+/[^/]+/|(^|/)(events|leases|endpointslices)(/|$)|^(token|selfsubject|subjectaccess|selfsubjectaccess|selfsubjectrules)reviews|/localsubjectaccessreviews')\n\
         group by 1, 2, 3, 4, 5",
    ),
    Query::sql(acts!("source = 'pgaudit' and regexp_like(operation, '^(CREATE|DROP) ')")),
    Query::sql(acts_in_mariadb!(
        "(?i)^\\s*(create|drop)\\s+(table|database|schema|view|index|trigger|procedure|function|event)"
    )),
];

pub(super) const CHECK: Check =
    Check::evidence("evidence_system_objects_are_listed", Severity::Medium, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL, &K8S_AUDIT, &DATABASE],
    is_global: false,
    mark: |_| Some(Mark::Good),
    says: |_| msg!("check-found-objects-changed"),
    none: || msg!("check-found-no-object-change"),
};
