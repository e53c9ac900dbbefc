//! A part of a structure that several texts were read into at once.
//!
//! DataFusion has `get_field`, but moves it, with what it is applied to, below filters: the events that a filter leaves
//! out would be read as well.

use std::sync::Arc;

use arrow::array::StructArray;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

#[derive(Debug, PartialEq, Eq, Hash)]
struct Part {
    at: usize,
    name: String,
    signature: Signature,
}

/// The text at a place of a structure of texts.
pub(crate) fn part(structure: Expr, at: usize) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::from(Part { at, name: format!("part:{at}"), signature }).call(vec![structure])
}

impl ScalarUDFImpl for Part {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let no_part = || DataFusionError::Internal(format!("no part {}", self.at));
        let structure = args.args.first().ok_or_else(no_part)?.to_array(args.number_rows)?;
        let structure = structure.as_any().downcast_ref::<StructArray>().ok_or_else(no_part)?;
        let part = structure.columns().get(self.at).ok_or_else(no_part)?;
        Ok(ColumnarValue::Array(Arc::clone(part)))
    }
}
