//! From a query to rows: trees of the language become plans of DataFusion over a vault's files.
//!
//! The only crate that knows DataFusion. A command is one file under `commands/`, a function one under `functions/`, an
//! aggregate one under `aggregates/`; each list is read from top to bottom and tested as a list.
//!
//! It writes nothing and opens no vault: files and keys come through [`Store`].

mod aggregates;
mod answer;
mod asked;
mod commands;
mod earlier;
mod engine;
mod exact;
mod explain;
mod fields;
mod fold;
mod functions;
mod json;
mod lookups;
mod mapping;
pub mod output;
mod pattern;
mod plan;
mod reach;
mod relevance;
mod repeat;
mod scan;
mod shapes;
mod slices;
mod source;
mod spill;
mod sql;
mod store;
mod toll;
mod values;

pub use aggregates::{AGGREGATES, Aggregate};
pub use answer::Answer;
pub use engine::{Engine, Failure, Options, Progress, ProgressNow};
pub use explain::{Choice, Explanation, Language, PassedOver, Total, Why};
pub use fields::{names as field_names, source_names};
pub use functions::{FUNCTION_GROUPS, FUNCTIONS, Function};
pub use mapping::Mapping;
pub use repeat::lookup_tables;
pub use scan::Cache;
pub use sql::views as sql_views;
pub use store::{Fetched, Store};
pub use toll::Toll;
