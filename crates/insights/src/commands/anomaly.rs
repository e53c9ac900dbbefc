//! `anomaly`: which of the patterns before it are out of the ordinary.

use std::fmt;

use super::Syntax;
use crate::parser::{Parser, Read};

/// `anomaly`
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly;

impl Syntax for Anomaly {
    const NAME: &'static str = "anomaly";
    const EXAMPLE: &'static str = "filter eventSource = \"iam.amazonaws.com\" | pattern @message | anomaly";

    fn parse(_parser: &mut Parser<'_>) -> Read<Self> {
        Ok(Self)
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anomaly")
    }
}
