//! What a condition says of a file's segments, by what their commit says of them: source, streams, first and last event. It may
//! only ever say "certainly none".

use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;
use shoseki_event::Timestamp;
use shoseki_segment::SegmentTag;
use shoseki_segment::commit::Add;

use crate::pattern::like_of;

/// Conditions that must all hold of a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags(Vec<Expr>);

impl Tags {
    /// Of the conditions of a scan.
    pub(crate) fn of(filters: &[Expr]) -> Self {
        Self(filters.to_vec())
    }

    /// Whether a file may have a row for which all hold.
    pub(crate) fn may_hold(&self, file: &Add) -> bool {
        file.tags.segments.iter().any(|segment| self.0.iter().all(|condition| may_hold(condition, segment)))
    }
}

fn may_hold(condition: &Expr, segment: &SegmentTag) -> bool {
    if let Some((needle, Expr::Column(column))) = like_of(condition) {
        return names(&column.name, segment, |name| needle.is_found(name.as_bytes()));
    }
    match condition {
        Expr::IsTrue(inner) => may_hold(inner, segment),
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            may_hold(left, segment) && may_hold(right, segment)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            may_hold(left, segment) || may_hold(right, segment)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (&**left, &**right) {
            (Expr::Column(column), Expr::Literal(value, _)) => compares(&column.name, *op, value, segment),
            (Expr::Literal(value, _), Expr::Column(column)) => {
                op.swap().is_none_or(|op| compares(&column.name, op, value, segment))
            }
            _ => true,
        },
        Expr::InList(list) if !list.negated => match &*list.expr {
            Expr::Column(column) => list.list.iter().any(|value| match value {
                Expr::Literal(value, _) => compares(&column.name, Operator::Eq, value, segment),
                _ => true,
            }),
            _ => true,
        },
        _ => true,
    }
}

/// Whether a row of the segment may have a column that compares so with a value.
fn compares(column: &str, op: Operator, value: &ScalarValue, segment: &SegmentTag) -> bool {
    match value {
        ScalarValue::TimestampMicrosecond(Some(time), _) if column == "time" => {
            let (time, min, max) = (Timestamp(*time), segment.min, segment.max);
            match op {
                Operator::Eq => min <= time && time <= max,
                Operator::Gt => max > time,
                Operator::GtEq => max >= time,
                Operator::Lt => min < time,
                Operator::LtEq => min <= time,
                _ => true,
            }
        }
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) if op == Operator::Eq => {
            names(column, segment, |name| name == text)
        }
        _ => true,
    }
}

/// Whether the source of a segment, or one of its streams, is what is asked for.
fn names(column: &str, segment: &SegmentTag, is_it: impl Fn(&str) -> bool) -> bool {
    match column {
        "source" => is_it(&segment.source),
        "stream" => segment.streams.iter().any(|stream| is_it(&stream.name)),
        _ => true,
    }
}
