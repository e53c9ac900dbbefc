//! From files to batches: which files may hold what is asked for, and the reading of them.

mod exec;
mod file;
mod opened;
mod paths;
mod search;
mod selection;
mod shredded;
mod steps;
mod table;

pub use opened::Cache;
pub(crate) use selection::Selection;
pub(crate) use table::{EventsTable, Native, native_column};
