//! A sort that keeps the newest rows tells the scan how many: once it has seen so many, older ones need not be read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex};

use arrow::array::{BooleanArray, TimestampMicrosecondArray};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;

use super::exec::ScanExec;

/// The times of the newest rows that were seen, of all cores of one run.
#[derive(Debug)]
pub(crate) struct Newest {
    wanted: usize,
    times: Mutex<BinaryHeap<Reverse<i64>>>,
}

impl Newest {
    pub(super) fn new(wanted: usize) -> Self {
        Self { wanted, times: Mutex::default() }
    }

    /// The time before which no row is wanted any more, in microseconds.
    pub(super) fn since(&self) -> Option<i64> {
        let times = self.times.lock().ok()?;
        let Reverse(oldest) = times.peek()?;
        (times.len() >= self.wanted).then_some(*oldest)
    }

    /// Notes the times of rows that come out of the scan, and says which of them are wanted. Of equal times all are: what
    /// decides among them is not known here.
    pub(super) fn keep(&self, rows: &TimestampMicrosecondArray) -> BooleanArray {
        if let Ok(mut times) = self.times.lock() {
            for time in rows.iter().flatten() {
                if times.len() < self.wanted {
                    times.push(Reverse(time));
                } else if times.peek().is_some_and(|Reverse(oldest)| time > *oldest) {
                    times.pop();
                    times.push(Reverse(time));
                }
            }
        }
        self.mask(rows)
    }

    /// Which rows are wanted still.
    pub(super) fn mask(&self, rows: &TimestampMicrosecondArray) -> BooleanArray {
        let since = self.since().unwrap_or(i64::MIN);
        rows.iter().map(|time| Some(time.is_none_or(|time| time >= since))).collect()
    }
}

/// Tells scans beneath sorts that keep the newest rows.
pub(crate) fn told(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let told = plan.transform_up(|node| {
        let Some(sort) = node.downcast_ref::<SortExec>() else { return Ok(Transformed::no(node)) };
        let (Some(wanted), first) = (sort.fetch(), sort.expr().first()) else { return Ok(Transformed::no(node)) };
        if !first.options.descending {
            return Ok(Transformed::no(node));
        }
        match beneath(sort.input(), &first.expr, wanted)? {
            Some(input) => replace_children_if_necessary(node, vec![input]).map(Transformed::yes),
            None => Ok(Transformed::no(node)),
        }
    });
    told.map(|told| told.data)
}

/// The plan with its scan told, where nothing lies between that adds rows or takes some out, and the key is the time.
fn beneath(
    plan: &Arc<dyn ExecutionPlan>,
    key: &Arc<dyn PhysicalExpr>,
    wanted: usize,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(column) = key.downcast_ref::<Column>() else { return Ok(None) };
    if let Some(scan) = plan.downcast_ref::<ScanExec>() {
        return Ok((column.name() == "time").then(|| Arc::new(scan.newest(wanted)) as _));
    }
    let (input, key) = if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let Some(computed) = projection.expr().get(column.index()) else { return Ok(None) };
        (projection.input(), Arc::clone(&computed.expr))
    } else if let Some(cooperative) = plan.downcast_ref::<CooperativeExec>() {
        (cooperative.input(), Arc::clone(key))
    } else {
        return Ok(None);
    };
    match beneath(input, &key, wanted)? {
        Some(told) => replace_children_if_necessary(Arc::clone(plan), vec![told]).map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_are_all_kept_and_older_ones_are_not() {
        let newest = Newest::new(2);
        assert_eq!(newest.since(), None);
        let kept = |times: &[i64]| -> Vec<bool> {
            newest.keep(&times.to_vec().into()).iter().map(Option::unwrap_or_default).collect()
        };
        assert_eq!(kept(&[5]), [true]);
        assert_eq!(kept(&[1, 3, 3]), [false, true, true]);
        assert_eq!((newest.since(), kept(&[2, 3, 9])), (Some(3), vec![false, false, true]));
        assert_eq!(newest.since(), Some(5));
    }
}
