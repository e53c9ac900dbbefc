//! Exact sums against what is known of them, in any order and in parts.

use proptest::prelude::*;

use super::ExactSum;
use super::moments::{Moments, Told};

fn sum(numbers: &[f64]) -> f64 {
    let mut sum = ExactSum::default();
    numbers.iter().for_each(|number| sum.add(*number));
    sum.total()
}

#[test]
fn sums_are_rounded_once() {
    assert_eq!(sum(&[]), 0.0);
    assert_eq!(sum(&[0.1; 10]), 1.0);
    assert_eq!(sum(&[0.1, 0.2, -0.3]), 2.775_557_561_562_891_4e-17);
    assert_eq!(sum(&[1e308, 1e308, -1e308, -1e308, 5.0]), 5.0, "too large on the way only");
    assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
    assert_eq!(sum(&[f64::MIN_POSITIVE, -f64::MIN_POSITIVE / 2.0]), f64::MIN_POSITIVE / 2.0);
    assert_eq!(sum(&[f64::from_bits(1), f64::from_bits(1)]), f64::from_bits(2));
    // Half a place: to the even one, and with a trace more to the next.
    let half = 2_f64.powi(-53);
    assert_eq!(sum(&[1.0, half]), 1.0);
    assert_eq!(sum(&[1.0, half, 1e-300]), 1.0 + f64::EPSILON);
    assert_eq!(sum(&[1.0, half, -1e-300]), 1.0);
    assert_eq!(sum(&[-1.0, -half, -1e-300]), -1.0 - f64::EPSILON);
    assert_eq!(sum(&[9_007_199_254_740_992.0, 1.0, 1.0]), 9_007_199_254_740_994.0);
}

fn told(told: Told, numbers: &[f64]) -> Option<f64> {
    let mut moments = Moments::new(told);
    numbers.iter().for_each(|number| moments.add(*number));
    moments.told(told)
}

const DEVIATION: Told = Told::Deviation { is_sample: true };

#[test]
fn means_and_deviations_are_of_exact_sums() {
    assert_eq!(told(Told::Mean, &[f64::MAX, f64::MAX]), Some(f64::MAX));
    assert_eq!(told(Told::Mean, &[]), None);
    assert_eq!(told(DEVIATION, &[5.0]), None);
    assert_eq!(told(Told::Variance { is_sample: false }, &[5.0]), Some(0.0));
    assert_eq!(told(DEVIATION, &[0.1; 7]), Some(0.0), "no trace of rounding");
    assert_eq!(told(DEVIATION, &[1e15, 1e15 + 1.0, 1e15 + 2.0]), Some(1.0));
    for size in [1e300, 3e-200] {
        let deviation = told(DEVIATION, &[size, -size]).unwrap();
        assert!((deviation / size / 2_f64.sqrt() - 1.0).abs() < 1e-15, "squares beyond all doubles: {deviation}");
    }
    assert_eq!(told(Told::Sum, &[f64::INFINITY, 1.0]), Some(f64::INFINITY));
    assert!(told(Told::Sum, &[f64::INFINITY, f64::NEG_INFINITY]).is_some_and(f64::is_nan));
}

#[test]
fn what_is_removed_was_never_there() {
    let mut moments = Moments::new(DEVIATION);
    for number in [0.1, 1e300, f64::NAN, 0.7] {
        moments.add(number);
    }
    moments.remove(f64::NAN);
    moments.remove(1e300);
    assert_eq!(moments.told(DEVIATION), told(DEVIATION, &[0.7, 0.1]));
}

/// Numbers of all sizes, many of which cancel.
fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let any = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |number| number.is_finite());
    let of_money = (-100_000_i32..100_000).prop_map(|cents| f64::from(cents) / 100.0);
    prop::collection::vec(prop_oneof![any, of_money], 0..40)
}

proptest! {
    #[test]
    fn any_order_and_any_parts_give_the_same(numbers in numbers(), cut in 0_usize..40, seed in any::<u64>()) {
        let mut turned = numbers.clone();
        turned.sort_by_key(|number| number.to_bits().wrapping_mul(seed | 1));
        let cut = cut.min(turned.len());
        for what in [Told::Sum, Told::Mean, DEVIATION] {
            let mut parts = [Moments::new(what), Moments::new(what), Moments::new(what)];
            turned[..cut].iter().for_each(|number| parts[0].add(*number));
            turned[cut..].iter().for_each(|number| parts[1].add(*number));
            let [joined, more, none] = &mut parts;
            for part in [more, none] {
                let mut bytes = Vec::new();
                part.write(&mut bytes);
                joined.merge(&Moments::read(&bytes).unwrap());
            }
            prop_assert_eq!(joined.told(what).map(f64::to_bits), told(what, &numbers).map(f64::to_bits));
        }
    }

    #[test]
    fn pairs_cancel(numbers in numbers()) {
        let both: Vec<f64> = numbers.iter().copied().chain(numbers.iter().rev().map(|number| -number)).collect();
        prop_assert_eq!(sum(&both), 0.0);
    }

    #[test]
    fn whole_numbers_are_as_whole_numbers(numbers in prop::collection::vec(-(1_i64 << 53)..1 << 53, 0..60)) {
        let exact: i128 = numbers.iter().map(|number| i128::from(*number)).sum();
        prop_assert_eq!(sum(&numbers.iter().map(|number| *number as f64).collect::<Vec<_>>()), exact as f64);
    }
}
