//! Failed log-ins and refused access: PCI DSS 10.2.1.4. That they are recorded is asked; each is for a person to look at.

use shoseki_messages::msg;

use super::listed::{List, Mark};
use super::scope::{APP, CLOUDTRAIL, DATABASE, K8S_AUDIT};
use super::{Check, Query, Severity};

/// By service where there is one and not by object, since who searches for a way in touches many.
const QUERIES: &[Query] = &[Query::sql(
    "select stream, actor, operation, coalesce(service, resource) as resource, status, count(*) as events, min(time) as first, max(time) as last, \
     min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and status = 'failure' and (class_uid = 3002 \
     or error in ('Forbidden', 'Unauthorized', 'InvalidClientTokenId', 'SignatureDoesNotMatch', 'ExpiredToken', 'AuthFailure', \
     '1044', '1045', '1142', '1143', '1227', '1370', '1698') \
     or error like '%AccessDenied%' or error like '%UnauthorizedOperation%' or error like '%NotAuthorized%')\ngroup by 1, 2, 3, 4, 5",
)];

pub(super) const CHECK: Check =
    Check::evidence("evidence_refusals_are_listed", Severity::Medium, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL, &K8S_AUDIT, &APP, &DATABASE],
    is_global: false,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-refused"),
    none: || msg!("check-found-no-refusal"),
};
