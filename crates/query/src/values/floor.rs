//! The beginning of the period that holds each time of a column: what `bin` and `datefloor` are.
//!
//! Events lie in the order of their times, or nearly so, and most have the day of the one before: the calendar is asked once a day, and
//! not once an event.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono_tz::Tz;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use shoseki_insights::Duration;

use super::calendar::Binner;
use super::instant;

/// The beginning of the period that holds a time; what is null stays so. The arguments are the time and what says the period, so that
/// it is printed, and told from others, by them.
pub(crate) fn floored(arguments: Vec<Expr>, period: Duration, zone: Tz) -> Expr {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    ScalarUDF::from(Floor { period, zone, signature }).call(arguments)
}

const NAME: &str = "bin";

struct Floor {
    period: Duration,
    zone: Tz,
    signature: Signature,
}

impl fmt::Debug for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME} {}{}", self.period.count, self.period.unit.name())
    }
}

impl PartialEq for Floor {
    fn eq(&self, other: &Self) -> bool {
        (self.period, self.zone, &self.signature) == (other.period, other.zone, &other.signature)
    }
}
impl Eq for Floor {}
impl Hash for Floor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.period.count, self.period.unit.name()).hash(state);
    }
}

impl ScalarUDFImpl for Floor {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(instant())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let none = || DataFusionError::Internal(format!("`{NAME}` takes a time"));
        let times: ArrayRef = args.args.first().ok_or_else(none)?.to_array(args.number_rows)?;
        let times = cast(&times, &instant())?;
        let times = times.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(none)?;
        let mut binner = Binner::new(self.period, self.zone);
        let floored: TimestampMicrosecondArray = times.iter().map(|time| binner.start(time?)).collect();
        Ok(ColumnarValue::Array(Arc::new(floored.with_timezone("UTC"))))
    }
}
