//! The vault: the one door by which evidence enters, is deduplicated, written, committed and sealed.
//!
//! The write path never branches: files are received ([`ingest`]), their events staged and deduplicated, written as
//! segments, committed to the Delta log and sealed into the transparency log. It is the only crate that writes a vault,
//! and nothing sealed is ever written again. What is lost where, should the process die, stands in `ARCHITECTURE.md`:
//! nothing that was acknowledged.

mod anchor;
mod attach;
mod buckets;
pub mod compact;
mod decoded;
mod earlier;
pub mod erase;
mod folder;
mod gone;
pub mod ingest;
pub mod inventory;
mod keydir;
mod keyring;
mod known;
mod log;
mod original;
mod population;
mod prove;
pub mod replica;
pub mod retention;
mod rotate;
mod segments;
mod since;
pub mod spool;
mod store;
mod vault;
pub mod wal;

pub use anchor::open_anchor;
pub use attach::{Attach, Attached, Statement};
pub use buckets::{BucketSettings, Buckets, NoProfiles};
pub use earlier::Earlier;
pub use gone::Gone;
pub use keydir::KeyDir;
pub use keyring::Keyring;
pub use original::Original;
pub use prove::{Proofs, ProvenCommit};
pub use rotate::{Next, Rotation};
pub use since::{Part, SealedEvent, SealedEvents};
pub use store::{Created, Store};
pub use vault::{Access, Init, Initialised, Snapshot, Vault};
