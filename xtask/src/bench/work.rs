//! The pieces of work that the benchmark measures, with what is to be reached.

use clap::ValueEnum;

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Work {
    /// gzip JSON to a vault that can be queried: parsed, deduplicated, encrypted, sealed.
    Ingest,
    /// The handbook's query.
    Handbook,
    /// An address that one event has, anywhere in it.
    Address,
    /// The newest of a pattern that most events have.
    Newest,
    /// A count by a column.
    EventName,
    /// A count by a nested field.
    Bucket,
    /// Counts and distinct counts by day and actor.
    Distinct,
    /// The vault's proofs.
    Verify,
    /// Every record's leaf and columns again.
    VerifyDeep,
}

/// A megabyte as the table's targets mean it.
const MB: u64 = 1_000_000;

impl Work {
    /// As `--only` and the peer name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Handbook => "handbook",
            Self::Address => "address",
            Self::Newest => "newest",
            Self::EventName => "event-name",
            Self::Bucket => "bucket",
            Self::Distinct => "distinct",
            Self::Verify => "verify",
            Self::VerifyDeep => "verify-deep",
        }
    }

    /// As the table says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ingest => "gzip JSON -> queryable (ours: deduplicated, encrypted, sealed)",
            Self::Handbook => "@message like /delete|update|privilege/, newest 100",
            Self::Address => "@message like /203\\.0\\.113\\.77/, one match",
            Self::Newest => "@message like /IAMUser/, newest 100 of most",
            Self::EventName => "count by eventName",
            Self::Bucket => "count by requestParameters.bucketName",
            Self::Distinct => "count, count_distinct(sourceIPAddress) by day, arn",
            Self::Verify => "verify",
            Self::VerifyDeep => "verify --deep",
        }
    }

    /// Seconds to be reached, for a million events on two cores.
    pub fn target_seconds(self) -> f64 {
        match self {
            Self::Ingest => 10.0,
            Self::Handbook => 0.10,
            Self::Address => 0.02,
            Self::Newest => 0.05,
            Self::EventName => 0.02,
            Self::Bucket => 0.25,
            Self::Distinct => 0.10,
            Self::Verify => 2.0,
            Self::VerifyDeep => 8.0,
        }
    }

    /// Bytes to be reached, where the work stores anything.
    pub fn target_bytes(self) -> Option<u64> {
        (self == Self::Ingest).then_some(150 * MB)
    }

    /// Peak memory to be reached by all of them.
    pub const TARGET_PEAK: u64 = 1_000 * MB;

    /// Whether DuckDB can do it too: it proves nothing.
    pub fn has_peer(self) -> bool {
        !matches!(self, Self::Verify | Self::VerifyDeep)
    }

    /// The query; empty for work that is none.
    pub fn query(self) -> &'static str {
        match self {
            Self::Handbook => {
                "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100"
            }
            Self::Address => "fields @timestamp, @message | filter @message like /203\\.0\\.113\\.77/",
            Self::Newest => {
                "fields @timestamp, @message | filter @message like /IAMUser/ | sort @timestamp desc | limit 100"
            }
            Self::Distinct => "stats count(*), count_distinct(sourceIPAddress) by bin(1d), userIdentity.arn",
            Self::EventName => "stats count(*) by eventName",
            Self::Bucket => "stats count(*) by requestParameters.bucketName",
            Self::Ingest | Self::Verify | Self::VerifyDeep => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_command_line() {
        for work in Work::value_variants() {
            assert_eq!(work.to_possible_value().unwrap().get_name(), work.name());
        }
    }

    #[test]
    fn the_peer_knows_every_query() {
        let peer = include_str!("../../../bench/duckdb_peer.py");
        for work in Work::value_variants().iter().filter(|work| work.has_peer() && !work.query().is_empty()) {
            assert!(peer.contains(&format!("\"{}\": ", work.name())), "{}", work.name());
        }
    }
}
