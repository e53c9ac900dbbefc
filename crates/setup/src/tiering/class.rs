//! Storage classes of S3, and the terms of each: what is paid, from which age and size on, and whether its objects are read at once.

use shoseki_messages::{Fault, msg};

/// How many bytes an object counts for at least where a class bills no less, and below which a life cycle moves none: 128 KB.
pub(super) const SMALL: u64 = 128 << 10;

/// A storage class.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name, as S3 writes it: `GLACIER_IR`.
    pub name: &'static str,
    /// Its name as an argument: `glacier-ir`.
    pub word: &'static str,
    /// Whether its objects are read at once. What is not must be restored first, and no vault can be read with it.
    pub is_read_at_once: bool,
    /// Whether its objects lie in one data centre alone.
    pub is_in_one_zone: bool,
    /// The price of a gigabyte a month.
    pub(super) storage: &'static str,
    /// The price of the same where it was not read for long, in the class that looks at that.
    pub(super) storage_at_rest: Option<&'static str>,
    /// The price of its objects' being looked at.
    pub(super) monitoring: Option<&'static str>,
    /// The price of GETs.
    pub(super) gets: &'static str,
    /// The price of a gigabyte that is read.
    pub(super) retrieval: Option<&'static str>,
    /// The price of what a life cycle moves into it.
    pub(super) moves: Option<&'static str>,
    /// From which age on a life cycle moves into it, in days.
    pub least_age: u64,
    /// For how many days an object is paid at least.
    pub least_days: u64,
    /// For how many bytes an object is paid at least.
    pub least_bytes: u64,
}

const STANDARD: Class = Class {
    name: "STANDARD",
    word: "standard",
    is_read_at_once: true,
    is_in_one_zone: false,
    storage: "s3-storage",
    storage_at_rest: None,
    monitoring: None,
    gets: "s3-gets",
    retrieval: None,
    moves: None,
    least_age: 0,
    least_days: 0,
    least_bytes: 0,
};

const STANDARD_IA: Class = Class {
    name: "STANDARD_IA",
    word: "standard-ia",
    storage: "s3-ia-storage",
    gets: "s3-ia-gets",
    retrieval: Some("s3-ia-retrieval"),
    moves: Some("s3-ia-moves"),
    least_age: 30,
    least_days: 30,
    least_bytes: SMALL,
    ..STANDARD
};

/// The classes whose prices are known, in the order in which a life cycle moves from one to the next.
pub static CLASSES: [Class; 7] = [
    STANDARD,
    STANDARD_IA,
    Class {
        name: "INTELLIGENT_TIERING",
        word: "intelligent-tiering",
        storage_at_rest: Some("s3-gir-storage"),
        monitoring: Some("s3-int-monitoring"),
        moves: Some("s3-ia-moves"),
        ..STANDARD
    },
    Class {
        name: "ONEZONE_IA",
        word: "onezone-ia",
        storage: "s3-onezone-storage",
        is_in_one_zone: true,
        ..STANDARD_IA
    },
    Class {
        name: "GLACIER_IR",
        word: "glacier-ir",
        storage: "s3-gir-storage",
        gets: "s3-gir-gets",
        retrieval: Some("s3-gir-retrieval"),
        moves: Some("s3-gir-moves"),
        least_days: 90,
        least_bytes: SMALL,
        ..STANDARD
    },
    Class { name: "GLACIER", word: "glacier", is_read_at_once: false, storage: "s3-glacier-storage", ..STANDARD },
    Class {
        name: "DEEP_ARCHIVE",
        word: "deep-archive",
        is_read_at_once: false,
        storage: "s3-deep-storage",
        ..STANDARD
    },
];

impl Class {
    /// The class of this name, as S3 writes it; `None` where its prices are not known.
    pub fn named(name: &str) -> Option<&'static Self> {
        CLASSES.iter().find(|class| class.name == name)
    }

    /// The class of this word.
    pub fn of_word(word: &str) -> Option<&'static Self> {
        CLASSES.iter().find(|class| class.word == word)
    }

    /// The classes that a vault's files may be moved into.
    pub fn offered() -> impl Iterator<Item = &'static Self> {
        CLASSES.iter().filter(|class| class.is_read_at_once && class.moves.is_some())
    }

    /// Whether a life cycle moves objects of a class into this one: it only ever goes down.
    pub fn takes_from(&self, from: &str) -> bool {
        match (from, self.name) {
            ("STANDARD", name) => name != "STANDARD",
            ("STANDARD_IA", name) => !matches!(name, "STANDARD" | "STANDARD_IA"),
            ("INTELLIGENT_TIERING", name) => !matches!(name, "STANDARD" | "STANDARD_IA" | "INTELLIGENT_TIERING"),
            _ => false,
        }
    }

    /// For how many bytes an object of this size is paid.
    pub fn billed(&self, size: u64) -> u64 {
        size.max(self.least_bytes)
    }

    /// Whether reading costs more than the request.
    pub fn is_paid_by_reading(&self) -> bool {
        self.retrieval.is_some()
    }
}

/// The refusal of a class into which nothing is moved: one that must be restored first, or none at all.
pub(super) fn unknown(word: &str) -> Fault {
    let known: Vec<&str> = Class::offered().map(|class| class.word).collect();
    let known = known.join(", ");
    let is_archive = Class::of_word(word).or_else(|| Class::named(word)).is_some_and(|class| !class.is_read_at_once);
    Fault::caller(match is_archive {
        true => msg!("tier-class-archive", class = word, known = known),
        false => msg!("tier-class-unknown", class = word, known = known),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Prices;

    #[test]
    fn each_class_has_its_prices_and_only_those_that_are_read_at_once_are_offered() {
        let prices = Prices::read().unwrap();
        for class in &CLASSES {
            let ids = [Some(class.storage), class.storage_at_rest, class.monitoring, Some(class.gets), class.retrieval];
            for id in ids.into_iter().chain([class.moves]).flatten() {
                assert!(prices.of(id).is_ok(), "{}: {id}", class.name);
            }
            assert_eq!(Class::named(class.name), Class::of_word(class.word));
        }
        let words: Vec<&str> = Class::offered().map(|class| class.word).collect();
        assert_eq!(words, ["standard-ia", "intelligent-tiering", "onezone-ia", "glacier-ir"]);
    }

    #[test]
    fn a_life_cycle_moves_down_and_never_back() {
        let glacier = Class::named("GLACIER_IR").unwrap();
        let infrequent = Class::named("STANDARD_IA").unwrap();
        assert!(glacier.takes_from("STANDARD") && glacier.takes_from("STANDARD_IA"));
        assert!(glacier.takes_from("INTELLIGENT_TIERING") && infrequent.takes_from("STANDARD"));
        for (class, from) in [(infrequent, "INTELLIGENT_TIERING"), (infrequent, "GLACIER_IR"), (glacier, "GLACIER_IR")]
        {
            assert!(!class.takes_from(from), "{} from {from}", class.name);
        }
        assert!(!glacier.takes_from("ONEZONE_IA") && !glacier.takes_from("GLACIER") && !glacier.takes_from("SNOW"));
        assert_eq!((glacier.billed(10), glacier.billed(1 << 20), CLASSES[0].billed(10)), (131_072, 1 << 20, 10));
    }
}
