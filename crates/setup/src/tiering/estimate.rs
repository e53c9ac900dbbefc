//! What moving a vault's files by their age would come to: what moves now and later, what a month costs before and after, what the
//! moves cost once, and what it costs to read all of it.

use serde::Serialize;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

use super::class::{self, Class};
use super::survey::{Stored, Survey, Total};
use super::tariff::{Reading, Span, Tariff, is_moved};

/// The longest age that a rule may wait for, in days.
pub const MOST_DAYS: u64 = 36_500;

/// What is to be moved where, and from which age on.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The age in days, counted from when the file was written.
    pub after: u64,
    /// The class.
    pub class: &'static Class,
}

impl Wish {
    /// Of an age and a class's word.
    ///
    /// # Errors
    /// The caller's mistake where nothing is moved into that class, or not at that age.
    pub fn new(after: u64, word: &str) -> Result<Self> {
        let offered = Class::offered().find(|class| class.word == word || class.name == word);
        let class = offered.ok_or_else(|| class::unknown(word))?;
        if !(class.least_age.max(1)..=MOST_DAYS).contains(&after) {
            let least = class.least_age.max(1);
            return Err(Fault::caller(msg!(
                "tier-age",
                days = after,
                class = class.word,
                least = least,
                most = MOST_DAYS
            )));
        }
        Ok(Self { after, class })
    }
}

/// What is paid for a vault, in US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Paid {
    /// A month of lying there.
    pub month: Span,
    /// All of it read once, as `verify` does. What must be restored first is not in it.
    pub verify: f64,
    /// The same by `verify --deep`, which reads files of events about twice.
    pub verify_deep: f64,
}

/// What a wish comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// The files that would be moved at once, as they lie now.
    pub moves: Total,
    /// Those that are not old enough.
    pub younger: Total,
    /// Those that a life cycle does not move because they are smaller than 128 KB.
    pub small: Total,
    /// Those that are there already, or lie where nothing is moved from.
    pub stays: Total,
    /// What is paid now.
    pub now: Paid,
    /// What is paid once it is moved.
    pub then: Paid,
    /// What the moves cost once, in US dollars.
    pub once: f64,
    /// After how many months the moves are paid for; absent where nothing is saved, or that is not certain.
    pub months_until_paid: Option<f64>,
}

impl Estimate {
    /// What a wish comes to for the objects of a vault.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn of(objects: &[Stored], wish: Wish, tariff: &Tariff, now: Timestamp) -> Result<Self> {
        let mut estimate = Self::default();
        let mut after = Vec::with_capacity(objects.len());
        for object in objects {
            let class = Class::named(&object.class);
            let mut lies = object.clone();
            if object.is_evidence() {
                let total = match (wish.class.takes_from(&object.class), is_moved(object.size)) {
                    (false, _) => &mut estimate.stays,
                    (true, false) => &mut estimate.small,
                    (true, true) if object.age(now) < wish.after => &mut estimate.younger,
                    (true, true) => {
                        wish.class.name.clone_into(&mut lies.class);
                        &mut estimate.moves
                    }
                };
                total.add(object.size, class);
            }
            after.push(lies);
        }
        estimate.now = Paid::of(&Survey::of(objects, now), tariff)?;
        estimate.then = Paid::of(&Survey::of(&after, now), tariff)?;
        estimate.once = tariff.moving(wish.class, estimate.moves.files)?;
        let saved = estimate.now.month.least - estimate.then.month.most;
        estimate.months_until_paid = (saved > 0.0 && estimate.once > 0.0).then(|| estimate.once / saved);
        Ok(estimate)
    }
}

impl Paid {
    /// What is paid for a vault that lies so. Of classes whose prices are not known nothing is counted.
    ///
    /// # Errors
    /// Our own broken invariant.
    pub fn of(survey: &Survey, tariff: &Tariff) -> Result<Self> {
        let mut paid = Self::default();
        for lying in survey.all() {
            if let Some(class) = Class::named(&lying.class) {
                paid.month.add(tariff.month(class, &lying.all)?);
            }
        }
        let usd =
            |all: &[Reading]| all.iter().map(|one| Ok(tariff.reading(one)?.unwrap_or_default())).sum::<Result<f64>>();
        paid.verify = usd(&verified(survey, false))?;
        paid.verify_deep = usd(&verified(survey, true))?;
        Ok(paid)
    }
}

