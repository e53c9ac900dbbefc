//! The physical scan: one partition a core, files balanced over them by size, the newest first in each.

use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::{StreamExt, TryStreamExt};
use shoseki_event::Timestamp;
use shoseki_segment::commit::Add;

use super::file::Reading;
use super::selection::Open;

type Opened = (Arc<Add>, Open);

/// A scan over a list of files.
#[derive(Debug)]
pub(crate) struct ScanExec {
    reading: Reading,
    partitions: Vec<Vec<Opened>>,
    properties: Arc<PlanProperties>,
}

impl ScanExec {
    pub(crate) fn new(reading: Reading, files: Vec<Opened>, cores: usize) -> Self {
        let partitions = balance(files, cores.max(1));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&reading.schema)),
            Partitioning::UnknownPartitioning(partitions.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { reading, partitions, properties: Arc::new(properties) }
    }
}

/// The newest file goes to the partition that has the least to read so far, and so on.
fn balance(mut files: Vec<Opened>, cores: usize) -> Vec<Vec<Opened>> {
    let newest = |file: &Add| file.tags.segments.iter().map(|segment| segment.max).max().unwrap_or(Timestamp(i64::MIN));
    files.sort_by_key(|(file, _)| (Reverse(newest(file)), file.id()));
    let mut partitions = vec![(0_u64, Vec::new()); cores.min(files.len()).max(1)];
    for (file, open) in files {
        if let Some((load, partition)) = partitions.iter_mut().min_by_key(|(load, _)| *load) {
            *load += file.size;
            partition.push((file, open));
        }
    }
    partitions.into_iter().map(|(_, partition)| partition).collect()
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: usize = self.partitions.iter().map(Vec::len).sum();
        let columns: Vec<&str> = self.reading.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "Events: files={files}, partitions={}, columns=[{}]", self.partitions.len(), columns.join(", "))
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &'static str {
        "Events"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let files = self
            .partitions
            .get(partition)
            .ok_or_else(|| DataFusionError::Internal(format!("no partition {partition}")))?
            .clone();
        let reading = self.reading.clone();
        let batches = futures::stream::iter(files)
            .then(move |(file, open)| reading.clone().open(file, open))
            .try_flatten()
            .try_filter(|batch| futures::future::ready(batch.num_rows() > 0));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.reading.schema), batches)))
    }
}
