//! How different two pools are, from 0 to 1.

use crate::exact::total;

/// How often a value came in each pool.
pub(super) type Counts = [u64; 2];

/// The share of events that would need another value for both pools to look alike (the total variation distance), less
/// what is expected where a value falls into either pool by chance, so that ids, of which each event has its own, are
/// no difference. `None` where a pool is empty.
pub(super) fn of_values(counts: impl Iterator<Item = Counts> + Clone, totals: Counts) -> Option<f64> {
    let [n, m] = sizes(totals)?;
    let distance = total(counts.clone().map(|[own, other]| (own as f64 / n - other as f64 / m).abs()));
    let chance = total(counts.map(|[own, other]| (n + m) / (n * m) * deviation(own + other, n / (n + m))));
    Some(((distance - chance) / 2.0).max(0.0))
}

/// The largest difference between the shares of numbers up to some number (Kolmogorov and Smirnov's), less what chance
/// gives in the mean. The numbers are in order, each once.
pub(super) fn of_numbers(numbers: impl Iterator<Item = Counts>, totals: Counts) -> Option<f64> {
    let [n, m] = sizes(totals)?;
    let (mut below, mut distance) = ([0_u64; 2], 0.0_f64);
    for [own, other] in numbers {
        below = [below[0] + own, below[1] + other];
        distance = distance.max((below[0] as f64 / n - below[1] as f64 / m).abs());
    }
    // The mean of Kolmogorov's distribution is √(π/2) · ln 2.
    let mean = (std::f64::consts::PI / 2.0).sqrt() * std::f64::consts::LN_2;
    Some((distance - mean * ((n + m) / (n * m)).sqrt()).max(0.0))
}

fn sizes(totals: Counts) -> Option<[f64; 2]> {
    (totals[0] > 0 && totals[1] > 0).then(|| totals.map(|total| total as f64))
}

/// How far, in the mean, the successes of so many trials are from what is expected of them: de Moivre's
/// `2 · v · C(count, v) · p^v · (1 - p)^(count - v + 1)`, where `v` is the first whole number above the expected.
fn deviation(count: u64, p: f64) -> f64 {
    const EXACT: u64 = 1_000;
    let (trials, q) = (count as f64, 1.0 - p);
    if count > EXACT {
        return (2.0 * trials * p * q / std::f64::consts::PI).sqrt();
    }
    let least = (trials * p).floor() as u64 + 1;
    let least = least.min(count);
    // The logarithm of C(count, least), so that nothing grows too large.
    let choices: f64 = (1..=least).map(|at| libm::log((count - least + at) as f64 / at as f64)).sum();
    let logarithm = choices + least as f64 * libm::log(p) + (count - least + 1) as f64 * libm::log(q);
    2.0 * least as f64 * libm::exp(logarithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts: &[Counts]) -> f64 {
        let totals = [0, 1].map(|at| counts.iter().map(|count| count[at]).sum());
        of_values(counts.iter().copied(), totals).unwrap()
    }

    #[test]
    fn ids_are_no_difference() {
        assert!(of(&[[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]]) < 1e-9);
        let ids: Vec<Counts> = (0..300).map(|at| if at < 20 { [1, 0] } else { [0, 1] }).collect();
        assert!(of(&ids) < 1e-9);
        // That some have none is a little of a difference.
        let some = of(&ids.into_iter().chain([[5, 100]]).collect::<Vec<_>>());
        assert!(some < 0.1, "{some}");
    }

    #[test]
    fn the_same_shares_are_no_difference_and_others_are_one() {
        assert_eq!(of(&[[50, 500], [50, 500]]), 0.0);
        let all = of(&[[1_000, 0], [0, 10_000]]);
        let most = of(&[[1_000, 500], [0, 9_500]]);
        assert!((0.95..1.0).contains(&all) && (0.92..0.95).contains(&most), "{all} {most}");
        // One more and one less of ten is chance.
        assert!(of(&[[6, 5], [4, 5]]) < 0.01);
        assert_eq!(of_values([[1, 0]].into_iter(), [1, 0]), None);
    }

    #[test]
    fn the_mean_deviation_is_that_of_all_outcomes() {
        for (count, p) in [(1_u64, 0.3), (2, 0.5), (7, 0.1), (20, 0.25), (20, 0.95)] {
            let mut probability = (1.0_f64 - p).powi(count as i32);
            let mut mean = 0.0;
            for k in 0..=count {
                mean += probability * (k as f64 - count as f64 * p).abs();
                probability *= (count - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            }
            assert!((deviation(count, p) - mean).abs() < 1e-9, "{count} {p}: {} {mean}", deviation(count, p));
        }
        let (exact, near) = (deviation(1_000, 0.2), (2.0 * 1_000.0 * 0.16 / std::f64::consts::PI).sqrt());
        assert!((exact - near).abs() < 0.01 * near);
    }

    #[test]
    fn numbers_are_compared_by_their_order() {
        let low: Vec<Counts> = (0..200).map(|at| if at < 100 { [0, 1] } else { [1, 0] }).collect();
        let score = of_numbers(low.into_iter(), [100, 100]).unwrap();
        assert!((0.85..0.9).contains(&score), "{score}");
        let mixed = (0..200).map(|at| if at % 2 == 0 { [0, 1] } else { [1, 0] });
        assert_eq!(of_numbers(mixed, [100, 100]), Some(0.0));
    }
}
