//! From files to batches: which files may hold what is asked for, and the reading of them.

mod exec;
mod file;
mod index;
mod newest;
mod opened;
mod paths;
mod search;
mod selection;
mod shredded;
mod steps;
mod table;
mod tags;
mod wanted;

pub(crate) use exec::{RuledBy, passes, ruled_out};
pub(crate) use newest::told;
pub use opened::Cache;
pub(crate) use selection::Selection;
pub(crate) use table::{EventsTable, Native, native_column};
