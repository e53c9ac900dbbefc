//! `sumOverTime`: the sum of the numbers in each `bin`: `sum` by another name.

use super::{Aggregate, sum};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "sumOverTime",
    aliases: &["sum_over_time"],
    title: "query-aggregate-sumovertime",
    example: ("sumOverTime(n)", "12"),
    least: 1,
    most: 1,
    build: sum::build,
};
