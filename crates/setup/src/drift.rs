//! What differs from a plan, as findings of the checks `setup_…`: a setting that would be made or changed, one that only a person can
//! make right, and what could not be seen. A setting that is right, adopted or stricter is none.

use std::collections::BTreeSet;

use shoseki_comply::checks::{Check, Finding, Hides, Judged, find};
use shoseki_messages::{Message, msg};

use crate::plan::{Item, Outcome, Plan, Setting};

/// Which check a piece is of.
const CHECKS: &[(&str, &str)] = &[
    ("evidence_key", "setup_store_is_as_planned"),
    ("evidence_bucket", "setup_store_is_as_planned"),
    ("replica_key", "setup_store_is_as_planned"),
    ("replica_bucket", "setup_store_is_as_planned"),
    ("replication_role", "setup_store_is_as_planned"),
    ("evidence_replication", "setup_store_is_as_planned"),
    ("trail", "setup_trail_is_as_planned"),
    ("config_bucket", "setup_config_is_as_planned"),
    ("config_recorder", "setup_config_is_as_planned"),
    ("config_rules", "setup_config_is_as_planned"),
    ("eks_logging", "setup_logs_are_as_planned"),
    ("database_audit", "setup_logs_are_as_planned"),
    ("firehose_role", "setup_logs_are_as_planned"),
    ("subscription_role", "setup_logs_are_as_planned"),
    ("eks_delivery", "setup_logs_are_as_planned"),
    ("eks_subscription", "setup_logs_are_as_planned"),
    ("collector_role", "setup_roles_are_as_planned"),
    ("auditor_role", "setup_roles_are_as_planned"),
    ("break_glass_role", "setup_roles_are_as_planned"),
    ("access_log_bucket", "setup_notices_are_as_planned"),
    ("trail_events_queue", "setup_notices_are_as_planned"),
    ("trail_log_role", "setup_notices_are_as_planned"),
    ("trail_log_group", "setup_notices_are_as_planned"),
];

/// Why something is not known now: what nobody answered, and what RDS is at work on. All other reasons that are a set-up's own say
/// that it is not right.
const UNKNOWN: [&str; 4] =
    ["setup-not-asked", "setup-policy-unreadable", "setup-database-busy", "setup-database-pending"];

impl Plan {
    /// What differs from it, by each check of a set-up, in the order of the list; of places that were looked at, accounts with regions.
    /// A check none of whose pieces is planned has no findings.
    pub fn drift(&self, places: &BTreeSet<(String, String)>) -> Vec<Judged<'static>> {
        let mut ids: Vec<&str> = CHECKS.iter().map(|(_, id)| *id).collect();
        ids.dedup();
        let of = |check: &'static Check| {
            let is_its = |item: &&Item| CHECKS.contains(&(item.piece, check.id.as_ref()));
            let mut findings: Vec<Finding> =
                self.items.iter().filter(is_its).flat_map(|item| of_item(item, places)).collect();
            findings.sort_by_key(|finding| finding.status);
            Judged { check, findings }
        };
        ids.into_iter().filter_map(|id| find(id, &[])).map(of).collect()
    }

    /// Whether something was not seen by which it is decided what is adopted: then what is not found may be there all the same.
    pub fn is_blind(&self) -> bool {
        self.is_partial || self.items.iter().flat_map(|item| &item.settings).any(is_unknown)
    }
}

fn is_unknown(setting: &Setting) -> bool {
    matches!(&setting.outcome, Outcome::Cannot(why) if !why.id().starts_with("setup-") || UNKNOWN.contains(&why.id()))
}

/// What is said of a thing; where all of it is as planned, that.
fn of_item(item: &Item, places: &BTreeSet<(String, String)>) -> Vec<Finding> {
    let place = match places.contains(&(item.account.clone(), item.region.clone())) {
        true => format!("{} {}", item.account, item.region),
        // What is once in an account, wherever it lies.
        false => item.account.clone(),
    };
    let subject = format!("{} {} ({} {})", item.piece, item.name, item.account, item.region);
    let mut found: Vec<Finding> =
        item.settings.iter().filter_map(|setting| of_setting(setting, &subject, &place)).collect();
    if found.is_empty() {
        found.push(Finding::pass(subject, msg!("setup-drift-none")));
    }
    found.into_iter().map(|finding| Finding { place: Some(place.clone()), ..finding }).collect()
}

