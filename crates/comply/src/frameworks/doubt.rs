//! Names of requirements that a person types: what is probably another than was meant.

use shoseki_messages::{Message, msg};

use super::Framework;

impl Framework {
    /// Why a document or a finding under this name would never be seen at a requirement: the framework has no such number, or its
    /// name is written otherwise. Nothing where it is one of these frameworks', or of none of them.
    pub fn doubt(name: &str, frameworks: &[&Self]) -> Option<Message> {
        let names = || {
            let of = |framework: &&Self| {
                let framework: &Self = framework;
                framework.requirements.iter().map(|one| framework.attach_name(one)).collect::<Vec<String>>()
            };
            frameworks.iter().flat_map(of)
        };
        if names().any(|known| known == name) {
            return None;
        }
        let plain = plain_of(name);
        if let Some(meant) = names().find(|known| plain_of(known) == plain) {
            return Some(msg!("comply-requirement-otherwise", name = name, meant = meant));
        }
        let begins = |framework: &&&Self| plain.starts_with(&plain_of(&framework.attach));
        let framework = frameworks.iter().filter(begins).max_by_key(|framework| framework.attach.len())?;
        let alike = |number: &str| number.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).count();
        let begun = |number: &str| {
            let given = name.get(framework.attach.len()..).unwrap_or_default().trim_start();
            number.chars().zip(given.chars()).take_while(|(a, b)| a == b).count()
        };
        let numbers = framework.requirements.iter().map(|one| one.number.as_str());
        let nearest = numbers.max_by_key(|number| (begun(number), alike(number))).unwrap_or_default();
        let attach = framework.attach.as_str();
        Some(msg!(
            "comply-requirement-unknown",
            name = name,
            framework = attach,
            nearest = format!("{attach} {nearest}")
        ))
    }
}

/// Letters and digits alone, in small letters: `PCIDSS 12.10.1` is `pcidss12101`, as `PCI-DSS 12.10.1` is.
fn plain_of(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use super::*;

    #[test]
    fn what_no_report_would_show_is_doubted() {
        let all = Framework::all().unwrap_or_default();
        let doubt = |name: &str| Framework::doubt(name, &all).map(|message| message.text(Lang::En)).unwrap_or_default();
        assert_eq!(doubt("PCI DSS 10.2.1"), "");
        assert_eq!(doubt("Our rules 7"), "", "a framework of one's own");
        for otherwise in ["PCIDSS 10.2.1", "PCI-DSS 10.2.1", "pci dss 10.2.1"] {
            assert!(doubt(otherwise).contains("`PCI DSS 10.2.1`"), "{}", doubt(otherwise));
        }
        assert!(doubt("PCI DSS 99.9").contains("none of the requirements"), "{}", doubt("PCI DSS 99.9"));
        assert!(doubt("PCI DSS 10.2.1.99").contains("`PCI DSS 10.2.1"), "{}", doubt("PCI DSS 10.2.1.99"));
    }
}
