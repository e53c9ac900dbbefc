//! A byte changed anywhere in a vault is found, and its object named.

use super::fixture::Vault;
use crate::Verdict;

/// How many places of each object are changed; small objects more densely than large ones.
const PLACES: usize = 9;

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_changed_anywhere_is_found_and_located() {
    for encrypted in [false, true] {
        let mut vault = Vault::full(encrypted).await;
        let names: Vec<String> = vault.objects.keys().cloned().collect();
        for name in names {
            let good = vault.objects[&name].clone();
            let step = good.len() / PLACES + 1;
            let places = (0..good.len()).step_by(step).chain([good.len() - 1]);
            for (turn, at) in places.enumerate() {
                let mut changed = good.to_vec();
                changed[at] ^= 1 << (turn % 8);
                vault.put(&name, changed);
                let report = vault.judge(false).await;
                let named = report.problems.iter().any(|problem| problem.what == name);
                let is_found = report.verdict != Verdict::Intact && named;
                assert!(is_found, "byte {at} of {} in {name}: {:#?}", good.len(), report.problems);
            }
            vault.put(&name, good);
        }
        assert_eq!(vault.judge(true).await.verdict, Verdict::Intact);
    }
}

/// So is every object that is removed, but for those that only repeat what others say.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_removed_is_found_and_located() {
    let mut vault = Vault::full(true).await;
    let names: Vec<String> = vault.objects.keys().cloned().collect();
    let mut unseen = Vec::new();
    for name in names {
        let Some(good) = vault.objects.remove(&name) else { continue };
        let report = vault.judge(false).await;
        let named = report.problems.iter().any(|problem| name.starts_with(&problem.what));
        if report.verdict == Verdict::Intact {
            unseen.push(name.clone());
        } else {
            assert!(named, "{name}: {:#?}", report.problems);
        }
        vault.put(&name, good);
    }
    // Earlier checkpoints and the partial tiles of earlier sizes say nothing that later ones do not, and the copy is one.
    let expected = [
        "tlog/checkpoint",
        "tlog/checkpoints/00000000000000000001",
        "tlog/checkpoints/00000000000000000002",
        "tlog/checkpoints/00000000000000000003",
        "tlog/tile/0/000.p/1",
        "tlog/tile/0/000.p/2",
        "tlog/tile/0/000.p/3",
        "tlog/tile/entries/000.p/1",
        "tlog/tile/entries/000.p/2",
        "tlog/tile/entries/000.p/3",
    ];
    assert_eq!(unseen, expected);
}
