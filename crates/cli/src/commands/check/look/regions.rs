//! Names of regions: one that is mistyped is answered with the nearest, before anything is asked.

use shoseki_messages::{Fault, Result, msg};

/// The regions by the places that they are called after, without their numbers: a new one of a place has another number.
const PLACES: [&str; 24] = [
    "af-south",
    "ap-east",
    "ap-northeast",
    "ap-south",
    "ap-southeast",
    "ca-central",
    "ca-west",
    "cn-north",
    "cn-northwest",
    "eu-central",
    "eu-north",
    "eu-south",
    "eu-west",
    "eusc-de-east",
    "il-central",
    "me-central",
    "me-south",
    "mx-central",
    "sa-east",
    "us-east",
    "us-gov-east",
    "us-gov-west",
    "us-west",
    "us-iso-east",
];

/// Takes a region that there is, or may be: AWS opens new ones. One whose name is nearly that of another is refused.
pub(super) fn known(region: &str) -> Result<()> {
    let unknown = || Fault::caller(msg!("aws-region-unknown", region = region));
    let (place, number) = region.rsplit_once('-').ok_or_else(unknown)?;
    if PLACES.contains(&place) && number.parse::<u8>().is_ok() {
        return Ok(());
    }
    let near = shoseki_insights::nearest(place, PLACES);
    // `us-east1` has its number where its place ends.
    let near = near.or_else(|| shoseki_insights::nearest(region, PLACES));
    let parts: Vec<&str> = region.split('-').collect();
    let is_like_one = parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        && number.parse::<u8>().is_ok();
    match near {
        Some(near) => {
            let digits: String = region.chars().filter(char::is_ascii_digit).collect();
            let near = format!("{near}-{}", if digits.is_empty() { "1" } else { &digits });
            Err(Fault::caller(msg!("aws-region-near", region = region, near = near)))
        }
        None if is_like_one => Ok(()),
        None => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Lang;

    use super::*;

    #[test]
    fn a_name_that_is_mistyped_is_answered_with_the_nearest_and_a_new_region_is_none() {
        for there in
            ["us-east-1", "ap-northeast-3", "ap-southeast-9", "us-gov-west-1", "eusc-de-east-1", "za-mountain-1"]
        {
            assert!(known(there).is_ok(), "{there}");
        }
        for (mistyped, near) in [
            ("us-est-1", "`us-east-1`"),
            ("ap-notheast-1", "`ap-northeast-1`"),
            ("us-east1", "`us-east-1`"),
            ("eu-wset-3", "`eu-west-3`"),
        ] {
            let said = known(mistyped).unwrap_err().chain(Lang::En);
            assert!(said.contains(near), "{said}");
        }
        for odd in ["tokyo", "", "US-EAST-1", "us-east-", "a-b", "-"] {
            assert!(known(odd).is_err(), "{odd}");
        }
    }
}
