//! A tree to a plan. New fields are not computed where they are defined: their expressions stand in wherever the names
//! are used, so filters, sorts and the columns shown all speak of the events' own columns, and adjacent filters become one.
//!
//! What the language leaves open is decided here and in `commands/`:
//! - comparisons, `like` and `in`, negated ones too (`!=`, `not like`, `not in`), do not hold where a side is null;
//!   `not (…)` turns what it is given, so `not (a = 1)` holds where `a` is missing;
//! - rows without a `sort` come newest first, those of `stats` by their groups; ties are broken by the event's time and
//!   its place in the vault, so that an answer is the same every time;
//! - there is no limit of rows but that of `limit`.

mod case;
mod columns;
mod expression;
mod ground;
mod mapped;
mod multiply;
mod records;
mod scope;
mod subquery;

use std::sync::Arc;

use chrono_tz::Tz;
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, col, lit};
use datafusion::scalar::ScalarValue;
use shoseki_event::Timestamp;
use shoseki_insights::{Duration, Error, Query, Span};
use shoseki_messages::{Message, msg};

use crate::answer::Hints;
use crate::commands::{self, Groups, PatternColumns};
use crate::earlier::within;
use crate::engine::Failure;
use crate::fields;
use crate::json::share;
use crate::reach::Reach;
use crate::values::{Kind, Value, natural_key};

pub(crate) use case::{Condition, balanced};
use case::{all, any};
pub(crate) use columns::Running;
pub(crate) use expression::unknown_functions;
pub(crate) use ground::{Ground, Sets};
pub(crate) use scope::pointer;
pub(crate) use subquery::{SetPlan, Side, carried, common};

/// Planning of one part cannot go on.
pub(crate) enum Stop {
    /// It is a mistake, and has been noted.
    Noted,
    /// The engine refused.
    Engine(DataFusionError),
}

impl From<DataFusionError> for Stop {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(error)
    }
}

pub(crate) type Planned<T> = Result<T, Stop>;

/// What the rows are at this point of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Events, with all their fields.
    Events,
    /// The groups of a `stats`, with its columns only.
    Groups,
}

/// A planned query.
pub(crate) struct PlannedQuery {
    pub(crate) plan: LogicalPlan,
    /// The names of the columns.
    pub(crate) names: Vec<String>,
    /// Which of them are numbers in their digits.
    pub(crate) digits: Vec<bool>,
    pub(crate) hints: Hints,
    /// What must have run before the plan is optimised.
    pub(crate) sets: Vec<SetPlan>,
}

/// A name and what it stands for.
pub(crate) type Named = (String, Value);

/// The aggregates of a `stats` so far, and the columns that stand before the one that is being planned.
struct Collecting {
    aggregates: Vec<Expr>,
    siblings: Vec<Named>,
}

/// The most parts of an expression that is repeated wherever its name is used; a larger one becomes a column.
const MAX_INLINE_NODES: usize = 40;

/// The most steps of a plan: each is a level of nesting for the engine. Filters and new fields are none of their own.
const MAX_STEPS: usize = 60;

/// The state of planning, from one command to the next.
pub(crate) struct Planner {
    plan: LogicalPlan,
    pub(crate) rows: Rows,
    pub(crate) zone: Tz,
    pub(crate) now: Timestamp,
    pub(crate) ground: Arc<Ground>,
    /// What the query is about, and what it reads.
    pub(crate) reach: Reach,
    /// How far the bins of the `stats` that is being planned are moved.
    pub(crate) offset: Option<Duration>,
    /// The groups of the last `stats`, while its rows are the answer's.
    pub(crate) groups: Option<Groups>,
    /// The columns of the last `pattern`, while its rows are the answer's.
    pub(crate) patterns: Option<PatternColumns>,
    /// New fields, the latest last.
    named: Vec<Named>,
    /// The columns that `fields` and `parse` ask for.
    fields: Vec<Named>,
    /// The columns of the last `display`.
    display: Option<Vec<Named>>,
    /// Whether `fields` was used, and not only `parse`.
    has_fields: bool,
    /// Conditions that wait for the next command that needs them.
    conditions: Vec<Condition>,
    /// The rows that a `join` has put beside those of the query.
    sides: Vec<Side>,
    /// Columns that are shown where nothing else is asked for.
    appended: Vec<Named>,
    /// Values that stand for an element of what they were, by their text.
    expanded: Vec<String>,
    /// What breaks ties of the groups that there were before rows of one became several.
    group_ties: Option<Vec<SortExpr>>,
    /// What tells apart rows that were one.
    more_ties: Vec<SortExpr>,
    sets: Vec<SetPlan>,
    /// The order asked for last.
    order: Option<Vec<SortExpr>>,
    /// Whether the plan has that order already.
    is_ordered: bool,
    /// Whether a `limit` or a `dedup` has left events out.
    is_cut: bool,
    /// Whether a sub-query is planned: what its patterns miss is not counted.
    is_sub: bool,
    /// What is being collected in a `stats`.
    collecting: Option<Collecting>,
    errors: Vec<Error>,
    hints: Hints,
    fresh: usize,
    /// Where the command stands that is being planned.
    span: Span,
    steps: usize,
}

