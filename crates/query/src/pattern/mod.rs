//! `like` and `=~`, on bytes: the raw event is never converted to text. And the hint beside an answer: how many events
//! more a pattern would find without regard to case.

mod dots;
mod lower;
mod probe;

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use regex::bytes::{Regex, RegexBuilder};
use shoseki_insights::Matcher;

pub(crate) use dots::escaped as with_escaped_dots;
pub(crate) use probe::{Probe, within_a_value};

/// The largest program that a pattern may become, in bytes: a pattern is the caller's, and bounded.
const MAX_PROGRAM: usize = 10 << 20;

/// A compiled pattern. Equal where its text is.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    regex: Regex,
    /// Where case makes no difference: what finds the same in the same bytes in lower case, twice as fast.
    lower: Option<Regex>,
}

/// A row's bytes in lower case, made once for all patterns that ask for them.
#[derive(Default)]
struct Lower {
    buffer: Vec<u8>,
    is_made: bool,
}

impl Lower {
    fn next_row(&mut self) {
        self.is_made = false;
    }

    fn of(&mut self, bytes: &[u8]) -> &[u8] {
        if !self.is_made {
            self.buffer.clear();
            self.buffer.extend(bytes.iter().map(u8::to_ascii_lowercase));
            self.is_made = true;
        }
        &self.buffer
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}
impl Eq for Needle {}
impl Hash for Needle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.regex.as_str().hash(state);
    }
}

/// A matcher as the text of a regular expression.
pub(crate) fn regex_text(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Text(text) => regex::escape(text),
        Matcher::Regex(pattern) => pattern.clone(),
    }
}

/// Compiles the text of a regular expression.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_PROGRAM).build()
}

impl Needle {
    pub(crate) fn new(matcher: &Matcher) -> Result<Self, regex::Error> {
        Self::compiled(&regex_text(matcher))
    }

    /// The same without regard to case; `None` where that makes no difference.
    pub(crate) fn without_case(matcher: &Matcher) -> Option<Self> {
        let text = regex_text(matcher);
        let has_letters = text.chars().any(|c| c.is_alphabetic() && c.to_lowercase().ne(c.to_uppercase()));
        if !has_letters || text.starts_with("(?i)") {
            return None;
        }
        Self::compiled(&format!("(?i){text}")).ok()
    }

    fn compiled(pattern: &str) -> Result<Self, regex::Error> {
        let lower = lower::pattern(pattern).and_then(|pattern| compile(&pattern).ok());
        Ok(Self { regex: compile(pattern)?, lower })
    }

    /// Whether the pattern is found in one value.
    pub(crate) fn is_found(&self, bytes: &[u8]) -> bool {
        self.is_in(bytes, &mut Lower::default())
    }

    fn is_in(&self, bytes: &[u8], lower: &mut Lower) -> bool {
        match &self.lower {
            Some(regex) => regex.is_match(lower.of(bytes)),
            None => self.regex.is_match(bytes),
        }
    }

    pub(crate) fn text(&self) -> &str {
        self.regex.as_str()
    }
}

/// Each row of a text or bytes column; other types are cast to text.
fn each_row(array: &ArrayRef, mut row: impl FnMut(Option<&[u8]>)) -> Result<()> {
    if let Some(bytes) = array.as_binary_opt::<i32>() {
        bytes.iter().for_each(row);
        return Ok(());
    }
    let array = match array.data_type() {
        DataType::Utf8 => Arc::clone(array),
        _ => arrow::compute::cast(array, &DataType::Utf8)?,
    };
    let texts = array.as_string_opt::<i32>().ok_or_else(|| DataFusionError::Internal("no text".to_owned()))?;
    texts.iter().for_each(|text| row(text.map(str::as_bytes)));
    Ok(())
}

/// `value like pattern`
#[derive(Debug, PartialEq, Eq, Hash)]
struct Like {
    needle: Needle,
    name: String,
    signature: Signature,
}

/// The pattern of a call of `like`, and what is searched.
pub(crate) fn like_of(expr: &Expr) -> Option<(&Needle, &Expr)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let like = call.func.inner().downcast_ref::<Like>()?;
    Some((&like.needle, call.args.first()?))
}

/// Whether the pattern is found in the value; null where the value is.
pub(crate) fn like(value: Expr, needle: Needle) -> Expr {
    let name = format!("like:{}", needle.text());
    ScalarUDF::from(Like { needle, name, signature: Signature::any(1, Volatility::Immutable) }).call(vec![value])
}

