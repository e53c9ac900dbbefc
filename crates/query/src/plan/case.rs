//! Conditions, and what of them looks for a pattern in `@message` with regard to case: beside the answer stands how many
//! events more there are without.

use std::sync::Arc;

use datafusion::logical_expr::{Expr, lit};
use shoseki_insights::{Expression, Matcher, Node};

use super::{Planned, Planner, Rows, system};
use crate::pattern::{CaseHint, Needle, counting_like};

/// A part of a filter: all parts must hold.
pub(crate) enum Condition {
    /// Any condition.
    Plain(Expr),
    /// One of these patterns is in `@message`; with regard to case, and without.
    Needles { plain: Expr, needles: Vec<(Needle, Needle)> },
}

impl Planner {
    /// The parts of a condition.
    pub(crate) fn conditions(&mut self, expression: &Expression) -> Planned<Vec<Condition>> {
        if let Node::And(operands) = &expression.node {
            let parts: Vec<_> = operands.iter().map(|operand| self.conditions(operand)).collect();
            return parts.into_iter().collect::<Planned<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect());
        }
        let plain = self.expression(expression)?.as_condition();
        let needles = if self.rows == Rows::Events { self.needles(expression) } else { None };
        Ok(vec![match needles {
            Some(needles) => Condition::Needles { plain, needles },
            None => Condition::Plain(plain),
        }])
    }

    /// The patterns of `@message like …`, or of several with `or` between; `None` where it is anything else, or where
    /// case makes no difference.
    fn needles(&self, expression: &Expression) -> Option<Vec<(Needle, Needle)>> {
        match &expression.node {
            Node::Like { value, matcher, negated: false, .. } => {
                let Node::Field(field) = &value.node else { return None };
                let is_message = field.name() == "@message" && self.named("@message").is_none();
                let pair = |matcher: &Matcher| Some((Needle::new(matcher).ok()?, Needle::without_case(matcher)?));
                if is_message { pair(matcher).map(|pair| vec![pair]) } else { None }
            }
            Node::Or(operands) => {
                let all: Option<Vec<_>> = operands.iter().map(|operand| self.needles(operand)).collect();
                all.map(|all| all.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// All conditions as one. Only the first of a query's filters counts what it misses: behind a `limit` the number
    /// would mean nothing.
    pub(crate) fn combine(&mut self, conditions: Vec<Condition>) -> Expr {
        let may_count = self.rows == Rows::Events && self.hints.case.is_none() && !self.is_cut && !self.is_sub;
        let (mut plain, mut needles) = (Vec::new(), Vec::new());
        for condition in conditions {
            match condition {
                Condition::Needles { needles: any, .. } if may_count => needles.push(any),
                Condition::Plain(expr) | Condition::Needles { plain: expr, .. } => plain.push(expr),
            }
        }
        let others = all(plain);
        if needles.is_empty() {
            return others.unwrap_or_else(|| lit(true));
        }
        let hint = Arc::new(CaseHint::new(needles));
        self.hints.case = Some(Arc::clone(&hint));
        counting_like(system("@message").expr, others.unwrap_or_else(|| lit(true)), hint)
    }
}

/// A balanced tree, so that hundreds of conditions are not hundreds of levels deep.
pub(crate) fn all(exprs: Vec<Expr>) -> Option<Expr> {
    balanced(exprs, Expr::and)
}

/// The same with `or`.
pub(crate) fn any(exprs: Vec<Expr>) -> Option<Expr> {
    balanced(exprs, Expr::or)
}

/// Joined as a balanced tree.
pub(crate) fn balanced(mut exprs: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    while exprs.len() > 1 {
        let mut halves = Vec::with_capacity(exprs.len() / 2 + 1);
        let mut rest = exprs.into_iter();
        while let Some(left) = rest.next() {
            halves.push(match rest.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        exprs = halves;
    }
    exprs.pop()
}
