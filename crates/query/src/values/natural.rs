//! The order of `sort`, as AWS documents it: in ascending order, what is no number comes before all numbers; within it,
//! runs of digits are compared by their length and then by their value, other letters by Unicode.
//!
//! A text becomes a key whose bytes have that order:
//!
//! ```text
//! 01 ‖ letters, each run of digits as '0' ‖ length (2) ‖ digits        no number
//! 02 ‖ the number's key, see `whole`                                    a number
//! ```

use std::sync::Arc;

use arrow::array::{AsArray, BinaryBuilder};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::whole::{append_number, number_of};
use super::{Kernel, per_row};

fn append(text: &str, key: &mut Vec<u8>) {
    let start = key.len();
    key.push(2);
    if append_number(text, key) {
        return;
    }
    key.truncate(start);
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
struct Key {
    /// Whether only numbers have one.
    of_numbers: bool,
    signature: Signature,
}

/// A text's key; null where the text is.
pub(crate) fn natural_key(text: Expr) -> Expr {
    Key::of(text, false)
}

/// The key of the number that a text is, by which whole numbers beyond 2^53 are told apart; null where it is none.
pub(crate) fn number_key(text: Expr) -> Expr {
    Key::of(text, true)
}

/// The number of such a key, as text.
pub(crate) fn number_of_key(key: Expr) -> Expr {
    per_row("numberOfKey", Kernel::Text(|row| row.bytes(0).and_then(number_of)), vec![key])
}

impl Key {
    fn of(text: Expr, of_numbers: bool) -> Expr {
        ScalarUDF::from(Self { of_numbers, signature: Signature::any(1, Volatility::Immutable) }).call(vec![text])
    }
}

impl ScalarUDFImpl for Key {
    fn name(&self) -> &str {
        if self.of_numbers { "numberKey" } else { "natural" }
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
                Some(text) if self.of_numbers => {
                    let is_number = append_number(text, &mut key);
                    keys.append_option(is_number.then_some(&key));
                }
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
        assert!(key("9007199254740992") < key("9007199254740993"));
    }
}
