//! The rows of a question, as a judgement reads them: columns by their names, and no engine.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Message, Result, msg};

/// A value of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A time.
    Time(Timestamp),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

/// Rows with the names of their columns.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
    unknown: Vec<Message>,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    names: &'a [String],
    cells: &'a [Cell],
}

impl Rows {
    /// Rows of these columns.
    pub fn of<const N: usize>(names: [&str; N], rows: Vec<[Cell; N]>) -> Self {
        let rows = rows.into_iter().map(Vec::from).collect();
        Self { names: names.map(str::to_owned).to_vec(), rows, unknown: Vec::new() }
    }

    /// The rows.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { names: &self.names, cells })
    }

    /// Why nothing may be in them although it happened: names of fields that no event has.
    pub fn unknown(&self) -> &[Message] {
        &self.unknown
    }

    /// Keeps what the engine says of the answer.
    pub fn hinted(&mut self, hints: Vec<Message>) {
        self.unknown = hints.into_iter().filter(|hint| hint.id().starts_with("query-hint-no-field")).collect();
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// A column that cannot be read as what it is.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.names = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        let begun = self.rows.len();
        self.rows.resize_with(begun + batch.num_rows(), || Vec::with_capacity(batch.num_columns()));
        for column in batch.columns() {
            for (row, cell) in self.rows.iter_mut().skip(begun).zip(cells(column.as_ref())?) {
                row.push(cell);
            }
        }
        Ok(())
    }
}

fn cells(column: &dyn Array) -> Result<Vec<Cell>> {
    let broken = |error| Fault::broken(msg!("comply-question")).because(error);
    let of_kind = |kind: &DataType| cast(column, kind).map_err(broken);
    Ok(match column.data_type() {
        DataType::Timestamp(..) => {
            let times = of_kind(&DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let times = times.as_primitive::<TimestampMicrosecondType>();
            times.iter().map(|time| time.map_or(Cell::Null, |time| Cell::Time(Timestamp(time)))).collect()
        }
        kind if kind.is_integer() => {
            let numbers = of_kind(&DataType::Int64)?;
            numbers.as_primitive::<Int64Type>().iter().map(|number| number.map_or(Cell::Null, Cell::Number)).collect()
        }
        _ => {
            let texts = of_kind(&DataType::Utf8)?;
            texts.as_string::<i32>().iter().map(|text| text.map_or(Cell::Null, Cell::from)).collect()
        }
    })
}

impl<'a> Row<'a> {
    fn cell(self, name: &str) -> &'a Cell {
        let at = self.names.iter().position(|known| known == name);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Null)
    }

    /// A text; empty where there is none.
    pub fn text(self, name: &str) -> &'a str {
        match self.cell(name) {
            Cell::Text(text) => text,
            _ => "",
        }
    }

    /// A number; nought where there is none.
    pub fn number(self, name: &str) -> i64 {
        match self.cell(name) {
            Cell::Number(number) => *number,
            _ => 0,
        }
    }

    /// A count; nought where there is none.
    pub fn count(self, name: &str) -> u64 {
        u64::try_from(self.number(name)).unwrap_or_default()
    }

    /// A time.
    pub fn time(self, name: &str) -> Option<Timestamp> {
        match self.cell(name) {
            Cell::Time(time) => Some(*time),
            _ => None,
        }
    }
}
