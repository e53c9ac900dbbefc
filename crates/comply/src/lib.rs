//! Judgement: what should be there against what is there. The gap register, checks over the evidence, the frameworks that ask for
//! them, findings through time, the review of a day, and Kubernetes' audit policies. It reads by questions alone, stores nothing and
//! writes nothing.

pub mod audit_policy;
pub mod checks;
pub mod findings;
pub mod frameworks;
pub mod gaps;
pub mod review;
mod yaml;
