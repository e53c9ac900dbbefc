//! Plans that are ready to run, and what has to be done before they are.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::AsArray;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, execute_stream};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use shoseki_messages::{Fault, msg};

use super::{Failure, Running};
use crate::answer::Hints;
use crate::plan::SetPlan;
use crate::scan::told;

/// The stack for planning, in bytes; only what is used of it becomes memory.
const PLANNING_STACK: usize = 64 << 20;

/// A query that is ready to run.
pub(crate) struct Physical {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    pub(crate) names: Vec<String>,
    pub(crate) digits: Vec<bool>,
    pub(crate) hints: Hints,
}

impl Physical {
    /// Begins to run.
    pub(super) fn run(self, context: &SessionContext) -> Result<Running, DataFusionError> {
        let stream = execute_stream(self.plan, context.task_ctx())?;
        Ok(Running { stream, names: self.names, digits: self.digits, hints: self.hints })
    }
}

/// What the engine's own optimizer leaves to be done:
/// - a join can make many rows of few, and would not pause while it does: it is made to, so that a query that nobody
///   waits for any more ends soon;
/// - rows that are in order would be dealt out to several cores for what is computed of them last, and come back in the
///   order in which the cores are done: they stay together;
/// - a scan beneath a sort that keeps the newest rows is told so.
pub(crate) fn arranged(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let arranged = plan.transform_up(|node| {
        if node.name().contains("Join") {
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as _));
        }
        let is_dealt_out = matches!(node.properties().output_partitioning(), Partitioning::RoundRobinBatch(_));
        let input = node.children().first().map(|input| Arc::clone(input));
        let in_order = input.filter(|input| {
            let properties = input.properties();
            properties.output_partitioning().partition_count() == 1 && properties.output_ordering().is_some()
        });
        Ok(match in_order {
            Some(input) if is_dealt_out && node.name() == "RepartitionExec" => Transformed::yes(input),
            _ => Transformed::no(node),
        })
    });
    told(arranged?.data)
}

/// Runs a sub-query whose values are looked up. They may take so many bytes.
pub(super) async fn fill(context: &SessionContext, set: &SetPlan, most: usize) -> Result<(), Failure> {
    /// What a value takes beside its letters.
    const BESIDE: usize = 32;
    let plan = context.state().create_physical_plan(&set.plan).await?;
    let mut stream = execute_stream(plan, context.task_ctx())?;
    let (mut values, mut bytes) = (HashSet::new(), 0);
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let Some(texts) = batch.columns().first().and_then(|column| column.as_string_opt::<i32>()) else { continue };
        for text in texts.iter().flatten() {
            bytes += text.len() + BESIDE;
            if bytes > most {
                return Err(Fault::world(msg!("query-subquery-large", limit = most >> 20)).into());
            }
            values.insert(Box::from(text));
        }
    }
    set.set.fill(values);
    Ok(())
}

/// Runs something on a thread with room for deep recursion: the engine's optimizer calls itself for each level of a plan
/// and of an expression.
pub(crate) async fn with_room<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let failed = |error: &dyn fmt::Display| Fault::world(msg!("query-engine")).because(error.to_string());
    let spawned =
        std::thread::Builder::new().name("query-plan".to_owned()).stack_size(PLANNING_STACK).spawn(move || {
            let mut sender = sender;
            let done = runtime.block_on(async {
                tokio::select! {
                    done = work => Some(done),
                    // Nobody waits any more where the query was dropped.
                    () = sender.closed() => None,
                }
            });
            if let Some(done) = done {
                let _ = sender.send(done);
            }
        });
    spawned.map_err(|error| failed(&error))?;
    receiver.await.map_err(|error| failed(&error))?
}
