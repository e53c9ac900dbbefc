//! The aggregates of `stats`: one file each. To add one, write its file and add its name to the list below.
//!
//! All are exact. A value that is missing, or no number where one is needed, does not count.

use std::collections::HashSet;

use datafusion::error::Result;
use datafusion::functions_aggregate::first_last::first_value;
use datafusion::logical_expr::{Expr, ExprFunctionExt, SortExpr, col};

use crate::functions::Call;
use crate::plan::{Planned, Planner, Rows};
use crate::values::Value;

/// An aggregate of the language.
pub struct Aggregate {
    /// Its name; aggregates are known without regard to case.
    pub name: &'static str,
    /// Other names that it answers to.
    pub aliases: &'static [&'static str],
    /// The id of its one-line description in the catalogue of messages.
    pub title: &'static str,
    /// A use, and what it gives for the events of the tests.
    pub example: (&'static str, &'static str),
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) build: fn(&mut Planner, &Call<'_>) -> Planned<Value>,
}

impl Aggregate {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.names().any(|known| known.eq_ignore_ascii_case(name))
    }
}

macro_rules! aggregates {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every aggregate, in the order in which help shows them.
        pub const AGGREGATES: &[Aggregate] = &[$($module::AGGREGATE),*];
    };
}

aggregates! {
    count,
    count_distinct,
    avg,
    sum,
    min,
    max,
    pct,
    median,
    stddev,
    histogram,
    rate,
    countovertime,
    sumovertime,
    earliest,
    latest,
    sortsfirst,
    sortslast,
}

/// The first value that is there, in an order.
fn first_present(value: Expr, order: Vec<SortExpr>) -> Result<Expr> {
    let is_there = value.clone().is_not_null();
    first_value(value, Vec::new()).order_by(order).filter(is_there).build()
}

impl Planner {
    /// Events from the earliest, or from the latest. Groups of an earlier `stats` have no time of their own: their order.
    fn by_time(&self, ascending: bool) -> Vec<SortExpr> {
        if self.rows == Rows::Groups {
            // The engine takes what stands there twice for one, and then misses the other.
            let mut seen = HashSet::new();
            let order = self.order().into_iter();
            return order.filter(|sort| seen.insert(sort.expr.clone())).collect();
        }
        vec![col("time").sort(ascending, false), col("segment").sort(true, false), col("ordinal").sort(true, false)]
    }
}