impl ScalarUDFImpl for Like {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let value = args.args.first().ok_or_else(|| DataFusionError::Internal("no value".to_owned()))?;
        let array = value.to_array(args.number_rows)?;
        let (mut found, mut lower) = (Vec::with_capacity(array.len()), Lower::default());
        each_row(&array, |row| {
            lower.next_row();
            found.push(row.map(|bytes| self.needle.is_in(bytes, &mut lower)));
        })?;
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(found))))
    }
}

/// What a query asks of `@message` with regard to case, and the events that it misses because of that.
#[derive(Debug)]
pub(crate) struct CaseHint {
    /// All of these must be found; of each, one alternative is enough. With regard to case, and without.
    pub(crate) needles: Vec<Vec<(Needle, Needle)>>,
    /// Events that fulfil every other condition, and all patterns only without regard to case.
    pub(crate) missed: AtomicU64,
    /// Whether something was not looked at for the sake of the number alone, so that it may be more.
    pub(crate) is_least: AtomicBool,
}

/// Of each row, whether one of the patterns is in it.
pub(crate) fn any_in(needles: &[Needle], raw: &BinaryArray) -> BooleanArray {
    let mut lower = Lower::default();
    let mut is_found = |bytes: &[u8]| {
        lower.next_row();
        needles.iter().any(|needle| needle.is_in(bytes, &mut lower))
    };
    raw.iter().map(|bytes| Some(bytes.is_some_and(&mut is_found))).collect()
}

impl CaseHint {
    /// Of patterns, with regard to case and without.
    pub(crate) fn new(needles: Vec<Vec<(Needle, Needle)>>) -> Self {
        Self { needles, missed: AtomicU64::new(0), is_least: AtomicBool::new(false) }
    }

    /// Of each row, whether the patterns are in it; what is missed is counted.
    pub(crate) fn rows(&self, raw: &BinaryArray) -> BooleanArray {
        let mut lower = Lower::default();
        raw.iter().map(|bytes| Some(bytes.is_some_and(|bytes| self.holds(bytes, &mut lower)))).collect()
    }

    /// Counts events that are missed for their case alone.
    pub(crate) fn missed_more(&self, count: u64) {
        self.missed.fetch_add(count, Ordering::Relaxed);
    }

    fn holds(&self, bytes: &[u8], lower: &mut Lower) -> bool {
        lower.next_row();
        // Without regard to case first: where that fails, which is nearly always, the other need not be tried.
        if !self.needles.iter().all(|any| any.iter().any(|(_, loose)| loose.is_in(bytes, lower))) {
            return false;
        }
        let holds = self.needles.iter().all(|any| any.iter().any(|(strict, _)| strict.is_in(bytes, lower)));
        if !holds {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        holds
    }
}

/// The patterns on `@message` of a filter, with all its other conditions as an argument: so only events for which those
/// hold are counted, whatever order the engine evaluates in.
#[derive(Debug)]
struct CountingLike {
    hint: Arc<CaseHint>,
    signature: Signature,
}

impl PartialEq for CountingLike {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.hint, &other.hint)
    }
}
impl Eq for CountingLike {}
impl Hash for CountingLike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.hint).hash(state);
    }
}

/// What a call of `counting_like` counts, and the other conditions.
pub(crate) fn counting_of(expr: &Expr) -> Option<(&Arc<CaseHint>, &Expr)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let counting = call.func.inner().downcast_ref::<CountingLike>()?;
    Some((&counting.hint, call.args.get(1)?))
}

/// Whether the patterns are found in the raw event and the other conditions hold; counts what is missed. The scan takes it
/// over and evaluates it once for each row; where it cannot, for something stands between, the engine does.
pub(crate) fn counting_like(raw: Expr, others: Expr, hint: Arc<CaseHint>) -> Expr {
    let signature = Signature::any(2, Volatility::Immutable);
    ScalarUDF::from(CountingLike { hint, signature }).call(vec![raw, others])
}

impl ScalarUDFImpl for CountingLike {
    fn name(&self) -> &str {
        "like:counting"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let raw = crate::json::binary(&args, 0)?;
        let others = args.args.get(1).ok_or_else(|| DataFusionError::Internal("no conditions".to_owned()))?;
        let others = others.to_array(args.number_rows)?;
        let others = others.as_boolean_opt().ok_or_else(|| DataFusionError::Internal("no condition".to_owned()))?;
        let mut lower = Lower::default();
        let holds = |row: usize| {
            let is_candidate = others.is_valid(row) && others.value(row) && raw.is_valid(row);
            Some(is_candidate && self.hint.holds(raw.value(row), &mut lower))
        };
        let found: BooleanArray = (0..raw.len()).map(holds).collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}
