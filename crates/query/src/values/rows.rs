//! Functions that look at one row at a time: most of the language's are that.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, TimestampMicrosecondType};
use chrono_tz::Tz;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::instant;

/// What is computed of a row; `None` is null.
#[derive(Clone, Copy)]
pub(crate) enum Kernel {
    Text(fn(&Row<'_>) -> Option<String>),
    Number(fn(&Row<'_>) -> Option<f64>),
    Boolean(fn(&Row<'_>) -> Option<bool>),
    Time(fn(&Row<'_>) -> Option<i64>),
}

impl Kernel {
    pub(crate) fn kind(self) -> super::Kind {
        match self {
            Self::Text(_) => super::Kind::Text,
            Self::Number(_) => super::Kind::Number,
            Self::Boolean(_) => super::Kind::Boolean,
            Self::Time(_) => super::Kind::Time,
        }
    }
}

/// One row's arguments.
pub(crate) struct Row<'a> {
    columns: &'a [Column],
    texts: Vec<Option<Cow<'a, str>>>,
    at: usize,
    zone: Tz,
}

/// An argument's column, as one of few types.
enum Column {
    Text(StringArray),
    Bytes(BinaryArray),
    Number(Float64Array),
    Time(TimestampMicrosecondArray),
}

impl Column {
    fn new(array: &ArrayRef) -> Result<Self> {
        let other = || DataFusionError::Internal(format!("an argument of type {}", array.data_type()));
        let to = |kind: &DataType| cast(array, kind);
        Ok(match array.data_type() {
            DataType::Binary => Self::Bytes(array.as_binary_opt().cloned().ok_or_else(other)?),
            DataType::Timestamp(..) => {
                let array = to(&instant())?;
                Self::Time(array.as_primitive_opt::<TimestampMicrosecondType>().cloned().ok_or_else(other)?)
            }
            kind if kind.is_numeric() => {
                let array = to(&DataType::Float64)?;
                Self::Number(array.as_primitive_opt::<Float64Type>().cloned().ok_or_else(other)?)
            }
            _ => Self::Text(to(&DataType::Utf8)?.as_string_opt().cloned().ok_or_else(other)?),
        })
    }

    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(texts) => texts.is_valid(at).then(|| Cow::Borrowed(texts.value(at))),
            Self::Bytes(bytes) => bytes.is_valid(at).then(|| String::from_utf8_lossy(bytes.value(at))),
            _ => None,
        }
    }
}

impl<'a> Row<'a> {
    /// How many arguments there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn text(&self, argument: usize) -> Option<&str> {
        self.texts.get(argument)?.as_deref()
    }

    pub(crate) fn number(&self, argument: usize) -> Option<f64> {
        match self.columns.get(argument)? {
            Column::Number(numbers) => numbers.is_valid(self.at).then(|| numbers.value(self.at)),
            _ => None,
        }
    }

    /// Microseconds since 1970.
    pub(crate) fn time(&self, argument: usize) -> Option<i64> {
        match self.columns.get(argument)? {
            Column::Time(times) => times.is_valid(self.at).then(|| times.value(self.at)),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self, argument: usize) -> Option<&[u8]> {
        match self.columns.get(argument)? {
            Column::Bytes(bytes) => bytes.is_valid(self.at).then(|| bytes.value(self.at)),
            _ => None,
        }
    }

    /// The configured zone.
    pub(crate) fn zone(&self) -> Tz {
        self.zone
    }

    fn go(&mut self, columns: &'a [Column], at: usize) {
        self.at = at;
        self.texts.clear();
        self.texts.extend(columns.iter().map(|column| column.text(at)));
    }
}

struct PerRow {
    name: &'static str,
    kernel: Kernel,
    zone: Tz,
    signature: Signature,
}

/// Applies a function to each row. Functions of one name and kind must be the same function.
pub(crate) fn per_row(name: &'static str, kernel: Kernel, arguments: Vec<Expr>) -> Expr {
    per_row_in(name, kernel, arguments, Tz::UTC)
}

/// The same with a zone.
pub(crate) fn per_row_in(name: &'static str, kernel: Kernel, arguments: Vec<Expr>, zone: Tz) -> Expr {
    let signature = match arguments.len() {
        0 => Signature::nullary(Volatility::Immutable),
        count => Signature::any(count, Volatility::Immutable),
    };
    ScalarUDF::from(PerRow { name, kernel, zone, signature }).call(arguments)
}

impl fmt::Debug for PerRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for PerRow {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.kernel.kind(), self.zone, &self.signature)
            == (other.name, other.kernel.kind(), other.zone, &other.signature)
    }
}
impl Eq for PerRow {}
impl Hash for PerRow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for PerRow {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.kernel {
            Kernel::Text(_) => DataType::Utf8,
            Kernel::Number(_) => DataType::Float64,
            Kernel::Boolean(_) => DataType::Boolean,
            Kernel::Time(_) => instant(),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = |value: &ColumnarValue| Column::new(&value.to_array(args.number_rows)?);
        let columns: Vec<Column> = args.args.iter().map(column).collect::<Result<_>>()?;
        let rows = args.number_rows;
        let mut row = Row { columns: &columns, texts: Vec::with_capacity(columns.len()), at: 0, zone: self.zone };
        let array: ArrayRef = match self.kernel {
            Kernel::Text(compute) => {
                let mut texts = StringBuilder::with_capacity(rows, rows * 16);
                for at in 0..rows {
                    row.go(&columns, at);
                    texts.append_option(compute(&row));
                }
                Arc::new(texts.finish())
            }
            Kernel::Number(compute) => Arc::new(each(&columns, &mut row, rows, compute).collect::<Float64Array>()),
            Kernel::Boolean(compute) => Arc::new(each(&columns, &mut row, rows, compute).collect::<BooleanArray>()),
            Kernel::Time(compute) => {
                let times: TimestampMicrosecondArray = each(&columns, &mut row, rows, compute).collect();
                Arc::new(times.with_timezone("UTC"))
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}

fn each<'c, 'r, T>(
    columns: &'c [Column],
    row: &'r mut Row<'c>,
    rows: usize,
    compute: fn(&Row<'_>) -> Option<T>,
) -> impl Iterator<Item = Option<T>> + use<'c, 'r, T> {
    (0..rows).map(move |at| {
        row.go(columns, at);
        compute(row)
    })
}
