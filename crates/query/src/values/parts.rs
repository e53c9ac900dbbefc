//! Several texts of a row at once, as the fields `0`, `1`, … of a structure: what a row of a table or a line of CSV gives.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringBuilder, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// What is computed of a row's arguments: as many texts as there are places, all null at first.
pub(crate) type ToParts = dyn Fn(&[Option<&[u8]>], &mut [Option<String>]) + Send + Sync;

struct Parts {
    /// Says what is computed: functions of one name are the same.
    name: String,
    count: usize,
    compute: Arc<ToParts>,
    signature: Signature,
}

/// Texts of each row. The name must tell apart whatever differs.
pub(crate) fn parts(name: String, count: usize, compute: Arc<ToParts>, arguments: Vec<Expr>) -> Expr {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    ScalarUDF::from(Parts { name, count, compute, signature }).call(arguments)
}

/// The fields of a structure of texts.
pub(super) fn text_fields(count: usize) -> Fields {
    (0..count).map(|at| Field::new(at.to_string(), DataType::Utf8, true)).collect()
}

/// An argument as bytes.
pub(super) fn bytes(args: &ScalarFunctionArgs, at: usize) -> Result<BinaryArray> {
    let missing = || DataFusionError::Internal(format!("no argument {at}"));
    let array = cast(&args.args.get(at).ok_or_else(missing)?.to_array(args.number_rows)?, &DataType::Binary)?;
    array.as_binary_opt::<i32>().cloned().ok_or_else(missing)
}

/// What is added to a column of texts may not grow beyond its offsets.
pub(super) fn check_size(bytes: usize) -> Result<()> {
    const MOST: usize = 1 << 30;
    if bytes > MOST {
        return Err(DataFusionError::ResourcesExhausted(format!("{bytes} bytes of texts in one batch")));
    }
    Ok(())
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.count) == (&other.name, other.count)
    }
}
impl Eq for Parts {}
impl Hash for Parts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Parts {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(text_fields(self.count)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns: Vec<BinaryArray> = (0..args.args.len()).map(|at| bytes(&args, at)).collect::<Result<_>>()?;
        let mut texts: Vec<StringBuilder> = (0..self.count).map(|_| StringBuilder::new()).collect();
        let mut row: Vec<Option<&[u8]>> = Vec::with_capacity(columns.len());
        let mut found = vec![None; self.count];
        let mut size = 0;
        for at in 0..args.number_rows {
            row.clear();
            row.extend(columns.iter().map(|column| column.is_valid(at).then(|| column.value(at))));
            found.fill(None);
            (self.compute)(&row, &mut found);
            for (text, texts) in found.iter().zip(&mut texts) {
                size += text.as_ref().map_or(0, String::len);
                texts.append_option(text.as_deref());
            }
            check_size(size)?;
        }
        let columns: Vec<ArrayRef> = texts.iter_mut().map(|texts| Arc::new(texts.finish()) as ArrayRef).collect();
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(text_fields(self.count), columns, None)?)))
    }
}
