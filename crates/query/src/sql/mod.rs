//! SQL: the table `events`, a view for each source and each OCSF class, and reading only.
//!
//! | name | has |
//! | --- | --- |
//! | `events` | every column of a segment, and `"@ptr"` |
//! | `cloudtrail`, `k8s_audit`, … | a source's events: `time`, `stream`, its fields under their native names, `raw`, `"@ptr"` |
//! | `ocsf_api_activity`, … | the events of a class, whatever their source: OCSF's names |
//!
//! There is no way to write: statements that would are refused before they are planned further (`read_only`), and there
//! is nothing registered that could reach a file or a network.

mod operators;
mod views;

use async_recursion::async_recursion;
use std::sync::Arc;

use datafusion::common::TableReference;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionContext;
use shoseki_messages::{Fault, msg};

use crate::answer::{Answer, Hints};
use crate::engine::{BATCH_ROWS, EVENTS, Engine, Failure, Physical, Running, arranged, with_room};
use crate::exact;
use crate::explain::Explained;
use crate::json::JsonFunction;

/// The views that a query in SQL may name beside `events`, in the order of `SHOW TABLES`.
pub fn views() -> Vec<String> {
    let mut names: Vec<String> = views::all().into_iter().map(|view| view.name).collect();
    names.sort();
    names
}

impl Engine {
    /// Runs a query in SQL over the table `events` and its views. It may only read: queries, `EXPLAIN`, `DESCRIBE`,
    /// `SHOW TABLES`.
    ///
    /// # Errors
    /// The caller's mistake where the query is none or would do more than read; or what else prevents an answer.
    #[async_recursion]
    pub async fn sql(&self, query: &str) -> Result<Answer, Failure> {
        if self.options().as_records {
            return Err(Fault::caller(msg!("query-sql-no-records")).into());
        }
        let progress = self.progress(std::iter::once(self.selection()));
        let context = self.sql_context(&progress).await?;
        let planned = self.planned(&context, query).await?;
        let stream = execute_stream(planned.plan, context.task_ctx())?;
        let running = Running { stream, names: planned.names, digits: planned.digits, hints: planned.hints };
        Ok(Answer::whole(running, progress).beside(self.what_is_asked(query)))
    }

    /// How a query in SQL would run, as the engine's plan in text.
    ///
    /// # Errors
    /// As [`Engine::sql`].
    #[async_recursion]
    pub async fn explain_sql(&self, query: &str) -> Result<String, Failure> {
        Ok(self.explained_sql(query).await?.plan)
    }

    pub(crate) async fn explained_sql(&self, query: &str) -> Result<Explained, Failure> {
        Ok(Explained::of(&self.plan_of_sql(query).await?).await?)
    }

    /// The plan of a query in SQL, before any index is asked.
    pub(crate) async fn plan_of_sql(&self, query: &str) -> Result<Arc<dyn ExecutionPlan>, Failure> {
        let context = self.sql_context(&Arc::default()).await?;
        Ok(self.planned(&context, query).await?.plan)
    }

    async fn sql_context(&self, progress: &Arc<crate::Progress>) -> Result<SessionContext, Failure> {
        let mut context = self.asking(&views::fields()).context(self.selection(), progress, BATCH_ROWS)?;
        context.register_udf(JsonFunction::udf());
        operators::register(&mut context)?;
        exact::aggregates().into_iter().for_each(|aggregate| context.register_udaf(aggregate));
        let events = context.table(EVENTS).await?;
        for view in views::all() {
            let provider = view.plan(&events, self.zone())?.into_view();
            context.register_table(TableReference::bare(view.name), provider)?;
        }
        let shown = views::events(&events)?.into_view();
        context.deregister_table(EVENTS)?;
        context.register_table(EVENTS, shown)?;
        Ok(context)
    }

    /// Looks at what a query asks for, before anything is planned further.
    pub(crate) async fn look_at_sql<T: Send + 'static>(
        &self,
        query: &str,
        look: fn(&LogicalPlan) -> Result<T, DataFusionError>,
    ) -> Result<T, Failure> {
        let context = self.sql_context(&Arc::default()).await?;
        let text = query.to_owned();
        with_room(async move {
            let refused = |error: DataFusionError| Fault::caller(msg!("query-sql")).because(error.strip_backtrace());
            let frame = context.sql_with_options(&text, read_only()).await.map_err(refused)?;
            Ok(look(&frame.into_unoptimized_plan())?)
        })
        .await
    }

    async fn planned(&self, context: &SessionContext, query: &str) -> Result<Physical, Failure> {
        let (state, text) = (context.clone(), query.to_owned());
        with_room(async move {
            let refused = |error: DataFusionError| Fault::caller(msg!("query-sql")).because(error.strip_backtrace());
            let frame = state.sql_with_options(&text, read_only()).await.map_err(refused)?;
            let plan = frame.into_unoptimized_plan();
            let names = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
            let plan = state.state().create_physical_plan(&plan).await.map_err(refused)?;
            Ok(Physical { plan: arranged(plan)?, names, digits: Vec::new(), hints: Hints::default() })
        })
        .await
    }
}

/// Nothing that defines, writes or sets.
fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}
