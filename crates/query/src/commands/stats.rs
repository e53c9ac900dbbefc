//! `stats`: aggregates, by groups. The groups' columns come first, then the aggregates, in the order in which they are
//! written. An aggregate may use what stands before it in the same `stats` by its alias.

use datafusion::logical_expr::Expr;
use shoseki_insights::{Duration, Field, Item, Node, Stats};
use shoseki_messages::msg;

use super::Groups;
use crate::plan::{Named, Planned, Planner, Rows, Stop, named_column};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Stats) -> Planned<()> {
    planner.settle(false)?;
    let (mut groups, mut columns): (Vec<Expr>, Vec<Named>) = (Vec::new(), Vec::new());
    let mut mistakes = Mistakes::default();
    planner.offset = mistakes.past(planner.offset_of(command))?.flatten();
    for item in &command.groups {
        let value = planner.item(item).and_then(|value| planner.plain(value, item.expression.span, "stats"));
        let value = mistakes.past(value)?.unwrap_or_else(Value::missing).shown();
        let name = planner.fresh();
        groups.push(value.expr.alias(&name));
        columns.push((item.name(), Value::new(named_column(&name), value.kind)));
    }
    planner.offset = None;
    let mut aggregates = Vec::new();
    for item in &command.aggregates {
        planner.collect(aggregates, columns.clone());
        let value = planner.item(item);
        aggregates = planner.collected();
        columns.push((item.name(), mistakes.past(value)?.unwrap_or_else(Value::missing)));
    }
    mistakes.stop()?;
    planner.step(|plan| plan.aggregate(groups, aggregates))?;
    let names: Vec<(String, Value)> = columns
        .into_iter()
        .map(|(name, value)| {
            let out = planner.fresh();
            (name, Value::new(value.expr.alias(out), value.kind))
        })
        .collect();
    planner.step(|plan| plan.project(names.iter().map(|(_, value)| value.expr.clone())))?;
    let column = |(name, value): (String, Value)| {
        let Expr::Alias(alias) = &value.expr else { return (name, value) };
        (name, Value::new(named_column(&alias.name), value.kind))
    };
    let columns: Vec<Named> = names.into_iter().map(column).collect();
    let groups = Groups::of(&command.groups, &columns);
    planner.become_groups(columns);
    planner.groups = groups;
    Ok(())
}

/// Whether there were mistakes: planning goes on past each, so that all of a command are found.
#[derive(Default)]
struct Mistakes {
    were: bool,
}

impl Mistakes {
    /// What was planned, or `None` where it is a mistake.
    fn past<T>(&mut self, planned: Planned<T>) -> Planned<Option<T>> {
        match planned {
            Err(Stop::Noted) => {
                self.were = true;
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    fn stop(self) -> Planned<()> {
        if self.were { Err(Stop::Noted) } else { Ok(()) }
    }
}

impl Planner {
    /// How far the bins are moved. Only where events are put into bins is there anything to move.
    fn offset_of(&mut self, command: &Stats) -> Planned<Option<Duration>> {
        let Some(offset) = command.offset else { return Ok(None) };
        let is_bin = |item: &Item| matches!(&item.expression.node, Node::Call { name, .. } if name.text.eq_ignore_ascii_case("bin"));
        if self.rows == Rows::Groups || !command.groups.iter().any(is_bin) {
            return Err(self.note(offset.span, msg!("query-offset-here")));
        }
        Ok(Some(offset.period))
    }

    /// A field among aggregates: a group, or an aggregate that stands before it.
    pub(crate) fn field_of_stats(&mut self, field: &Field) -> Planned<Value> {
        match self.sibling(&field.name()) {
            Some(value) => Ok(value),
            None => Err(self.note(field.span, msg!("query-stats-field", name = field.name()))),
        }
    }
}
