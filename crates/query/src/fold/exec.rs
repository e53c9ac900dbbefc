//! The running of a fold: a task for each part of the rows, within the query's memory.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use futures::StreamExt;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use super::{Fold, Part};

/// A fold over what a plan gives.
#[derive(Debug)]
pub(super) struct FoldExec<F> {
    fold: Arc<F>,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl<F: Fold> FoldExec<F> {
    pub(super) fn new(fold: Arc<F>, input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(fold.schema(&input.schema())?),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Both,
            Boundedness::Bounded,
        );
        Ok(Self { fold, input, properties: Arc::new(properties) })
    }
}

impl<F: Fold> DisplayAs for FoldExec<F> {
    fn fmt_as(&self, _kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fold: {}", self.fold.name())
    }
}

impl<F: Fold> ExecutionPlan for FoldExec<F> {
    fn name(&self) -> &'static str {
        "Fold"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let no_child = || DataFusionError::Internal("a fold has one input".to_owned());
        Ok(Arc::new(Self::new(Arc::clone(&self.fold), children.pop().ok_or_else(no_child)?)?))
    }

    fn execute(&self, _partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut answer = RecordBatchReceiverStream::builder(self.schema(), 2);
        let (fold, input, rows) = (Arc::clone(&self.fold), Arc::clone(&self.input), answer.tx());
        answer.spawn(async move {
            let mut running = JoinSet::new();
            let count = input.output_partitioning().partition_count();
            for at in 0..count {
                let (part, stream) = (fold.begin(&input.schema())?, input.execute(at, Arc::clone(&context))?);
                let memory = MemoryConsumer::new(fold.name()).register(context.memory_pool());
                let rows = rows.clone();
                running.spawn(async move { fill(part, stream, memory, rows).await.map(|filled| (at, filled)) });
            }
            let mut parts: Vec<Option<Filled<F::Part>>> = (0..count).map(|_| None).collect();
            while let Some(joined) = running.join_next().await {
                let (at, filled) = joined.map_err(|error| DataFusionError::Internal(error.to_string()))??;
                parts[at] = Some(filled);
            }
            let mut parts = parts.into_iter().flatten();
            let Some((mut whole, memory)) = parts.next() else { return Ok(()) };
            for (part, _held) in parts {
                whole.join(part)?;
                memory.try_resize(whole.size())?;
            }
            for batch in whole.finish()?.into_iter().filter(|batch| batch.num_rows() > 0) {
                // Nobody waits any more where the answer was dropped.
                if rows.send(Ok(batch)).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        Ok(answer.build())
    }
}

/// A part whose rows are all in, and the memory that it holds.
type Filled<P> = (P, MemoryReservation);

async fn fill<P: Part>(
    mut part: P,
    mut stream: SendableRecordBatchStream,
    memory: MemoryReservation,
    rows: Sender<Result<RecordBatch>>,
) -> Result<Filled<P>> {
    while let Some(batch) = stream.next().await {
        let passed = part.take(batch?)?;
        memory.try_resize(part.size())?;
        if let Some(batch) = passed
            && rows.send(Ok(batch)).await.is_err()
        {
            break;
        }
    }
    Ok((part, memory))
}
