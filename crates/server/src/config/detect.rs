//! Which rules are asked, whether `serve` asks them of what it seals, and which of their matches somebody bears: `[detect]`.
//!
//! ```text
//! [detect]
//! as_sealed = true
//! alert = "medium"
//! rules = ["/etc/shoseki/rules"]
//!
//! [[detect.suppress]]
//! rule = "6750630b-1391-4007-880f-e866d179e30c"
//! actor = "arn:aws:iam::111122223333:role/deploy*"
//! owner = "H. Mori"
//! reason = "the deployment makes keys, CHG-1204"
//! until = "2027-03-31"
//! ```

use serde::Deserialize;
use serde::de::Error;
use shoseki_detect::{Level, Suppression};
use shoseki_event::Day;
use shoseki_messages::Lang;

use super::settings::Paths;

/// The table `[detect]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detect {
    /// Whether `serve` asks them of what is sealed, as it is.
    pub as_sealed: bool,
    /// The least level of a match of which people are told then.
    pub alert: Level,
    /// Files and folders of Sigma rules beside our own.
    pub rules: Paths,
    /// Matches that are borne for a time.
    #[serde(deserialize_with = "borne")]
    pub suppress: Vec<Suppression>,
}

impl Default for Detect {
    fn default() -> Self {
        Self { as_sealed: true, alert: Level::Medium, rules: Paths::default(), suppress: Vec::new() }
    }
}

fn borne<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Suppression>, D::Error> {
    let all = Vec::<Suppression>::deserialize(from)?;
    for one in &all {
        Day::parse(&one.until).map_err(|fault| D::Error::custom(fault.chain(Lang::En)))?;
        if one.owner.trim().is_empty() || one.reason.trim().is_empty() {
            return Err(D::Error::custom("a suppression names its owner and its reason"));
        }
    }
    Ok(all)
}
