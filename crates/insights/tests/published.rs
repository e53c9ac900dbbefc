//! The queries that AWS publishes for its log types are read whole, and what is printed of them is read again. Where each
//! is from stands in the file; the tests of `shoseki-query` plan the same.

use shoseki_insights::parse;

const PUBLISHED: &str = include_str!("published.txt");

fn queries() -> Vec<&'static str> {
    let blocks = PUBLISHED.split("\n## ").skip(1).filter_map(|block| block.split_once('\n'));
    blocks.flat_map(|(_, queries)| queries.trim().split("\n\n")).collect()
}

#[test]
fn published_queries_are_read() {
    let queries = queries();
    assert!(queries.len() > 80, "{}", queries.len());
    for query in queries {
        let parsed = parse(query);
        assert!(parsed.errors.is_empty(), "{query}\n{:?}", parsed.errors);
        let again = parse(&parsed.query.to_string());
        assert_eq!(again.query.to_string(), parsed.query.to_string());
    }
}

#[test]
fn flags_behind_a_pattern_are_refused() {
    let errors = parse("filter @message like /error/i").errors;
    assert_eq!(errors.iter().map(|error| error.message.id()).collect::<Vec<_>>(), ["insights-regex-flags"]);
}