impl Planner {
    pub(crate) fn new(table: Arc<dyn TableProvider>, ground: Arc<Ground>) -> Result<Self> {
        Ok(Self {
            plan: LogicalPlanBuilder::scan("events", provider_as_source(table), None)?.build()?,
            rows: Rows::Events,
            zone: ground.asked.zone,
            now: ground.asked.now,
            ground,
            reach: Reach::default(),
            offset: None,
            named: Vec::new(),
            fields: Vec::new(),
            display: None,
            has_fields: false,
            conditions: Vec::new(),
            sides: Vec::new(),
            appended: Vec::new(),
            expanded: Vec::new(),
            groups: None,
            patterns: None,
            is_sub: false,
            group_ties: None,
            more_ties: Vec::new(),
            sets: Vec::new(),
            order: None,
            is_ordered: false,
            is_cut: false,
            collecting: None,
            errors: Vec::new(),
            hints: Hints::default(),
            fresh: 0,
            span: Span::default(),
            steps: 0,
        })
    }

    /// The time range that is asked for; where nothing was said, from the earliest event until now.
    pub(crate) fn range(&self) -> (Option<Timestamp>, Timestamp) {
        let about = &self.reach.about;
        (about.from.or_else(|| (self.ground.earliest)(about)), about.to.unwrap_or(self.now))
    }

    /// Plans a query, whole.
    pub(crate) fn plan(mut self, query: &Query) -> Result<PlannedQuery, Failure> {
        self.commands(query)?;
        self.refuse_mistakes()?;
        if let Err(Stop::Engine(error)) = self.settle(true) {
            return Err(error.into());
        }
        self.refuse_mistakes()?;
        let mut columns = if self.ground.as_records { self.records()? } else { self.columns() };
        if self.ground.with_pointers && self.rows == Rows::Events && columns.iter().all(|(name, _)| name != "@ptr") {
            columns.push(("@ptr".to_owned(), pointer()));
        }
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        let digits = columns.iter().map(|(_, value)| value.kind == Kind::Digits).collect();
        let shown = |value: &Value| if value.kind == Kind::Json { value.shown().expr } else { value.expr.clone() };
        let out = |(at, (_, value)): (usize, &Named)| shown(value).alias(format!("out:{at}"));
        let exprs: Vec<Expr> = columns.iter().enumerate().map(out).collect();
        self.leave_sides();
        let plan = share(LogicalPlanBuilder::from(self.plan).project(exprs)?.build()?)?;
        Ok(PlannedQuery { plan, names, digits, hints: self.hints, sets: self.sets })
    }

