//! Packages of a vault of which records were erased: a leaf stands in the place of each, and of no other.

use shoseki_merkle::Hash;
use shoseki_segment::leaf_hash;
use shoseki_segment::population::ErasedRecord;

use super::*;
use crate::tests::erasure::erased;

/// The population of a vault of which records 1 and 2 of the second segment were erased.
fn without_erased(vault: &Vault) -> Parts {
    let mut parts = parts(vault);
    let is_gone = |id: RecordId| id.segment == vault.drafts[3].id && [1, 2].contains(&id.ordinal);
    parts.records.retain(|record| !is_gone(record.id));
    for line in parts.segments.iter_mut().flatten().filter(|line| is_gone(line.id())) {
        let id = line.id();
        let SealedRecord { salt, provenance, raw, .. } = record(line).clone();
        *line = PopulationLine::Erased(ErasedRecord { id, leaf: leaf_hash(&salt, &provenance, &raw) });
    }
    let left = parts.records.len() as u64;
    (parts.manifest.rows, parts.manifest.records) = (left, left);
    parts.manifest.population.as_mut().unwrap().records = left;
    parts
}

#[tokio::test]
async fn what_was_erased_has_a_leaf_in_its_place_and_nothing_else_has() {
    let vault = erased(false, |_, _, _| None).await;
    let package = written(&vault, without_erased(&vault));
    let mut taken = Vec::new();
    let mut take = |segment: crate::package::WholeSegment| {
        taken.push(segment.records.iter().map(Option::is_some).collect::<Vec<_>>());
        Ok(())
    };
    let key = vault.key.verifier();
    let report = judge_package(Cursor::new(&package), Some(key), None, Some(&mut take)).unwrap().ran_again(again(5));
    assert_eq!(report.verdict, Verdict::Intact, "{:?}", said(&report));
    assert_eq!(taken, [vec![true; 3], vec![true, false, false, true]]);
    let lies: [(Lie, &str); 4] = [
        (
            |p| {
                let SealedRecord { id, salt, provenance, raw } = record(&mut p.segments[0][1]).clone();
                let leaf = leaf_hash(&salt, &provenance, &raw);
                p.segments[0][1] = PopulationLine::Erased(ErasedRecord { id, leaf });
            },
            "verify-population-erased",
        ),
        (
            |p| {
                let id = p.segments[1][1].id();
                p.segments[1][1] = PopulationLine::Erased(ErasedRecord { id, leaf: Hash([7; 32]) });
            },
            "verify-segment-root",
        ),
        (|p| drop(p.segments[1].remove(1)), "verify-population-records-missing"),
        (
            |p| {
                let PopulationLine::Erased(gone) = p.segments[1][1] else { panic!("it is there") };
                let mut more = p.segments[1][0].clone();
                record(&mut more).id = gone.id;
                p.segments[1][1] = more;
            },
            "verify-population-erased",
        ),
    ];
    for (number, (lie, expected)) in lies.into_iter().enumerate() {
        let mut parts = without_erased(&vault);
        lie(&mut parts);
        let report = judge(&vault, &written(&vault, parts));
        assert_eq!(said(&report).first().map(|(_, id)| *id), Some(expected), "{number}: {:?}", said(&report));
    }
}
