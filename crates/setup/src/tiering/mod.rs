//! Storage classes of the bucket that a vault lies in: how its objects lie in them by age, what a rule of the bucket's life cycle would
//! move, and what is paid for it.
//!
//! ```text
//! listing ─► survey ─┬─► estimate: what moves, a month before and after, all of it read once
//! prices ─► tariff ──┘
//! life cycle ─► merged with our rules ─► JSON for the AWS CLI, Terraform, or the call itself
//! ```
//!
//! It asks nobody and changes nothing.

mod class;
mod code;
mod estimate;
mod rules;
mod survey;
mod tariff;

pub use class::{CLASSES, Class};
pub use code::{for_aws, smallest, terraform};
pub use estimate::{Estimate, MOST_DAYS, Paid, Wish, verified};
pub use rules::{Deed, Merged, Reach, Rule, merged, rules};
pub use survey::{AGES, Lying, Stored, Survey, Total};
pub use tariff::{Of, Reading, Span, Tariff};
