//! What is handed to others: packages for auditors, with the rows, the records behind them, their proofs, and a page that
//! explains. It asks `query`, lets `vault` prove, and writes in the form that `verify` judges.

mod mask;
mod package;
mod page;

pub use mask::Mask;
pub use package::{Packed, Request, pack};
