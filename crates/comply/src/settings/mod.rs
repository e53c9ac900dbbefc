//! Settings: what an estate has, as typed facts, whatever told them: files of code, AWS as it answers, items of AWS Config.
//!
//! Who reads an origin makes [`Resource`]s and [`Piece`]s of it; [`Estate::of`] puts the pieces to what they are about, and finds what
//! refers to what. Checks see the estate alone. A fact that is not known says why, and passes nothing.

mod access;
mod bucket;
mod estate;
mod fact;
mod kubernetes;
mod logging;
mod organization;
mod policy;
mod resource;
mod stores;
mod value;

pub use access::{IamPolicy, IamRole, IamUser};
pub use bucket::{AccountPublicAccess, Bucket, Encryption, LifecycleRule, Lock, PublicAccess};
pub use estate::{Estate, Unread};
pub use fact::Fact;
pub use kubernetes::{AuditPolicy, Falco, KubernetesRole, KubernetesRule};
pub use logging::{Channel, DataEvents, Detector, LogGroup, Recorder, Selectors, Trail};
pub use organization::{
    Administrator, Administrators, Hub, Insights, Organization, OrganizationTrail, ServicePolicy, Subscription,
    Subscriptions,
};
pub(crate) use policy::matches;
pub use policy::{Condition, Policy, Statement};
pub use resource::{Change, Facts, Kind, Origin, Piece, Resource, Target};
pub use stores::{Cluster, Database, Key, OptionGroup, ParameterGroup};
pub use value::Value;
pub(crate) use value::{number_text, reference_text};

#[cfg(test)]
mod tests;
