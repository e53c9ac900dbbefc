//! Commands that look at all rows before they know their answer, and that the engine has no operator for: rows go in
//! batch by batch, some are passed on at once, the rest comes at the end.
//!
//! Parts of the rows are folded at the same time and joined afterwards, and which rows a part gets is chance: what a fold
//! gives must not depend on it.

mod exec;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};

use exec::FoldExec;

/// What all rows come to.
pub(crate) trait Fold: fmt::Debug + Send + Sync + 'static {
    /// A part of the rows.
    type Part: Part;

    /// What it is, with all that makes it so: two folds of the same name are the same.
    fn name(&self) -> String;

    /// The columns that come out, where these go in.
    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef>;

    /// The columns that it reads itself, where it passes on those that go in; `None` where it does not.
    fn reads(&self) -> Option<Vec<String>>;

    /// Begins a part.
    fn begin(&self, input: &SchemaRef) -> Result<Self::Part>;
}

/// What a part of the rows came to so far.
pub(crate) trait Part: Send + 'static {
    /// Takes rows in; what comes back is passed on at once.
    fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>>;

    /// How much memory it holds, in bytes.
    fn size(&self) -> usize;

    /// Joins another part with this one.
    fn join(&mut self, other: Self) -> Result<()>;

    /// The rows that remain, when all are in.
    fn finish(self) -> Result<Vec<RecordBatch>>;
}

/// A fold of any type.
trait AnyFold: fmt::Debug + Send + Sync {
    fn name(&self) -> String;
    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef>;
    fn reads(&self) -> Option<Vec<String>>;
    fn exec(&self, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>>;
}

#[derive(Debug)]
struct Typed<F>(Arc<F>);

impl<F: Fold> AnyFold for Typed<F> {
    fn name(&self) -> String {
        self.0.name()
    }

    fn schema(&self, input: &SchemaRef) -> Result<SchemaRef> {
        self.0.schema(input)
    }

    fn reads(&self) -> Option<Vec<String>> {
        self.0.reads()
    }

    fn exec(&self, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(FoldExec::new(Arc::clone(&self.0), input)?))
    }
}

/// A fold as a node of a plan.
#[derive(Debug)]
struct FoldNode {
    fold: Arc<dyn AnyFold>,
    name: String,
    input: LogicalPlan,
    schema: DFSchemaRef,
}

/// A plan whose rows are folded.
pub(crate) fn folded<F: Fold>(input: LogicalPlan, fold: F) -> Result<LogicalPlan> {
    let node = FoldNode::new(Arc::new(Typed(Arc::new(fold))), input)?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
}

impl FoldNode {
    fn new(fold: Arc<dyn AnyFold>, input: LogicalPlan) -> Result<Self> {
        let schema = fold.schema(&Arc::new(input.schema().as_arrow().clone()))?;
        let schema = Arc::new(DFSchema::try_from(schema)?);
        Ok(Self { name: fold.name(), fold, input, schema })
    }
}

impl PartialEq for FoldNode {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.input == other.input
    }
}
impl Eq for FoldNode {}
impl PartialOrd for FoldNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.name.partial_cmp(&other.name)
    }
}
impl Hash for FoldNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.input.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for FoldNode {
    fn name(&self) -> &'static str {
        "Fold"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fold: {}", self.name)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<Self> {
        let no_input = || DataFusionError::Internal("a fold has one input".to_owned());
        Self::new(Arc::clone(&self.fold), inputs.pop().ok_or_else(no_input)?)
    }

    /// What is passed on and asked for, and what the fold reads itself. Columns that go in keep their places.
    fn necessary_children_exprs(&self, output: &[usize]) -> Option<Vec<Vec<usize>>> {
        let columns = self.input.schema().fields();
        let own = self.fold.reads()?;
        let own = columns.iter().enumerate().filter(|(_, column)| own.contains(column.name())).map(|(at, _)| at);
        let wanted: BTreeSet<usize> = output.iter().copied().filter(|at| *at < columns.len()).chain(own).collect();
        Some(vec![wanted.into_iter().collect()])
    }
}

/// Plans queries that have folds in them.
#[derive(Debug)]
pub(crate) struct FoldingPlanner;

#[async_trait]
impl QueryPlanner for FoldingPlanner {
    async fn create_physical_plan(&self, plan: &LogicalPlan, session: &dyn Session) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Folds)]);
        planner.create_physical_plan(plan, session).await
    }
}

struct Folds;

#[async_trait]
impl ExtensionPlanner for Folds {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let (Some(node), Some(input)) = (node.as_any().downcast_ref::<FoldNode>(), inputs.first()) else {
            return Ok(None);
        };
        node.fold.exec(Arc::clone(input)).map(Some)
    }
}
