//! Expressions to values.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::functions::expr_fn::{coalesce, nullif};
use datafusion::logical_expr::{Expr, lit};
use datafusion::scalar::ScalarValue;
use shoseki_insights::{Arithmetic, Comparison, Error, Expression, Item, Matcher, Name, Node, Span, nearest};
use shoseki_messages::{Message, msg};

use super::case::{all, any};
use super::scope::text_literal;
use super::{Planned, Planner, Rows, Stop};
use crate::aggregates::{AGGREGATES, Aggregate};
use crate::functions::{Body, Call, FUNCTIONS, Function};
use crate::pattern::{Needle, like, with_escaped_dots};
use crate::values::{Kernel, Kind, Value, is_beyond_doubles, number_key, per_row, per_row_in};

/// Of what was called as functions, what is none.
pub(crate) fn unknown_functions(calls: &[Name]) -> impl Iterator<Item = Error> {
    let is_known = |name: &Name| {
        AGGREGATES.iter().any(|aggregate| aggregate.answers_to(&name.text))
            || FUNCTIONS.iter().any(|function| function.answers_to(&name.text))
    };
    calls.iter().filter(move |name| !is_known(name)).map(|name| Error::new(name.span, unknown_function(&name.text)))
}

fn unknown_function(name: &str) -> Message {
    let functions = FUNCTIONS.iter().flat_map(|function| function.names());
    let aggregates = AGGREGATES.iter().flat_map(|aggregate| aggregate.names());
    match nearest(name, functions.chain(aggregates)) {
        Some(near) => msg!("query-function-unknown-near", name = name, near = near),
        None => msg!("query-function-unknown", name = name),
    }
}