fn of_setting(setting: &Setting, subject: &str, place: &str) -> Option<Finding> {
    let name = setting.name.as_str();
    let because = |why: &Message| msg!("setup-drift-cannot", setting = name, why = vec![why.clone()]);
    let finding = match &setting.outcome {
        Outcome::Right(_) | Outcome::Adopt(_) | Outcome::Stricter(_) => return None,
        Outcome::Create(want) => {
            Finding::fail(subject, msg!("setup-drift-missing", setting = name, want = want.as_str()))
        }
        Outcome::Change { from, to } => {
            Finding::fail(subject, msg!("setup-drift-other", setting = name, is = from.as_str(), want = to.as_str()))
        }
        // Whose it is looks after it.
        Outcome::Cannot(why) if name == "owner" => Finding::not_applicable(subject, because(why)),
        Outcome::Cannot(why) if is_unknown(setting) => {
            Finding { hides: Hides::Place(place.to_owned()), ..Finding::no_evidence(subject, because(why)) }
        }
        Outcome::Cannot(why) => Finding::fail(subject, because(why)),
    };
    Some(finding.told_by(name))
}

#[cfg(test)]
mod tests {
    use shoseki_comply::checks::{CHECKS as ALL, Status};
    use shoseki_messages::Lang;

    use super::*;
    use crate::pieces::PIECES;
    use crate::plan::State;

    fn places() -> BTreeSet<(String, String)> {
        [("111122223333".to_owned(), "us-east-1".to_owned())].into()
    }

    fn item(piece: &'static str, region: &str) -> Item {
        Item::new(piece, "n", ("111122223333", region), State::There)
    }

    #[test]
    fn each_piece_is_of_a_check_and_each_check_of_a_set_up_has_pieces() {
        for piece in PIECES {
            assert!(CHECKS.iter().any(|(known, _)| *known == piece.name), "{}", piece.name);
        }
        let its: Vec<&str> = Plan::default().drift(&places()).iter().map(|one| one.check.id.as_ref()).collect();
        let all: Vec<&str> = ALL.iter().filter(|one| one.is_of_setup()).map(|one| one.id.as_ref()).collect();
        assert_eq!(its, all);
    }

    #[test]
    fn what_would_be_done_fails_and_what_was_not_seen_is_no_evidence() {
        let mut trail = item("trail", "us-east-1");
        trail.says("trail", Outcome::Adopt("logs".to_owned()));
        trail.wants("validation", Some("false"), "true");
        trail.says("insights", Outcome::Stricter("all".to_owned()));
        trail.cannot("logging", msg!("setup-control-tower", trail = "t"));
        trail.cannot("management_events", msg!("setup-not-asked", call = "c", what = "w"));
        let mut bucket = item("evidence_bucket", "eu-west-1");
        bucket.wants("versioning", Some("Enabled"), "Enabled");
        let mut archive = item("config_bucket", "us-east-1");
        archive.cannot("owner", msg!("setup-bucket-elsewhere", bucket = "b"));
        let plan = Plan { items: vec![trail, bucket, archive], ..Plan::default() };
        let judged = plan.drift(&places());
        let of = |id: &str| &judged.iter().find(|one| one.check.id == id).unwrap().findings;
        let trail = of("setup_trail_is_as_planned");
        let said: Vec<(Status, &str)> = trail.iter().map(|one| (one.status, one.aspect.as_str())).collect();
        let expected =
            [(Status::Fail, "validation"), (Status::Fail, "logging"), (Status::NoEvidence, "management_events")];
        assert_eq!(said, expected);
        assert_eq!(trail[0].subject, "trail n (111122223333 us-east-1)");
        assert!(trail[0].what.text(Lang::En).contains("`false`"), "{:?}", trail[0].what);
        assert_eq!(trail[2].hides, Hides::Place("111122223333 us-east-1".to_owned()));
        let bucket = of("setup_store_is_as_planned");
        assert_eq!(
            (bucket.len(), bucket[0].status, bucket[0].place.as_deref()),
            (1, Status::Pass, Some("111122223333"))
        );
        assert_eq!(of("setup_config_is_as_planned")[0].status, Status::NotApplicable);
        assert!(plan.is_blind() && of("setup_logs_are_as_planned").is_empty());
        assert!(Plan { is_partial: true, ..Plan::default() }.is_blind() && !Plan::default().is_blind());
    }
}
