//! Lists of texts of a row, for commands that make several rows of one: an element is a structure of texts, its place in
//! the list the last of them.
//!
//! The elements come in a list of lists, so that a long list becomes rows in two steps and never all at once: each row has
//! the whole event beside it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, StringBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use shoseki_messages::{Fault, msg};

use super::parts::{bytes, check_size, text_fields};

/// The elements of an inner list, and the rows that are made of it at a time.
pub(crate) const CHUNK: usize = 256;
/// The most elements of one list.
const MAX_ELEMENTS: usize = CHUNK * CHUNK;

/// What is computed of a row: its elements.
pub(crate) type ToElements = dyn Fn(Option<&[u8]>, &mut Elements) + Send + Sync;

/// The elements of rows, as they are found.
pub(crate) struct Elements {
    texts: Vec<StringBuilder>,
    places: StringBuilder,
    /// Of the row at hand.
    count: usize,
    /// Of all rows.
    size: usize,
}

impl Elements {
    /// Whether there are too many already.
    pub(crate) fn is_full(&self) -> bool {
        self.count > MAX_ELEMENTS
    }

    /// An element: as many texts as it has parts.
    pub(crate) fn push(&mut self, parts: &[Option<&str>]) {
        self.count += 1;
        // What is too much is not kept: the row is refused when it is done.
        if self.count > MAX_ELEMENTS {
            return;
        }
        for (at, texts) in self.texts.iter_mut().enumerate() {
            let part = parts.get(at).copied().flatten();
            self.size += part.map_or(0, str::len);
            texts.append_option(part);
        }
        self.places.append_value(format!("{:05}", self.count - 1));
    }
}

struct Lists {
    /// Says what is computed: functions of one name are the same.
    name: String,
    width: usize,
    compute: Arc<ToElements>,
    signature: Signature,
}

/// Lists of lists of elements of so many texts, and their places. The name must tell apart whatever differs.
pub(crate) fn lists(name: String, width: usize, compute: Arc<ToElements>, argument: Expr) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::from(Lists { name, width, compute, signature }).call(vec![argument])
}

impl fmt::Debug for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for Lists {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.width) == (&other.name, other.width)
    }
}
impl Eq for Lists {}
impl Hash for Lists {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Lists {
    fn element(&self) -> Arc<Field> {
        Arc::new(Field::new_list_field(DataType::Struct(text_fields(self.width + 1)), true))
    }

    fn inner(&self) -> Arc<Field> {
        Arc::new(Field::new_list_field(DataType::List(self.element()), true))
    }
}

impl ScalarUDFImpl for Lists {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(self.inner()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let column = bytes(&args, 0)?;
        let texts = (0..self.width).map(|_| StringBuilder::new()).collect();
        let mut elements = Elements { texts, places: StringBuilder::new(), count: 0, size: 0 };
        let (mut inner, mut outer) = (Vec::new(), Vec::with_capacity(column.len()));
        for row in &column {
            elements.count = 0;
            (self.compute)(row, &mut elements);
            if elements.count > MAX_ELEMENTS {
                let fault = Fault::caller(msg!("query-list-too-long", limit = MAX_ELEMENTS));
                return Err(DataFusionError::External(Box::new(fault)));
            }
            check_size(elements.size)?;
            let whole = elements.count / CHUNK;
            inner.extend(std::iter::repeat_n(CHUNK, whole));
            let rest = elements.count % CHUNK;
            inner.extend((rest > 0).then_some(rest));
            outer.push(whole + usize::from(rest > 0));
        }
        let texts = elements.texts.iter_mut().chain([&mut elements.places]);
        let columns: Vec<ArrayRef> = texts.map(|texts| Arc::new(texts.finish()) as ArrayRef).collect();
        let structures = StructArray::try_new(text_fields(self.width + 1), columns, None)?;
        let inner = ListArray::try_new(self.element(), OffsetBuffer::from_lengths(inner), Arc::new(structures), None)?;
        let outer = ListArray::try_new(self.inner(), OffsetBuffer::from_lengths(outer), Arc::new(inner), None)?;
        Ok(ColumnarValue::Array(Arc::new(outer)))
    }
}
