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
    /// An access key that one event has, as a whole word.
    Word,
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

/// Seconds to be reached, for a million events on two cores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Target {
    /// Within one process that has the vault open.
    pub warm: Option<f64>,
    /// As a whole process.
    pub cold: Option<f64>,
}

/// A megabyte as the table's targets mean it.
const MB: u64 = 1_000_000;

impl Work {
    /// As `--only` and the peers name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Handbook => "handbook",
            Self::Address => "address",
            Self::Word => "word",
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
            Self::Ingest => "gzip JSON -> queryable (ours: encrypted, sealed)",
            Self::Handbook => "like /delete|update|privilege/, newest 100",
            Self::Address => "like /203\\.0\\.113\\.77/, one match",
            Self::Word => "an access key as a whole word, one match",
            Self::Newest => "like /IAMUser/, newest 100 of half of all",
            Self::EventName => "count by eventName",
            Self::Bucket => "count by requestParameters.bucketName",
            Self::Distinct => "count, count_distinct(address) by day, arn",
            Self::Verify => "verify",
            Self::VerifyDeep => "verify --deep",
        }
    }

    /// Seconds to be reached. Those of [`Self::factor_of_peers`] are not known before the peers are.
    pub fn target(self) -> Target {
        let (warm, cold) = match self {
            Self::Ingest => (None, Some(10.0)),
            Self::Handbook => (Some(0.10), None),
            Self::Address | Self::EventName => (Some(0.02), None),
            Self::Word => (Some(0.01), Some(0.06)),
            Self::Newest => (Some(0.05), None),
            Self::Bucket => (Some(0.25), None),
            Self::Distinct => (None, None),
            Self::Verify => (None, Some(2.0)),
            Self::VerifyDeep => (None, Some(8.0)),
        };
        Target { warm, cold }
    }

    /// How many times as long as the better peer it may take, where that is what is to be reached.
    pub fn factor_of_peers(self) -> Option<f64> {
        (self == Self::Distinct).then_some(1.2)
    }

    /// Bytes to be reached, where the work stores anything.
    pub fn target_bytes(self) -> Option<u64> {
        (self == Self::Ingest).then_some(150 * MB)
    }

    /// Peak memory to be reached by all of them.
    pub const TARGET_PEAK: u64 = 1_000 * MB;

    /// How many times as long it may take with ten times as many events; `None` where nothing is asked of it.
    pub fn target_growth(self) -> Option<f64> {
        match self {
            Self::Address | Self::Word => Some(1.3),
            Self::Handbook | Self::Bucket => Some(10.0),
            _ => None,
        }
    }

    /// Whether the peers can do it too: they prove nothing.
    pub fn has_peers(self) -> bool {
        !matches!(self, Self::Verify | Self::VerifyDeep)
    }

    /// Whether it is a question, which can be asked again in the same process.
    pub fn is_query(self) -> bool {
        !matches!(self, Self::Ingest | Self::Verify | Self::VerifyDeep)
    }

    /// How many rows it must find, where the tree was made so.
    pub fn expected_rows(self) -> Option<u64> {
        matches!(self, Self::Address | Self::Word).then_some(1)
    }

    /// The query, looking for `word` where it looks for one; empty for work that is none.
    pub fn query(self, word: &str) -> String {
        let text = match self {
            Self::Handbook => {
                "fields @timestamp, @message\n| filter @message like /delete|update|privilege/\n| sort @timestamp desc\n| limit 100"
            }
            Self::Address => "fields @timestamp, @message | filter @message like /203\\.0\\.113\\.77/",
            Self::Word => "fields @timestamp, @message | filter @message like /\\b$WORD\\b/",
            Self::Newest => {
                "fields @timestamp, @message | filter @message like /IAMUser/ | sort @timestamp desc | limit 100"
            }
            Self::Distinct => "stats count(*), count_distinct(sourceIPAddress) by bin(1d), userIdentity.arn",
            Self::EventName => "stats count(*) by eventName",
            Self::Bucket => "stats count(*) by requestParameters.bucketName",
            Self::Ingest | Self::Verify | Self::VerifyDeep => "",
        };
        text.replace("$WORD", word)
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
    fn the_peers_know_every_query() {
        let duckdb = include_str!("../../../bench/duckdb_peer.py");
        let clickhouse = include_str!("../../../bench/clickhouse_peer.py");
        for work in Work::value_variants().iter().filter(|work| work.is_query()) {
            assert!(work.has_peers() && !work.query("").is_empty());
            for peer in [duckdb, clickhouse] {
                assert!(peer.contains(&format!("\"{}\": ", work.name())), "{}", work.name());
            }
        }
    }

    #[test]
    fn the_word_stands_in_its_query() {
        assert!(Work::Word.query("ASIA1").ends_with("like /\\bASIA1\\b/"));
        assert_eq!(Work::Verify.query("ASIA1"), "");
    }
}
