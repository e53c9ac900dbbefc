//! When a stream spoke, in whole minutes since 1970.

/// Runs of minutes, sorted, without overlap, each at least a minute from the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupied {
    runs: Vec<(i64, i64)>,
}

impl Occupied {
    /// From minutes in any order.
    pub fn of(mut minutes: Vec<i64>) -> Self {
        minutes.sort_unstable();
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for minute in minutes {
            match runs.last_mut() {
                Some((_, end)) if minute <= *end => *end = (*end).max(minute.saturating_add(1)),
                _ => runs.push((minute, minute.saturating_add(1))),
            }
        }
        Self { runs }
    }

    /// Takes in what another has.
    pub fn join(&mut self, other: &Self) {
        let mut all: Vec<(i64, i64)> = self.runs.iter().chain(&other.runs).copied().collect();
        all.sort_unstable();
        let mut runs: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match runs.last_mut() {
                Some((_, last)) if start <= *last => *last = (*last).max(end),
                _ => runs.push((start, end)),
            }
        }
        self.runs = runs;
    }

    /// Forgets what was before a minute.
    pub fn forget_before(&mut self, minute: i64) {
        self.runs.retain_mut(|(start, end)| {
            *start = (*start).max(minute);
            *start < *end
        });
    }

    /// The first minute, and the one behind the last.
    pub fn span(&self) -> Option<(i64, i64)> {
        Some((self.runs.first()?.0, self.runs.last()?.1))
    }

    /// How many minutes.
    pub fn minutes(&self) -> i64 {
        self.runs.iter().map(|(start, end)| end - start).sum()
    }

    /// The runs.
    pub fn runs(&self) -> &[(i64, i64)] {
        &self.runs
    }

    /// The stretches between two runs.
    pub fn silences(&self) -> impl Iterator<Item = (i64, i64)> {
        self.runs.windows(2).filter_map(|pair| match pair {
            [(_, end), (start, _)] => Some((*end, *start)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn minutes_become_runs_and_silences() {
        let occupied = Occupied::of(vec![12, 3, 4, 5, 5, 10]);
        assert_eq!(occupied.runs(), [(3, 6), (10, 11), (12, 13)]);
        assert_eq!(occupied.silences().collect::<Vec<_>>(), [(6, 10), (11, 12)]);
        assert_eq!((occupied.span(), occupied.minutes()), (Some((3, 13)), 5));
        assert_eq!((Occupied::default().span(), Occupied::of(vec![i64::MAX]).minutes()), (None, 0));
    }

    proptest! {
        #[test]
        fn joined_is_both(a in prop::collection::vec(0_i64..200, 0..60), b in prop::collection::vec(0_i64..200, 0..60)) {
            let mut joined = Occupied::of(a.clone());
            joined.join(&Occupied::of(b.clone()));
            prop_assert_eq!(&joined, &Occupied::of([a.clone(), b.clone()].concat()));
            joined.forget_before(100);
            let late = [a, b].concat().into_iter().filter(|minute| *minute >= 100).collect();
            prop_assert_eq!(joined, Occupied::of(late));
        }

        #[test]
        fn a_minute_is_in_a_run_or_in_a_silence(minutes in prop::collection::vec(0_i64..500, 1..60)) {
            let occupied = Occupied::of(minutes.clone());
            let (first, end) = occupied.span().unwrap();
            for minute in first..end {
                let in_run = occupied.runs().iter().any(|(a, b)| (*a..*b).contains(&minute));
                let in_silence = occupied.silences().any(|(a, b)| (a..b).contains(&minute));
                prop_assert_eq!(in_run, minutes.contains(&minute));
                prop_assert_ne!(in_run, in_silence);
            }
        }
    }
}
