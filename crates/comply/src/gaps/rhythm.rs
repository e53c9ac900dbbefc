//! How long a stream may be silent, learned from how it spoke.
//!
//! Its hours of the week are those in which it spoke in at least half of the weeks, where two weeks and more are known: the silence
//! of an application at night is none. Of its silences, counted in these hours alone, the third longest is usual: two gaps in the
//! time that is learned from do not hide a third. Half as long again is too long, and less than five minutes never is.

use super::Occupied;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
const WEEK: usize = 168;
/// The hour of the week of 1970-01-01T00:00Z, a Thursday, where Monday's first hour is 0.
const FIRST_HOUR: i64 = 3 * 24;

/// The shortest silence that is too long, in minutes.
const LEAST: i64 = 5;
/// How much must be known before a rhythm is learned: minutes from the first to now, and minutes in which it spoke.
const ENOUGH: (i64, i64) = (DAY, 20);
/// From how many minutes on the hours of the week are learned.
const WEEKS: i64 = 14 * DAY;

/// A stream's rhythm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The hours of the week, from Monday 00:00 UTC, in which it speaks.
    awake: [bool; WEEK],
    /// The longest silence that is no gap, in minutes of these hours.
    pub at_most: i64,
}

impl Rhythm {
    /// One that is stated: so many minutes at any hour.
    pub fn stated(at_most: i64) -> Self {
        Self { awake: [true; WEEK], at_most }
    }

    /// One that is learned from what was said before a minute. `None` where too little is known.
    pub fn learned(occupied: &Occupied, until: i64) -> Option<Self> {
        let (first, _) = occupied.span()?;
        if until - first < ENOUGH.0 || occupied.minutes() < ENOUGH.1 {
            return None;
        }
        let awake = if until - first >= WEEKS { hours(occupied, first, until) } else { [true; WEEK] };
        let mut rhythm = Self { awake, at_most: 0 };
        let mut silences: Vec<i64> = occupied.silences().map(|silence| rhythm.length(silence)).collect();
        silences.sort_unstable_by(|a, b| b.cmp(a));
        let usual = silences.get(2).copied().unwrap_or_default();
        rhythm.at_most = (usual + (usual + 1) / 2).max(LEAST);
        Some(rhythm)
    }

    /// How many of the week's hours it speaks in.
    pub fn hours(&self) -> usize {
        self.awake.iter().filter(|awake| **awake).count()
    }

    /// How much of a silence lies in its hours, in minutes.
    pub fn length(&self, (from, to): (i64, i64)) -> i64 {
        if self.hours() == WEEK {
            return to - from;
        }
        let weeks = (to - from) / (7 * DAY);
        let whole = weeks * i64::try_from(self.hours()).unwrap_or_default() * HOUR;
        let (mut at, mut length) = (from + weeks * 7 * DAY, whole);
        while at < to {
            let end = (at.div_euclid(HOUR) + 1) * HOUR;
            if self.awake.get(hour_of(at)).copied().unwrap_or(true) {
                length += end.min(to) - at;
            }
            at = end;
        }
        length
    }

    /// Whether a silence is longer than it may be.
    pub fn is_gap(&self, silence: (i64, i64)) -> bool {
        self.length(silence) > self.at_most
    }
}

fn hour_of(minute: i64) -> usize {
    usize::try_from((minute.div_euclid(HOUR) + FIRST_HOUR).rem_euclid(168)).unwrap_or_default()
}

/// The hours of the week in which it spoke in at least half of the weeks; all where there are none.
fn hours(occupied: &Occupied, first: i64, until: i64) -> [bool; WEEK] {
    let (mut spoken, mut all) = ([0_u32; WEEK], [0_u32; WEEK]);
    for hour in first.div_euclid(HOUR)..until.div_euclid(HOUR) {
        all[hour_of(hour * HOUR)] += 1;
    }
    let mut last = i64::MIN;
    for (start, end) in occupied.runs() {
        for hour in start.div_euclid(HOUR).max(last.saturating_add(1))..=(end - 1).div_euclid(HOUR) {
            spoken[hour_of(hour * HOUR)] += 1;
            last = hour;
        }
    }
    let mut awake = [false; WEEK];
    for (hour, awake) in awake.iter_mut().enumerate() {
        *awake = spoken[hour] > 0 && 2 * spoken[hour] >= all[hour];
    }
    if awake.contains(&true) { awake } else { [true; WEEK] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `every` minutes for so many days, in the hours that `is_said` allows, but for some stretches.
    fn spoken(days: i64, every: i64, is_said: impl Fn(i64) -> bool, but: &[(i64, i64)]) -> Occupied {
        let minutes = (0..days * DAY).step_by(usize::try_from(every).unwrap()).filter(|minute| is_said(*minute));
        Occupied::of(minutes.filter(|minute| !but.iter().any(|(a, b)| (*a..*b).contains(minute))).collect())
    }

    #[test]
    fn who_speaks_all_the_time_may_be_silent_for_five_minutes() {
        let rhythm = Rhythm::learned(&spoken(3, 1, |_| true, &[]), 3 * DAY).unwrap();
        assert_eq!((rhythm.at_most, rhythm.hours()), (5, 168));
        assert!(!rhythm.is_gap((0, 5)) && rhythm.is_gap((0, 6)));
    }

    #[test]
    fn two_gaps_do_not_hide_a_third() {
        let gaps = [(1_000, 2_000), (3_000, 5_000)];
        let rhythm = Rhythm::learned(&spoken(7, 10, |_| true, &gaps), 7 * DAY).unwrap();
        assert_eq!(rhythm.at_most, 14, "nine minutes are usual");
        assert!(rhythm.is_gap((1_000, 2_000)) && !rhythm.is_gap((1, 10)));
    }

    #[test]
    fn nights_and_weekends_are_no_gaps_but_a_silent_day_is() {
        // 1970-01-01 was a Thursday; Saturday and Sunday are the days 2 and 3 of each week from it.
        let is_office = |minute: i64| (9..18).contains(&(minute / HOUR % 24)) && !(2..4).contains(&(minute / DAY % 7));
        let rhythm = Rhythm::learned(&spoken(28, 5, is_office, &[]), 28 * DAY).unwrap();
        assert_eq!((rhythm.hours(), rhythm.at_most), (45, 6));
        let (friday, monday) = (DAY, 4 * DAY);
        assert!(!rhythm.is_gap((friday + 17 * HOUR + 56, monday + 9 * HOUR)), "a weekend");
        assert!(rhythm.is_gap((friday + 10 * HOUR, friday + 10 * HOUR + 7)), "seven minutes of a morning");
        assert!(rhythm.is_gap((monday, monday + DAY)));
        assert_eq!(rhythm.length((0, 70 * DAY)), 10 * 45 * HOUR);
    }

    #[test]
    fn too_little_is_no_rhythm() {
        assert_eq!(Rhythm::learned(&Occupied::default(), DAY), None);
        assert_eq!(Rhythm::learned(&spoken(1, 1, |minute| minute < 600, &[]), 600), None, "not a day yet");
        assert_eq!(Rhythm::learned(&Occupied::of(vec![0, 500, 900]), 30 * DAY), None, "three times");
    }
}
