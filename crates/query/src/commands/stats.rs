//! `stats`: aggregates, by groups. The groups' columns come first, then the aggregates, in the order in which they are
//! written. An aggregate may use what stands before it in the same `stats` by its alias.

use datafusion::logical_expr::Expr;
use shoseki_insights::{Field, Stats};
use shoseki_messages::msg;

use super::Groups;
use crate::plan::{Named, Planned, Planner, named_column};
use crate::values::Value;

pub(super) fn plan(planner: &mut Planner, command: &Stats) -> Planned<()> {
    planner.settle(false)?;
    let (mut groups, mut columns): (Vec<Expr>, Vec<Named>) = (Vec::new(), Vec::new());
    for item in &command.groups {
        let value = planner.item(item)?.shown();
        let name = planner.fresh();
        groups.push(value.expr.alias(&name));
        columns.push((item.name(), Value::new(named_column(&name), value.kind)));
    }
    let mut aggregates = Vec::new();
    for item in &command.aggregates {
        planner.collect(aggregates, columns.clone());
        let value = planner.item(item);
        aggregates = planner.collected();
        columns.push((item.name(), value?));
    }
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

impl Planner {
    /// A field among aggregates: a group, or an aggregate that stands before it.
    pub(crate) fn field_of_stats(&mut self, field: &Field) -> Planned<Value> {
        match self.sibling(&field.name()) {
            Some(value) => Ok(value),
            None => Err(self.note(field.span, msg!("query-stats-field", name = field.name()))),
        }
    }
}