    /// Plans the commands one after another. Mistakes are noted.
    fn commands(&mut self, query: &Query) -> Result<()> {
        self.reach = self.ground.asked.reach_of(query);
        if let Some((own, earlier)) = self.reach.compared {
            self.require(Condition::Plain(within(own).or(within(earlier))));
        }
        for step in &query.steps {
            self.span = step.span;
            match commands::plan(self, &step.command) {
                Ok(()) => self.collecting = None,
                // Once is enough of a plan that is too deep.
                Err(Stop::Noted) if self.steps > MAX_STEPS => break,
                Err(Stop::Noted) => self.collecting = None,
                Err(Stop::Engine(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// All mistakes so far, in the order of the text.
    fn refuse_mistakes(&mut self) -> Result<(), Failure> {
        if self.errors.is_empty() {
            return Ok(());
        }
        self.errors.sort_by_key(|error| error.span.start);
        Err(Failure::Mistakes(std::mem::take(&mut self.errors)))
    }

    /// The columns to show.
    pub(crate) fn columns(&self) -> Vec<Named> {
        if let Some(display) = &self.display {
            return display.clone();
        }
        if self.has_fields {
            return self.fields.clone();
        }
        let mut columns = match self.rows {
            Rows::Events => ["@timestamp", "@message"].map(|name| (name.to_owned(), system(name))).to_vec(),
            Rows::Groups => self.named.clone(),
        };
        for (name, value) in self.fields.iter().chain(&self.appended) {
            if columns.iter().all(|(other, _)| other != name) {
                columns.push((name.clone(), value.clone()));
            }
        }
        columns
    }

    pub(crate) fn note(&mut self, span: Span, message: Message) -> Stop {
        self.errors.push(Error::new(span, message));
        Stop::Noted
    }

    /// Where the command stands that is being planned.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// A value where a map or a list cannot stand. A part of one may be such, which is known too late: it is then its
    /// JSON text.
    pub(crate) fn plain(&mut self, value: Value, span: Span, command: &'static str) -> Planned<Value> {
        match value.kind {
            Kind::Structure => Err(self.note(span, msg!("query-structure-here", command = command))),
            Kind::Json => Ok(value.shown()),
            _ => Ok(value),
        }
    }

    /// Something to say beside the answer.
    pub(crate) fn hint(&mut self, message: Message) {
        self.hints.known.push(message);
    }

    /// A name for a column of the plan that no other has.
    pub(crate) fn fresh(&mut self) -> String {
        self.fresh += 1;
        format!("new:{}", self.fresh)
    }

    /// A new field.
    pub(crate) fn define(&mut self, name: &str, value: Value) -> Planned<Value> {
        let value = if nodes(&value.expr) > MAX_INLINE_NODES { self.materialise(value)? } else { value };
        self.named.retain(|(known, _)| known != name);
        self.named.push((name.to_owned(), value.clone()));
        Ok(value)
    }

    /// Computes an expression into a column of its own. Conditions asked for before it are applied before it.
    fn materialise(&mut self, value: Value) -> Planned<Value> {
        self.settle(false)?;
        let name = self.fresh();
        let exprs: Vec<Expr> = self.all_columns().into_iter().chain([value.expr.alias(&name)]).collect();
        self.step(|plan| plan.project(exprs))?;
        Ok(Value::new(named_column(&name), value.kind))
    }

    /// Shows a column, once.
    pub(crate) fn show(&mut self, name: &str, value: Value, is_field: bool) {
        self.has_fields |= is_field;
        self.fields.retain(|(known, _)| known != name || is_field);
        if let Some(shown) = self.fields.iter_mut().find(|(known, _)| known == name) {
            shown.1 = value;
        } else {
            self.fields.push((name.to_owned(), value));
        }
    }

    /// Adds a new field to whatever is shown so far; a `fields` or `display` behind it says anew what is.
    pub(crate) fn append_column(&mut self, name: &str, value: Value) -> Planned<()> {
        let value = self.define(name, value)?;
        self.append_shown(name, value);
        Ok(())
    }

    pub(crate) fn append_shown(&mut self, name: &str, value: Value) {
        let shown = match (&mut self.display, self.has_fields) {
            (Some(display), _) => display,
            (None, true) => &mut self.fields,
            (None, false) => &mut self.appended,
        };
        match shown.iter_mut().find(|(known, _)| known == name) {
            Some(column) => column.1 = value,
            None => shown.push((name.to_owned(), value)),
        }
    }

    /// Whether a column of this name is shown or was defined.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns().iter().chain(&self.named).any(|(known, _)| known == name)
    }

    pub(crate) fn display(&mut self, columns: Vec<Named>) {
        self.display = Some(columns);
    }

    pub(crate) fn require(&mut self, condition: Condition) {
        self.conditions.push(condition);
    }

    pub(crate) fn order_by(&mut self, mut order: Vec<SortExpr>) {
        order.extend(self.ties());
        self.order = Some(order);
        self.is_ordered = false;
    }

    /// The order of the rows, asked for or not.
    pub(crate) fn order(&self) -> Vec<SortExpr> {
        self.order.clone().unwrap_or_else(|| self.ties())
    }

    pub(crate) fn unorder(&mut self) {
        self.is_ordered = false;
    }

    /// What breaks ties.
    fn ties(&self) -> Vec<SortExpr> {
        let mut ties = match self.rows {
            Rows::Events => {
                vec![col("time").sort(false, false), col("segment").sort(true, false), col("ordinal").sort(true, false)]
            }
            Rows::Groups => {
                let of_groups = || self.named.iter().map(|(_, value)| sort_key(value).sort(true, false)).collect();
                self.group_ties.clone().unwrap_or_else(of_groups)
            }
        };
        ties.extend(self.more_ties.iter().cloned());
        ties
    }

    /// Applies the conditions that wait and, where it matters, the order.
    pub(crate) fn settle(&mut self, order: bool) -> Planned<()> {
        let conditions = std::mem::take(&mut self.conditions);
        if !conditions.is_empty() {
            let condition = self.combine(conditions);
            self.step(|plan| plan.filter(condition))?;
        }
        if order && !self.is_ordered {
            let keys = self.order();
            self.order = Some(keys.clone());
            self.is_ordered = true;
            if !keys.is_empty() {
                self.step(|plan| plan.sort(keys))?;
            }
        }
        Ok(())
    }

    /// Every column of the plan.
    pub(crate) fn all_columns(&self) -> Vec<Expr> {
        self.plan.schema().columns().into_iter().map(Expr::Column).collect()
    }

    /// The column that the plan got last.
    pub(crate) fn last_column(&self) -> Expr {
        self.plan.schema().columns().pop().map_or_else(|| lit(ScalarValue::Null), Expr::Column)
    }

    /// Some events are left out now for another reason than a condition: nothing is counted any more.
    pub(crate) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Whether some events were left out for another reason than a condition.
    pub(crate) fn was_cut(&self) -> bool {
        self.is_cut
    }

    /// From now on aggregates are collected.
    pub(crate) fn collect(&mut self, aggregates: Vec<Expr>, siblings: Vec<Named>) {
        self.collecting = Some(Collecting { aggregates, siblings });
    }

    /// The aggregates; none is collected any more.
    pub(crate) fn collected(&mut self) -> Vec<Expr> {
        self.collecting.take().map(|collecting| collecting.aggregates).unwrap_or_default()
    }

    /// Whether aggregates are being collected.
    pub(crate) fn is_collecting(&self) -> bool {
        self.collecting.is_some()
    }

    /// A column of the `stats` that is being planned.
    pub(crate) fn sibling(&self, name: &str) -> Option<Value> {
        let siblings = &self.collecting.as_ref()?.siblings;
        siblings.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// One step of the plan.
    pub(crate) fn step(&mut self, add: impl FnOnce(LogicalPlanBuilder) -> Result<LogicalPlanBuilder>) -> Planned<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(self.note(self.span, msg!("query-too-many-steps", limit = MAX_STEPS)));
        }
        self.plan = add(LogicalPlanBuilder::from(self.plan.clone()))?.build()?;
        Ok(())
    }

    /// The rows become groups: only these columns are left.
    pub(crate) fn become_groups(&mut self, columns: Vec<Named>) {
        self.rows = Rows::Groups;
        self.named = columns;
        self.fields.clear();
        self.display = None;
        self.has_fields = false;
        self.leave_sides();
        self.group_ties = None;
        self.more_ties.clear();
        self.order = None;
        self.is_ordered = false;
        self.groups = None;
        self.patterns = None;
    }
}

/// A column of the plan by its exact name.
pub(crate) fn named_column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}

/// A system field.
pub(crate) fn system(name: &str) -> Value {
    match fields::column(name) {
        Some((column, kind)) => Value::new(named_column(column), kind),
        None => Value::missing(),
    }
}

/// What a value is sorted by: text in AWS's natural order, everything else as it is.
pub(crate) fn sort_key(value: &Value) -> Expr {
    if matches!(value.kind, Kind::Text | Kind::Digits) { natural_key(value.expr.clone()) } else { value.expr.clone() }
}

fn nodes(expr: &Expr) -> usize {
    use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
    let mut count = 0;
    // Counting never fails.
    let _ = expr.apply(|_| {
        count += 1;
        Ok(TreeNodeRecursion::Continue)
    });
    count
}
