//! Checks of a set-up: what of accounts is otherwise than `[setup]` plans it. A check is a group of pieces that matter alike; its
//! findings are made of a plan (`crates/setup`), by whoever made one (`shoseki setup plan --record`). No evidence and no look at
//! settings says anything of it.

use super::{Check, Severity};

/// The key of evidence, its bucket and its replica.
pub(super) const STORE: Check = Check::setup("setup_store_is_as_planned", Severity::Critical);
/// The trail.
pub(super) const TRAIL: Check = Check::setup("setup_trail_is_as_planned", Severity::Critical);
/// AWS Config: its recorders, its rules and its bucket.
pub(super) const CONFIG: Check = Check::setup("setup_config_is_as_planned", Severity::High);
/// The logs of clusters and databases.
pub(super) const LOGS: Check = Check::setup("setup_logs_are_as_planned", Severity::High);
/// The roles that read evidence, and the one that may delete it.
pub(super) const ROLES: Check = Check::setup("setup_roles_are_as_planned", Severity::High);
/// Who is told of evidence beside: the queue of new files, access logs, the trail's log group.
pub(super) const NOTICES: Check = Check::setup("setup_notices_are_as_planned", Severity::Medium);
