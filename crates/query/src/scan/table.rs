//! The table `events`, as DataFusion sees it: a list of files and the columns of a segment, and native fields beside them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use shoseki_segment::commit::Add;

use super::exec::ScanExec;
use super::file::Reading;
use super::opened::Cache;
use super::selection::Selection;
use super::steps::Steps;
use super::tags::Tags;
use super::wanted::Wanted;
use crate::engine::Progress;
use crate::json::{Path, Sightings};
use crate::store::Store;

/// A native field that some source declares to be equal to a column: in that source's files the column is read, in
/// others the raw JSON.
#[derive(Clone, Debug)]
pub(crate) struct Native {
    /// Its name in the table; see [`native_column`].
    pub(crate) column: String,
    /// Where it stands in the JSON.
    pub(crate) path: Path,
    /// Sources and the column that is the same there.
    pub(crate) columns: Vec<(&'static str, &'static str)>,
    /// What is seen of it while a query runs, where an answer may have to say that no event has it.
    pub(crate) sightings: Option<Arc<Sightings>>,
}

/// The name of a native field's column: no column of a segment has a colon.
pub(crate) fn native_column(path: &str) -> String {
    format!("native:{path}")
}

impl Native {
    /// The column of the file that is the same as the field, if all its segments agree.
    pub(crate) fn column_in(&self, file: &Add) -> Option<&'static str> {
        let column = |source: &str| self.columns.iter().find(|(of, _)| *of == source).map(|(_, column)| *column);
        let mut columns = file.tags.segments.iter().map(|segment| column(&segment.source));
        let first = columns.next()??;
        columns.all(|other| other == Some(first)).then_some(first)
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct EventsTable {
    store: Arc<dyn Store>,
    cache: Arc<Cache>,
    selection: Arc<Selection>,
    natives: Arc<[Native]>,
    schema: SchemaRef,
    progress: Arc<Progress>,
}

impl EventsTable {
    pub(crate) fn new(
        (store, cache): (Arc<dyn Store>, Arc<Cache>),
        selection: Arc<Selection>,
        natives: Vec<Native>,
        progress: Arc<Progress>,
    ) -> Self {
        let own = shoseki_segment::schema::schema();
        let more = natives.iter().map(|native| Arc::new(Field::new(&native.column, DataType::Utf8, true)));
        let fields: Vec<_> = own.fields().iter().cloned().chain(more).collect();
        Self { store, cache, selection, natives: natives.into(), schema: Arc::new(Schema::new(fields)), progress }
    }
}

#[async_trait]
impl TableProvider for EventsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// The scan evaluates every condition itself: it reads what conditions need first, and the rest for the rows that are
    /// left.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let open = |file: &Add| self.selection.open(file).map(|open| (Arc::new(file.clone()), open));
        let files: Vec<_> = self.store.files().iter().filter_map(open).collect();
        let steps = Steps::of(state, &DFSchema::try_from(Arc::clone(&self.schema))?, filters)?;
        let reading = Reading {
            store: Arc::clone(&self.store),
            cache: Arc::clone(&self.cache),
            selection: Arc::clone(&self.selection),
            table: Arc::clone(&self.schema),
            schema,
            steps: Arc::new(steps),
            tags: Arc::new(Tags::of(filters)),
            wanted: Arc::new(Wanted::of(filters)),
            natives: Arc::clone(&self.natives),
            progress: Arc::clone(&self.progress),
        };
        Ok(Arc::new(ScanExec::new(reading, files, state.config().target_partitions())))
    }
}
