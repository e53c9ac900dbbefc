//! The vault was verified since the period began, and found intact: each `shoseki verify` leaves a record with its verdict. One that
//! came after the period covers what was sealed in it.

use std::collections::BTreeMap;

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::rows::Row;
use super::{Check, Query, Severity};

/// `place` says where the vault lay that was verified: a copy elsewhere is not the vault.
const QUERIES: &[Query] = &[Query::own_open_sql(
    "select raw -> 'details' ->> 'place' as place, raw -> 'details' ->> 'verdict' as verdict, raw -> 'details' ->> 'deep' as deep, \
     time as last, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and stream = 'shoseki/access' and operation = 'verify.run'\norder by time",
)];

pub(super) const CHECK: Check = Check::evidence("vault_was_verified", Severity::High, QUERIES, judge);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let own = evidence.vault.place.as_str();
    let mut places: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::from([(own, Vec::new())]);
    for row in evidence.answer(0).filter(|row| ["intact", "tampered"].contains(&row.text("verdict"))) {
        places.entry(row.text("place")).or_default().push(row);
    }
    places.into_iter().map(|(place, runs)| of_place(evidence, place, &runs)).collect()
}

/// What verifications of one place came to. That a copy was found tampered is for a person to look at.
fn of_place(evidence: &Evidence<'_>, place: &str, runs: &[Row<'_>]) -> Finding {
    let Some(last) = runs.last() else {
        return Finding::no_evidence(place, msg!("check-found-not-verified"));
    };
    let is = |name: &'static str, value: &'static str| runs.iter().filter(move |row| row.text(name) == value);
    let records = |rows: Vec<Row<'_>>| rows.iter().map(|row| row.text("record").to_owned()).collect::<Vec<String>>();
    let tampered: Vec<Row<'_>> = is("verdict", "tampered").copied().collect();
    let when = last.time("last").map(|time| evidence.date(time)).unwrap_or_default();
    let finding = if tampered.is_empty() {
        let what = msg!("check-found-verified", runs = runs.len(), deep = is("deep", "true").count(), last = when);
        Finding::pass(place, what).proved_by(records(vec![*last]))
    } else {
        let what = msg!("check-found-tampered", runs = runs.len(), tampered = tampered.len(), last = when);
        let finding = if place == evidence.vault.place {
            Finding::fail(place, what)
        } else {
            Finding::pass(place, what).to_review()
        };
        let times = || tampered.iter().filter_map(|row| row.time("last"));
        let (first, last) = (times().min(), times().max());
        return finding.of_events(tampered.len() as u64, first, last).proved_by(records(tampered));
    };
    finding.of_events(runs.len() as u64, runs.first().and_then(|row| row.time("last")), last.time("last"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::judged_over;
    use super::super::{Arrivals, Cell, Rows, VaultFacts};
    use super::*;

    #[test]
    fn a_verdict_is_needed_and_a_tampered_one_stays_a_failure() {
        let of = |runs: &[(&str, &str)]| {
            let row =
                |(place, verdict): &(&str, &str)| [Cell::from(*place), (*verdict).into(), "true".into(), "s:1".into()];
            let rows = Rows::of(["place", "verdict", "deep", "record"], runs.iter().map(row).collect());
            let vault = VaultFacts { place: "/vault".to_owned(), ..VaultFacts::default() };
            let found = judged_over(&CHECK, &Arrivals::default(), &vault, vec![rows]);
            found.iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect::<Vec<String>>()
        };
        assert_eq!(of(&[]), ["no_evidence /vault"]);
        assert_eq!(of(&[("/vault", "unverifiable")]), ["no_evidence /vault"]);
        assert_eq!(of(&[("/vault", "intact")]), ["pass /vault"]);
        assert_eq!(of(&[("/vault", "tampered"), ("/vault", "intact")]), ["fail /vault"]);
        // A copy is not the vault: neither does it prove the vault, nor is what was done to it done to the vault.
        assert_eq!(of(&[("/copy", "intact")]), ["no_evidence /vault", "pass /copy"]);
        assert_eq!(of(&[("/vault", "intact"), ("/copy", "tampered")]), ["pass! /copy", "pass /vault"]);
    }
}
