//! The order of `sort`, as AWS documents it: in ascending order, what is no number comes before all numbers; within it,
//! runs of digits are compared by their length and then by their value, other letters by Unicode.
//!
//! A text becomes a key whose bytes have that order:
//!
//! ```text
//! 01 ‖ letters, each run of digits as '0' ‖ length (2) ‖ digits        no number
//! 02 ‖ the number's bits, turned so that they sort                      a number
//! ```

use std::sync::Arc;

use arrow::array::{AsArray, BinaryBuilder};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::read_number;

fn append(text: &str, key: &mut Vec<u8>) {
    if let Some(number) = read_number(text) {
        let bits = number.to_bits();
        let turned = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
        key.push(2);
        key.extend_from_slice(&turned.to_be_bytes());
        return;
    }
    key.push(1);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            key.push(b'0');
            key.extend_from_slice(&u16::try_from(end).unwrap_or(u16::MAX).to_be_bytes());
            key.extend_from_slice(digits.as_bytes());
            rest = after;
        } else {
            let (letter, after) = rest.split_at(first.len_utf8());
            key.extend_from_slice(letter.as_bytes());
            rest = after;
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct NaturalKey {
    signature: Signature,
}

/// A text's key; null where the text is.
pub(crate) fn natural_key(text: Expr) -> Expr {
    ScalarUDF::from(NaturalKey { signature: Signature::any(1, Volatility::Immutable) }).call(vec![text])
}

impl ScalarUDFImpl for NaturalKey {
    fn name(&self) -> &str {
        "natural"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let value = args.args.first().ok_or_else(|| DataFusionError::Internal("no text".to_owned()))?;
        let texts = arrow::compute::cast(&value.to_array(args.number_rows)?, &DataType::Utf8)?;
        let mut keys = BinaryBuilder::new();
        let mut key = Vec::new();
        for text in texts.as_string::<i32>() {
            key.clear();
            match text {
                None => keys.append_null(),
                Some(text) => {
                    append(text, &mut key);
                    keys.append_value(&key);
                }
            }
        }
        Ok(ColumnarValue::Array(Arc::new(keys.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    /// The example of AWS's page on `sort`; numbers of equal value stand together.
    #[test]
    fn the_documented_order() {
        let documented = [
            "!:",
            "#",
            "*%04",
            "0#",
            "5A",
            "111A",
            "2345_",
            "@",
            "@_",
            "A",
            "A9876fghj",
            "a12345hfh",
            "0",
            "1",
            "2",
            "3",
        ];
        let key = |text: &str| {
            let mut key = Vec::new();
            append(text, &mut key);
            key
        };
        for pair in documented.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert!(key("-2") < key("-1") && key("-1") < key("0.5") && key("9") < key("10"));
        assert_eq!(key("01"), key("1"));
    }
}
