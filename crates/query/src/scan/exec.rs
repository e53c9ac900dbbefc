//! The physical scan: one partition a core; each takes the newest file that no other has taken yet.

use std::cmp::Reverse;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

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
    files: Arc<[Opened]>,
    /// A plan may run more than once: of each run, how many files were taken, and by each partition, how often it ran.
    runs: Mutex<Runs>,
    properties: Arc<PlanProperties>,
}

#[derive(Debug)]
struct Runs {
    taken: Vec<Arc<AtomicUsize>>,
    of_partition: Vec<usize>,
}

impl ScanExec {
    pub(crate) fn new(reading: Reading, mut files: Vec<Opened>, cores: usize) -> Self {
        let newest =
            |file: &Add| file.tags.segments.iter().map(|segment| segment.max).max().unwrap_or(Timestamp(i64::MIN));
        files.sort_by_key(|(file, _)| (Reverse(newest(file)), file.id()));
        let partitions = cores.min(files.len()).max(1);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&reading.schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let runs = Mutex::new(Runs { taken: Vec::new(), of_partition: vec![0; partitions] });
        Self { reading, files: files.into(), runs, properties: Arc::new(properties) }
    }

    /// How many files were taken in the run that a partition begins now.
    fn begin(&self, partition: usize) -> Result<Arc<AtomicUsize>> {
        let mut runs = self.runs.lock().map_err(|_| DataFusionError::Internal("a scan panicked".to_owned()))?;
        let run = runs
            .of_partition
            .get_mut(partition)
            .ok_or_else(|| DataFusionError::Internal(format!("no partition {partition}")))?;
        let number = *run;
        *run += 1;
        if runs.taken.len() <= number {
            runs.taken.push(Arc::default());
        }
        runs.taken.get(number).cloned().ok_or_else(|| DataFusionError::Internal(format!("no run {number}")))
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partitions = self.properties.partitioning.partition_count();
        let columns: Vec<&str> = self.reading.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "Events: files={}, partitions={partitions}, columns=[{}]", self.files.len(), columns.join(", "))?;
        let steps: Vec<String> = self.reading.steps.0.iter().map(ToString::to_string).collect();
        if steps.is_empty() { Ok(()) } else { write!(f, ", where=[{}]", steps.join(" and ")) }
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
        let taken = self.begin(partition)?;
        let (files, reading) = (Arc::clone(&self.files), self.reading.clone());
        let next = std::iter::from_fn(move || files.get(taken.fetch_add(1, Ordering::Relaxed)).cloned());
        let batches = futures::stream::iter(next)
            .then(move |(file, open)| reading.clone().open(file, open))
            .try_flatten()
            .try_filter(|batch| futures::future::ready(batch.num_rows() > 0));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.reading.schema), batches)))
    }
}
