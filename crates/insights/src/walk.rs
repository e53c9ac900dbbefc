//! What stands within a query: its sub-queries.

use crate::{Command, Expression, Item, Node, Query};

impl Query {
    /// The sub-queries, in the order of the text. There is none in another.
    pub fn subqueries(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        for step in &self.steps {
            match &step.command {
                Command::Join(join) => found.push(&join.query),
                Command::Appendcols(append) => found.push(&append.query),
                Command::Filter(filter) => within(&filter.condition, &mut found),
                Command::Fields(fields) => of_items(&fields.items, &mut found),
                Command::Display(display) => of_items(&display.items, &mut found),
                Command::Stats(stats) => {
                    of_items(&stats.aggregates, &mut found);
                    of_items(&stats.groups, &mut found);
                }
                Command::Sort(sort) => sort.keys.iter().for_each(|key| within(&key.expression, &mut found)),
                Command::Unnest(unnest) => within(&unnest.list, &mut found),
                Command::Patterns(patterns) => within(&patterns.value, &mut found),
                Command::RelevantFields(relevant) => within(&relevant.condition, &mut found),
                Command::Expand(expand) => within(&expand.list, &mut found),
                // The others have no expressions.
                _ => {}
            }
        }
        found
    }

    /// The query and its sub-queries.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.subqueries())
    }
}

fn of_items<'q>(items: &'q [Item], found: &mut Vec<&'q Query>) {
    items.iter().for_each(|item| within(&item.expression, found));
}

fn within<'q>(expression: &'q Expression, found: &mut Vec<&'q Query>) {
    match &expression.node {
        Node::InQuery { value, query, .. } => {
            within(value, found);
            found.push(query);
        }
        Node::Call { arguments: parts, .. } | Node::And(parts) | Node::Or(parts) => {
            parts.iter().for_each(|part| within(part, found));
        }
        Node::Negate(inner) | Node::Not(inner) => within(inner, found),
        Node::Access { value, .. } => within(value, found),
        Node::Arithmetic(_, left, right) | Node::Compare(_, left, right) => {
            within(left, found);
            within(right, found);
        }
        Node::In { value, list, .. } => {
            within(value, found);
            list.iter().for_each(|item| within(item, found));
        }
        Node::Like { value, .. } => within(value, found),
        // Literals and fields.
        _ => {}
    }
}
