//! What a plan stands on: the table of a selection, and what was read or computed beforehand.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock};

use arrow::array::{AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use shoseki_event::Timestamp;

use crate::asked::Asked;
use crate::fields::Sought;
use crate::mapping::Mapping;
use crate::scan::Selection;

/// Makes the table of a selection.
pub(crate) type Tables = dyn Fn(Selection) -> Arc<dyn TableProvider> + Send + Sync;

/// Finds the time of the earliest event of a selection.
pub(crate) type Earliest = dyn Fn(&Selection) -> Option<Timestamp> + Send + Sync;

/// What plans of one query share.
pub(crate) struct Ground {
    pub(crate) asked: Arc<Asked>,
    pub(crate) with_pointers: bool,
    pub(crate) as_records: bool,
    /// What the user states of applications' names.
    pub(crate) mapping: Option<Arc<Mapping>>,
    /// The fields that the query may ask for, and what is seen of them.
    pub(crate) sought: Arc<[Sought]>,
    pub(crate) tables: Box<Tables>,
    pub(crate) earliest: Box<Earliest>,
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ground").field("asked", &self.asked).finish_non_exhaustive()
    }
}

/// The sets of a query's `in (…)`, in the order of the text: each is computed once for all slices.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    sets: Mutex<Vec<Arc<ValueSet>>>,
}

impl Sets {
    /// The set of a place.
    pub(crate) fn at(&self, place: usize) -> Arc<ValueSet> {
        // Nobody panics while it is held.
        let Ok(mut sets) = self.sets.lock() else { return Arc::default() };
        while sets.len() <= place {
            sets.push(Arc::default());
        }
        sets.get(place).cloned().unwrap_or_default()
    }
}

/// What a sub-query gives, as texts; nothing until it has run.
#[derive(Debug, Default)]
pub(crate) struct ValueSet {
    values: OnceLock<HashSet<Box<str>>>,
}

impl ValueSet {
    pub(crate) fn is_filled(&self) -> bool {
        self.values.get().is_some()
    }

    pub(crate) fn fill(&self, values: HashSet<Box<str>>) {
        // Who was first has the same values.
        let _ = self.values.set(values);
    }
}

struct IsIn {
    set: Arc<ValueSet>,
    signature: Signature,
}

/// Whether a text is in a set; null where the text is.
pub(crate) fn is_in(text: Expr, set: Arc<ValueSet>) -> Expr {
    // Stable, since the set is filled before the plan is optimised and does not change any more.
    ScalarUDF::from(IsIn { set, signature: Signature::any(1, Volatility::Stable) }).call(vec![text])
}

impl fmt::Debug for IsIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("in:subquery")
    }
}

impl PartialEq for IsIn {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.set, &other.set)
    }
}
impl Eq for IsIn {}
impl Hash for IsIn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.set).hash(state);
    }
}

impl ScalarUDFImpl for IsIn {
    fn name(&self) -> &str {
        "in:subquery"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let missing = || DataFusionError::Internal("a sub-query has not run".to_owned());
        let values = self.set.values.get().ok_or_else(missing)?;
        let text = args.args.first().ok_or_else(missing)?.to_array(args.number_rows)?;
        let texts = cast(&text, &DataType::Utf8)?;
        let found = texts.as_string::<i32>().iter().map(|text| text.map(|text| values.contains(text)));
        let found: BooleanArray = found.collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}
