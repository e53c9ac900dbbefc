//! What the root user of an account did: it has all rights, and belongs to nobody. Each use is for a person to look at. What AWS's
//! services did in its name is left out.

use shoseki_messages::msg;

use super::listed::{List, Mark};
use super::scope::CLOUDTRAIL;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(
    "select stream, concat('root ', coalesce(account, '')) as actor, operation, service as resource, status, count(*) as events, \
     min(time) as first, max(time) as last, min(\"@ptr\") as record\nfrom events\n\
     where kind = 'event' and source = 'cloudtrail' and actor_type = 'Root' \
     and coalesce(src_ip, '') not like '%.amazonaws.com' and coalesce(src_ip, '') <> 'AWS Internal'\ngroup by 1, 2, 3, 4, 5",
)];

pub(super) const CHECK: Check =
    Check::evidence("evidence_root_use_is_listed", Severity::High, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL],
    is_global: true,
    mark: |_| Some(Mark::Review),
    says: |_| msg!("check-found-root-used"),
    none: || msg!("check-found-no-root-use"),
};
