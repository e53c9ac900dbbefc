//! From files to batches: which files may hold what is asked for, and the reading of them.

mod exec;
mod file;
mod selection;
mod table;

pub(crate) use selection::Selection;
pub(crate) use table::{EventsTable, Native, native_column};
