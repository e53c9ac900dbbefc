//! The physical scan: one partition a core; each takes the newest file that no other has taken yet.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
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
use shoseki_event::{SegmentId, Timestamp};
use shoseki_segment::commit::Add;
use tokio::sync::OnceCell;

use super::file::Reading;
use super::newest::Newest;
use super::selection::Open;

type Opened = (Arc<Add>, Open);

/// A scan over a list of files.
#[derive(Debug)]
pub(crate) struct ScanExec {
    reading: Reading,
    files: Arc<[Opened]>,
    /// The files that are left when their indexes were asked.
    chosen: Arc<OnceCell<Arc<[Opened]>>>,
    /// How many of the newest rows are wanted, where it is no more.
    wanted: Option<usize>,
    /// A plan may run more than once.
    runs: Mutex<Runs>,
    properties: Arc<PlanProperties>,
}

#[derive(Debug)]
struct Runs {
    begun: Vec<Arc<Run>>,
    /// How often each partition ran.
    of_partition: Vec<usize>,
}

#[derive(Debug)]
struct Run {
    /// How many files were taken.
    taken: AtomicUsize,
    newest: Option<Arc<Newest>>,
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
        Self::with(reading, files.into(), None, Arc::new(properties))
    }

    fn with(reading: Reading, files: Arc<[Opened]>, wanted: Option<usize>, properties: Arc<PlanProperties>) -> Self {
        let partitions = properties.partitioning.partition_count();
        let runs = Mutex::new(Runs { begun: Vec::new(), of_partition: vec![0; partitions] });
        Self { reading, files, chosen: Arc::default(), wanted, runs, properties }
    }

    /// The same for who wants so many of the newest rows and no more.
    pub(super) fn newest(&self, wanted: usize) -> Self {
        let properties = Arc::clone(&self.properties);
        Self::with(self.reading.clone(), Arc::clone(&self.files), Some(wanted), properties)
    }

    /// The run that a partition begins now.
    fn begin(&self, partition: usize) -> Result<Arc<Run>> {
        let mut runs = self.runs.lock().map_err(|_| DataFusionError::Internal("a scan panicked".to_owned()))?;
        let run = runs
            .of_partition
            .get_mut(partition)
            .ok_or_else(|| DataFusionError::Internal(format!("no partition {partition}")))?;
        let number = *run;
        *run += 1;
        if runs.begun.len() <= number {
            let newest = self.wanted.map(|wanted| Arc::new(Newest::new(wanted)));
            runs.begun.push(Arc::new(Run { taken: AtomicUsize::new(0), newest }));
        }
        runs.begun.get(number).cloned().ok_or_else(|| DataFusionError::Internal(format!("no run {number}")))
    }
}

/// What rules a file out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuledBy {
    /// Its sources, streams or times.
    Tags,
    /// Its index.
    Index,
}

/// The files that no scan of a plan reads, for what their commits or their indexes say of them.
pub(crate) async fn ruled_out(plan: &Arc<dyn ExecutionPlan>) -> Result<HashMap<SegmentId, RuledBy>> {
    let (mut read, mut ruled_out, mut nodes) = (HashSet::new(), HashMap::new(), vec![Arc::clone(plan)]);
    while let Some(node) = nodes.pop() {
        if let Some(scan) = node.downcast_ref::<ScanExec>() {
            let chosen = scan.chosen.get_or_try_init(|| choose(&scan.reading, &scan.files)).await?;
            let of_scan: HashSet<SegmentId> = chosen.iter().map(|(file, _)| file.id()).collect();
            for (file, _) in scan.files.iter().filter(|(file, _)| !of_scan.contains(&file.id())) {
                let by = if scan.reading.tags.may_hold(file) { RuledBy::Index } else { RuledBy::Tags };
                ruled_out.insert(file.id(), by);
            }
            read.extend(of_scan);
        }
        nodes.extend(node.children().into_iter().cloned());
    }
    ruled_out.retain(|file, _| !read.contains(file));
    Ok(ruled_out)
}

/// How often scans of a plan read each file at most, were all of it read each time: the files that no tag rules out. Nothing is asked.
pub(crate) fn passes(plan: &Arc<dyn ExecutionPlan>) -> HashMap<SegmentId, u64> {
    let (mut passes, mut nodes) = (HashMap::new(), vec![Arc::clone(plan)]);
    while let Some(node) = nodes.pop() {
        if let Some(scan) = node.downcast_ref::<ScanExec>() {
            for (file, _) in scan.files.iter().filter(|(file, _)| scan.reading.tags.may_hold(file)) {
                *passes.entry(file.id()).or_default() += scan.reading.passes();
            }
        }
        nodes.extend(node.children().into_iter().cloned());
    }
    passes
}

/// The files which neither their commits nor their indexes rule out, in their order.
async fn choose(reading: &Reading, files: &[Opened]) -> Result<Arc<[Opened]>> {
    /// How many indexes are asked at once: where they lie in a bucket, each answer takes its time.
    const AT_ONCE: usize = 32;
    let (files, others): (Vec<Opened>, Vec<Opened>) =
        files.iter().cloned().partition(|(file, _)| reading.tags.may_hold(file));
    others.iter().for_each(|(file, _)| reading.progress.file_ruled_out(file.size));
    if reading.wanted.is_empty() {
        return Ok(files.into());
    }
    let asked = futures::stream::iter(files)
        .map(|(file, open)| async move {
            let may_hold = reading.may_hold(&file).await?;
            Ok::<_, DataFusionError>((file, open, may_hold))
        })
        .buffered(AT_ONCE);
    let (mut chosen, mut ruled_out) = (Vec::new(), Vec::new());
    let mut asked = std::pin::pin!(asked);
    while let Some((file, open, may_hold)) = asked.try_next().await? {
        if may_hold {
            chosen.push((file, open));
        } else {
            reading.progress.file_ruled_out(file.size);
            ruled_out.push(file);
        }
    }
    reading.saw_names_of(&ruled_out).await?;
    Ok(chosen.into())
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let partitions = self.properties.partitioning.partition_count();
        let columns: Vec<&str> = self.reading.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "Events: files={}, partitions={partitions}, columns=[{}]", self.files.len(), columns.join(", "))?;
        let steps: Vec<String> = self.reading.steps.0.iter().map(ToString::to_string).collect();
        if !steps.is_empty() {
            write!(f, ", where=[{}]", steps.join(" and "))?;
        }
        self.wanted.map_or(Ok(()), |wanted| write!(f, ", newest={wanted}"))
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
        let run = self.begin(partition)?;
        let (files, chosen, reading) = (Arc::clone(&self.files), Arc::clone(&self.chosen), self.reading.clone());
        let batches = futures::stream::once(async move {
            let files = Arc::clone(chosen.get_or_try_init(|| choose(&reading, &files)).await?);
            let newest = run.newest.clone();
            let next = std::iter::from_fn(move || files.get(run.taken.fetch_add(1, Ordering::Relaxed)).cloned());
            let batches = futures::stream::iter(next)
                .then(move |(file, open)| reading.clone().open(file, open, newest.clone()))
                .try_flatten();
            Ok::<_, DataFusionError>(batches)
        })
        .try_flatten()
        .try_filter(|batch| futures::future::ready(batch.num_rows() > 0));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.reading.schema), batches)))
    }
}
