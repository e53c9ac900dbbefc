//! What is handed to others: reports about a framework (`assessment`), and packages for auditors, with the rows, the records behind
//! them, their proofs, and a page that explains. It asks `query`, lets `vault` prove, and writes in the form that `verify` judges. Where a package has its
//! population, it runs the query again over that and tells `verify`, which draws the verdict.

mod again;
mod asking;
pub mod assessment;
mod compare;
mod markup;
mod mask;
mod ocsf;
mod package;
mod page;
mod pdf;
mod rebuilt;

pub use again::{Running, verify_again};
pub use asking::{records_of, segments_behind};
pub use mask::Mask;
pub use ocsf::OcsfWriter;
pub use package::{Draw, Packed, Request, pack};
pub use pdf::Fonts;
