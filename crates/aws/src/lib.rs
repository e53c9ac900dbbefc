//! AWS's services, by its SDK: the only crate that knows their API. Buckets are read and written by `object_store`, with
//! the SDK's credentials.
//!
//! Credentials, profiles, single sign-on, IRSA and EKS Pod Identity are found as every AWS tool finds them;
//! `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_KMS` and `AWS_ENDPOINT_URL_CLOUDTRAIL` point elsewhere.

mod client;
pub mod cloudtrail;
pub mod kms;
pub mod s3;
