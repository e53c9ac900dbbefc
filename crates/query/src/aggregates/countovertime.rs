//! `countOverTime`: the number of events, or of those that have the field, in each `bin`: `count` by another name.

use super::{Aggregate, count};

pub(super) const AGGREGATE: Aggregate = Aggregate {
    name: "countOverTime",
    aliases: &["count_over_time"],
    title: "query-aggregate-countovertime",
    example: ("countOverTime(word)", "2"),
    least: 0,
    most: 1,
    build: count::build,
};
