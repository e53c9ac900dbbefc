//! Judgement: what should be there against what is there. The gap register, checks over the evidence, the frameworks that ask for
//! them, settings as facts, findings and incidents through time, the review of a day, and Kubernetes' audit policies. It reads by questions and
//! from texts that it is given, stores nothing and writes nothing.

pub mod account;
pub mod audit_policy;
pub mod checks;
pub mod findings;
pub mod frameworks;
pub mod gaps;
pub mod iac;
pub mod incident;
pub mod inventory;
pub mod review;
pub mod settings;
mod yaml;
