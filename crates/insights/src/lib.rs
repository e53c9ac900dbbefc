//! The grammar of CloudWatch Logs Insights: text in, a tree with spans and all errors out.
//!
//! ```text
//! fields @timestamp, @message
//! | filter @message like /delete|update|privilege/
//! | sort @timestamp desc
//! | limit 100
//! ```
//!
//! It knows nothing of DataFusion, of which functions exist, or of which fields an event has: those names are looked up
//! by who plans the tree, and their errors take the same shape ([`Error`]) and the same renderer ([`render`]).

mod commands;
mod error;
mod lexer;
mod nearest;
mod parser;
mod print;
mod render;
mod span;
mod tree;
mod walk;

pub use commands::{
    Accum, Addtotals, Anomaly, Appendcols, Autoregress, Cidrlookup, CountFrequent, Diff, Earlier, Expand, Filldown,
    Filling, Fillmissing, FilterIndex, Join, JoinKey, JoinKind, Logcompare, Logs, Lookup, LookupKey, Moment, Outlier,
    Output, Outputs, Patterns, RelevantFields, Sessionize, Source, Unmask, Unnest,
};
pub use commands::{COMMANDS, Command, CommandInfo};
pub use commands::{Dedup, Display, Fields, Filter, Limit, Offset, Parse, Pattern, Sort, SortKey, Stats};
pub use error::Error;
pub use nearest::nearest;
pub use parser::{MAX_COMMANDS, MAX_DEPTH, MAX_QUERY_BYTES, Parsed, parse};
pub use render::render;
pub use span::Span;
pub use tree::{
    Arithmetic, Comparison, Duration, Expression, Field, Item, Matcher, Name, Node, Part, Query, Segment, Step, Unit,
    Wildcard,
};
