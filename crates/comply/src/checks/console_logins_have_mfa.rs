//! Log-ins to AWS's console had a second factor. Of federated log-ins CloudTrail says `No` whatever the identity provider asked for:
//! those cannot be judged here.

use shoseki_messages::msg;

use super::listed::{List, Mark};
use super::scope::CLOUDTRAIL;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(
    "select stream, coalesce(\"userIdentity.arn\", \"userIdentity.userName\", \"userIdentity.principalId\") as actor, \
     \"eventName\" as operation, '' as resource, 'success' as status, \"userIdentity.type\" as type, \
     \"additionalEventData\" ->> 'MFAUsed' as mfa, count(*) as events, min(time) as first, max(time) as last, min(\"@ptr\") as record\n\
     from cloudtrail\nwhere \"eventName\" = 'ConsoleLogin' and \"responseElements\" ->> 'ConsoleLogin' = 'Success'\n\
     group by 1, 2, 3, 4, 5, 6, 7",
)];

pub(super) const CHECK: Check =
    Check::evidence("evidence_console_logins_have_mfa", Severity::Critical, QUERIES, |evidence| LIST.judge(evidence));

const LIST: List = List {
    needs: &[&CLOUDTRAIL],
    is_global: true,
    mark: |row| {
        Some(match (row.text("type"), row.text("mfa")) {
            ("IAMUser" | "Root", "Yes") => Mark::Good,
            ("IAMUser" | "Root", _) => Mark::Wrong,
            _ => Mark::Unknown,
        })
    },
    says: |mark| match mark {
        Mark::Wrong => msg!("check-found-no-mfa"),
        Mark::Unknown => msg!("check-found-federated"),
        _ => msg!("check-found-mfa"),
    },
    none: || msg!("check-found-no-login"),
};

#[cfg(test)]
mod tests {
    use super::super::tests::judged;
    use super::super::{Cell, Rows};
    use super::*;

    #[test]
    fn users_and_root_are_judged_and_federated_log_ins_are_not() {
        let row = |actor: &str, kind: &str, mfa: Option<&str>| {
            [Cell::from(actor), "ConsoleLogin".into(), kind.into(), mfa.map_or(Cell::Null, Cell::from), Cell::Number(1)]
        };
        let rows = vec![
            row("a", "IAMUser", Some("Yes")),
            row("b", "IAMUser", Some("No")),
            row("c", "Root", None),
            row("d", "AssumedRole", Some("No")),
        ];
        let rows = Rows::of(["actor", "operation", "type", "mfa", "events"], rows);
        let found = judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![rows]);
        let heads: Vec<&str> = found.iter().filter_map(|text| text.split(':').next()).collect();
        assert_eq!(heads, ["fail b", "fail c", "no_evidence d", "pass a"]);
        // Where the region of global services does not speak, no log-in means nothing.
        let none = |stream: &str| judged(&CHECK, &[stream], vec![Rows::default()]);
        assert!(none("cloudtrail/1/ap-northeast-1")[0].starts_with("no_evidence"));
        assert!(none("cloudtrail/1/us-east-1")[0].starts_with("pass"));
    }
}
