//! What must be in a file for a row of it to be looked for: literals out of the conditions, which the file's index may rule
//! out.

use datafusion::logical_expr::{Expr, Operator};
use datafusion::scalar::ScalarValue;
use shoseki_segment::index::Literal;

use crate::pattern::{Needle, Probe, counting_of, like_of, within_a_value};

/// More alternatives than this are not looked for: so many rule out little.
const MAX_LITERALS: usize = 256;

/// Of each of these, one literal must be in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted(pub(super) Vec<AnyOf>);

/// Literals, of which one must be in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AnyOf {
    pub(super) literals: Vec<Literal>,
    /// Whether a field has it. What a field of JSON says is in the index; in an event of text it may be written otherwise.
    pub(super) in_field: bool,
}

impl Wanted {
    pub(crate) fn of(filters: &[Expr]) -> Self {
        let mut all: Vec<AnyOf> = filters.iter().flat_map(wanted).collect();
        all.retain(|any| any.literals.len() <= MAX_LITERALS);
        all.sort_by_key(|any| any.literals.len()); // what is asked for first is answered fastest
        all.dedup();
        Self(all)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn wanted(expr: &Expr) -> Vec<AnyOf> {
    let in_event = |literals| AnyOf { literals, in_field: false };
    let in_field = |literals| AnyOf { literals, in_field: true };
    if let Some((hint, others)) = counting_of(expr) {
        // What is missed for its case alone is counted: so without regard to it, as the index is.
        let of_hint = hint.needles.iter().filter_map(|any| of_needles(any.iter().map(|(_, loose)| loose)));
        return of_hint.map(in_event).chain(wanted(others)).collect();
    }
    if let Some((needle, value)) = like_of(expr) {
        let literals = of_needles([needle].into_iter());
        return match value {
            Expr::Column(column) if column.name == "raw" => literals.map(in_event).into_iter().collect(),
            value if is_native(value) => literals.map(in_field).into_iter().collect(),
            _ => Vec::new(),
        };
    }
    if let Some((text, value)) = holding(expr) {
        let literals = of_texts([text].into_iter());
        return match value {
            value if is_native(value) => literals.map(in_field).into_iter().collect(),
            value if is_event(value) => literals.map(in_event).into_iter().collect(),
            _ => Vec::new(),
        };
    }
    match expr {
        Expr::IsTrue(inner) => wanted(inner),
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::And => wanted(&binary.left).into_iter().chain(wanted(&binary.right)).collect(),
            Operator::Or => either(wanted(&binary.left), wanted(&binary.right)).into_iter().collect(),
            Operator::Eq if is_native(&binary.left) => {
                of_texts([&*binary.right].into_iter()).map(in_field).into_iter().collect()
            }
            Operator::Eq if is_native(&binary.right) => {
                of_texts([&*binary.left].into_iter()).map(in_field).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Expr::InList(list) if !list.negated && is_native(&list.expr) => {
            of_texts(list.list.iter()).map(in_field).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The text that a value must hold, and the value: `strcontains`, which is 1 or 0 and compared with a number, and functions like it
/// that are true or false.
fn holding(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let (call, names) = match expr {
        Expr::BinaryExpr(binary) => {
            let Expr::Literal(ScalarValue::Float64(Some(number)), _) = &*binary.right else { return None };
            let is_held = match binary.op {
                Operator::Eq => *number != 0.0,
                Operator::NotEq => *number == 0.0,
                Operator::Gt => *number >= 0.0,
                Operator::GtEq => *number > 0.0,
                _ => false,
            };
            (is_held.then_some(&*binary.left)?, &["strcontains"][..])
        }
        expr => (expr, &["startsWith", "endsWith"][..]),
    };
    let call = match call {
        Expr::Cast(cast) => &*cast.expr,
        call => call,
    };
    let Expr::ScalarFunction(call) = call else { return None };
    let [value, text] = call.args.as_slice() else { return None };
    names.contains(&call.func.name()).then_some((text, value))
}

/// Whether it is the whole event, as bytes or as text.
fn is_event(expr: &Expr) -> bool {
    match expr {
        Expr::Column(column) => column.name == "raw",
        Expr::ScalarFunction(call) => {
            call.func.name() == "text" && matches!(call.args.as_slice(), [Expr::Column(column)] if column.name == "raw")
        }
        _ => false,
    }
}

/// Of two conditions one holds: of each the literals that are fewest.
fn either(left: Vec<AnyOf>, right: Vec<AnyOf>) -> Option<AnyOf> {
    let fewest = |all: Vec<AnyOf>| all.into_iter().min_by_key(|any| any.literals.len());
    let (mut any, other) = (fewest(left)?, fewest(right)?);
    any.literals.extend(other.literals);
    any.in_field |= other.in_field;
    Some(any)
}

/// Whether it is a field of the event, or a column that every source takes out of one as it stands there.
fn is_native(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(column) if column.name.starts_with("native:") || column.name == "src_ip")
}

/// `None` where one of the patterns has no literals, or none that the index knows.
fn of_needles<'a>(mut needles: impl Iterator<Item = &'a Needle>) -> Option<Vec<Literal>> {
    needles.try_fold(Vec::new(), |mut all, needle| {
        for literal in Probe::of(needle)?.literals() {
            let literal = Literal::of(literal)?;
            // Literals that differ by case alone are one here.
            if !all.contains(&literal) {
                all.push(literal);
            }
        }
        Some(all)
    })
}

/// `None` where one is no text, or one that may be there under another form.
fn of_texts<'a>(texts: impl Iterator<Item = &'a Expr>) -> Option<Vec<Literal>> {
    let of_text = |expr: &Expr| match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)), _) => {
            Literal::of(within_a_value(text.as_bytes()))
        }
        _ => None,
    };
    texts.map(of_text).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};
    use shoseki_insights::Matcher;

    use super::*;
    use crate::pattern::like;

    fn counts(expr: Expr) -> Vec<usize> {
        Wanted::of(&[expr]).0.iter().map(|any| any.literals.len()).collect()
    }

    #[test]
    fn literals_are_taken_out_of_conditions_that_need_them() {
        let native = || col("\"native:userIdentity.accessKeyId\"");
        let raw = |pattern: &str| like(col("raw"), Needle::new(&Matcher::Regex(pattern.to_owned())).unwrap());
        assert_eq!(counts(native().eq(lit("AKIAIOSFODNN7EXAMPLE"))), [1]);
        assert_eq!(counts(lit("AKIAIOSFODNN7EXAMPLE").eq(native()).is_true()), [1]);
        assert_eq!(counts(native().in_list(vec![lit("AKIAIOSFODNN7EXAMPLE"), lit("203.0.113.77")], false)), [2]);
        let (of_list, of_event) = (native().eq(lit(r#"{"a":[1111111,2222222]}"#)), raw(r"\[1111111,2222222\]"));
        let (of_list, of_event) = (Wanted::of(&[of_list]), Wanted::of(&[of_event]));
        assert_eq!(of_list.0[0].literals, of_event.0[0].literals, "what may lie outside of a value is cut off");
        assert!(of_list.0[0].in_field && !of_event.0[0].in_field);
        assert_eq!(counts(raw(r"203\.0\.113\.77").and(native().eq(lit("AKIAIOSFODNN7EXAMPLE")))), [1, 1]);
        assert_eq!(counts(raw(r"203\.0\.113\.77").or(native().eq(lit("AKIAIOSFODNN7EXAMPLE")))), [2]);
        assert_eq!(counts(raw("(?i)admin_of_all_x")), [1]);
    }

    #[test]
    fn what_does_not_need_a_literal_gives_none() {
        let native = || col("\"native:a\"");
        for free in [
            native().not_eq(lit("AKIAIOSFODNN7EXAMPLE")),
            native().eq(lit("short")),
            col("operation").eq(lit("AKIAIOSFODNN7EXAMPLE")),
            native().in_list(vec![lit("AKIAIOSFODNN7EXAMPLE")], true),
            native().in_list(vec![lit("AKIAIOSFODNN7EXAMPLE"), lit("short")], false),
            native().eq(lit("AKIAIOSFODNN7EXAMPLE")).or(col("operation").eq(lit("x"))),
            like(col("operation"), Needle::new(&Matcher::Text("AKIAIOSFODNN7EXAMPLE".to_owned())).unwrap()),
            Expr::Not(Box::new(native().eq(lit("AKIAIOSFODNN7EXAMPLE")))),
        ] {
            assert_eq!(counts(free.clone()), Vec::<usize>::new(), "{free}");
        }
    }
}