/// What `verify` reads of a vault, by class: each object once, and with `--deep` files of evidence once more, of which what was received
/// is rebuilt. What was received in another order than it lies in is read more often.
pub fn verified(survey: &Survey, is_deep: bool) -> Vec<Reading> {
    let mut all: Vec<Reading> = Vec::new();
    let again = survey.files.iter().filter(|_| is_deep);
    for (reading, is_again) in
        survey.all().map(|lying| (Reading::whole(lying), false)).chain(again.map(|lying| (Reading::whole(lying), true)))
    {
        match all.iter_mut().find(|known| known.class == reading.class) {
            Some(known) => {
                let files = known.files;
                known.add(&reading);
                if is_again {
                    known.files = files;
                }
            }
            None => all.push(reading),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn object(name: &str, size: u64, days: i64, class: &str) -> Stored {
        Stored { name: name.to_owned(), size, modified: Timestamp((1_000 - days) * DAY), class: class.to_owned() }
    }

    #[test]
    fn what_moves_is_old_large_and_evidence() {
        let gigabyte = 1 << 30;
        let objects = [
            object("events/class=a/day=1/1.parquet", 80 * gigabyte, 90, "STANDARD"),
            object("events/class=a/day=1/2.parquet", gigabyte, 89, "STANDARD"),
            object("events/class=a/day=1/3.parquet", 131_071, 400, "STANDARD"),
            object("originals/ff", 20 * gigabyte, 400, "STANDARD_IA"),
            object("originals/fe", gigabyte, 400, "GLACIER_IR"),
            object("events/_delta_log/00000000000000000001.json", 9 * gigabyte, 400, "STANDARD"),
        ];
        let wish = Wish::new(90, "glacier-ir").unwrap();
        let tariff = Tariff::read().unwrap();
        let estimate = Estimate::of(&objects, wish, &tariff, Timestamp(1_000 * DAY)).unwrap();
        let files = [estimate.moves, estimate.younger, estimate.small, estimate.stays].map(|total| total.files);
        assert_eq!(files, [2, 1, 1, 1]);
        assert_eq!(estimate.moves.bytes, 100 * gigabyte);
        // A hundred gigabytes at half a cent, one as before, ten and a little in STANDARD at two and a half.
        let small = 131_071.0 / f64::from(1_u32 << 30);
        let near = |is: f64, expected: f64| assert!((is - expected).abs() < 1e-9, "{is} is not {expected}");
        near(estimate.then.month.most, 101.0 * 0.005 + (10.0 + small) * 0.025);
        near(estimate.now.month.most, (90.0 + small) * 0.025 + 20.0 * 0.0138 + 0.005);
        near(estimate.once, 2.0 / 1_000.0 * 0.02);
        let gets = 3.0 / 1_000.0 * 0.00037;
        near(estimate.then.verify, 101.0 * 0.03 + 3.0 / 1_000.0 * 0.01 + gets);
        near(estimate.now.verify, 0.03 + 0.01 / 1_000.0 + 20.0 * 0.01 + 0.001 / 1_000.0 + 4.0 / 1_000.0 * 0.00037);
        assert!(estimate.then.verify_deep > estimate.then.verify && estimate.months_until_paid.unwrap() < 0.01);
    }

    #[test]
    fn nothing_is_said_to_be_saved_where_it_is_not() {
        let tariff = Tariff::read().unwrap();
        let small = [object("events/class=a/day=1/1.parquet", 140_000, 400, "STANDARD")];
        let now = Timestamp(1_000 * DAY);
        let tiered = Estimate::of(&small, Wish::new(30, "intelligent-tiering").unwrap(), &tariff, now).unwrap();
        assert_eq!((tiered.moves.files, tiered.months_until_paid), (1, None), "whether it saves depends on who reads");
        let none = Estimate::of(&[], Wish::new(30, "standard-ia").unwrap(), &tariff, now).unwrap();
        assert_eq!((none.moves.files, none.months_until_paid), (0, None));
    }

    #[test]
    fn only_what_can_be_read_at_once_is_taken() {
        for (after, word, id) in [
            (90, "glacier", "tier-class-archive"),
            (90, "DEEP_ARCHIVE", "tier-class-archive"),
            (90, "standard", "tier-class-unknown"),
            (90, "cold", "tier-class-unknown"),
            (29, "standard-ia", "tier-age"),
            (0, "glacier-ir", "tier-age"),
            (36_501, "glacier-ir", "tier-age"),
        ] {
            assert_eq!(Wish::new(after, word).unwrap_err().id(), id, "{after} {word}");
        }
        assert!(Wish::new(30, "standard-ia").is_ok() && Wish::new(1, "GLACIER_IR").is_ok());
    }

    #[test]
    fn a_deep_judgement_reads_evidence_again() {
        let objects = [
            object("events/class=a/day=1/1.parquet", 1_000, 0, "GLACIER_IR"),
            object("shoseki.toml", 10, 0, "STANDARD"),
        ];
        let survey = Survey::of(&objects, Timestamp(1_000 * DAY));
        let sum = |is_deep| {
            let all = verified(&survey, is_deep);
            let of =
                |class: &str| all.iter().find(|one| one.class == class).map(|one| (one.requests, one.bytes)).unwrap();
            (of("GLACIER_IR"), of("STANDARD"))
        };
        assert_eq!(sum(false), ((1, 1_000), (1, 10)));
        assert_eq!(sum(true), ((2, 2_000), (1, 10)));
    }
}
