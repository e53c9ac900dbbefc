//! How names of AWS stand in tables: as short as they are clear, so that a line fits a terminal. JSON and CSV have them whole.
//!
//! ```text
//! arn:aws:iam::111122223333:user/deploy-bot       user/deploy-bot, where the table is of one account
//!                                                 111122223333:user/deploy-bot, where it is of several
//! arn:aws:s3:::hinode-customers/a.csv             hinode-customers/a.csv
//! ```

use std::collections::BTreeSet;

/// The names of one table.
pub struct Names {
    is_of_one_account: bool,
}

impl Names {
    /// Of all that stand in it.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let accounts: BTreeSet<&str> =
            texts.filter_map(parts).map(|(account, _)| account).filter(|account| !account.is_empty()).collect();
        Self { is_of_one_account: accounts.len() <= 1 }
    }

    /// A name as it stands there; what is no ARN stays as it is.
    pub fn short(&self, text: &str) -> String {
        match parts(text) {
            Some((account, rest)) if self.is_of_one_account || account.is_empty() => rest.to_owned(),
            Some((account, rest)) => format!("{account}:{rest}"),
            None => text.to_owned(),
        }
    }
}

/// The account of an ARN, and what is named in it. What is AWS's own (`arn:aws:iam::aws:policy/…`) is of no account.
fn parts(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.strip_prefix("arn:")?.splitn(5, ':').skip(3);
    let (account, rest) = parts.next().zip(parts.next()).filter(|(_, rest)| !rest.is_empty())?;
    let is_account = account.bytes().all(|byte| byte.is_ascii_digit());
    Some((if is_account { account } else { "" }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_short_as_it_is_clear() {
        let (one, other) = ("arn:aws:iam::111122223333:user/aiko", "arn:aws:iam::444455556666:user/aiko");
        let object = "arn:aws:s3:::customers/a:b.csv";
        let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
        let all = [one, object, policy, "aiko", "arn:", ""];
        let short = ["user/aiko", "customers/a:b.csv", "policy/AdministratorAccess", "aiko", "arn:", ""];
        assert_eq!(all.map(|text| Names::of(all.into_iter()).short(text)), short);
        let names = Names::of([one, other].into_iter());
        assert_eq!([one, object].map(|text| names.short(text)), ["111122223333:user/aiko", "customers/a:b.csv"]);
    }
}
