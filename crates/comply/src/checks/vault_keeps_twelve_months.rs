//! The vault's own policy keeps each class of evidence for a year at least. What nobody gave a period is kept for ever.

use shoseki_messages::msg;

use super::finding::Finding;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check::evidence("vault_keeps_twelve_months", Severity::High, &[], |evidence| {
    let finding = |(class, months): (&String, &Option<u32>)| match months {
        None => Finding::pass(class.as_str(), msg!("check-found-kept-for-ever")),
        Some(months) if *months >= LEAST => Finding::pass(class.as_str(), msg!("check-found-kept", months = *months)),
        Some(months) => Finding::fail(class.as_str(), msg!("check-found-kept-less", months = *months, least = LEAST)),
    };
    if evidence.arrivals.streams.is_empty() {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-nothing-to-keep"))];
    }
    evidence.vault.periods.iter().map(finding).collect()
});

/// The least months: PCI DSS 10.5.1 and the handbook's 4.1 name twelve.
const LEAST: u32 = 12;

#[cfg(test)]
mod tests {
    use super::super::tests::{arrivals, judged_over};
    use super::super::{Arrivals, VaultFacts};
    use super::*;

    #[test]
    fn each_class_is_judged_by_its_own_period() {
        let periods = [("standard", None), ("short", Some(11)), ("year", Some(12))];
        let periods = periods.into_iter().map(|(class, months)| (class.to_owned(), months)).collect();
        let vault = VaultFacts { periods, ..VaultFacts::default() };
        let found = judged_over(&CHECK, &arrivals(&[("cloudtrail/1", &[1])]), &vault, Vec::new());
        let starts = found.iter().map(|line| line.split(':').next().unwrap_or_default());
        assert_eq!(starts.collect::<Vec<_>>(), ["fail short", "pass standard", "pass year"]);
        let nothing = judged_over(&CHECK, &Arrivals::default(), &vault, Vec::new());
        assert!(nothing.len() == 1 && nothing[0].starts_with("no_evidence"), "{nothing:?}");
    }
}
