//! What must be known of a query that is to be run again elsewhere, over the events alone that it can be about: which range of
//! time it reads, which tables it names, and whether it gives the same rows each time.
//!
//! A query in the language of Logs Insights does, in the same order: ties are broken by the events' names, and what `now()` is
//! is an option. Only `limit any` takes whichever rows come first. SQL leaves more open, so what it leaves open is refused by
//! name; the order of its rows is not compared.

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan, Volatility};
use shoseki_event::Timestamp;
use shoseki_insights::Command;
use shoseki_messages::{Fault, Result, msg};

use crate::asked;
use crate::engine::{Engine, Failure, Options};
use crate::lookups;

/// The bytes of the tables that a query of the language names, from a folder, as far as they can be read: given back in
/// [`crate::Options::tables`], it looks things up in these very bytes.
pub fn lookup_tables(query: &str, folder: Option<&Path>) -> BTreeMap<String, Bytes> {
    lookups::bytes_of(folder, &asked::tables(&shoseki_insights::parse(query).query))
}

/// Aggregates that are the same in whatever order their values come.
const IN_ANY_ORDER: &[&str] = &[
    "approx_distinct",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "count",
    "grouping",
    "max",
    "median",
    "min",
    "stddev",
    "stddev_pop",
    "sum",
    "var",
    "var_pop",
];

impl Engine {
    /// From when to when a query of the language reads, its sub-queries included. `diff`, `logcompare` and `stats … offset`
    /// read from before the range that is asked about; `SOURCE` may narrow it.
    ///
    /// # Errors
    /// All mistakes of the query.
    #[async_recursion]
    pub async fn reads(&self, query: &str) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
        let (_, asked) = self.understood(query).await?;
        let mut ranges = asked.query.all().map(|query| asked.selection_of(query));
        let first = ranges.next().unwrap_or_default();
        let earliest = |a: Option<Timestamp>, b: Option<Timestamp>| Some(a?.min(b?));
        let latest = |a: Option<Timestamp>, b: Option<Timestamp>| Some(a?.max(b?));
        Ok(ranges.fold((first.from, first.to), |(from, to), next| (earliest(from, next.from), latest(to, next.to))))
    }

    /// The same over the range of time that a query of the language reads by itself, without its sub-queries: what it counts
    /// is found there.
    ///
    /// # Errors
    /// All mistakes of the query.
    #[async_recursion]
    pub async fn where_it_reads(&self, query: &str) -> Result<Self, Failure> {
        let (engine, asked) = self.understood(query).await?;
        let (from, to) = (asked.selection.from, asked.selection.to);
        let options = Options { from, to, ..engine.options().clone() };
        Ok(engine.with_options(options))
    }

    /// Whether a query of the language gives the same rows each time.
    ///
    /// # Errors
    /// The caller's mistake where it does not, with what it is that does not.
    pub fn repeats(query: &str) -> Result<()> {
        let parsed = shoseki_insights::parse(query).query;
        let mut steps = parsed.all().flat_map(|query| &query.steps);
        let takes_any = steps.any(|step| matches!(&step.command, Command::Limit(limit) if limit.any));
        if takes_any { Err(Fault::caller(msg!("query-any-not-repeatable"))) } else { Ok(()) }
    }

    /// Whether a query in SQL gives the same rows each time, in whatever order.
    ///
    /// # Errors
    /// The caller's mistake where it may not, with what it is that may not; as [`Engine::sql`] else.
    #[async_recursion]
    pub async fn repeats_sql(&self, query: &str) -> Result<(), Failure> {
        match self.look_at_sql(query, open_in).await? {
            Some(what) => Err(Fault::caller(msg!("query-not-repeatable", what = what)).into()),
            None => Ok(()),
        }
    }
}

/// What of a plan leaves its rows open.
fn open_in(plan: &LogicalPlan) -> Result<Option<String>, DataFusionError> {
    let mut open = None;
    plan.apply_with_subqueries(|node| {
        let found = match node {
            LogicalPlan::Limit(limit) if !is_in_total_order(&limit.input) => Some("LIMIT".to_owned()),
            LogicalPlan::Window(_) => Some("OVER".to_owned()),
            LogicalPlan::Distinct(Distinct::On(_)) => Some("DISTINCT ON".to_owned()),
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_) => {
                Some("EXPLAIN".to_owned())
            }
            _ => None,
        };
        open = found;
        if open.is_none() {
            node.apply_expressions(|expression| {
                expression.apply(|part| {
                    open = open_at(part);
                    Ok(if open.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
                })
            })?;
        }
        Ok(if open.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(open)
}

/// The function that gives another value another time, or depends on the order in which values come.
fn open_at(expression: &Expr) -> Option<String> {
    match expression {
        Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
            Some(call.name().to_owned())
        }
        Expr::AggregateFunction(call) if !IN_ANY_ORDER.contains(&call.func.name()) => Some(call.func.name().to_owned()),
        _ => None,
    }
}

/// Whether rows are sorted by the names of the events that they are, each of which stands in one row.
fn is_in_total_order(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(inner) => is_in_total_order(&inner.input),
        LogicalPlan::SubqueryAlias(inner) => is_in_total_order(&inner.input),
        LogicalPlan::Sort(sort) => {
            let is_name = |expression: &Expr| matches!(expression, Expr::Column(column) if column.name == "@ptr");
            sort.expr.iter().any(|key| is_name(&key.expr)) && has_each_event_once(&sort.input)
        }
        _ => false,
    }
}

/// Whether a plan does nothing that could give an event two rows.
fn has_each_event_once(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::TableScan(scan) => scan.source.get_logical_plan().is_none_or(|view| has_each_event_once(&view)),
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Sort(_) => {
            plan.inputs().iter().all(|input| has_each_event_once(input))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_rows_come_first_are_not_the_same_each_time() {
        assert!(Engine::repeats("fields a | sort a | limit 5").is_ok());
        for query in ["limit any 5", "filter a in (fields b | limit any 5)"] {
            assert_eq!(Engine::repeats(query).unwrap_err().id(), "query-any-not-repeatable", "{query}");
        }
    }

    #[test]
    fn the_tables_of_a_query_are_those_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("people.csv"), "id,name\nu-1,mei\n").unwrap();
        std::fs::write(folder.path().join("more.csv"), "id\n").unwrap();
        let query = "lookup people id OUTPUT name | lookup absent id OUTPUT x";
        let tables = lookup_tables(query, Some(folder.path()));
        assert_eq!(tables.into_iter().collect::<Vec<_>>(), [("people".to_owned(), Bytes::from("id,name\nu-1,mei\n"))]);
    }
}