impl Planner {
    /// The value of an expression.
    pub(crate) fn expression(&mut self, expression: &Expression) -> Planned<Value> {
        // Behind `stats`, `count(*)` is the column of that name, but where another `stats` counts.
        let is_simple = matches!(expression.node, Node::Field(_) | Node::Number(_) | Node::Text(_));
        if self.rows == Rows::Groups
            && !self.is_collecting()
            && !is_simple
            && let Some(value) = self.named(&expression.to_string())
        {
            return Ok(value);
        }
        if let Some(value) = self.expanded(expression) {
            return Ok(value);
        }
        // Among aggregates, `bin(1h)` is the group of that name.
        if self.is_collecting()
            && !is_simple
            && let Some(value) = self.sibling(&expression.to_string())
        {
            return Ok(value);
        }
        let span = expression.span;
        match &expression.node {
            Node::Number(text) if is_beyond_doubles(text) => Ok(Value::digits(text_literal(text).expr)),
            Node::Number(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::number(lit(number))),
                _ => Err(self.note(span, msg!("query-number-too-large", text = text))),
            },
            Node::Text(text) => Ok(text_literal(text)),
            Node::Boolean(value) => Ok(Value::boolean(lit(*value))),
            Node::Regex(_) => Err(self.note(span, msg!("query-regex-here"))),
            Node::Duration(_) => Err(self.note(span, msg!("query-duration-here"))),
            Node::Star => Err(self.note(span, msg!("query-star-here"))),
            Node::Field(field) if self.collecting.is_some() => self.field_of_stats(field),
            Node::Field(field) => self.field(field),
            Node::Call { name, arguments } => self.call(name, arguments),
            Node::Access { value, path } => self.part(value, path),
            Node::Negate(inner) if is_large_literal(inner) => {
                Ok(Value::digits(text_literal(&expression.to_string()).expr))
            }
            Node::Negate(inner) => Ok(Value::number(Expr::Negative(Box::new(self.expression(inner)?.as_number())))),
            Node::Not(inner) => Ok(Value::boolean(self.expression(inner)?.as_condition().is_not_true())),
            Node::And(operands) => self.conditions_of(operands, all),
            Node::Or(operands) => self.conditions_of(operands, any),
            Node::Arithmetic(sign, left, right) => {
                let (left, right) = (self.expression(left), self.expression(right));
                Ok(Value::number(arithmetic(*sign, left?.as_number(), right?.as_number())))
            }
            Node::Compare(sign, left, right) => {
                let (left, right) = (self.expression(left), self.expression(right));
                Ok(Value::boolean(self.compare(*sign, &left?, &right?)))
            }
            Node::In { value, list, negated } => self.is_in(value, list, *negated),
            Node::InQuery { value, query, query_span, negated } => {
                self.is_in_query(value, query, *query_span, *negated)
            }
            Node::Like { value, matcher, matcher_span, negated } => {
                let value = self.expression(value);
                let found = self.like(&value?, matcher, *matcher_span)?;
                Ok(Value::boolean(if *negated { found.is_false() } else { found }))
            }
        }
    }

    /// An item's value. A comparison with null is false, and so it is shown.
    pub(crate) fn item(&mut self, item: &Item) -> Planned<Value> {
        let value = self.expression(&item.expression)?;
        Ok(match item.expression.node {
            Node::Compare(..)
            | Node::In { .. }
            | Node::InQuery { .. }
            | Node::Like { .. }
            | Node::And(_)
            | Node::Or(_) => Value::boolean(value.expr.is_true()),
            _ => value,
        })
    }

    fn conditions_of(&mut self, operands: &[Expression], join: fn(Vec<Expr>) -> Option<Expr>) -> Planned<Value> {
        let operands: Vec<_> = operands.iter().map(|operand| self.expression(operand)).collect();
        let operands = operands.into_iter().map(|value| value.map(|value| value.as_condition()));
        let operands: Vec<Expr> = operands.collect::<Planned<_>>()?;
        Ok(Value::boolean(join(operands).unwrap_or_else(|| lit(true))))
    }

    pub(crate) fn like(&mut self, value: &Value, matcher: &Matcher, span: Span) -> Planned<Expr> {
        let needle = Needle::new(matcher).map_err(|error| self.bad_regex(span, &error))?;
        if let Matcher::Regex(pattern) = matcher
            && let Some(escaped) = with_escaped_dots(pattern)
        {
            let hint = msg!("query-hint-dots", pattern = pattern.as_str(), escaped = escaped);
            if !self.hints.known.contains(&hint) {
                self.hint(hint);
            }
        }
        let value = if matches!(value.kind, Kind::Bytes | Kind::Text) { value.expr.clone() } else { value.as_text() };
        Ok(like(value, needle))
    }

    /// A regular expression that cannot be compiled: the last line of the library's words says why.
    pub(crate) fn bad_regex(&mut self, span: Span, error: &regex::Error) -> Stop {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        self.note(span, msg!("query-regex-unreadable", reason = reason))
    }

    fn is_in(&mut self, value: &Expression, list: &[Expression], negated: bool) -> Planned<Value> {
        let value = self.expression(value);
        let items: Vec<_> = list.iter().map(|item| self.expression(item)).collect();
        let (value, items) = (value?, items.into_iter().collect::<Planned<Vec<_>>>()?);
        let are_texts = list.iter().all(|item| matches!(item.node, Node::Text(_)));
        let found = if are_texts && value.kind == Kind::Text && !list.is_empty() {
            value.expr.in_list(items.into_iter().map(|item| item.expr).collect(), false)
        } else {
            let equals = items.iter().map(|item| self.compare(Comparison::Equal, &value, item)).collect();
            any(equals).unwrap_or_else(|| lit(false))
        };
        Ok(Value::boolean(if negated { found.is_false() } else { found }))
    }

    /// A comparison, by the kinds of its sides: with a number as numbers, with an instant as instants, two texts as
    /// texts, or, for `<` and its like, as numbers where both are such. With a map or a list it is as with null.
    ///
    /// Numbers are doubles. Where neither side is one yet, and the other is text or digits, whole numbers from 2^53 on are
    /// compared as what they are.
    pub(crate) fn compare(&self, sign: Comparison, left: &Value, right: &Value) -> Expr {
        let has = |kind: Kind| left.kind == kind || right.kind == kind;
        if has(Kind::Structure) {
            return lit(ScalarValue::Boolean(None));
        }
        let is_equality = matches!(sign, Comparison::Equal | Comparison::NotEqual);
        let has_number = left.is_number() || right.is_number();
        if has(Kind::Time) && !has_number {
            return signed(sign, left.as_time(self.zone), right.as_time(self.zone));
        }
        if left.kind == Kind::Boolean && right.kind == Kind::Boolean {
            return signed(sign, left.expr.clone(), right.expr.clone());
        }
        if has(Kind::Boolean) && !has_number && is_equality {
            return signed(sign, left.as_condition(), right.as_condition());
        }
        if has(Kind::Number) || has(Kind::Boolean) || has(Kind::Time) {
            return signed(sign, left.as_number(), right.as_number());
        }
        let as_digits = || signed(sign, number_key(left.as_text()), number_key(right.as_text()));
        if has_number {
            return as_digits();
        }
        let as_texts = signed(sign, left.as_text(), right.as_text());
        if is_equality {
            return as_texts;
        }
        coalesce(vec![as_digits(), as_texts])
    }

    fn call(&mut self, name: &Name, arguments: &[Expression]) -> Planned<Value> {
        if let Some(aggregate) = AGGREGATES.iter().find(|aggregate| aggregate.answers_to(&name.text)) {
            return self.aggregate(aggregate, name, arguments);
        }
        let Some(function) = FUNCTIONS.iter().find(|function| function.answers_to(&name.text)) else {
            return Err(self.no_function(name));
        };
        self.check_count(name, arguments.len(), (function.least, function.most))?;
        match function.body {
            Body::Plan(plan) => plan(self, &Call { arguments, span: name.span }),
            Body::Rows(kinds, kernel) => self.call_rows(function, arguments, kinds, kernel),
        }
    }

    fn call_rows(
        &mut self,
        function: &Function,
        arguments: &[Expression],
        kinds: &[Kind],
        kernel: Kernel,
    ) -> Planned<Value> {
        let zone = self.zone;
        let mut exprs = Vec::with_capacity(arguments.len());
        for (at, argument) in arguments.iter().enumerate() {
            let kind = kinds.get(at).or_else(|| kinds.last()).copied().unwrap_or(Kind::Text);
            exprs.push(self.expression(argument)?.as_kind(kind, zone));
        }
        Ok(Value::new(per_row_in(function.name, kernel, exprs, zone), kernel.kind()))
    }

    /// An aggregate: within `stats`, and not within another.
    fn aggregate(&mut self, aggregate: &Aggregate, name: &Name, arguments: &[Expression]) -> Planned<Value> {
        let Some(mut collecting) = self.collecting.take() else {
            return Err(self.note(name.span, msg!("query-aggregate-here", name = name.text.as_str())));
        };
        let call = Call { arguments, span: name.span };
        let counted = self.check_count(name, arguments.len(), (aggregate.least, Some(aggregate.most)));
        let plain = counted.and_then(|()| arguments.iter().try_for_each(|argument| self.plain_argument(argument)));
        let built = plain.and_then(|()| (aggregate.build)(self, &call));
        let built = built.and_then(|value| self.collect_from(value, &mut collecting.aggregates));
        self.collecting = Some(collecting);
        built
    }

    /// No aggregate takes a map or a list.
    fn plain_argument(&mut self, argument: &Expression) -> Planned<()> {
        if matches!(argument.node, Node::Star | Node::Duration(_) | Node::Number(_)) {
            return Ok(());
        }
        let value = self.expression(argument)?;
        self.plain(value, argument.span, "stats").map(|_| ())
    }

    /// Puts the engine's aggregates that a value is computed of among the others; what is left is computed of their columns.
    fn collect_from(&mut self, value: Value, aggregates: &mut Vec<Expr>) -> Planned<Value> {
        let left = value.expr.transform_down(|expr| {
            if !matches!(expr, Expr::AggregateFunction(_)) {
                return Ok(Transformed::no(expr));
            }
            let column = self.fresh();
            aggregates.push(expr.alias(&column));
            Ok(Transformed::new(super::named_column(&column), true, TreeNodeRecursion::Jump))
        })?;
        Ok(Value::new(left.data, value.kind))
    }

    fn no_function(&mut self, name: &Name) -> Stop {
        self.note(name.span, unknown_function(&name.text))
    }

    /// Whether a function has as many arguments as it takes.
    pub(crate) fn check_count(&mut self, name: &Name, count: usize, bounds: (usize, Option<usize>)) -> Planned<()> {
        let (least, most) = bounds;
        if count >= least && most.is_none_or(|most| count <= most) {
            return Ok(());
        }
        let text = name.text.as_str();
        Err(match most {
            Some(most) if most == least => {
                self.note(name.span, msg!("query-arguments", name = text, count = count, expected = least))
            }
            Some(most) => self.note(
                name.span,
                msg!("query-arguments-between", name = text, count = count, least = least, most = most),
            ),
            None => self.note(name.span, msg!("query-arguments-least", name = text, count = count, least = least)),
        })
    }
}

/// Whether a number of the query is a whole one that a double may not hold.
fn is_large_literal(expression: &Expression) -> bool {
    matches!(&expression.node, Node::Number(text) if is_beyond_doubles(text))
}

fn arithmetic(sign: Arithmetic, left: Expr, right: Expr) -> Expr {
    match sign {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        // What is divided by 0 is null.
        Arithmetic::Divide => left / nullif(right, lit(0.0)),
        Arithmetic::Remainder => left % nullif(right, lit(0.0)),
        Arithmetic::Power => {
            let kernel =
                Kernel::Number(|row| Some(libm::pow(row.number(0)?, row.number(1)?)).filter(|n| n.is_finite()));
            per_row("power", kernel, vec![left, right])
        }
    }
}

fn signed(sign: Comparison, left: Expr, right: Expr) -> Expr {
    match sign {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.not_eq(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lt_eq(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gt_eq(right),
    }
}
