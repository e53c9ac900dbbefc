//! AWS's services: the only crate that knows their API. What is called is written down here, operation by operation; credentials,
//! signatures and retries are the SDK's (`docs/adr/0017-calls-without-sdk-clients.md`). Buckets are read and written by
//! `object_store`, with the SDK's credentials.
//!
//! Credentials, profiles, single sign-on, IRSA and EKS Pod Identity are found as every AWS tool finds them;
//! `AWS_ENDPOINT_URL`, and the same with a service's name behind it (`AWS_ENDPOINT_URL_KMS`), point elsewhere.

mod call;
pub mod change;
pub mod classes;
mod client;
pub mod cloudtrail;
pub mod inventory;
pub mod kms;
pub mod logs;
pub mod probe;
pub mod rds;
pub mod s3;
pub mod sns;
pub mod sqs;
pub mod versions;

pub use client::Caller;
