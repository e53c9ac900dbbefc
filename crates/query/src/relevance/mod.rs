//! By which fields events that meet a condition differ from the others, for `relevantfields`. Two pools of events go in,
//! those that meet it and the rest; fields with a score come out.
//!
//! ```text
//! errorCode   0.97   AccessDenied: 1 and 0.03 …        the shares of a value in both, where few values are told apart
//! duration    0.61   medians 5200 and 130               where all values are numbers
//! requestId   -      each event has another: no more different than chance would have it
//! ```
//!
//! The score is the share of events that would need another value for both pools to look alike, less what chance alone
//! gives ([`score`]): 0 is chance, and near to 1 there is no value in common and there are many events. A value that is missing is a value of its own.
//!
//! The memory is bounded whatever comes: of each pool [`sample::MOST_EVENTS`] different events are looked at, chosen by
//! their hash, so that they are the same in whichever order they come; and of them so many fields and values.

mod sample;
mod score;
mod tally;

pub(crate) use sample::Pool;
pub(crate) use tally::Tallies;
