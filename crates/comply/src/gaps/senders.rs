//! What senders say themselves that they lost: Falco of system calls that it dropped, the API server of Kubernetes of bodies that it
//! cut off events that were too large for it.
//!
//! ```text
//! {"rule":"Falco internal: syscall event drop","output_fields":{"n_drops":"7",…},…}
//! {"kind":"Event","auditID":"…","annotations":{"audit.k8s.io/truncated":"true"},…}     no requestObject, no responseObject
//! ```

use std::collections::BTreeMap;

use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::Engine;

use super::read::{rows, texts, times};
use super::{Gap, Kind, State};

/// Falco's own alerts of system calls that it dropped; `raw` says how many.
const DROPPED: &str = "select time, stream, arrow_cast(raw, 'Utf8') as raw from events \
                       where operation like 'Falco internal: syscall event drop%' or operation like 'Falco internal: timeouts%'";

/// Events of Kubernetes whose bodies were cut off. The annotation is the API server's: who makes a request cannot write it.
const TRUNCATED: &str = "select time, stream, verb, \
                         concat_ws('/', \"objectRef.namespace\", \"objectRef.resource\", \"objectRef.name\"), \"auditID\" \
                         from k8s_audit where annotations like '%audit.k8s.io/truncated%' \
                         and annotations ->> 'audit.k8s.io/truncated' = 'true' order by time";

/// How long a stretch is that is told of as one: a cluster with one large object has many such events.
const STRETCH: i64 = 3_600 * 1_000_000;

/// Reads what senders say that they lost.
pub(super) async fn lost(engine: &Engine) -> Result<Vec<Gap>> {
    let mut gaps = dropped(engine).await?;
    gaps.extend(truncated(engine).await?);
    Ok(gaps)
}

fn told(stream: &str, at: Timestamp, lost: Option<u64>, detail: Option<String>) -> Gap {
    Gap {
        kind: Kind::Lost,
        stream: stream.to_owned(),
        from: at,
        to: Some(at),
        state: State::Open,
        closed: None,
        settled: None,
        lost,
        detail,
        at_most: None,
        is_stated: false,
    }
}

/// Reads what Falco says that it dropped.
async fn dropped(engine: &Engine) -> Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for batch in rows(engine, DROPPED).await? {
        let (at, streams, raws) = (times(&batch, 0)?, texts(&batch, 1)?, texts(&batch, 2)?);
        for row in 0..batch.num_rows() {
            let event: Value = serde_json::from_str(raws.value(row)).unwrap_or_default();
            let count = &event["output_fields"]["n_drops"];
            let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
            let detail = event["output"].as_str().map(str::to_owned);
            gaps.push(told(streams.value(row), Timestamp(at.value(row)), count, detail));
        }
    }
    Ok(gaps)
}

/// An event without its bodies: when, of which stream, and what it is called.
type Cut = (Timestamp, String, String);

/// Reads which events of Kubernetes came without their bodies, an hour of a stream as one. The events are there: what they asked
/// for and what was answered is lost, so that nothing is counted as lost.
async fn truncated(engine: &Engine) -> Result<Vec<Gap>> {
    let mut cuts: Vec<Cut> = Vec::new();
    for batch in rows(engine, TRUNCATED).await? {
        let (at, streams) = (times(&batch, 0)?, texts(&batch, 1)?);
        let (verbs, resources, ids) = (texts(&batch, 2)?, texts(&batch, 3)?, texts(&batch, 4)?);
        for row in 0..batch.num_rows() {
            let what = format!("{} {} {}", verbs.value(row), resources.value(row), ids.value(row));
            cuts.push((Timestamp(at.value(row)), streams.value(row).to_owned(), what));
        }
    }
    Ok(stretches(cuts))
}

fn stretches(cuts: Vec<Cut>) -> Vec<Gap> {
    let mut stretches: BTreeMap<(String, i64), (Timestamp, Timestamp, u64, String)> = BTreeMap::new();
    for (at, stream, what) in cuts {
        let (_, to, count, _) = stretches.entry((stream, at.0.div_euclid(STRETCH))).or_insert((at, at, 0, what));
        *to = (*to).max(at);
        *count += 1;
    }
    let gap = |((stream, _), (from, to, count, what)): ((String, i64), (Timestamp, Timestamp, u64, String))| {
        let detail = format!("audit.k8s.io/truncated ({count}): {what}");
        // It begins with its hour, whichever of its events are seen: it is the same stretch when more are, or fewer.
        let from = Timestamp(from.0.div_euclid(STRETCH) * STRETCH);
        Gap { to: Some(to), ..told(&stream, from, None, Some(detail)) }
    };
    stretches.into_iter().map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::super::time;
    use super::*;

    #[test]
    fn bodies_that_were_cut_off_are_told_by_the_hour_of_their_stream() {
        let cut = |at: i64, stream: &str, what: &str| (time(at), stream.to_owned(), what.to_owned());
        let cuts = vec![cut(61, "a", "create pods 1"), cut(62, "b", "x"), cut(119, "a", "y"), cut(120, "a", "z")];
        let found: Vec<(String, Timestamp, Option<Timestamp>, Option<String>)> =
            stretches(cuts).into_iter().map(|gap| (gap.stream, gap.from, gap.to, gap.detail)).collect();
        let gap = |stream: &str, from: i64, to: i64, detail: &str| {
            let detail = format!("audit.k8s.io/truncated {detail}");
            (stream.to_owned(), time(from), Some(time(to)), Some(detail))
        };
        assert_eq!(
            found,
            [gap("a", 60, 119, "(2): create pods 1"), gap("a", 120, 120, "(1): z"), gap("b", 60, 62, "(1): x")]
        );
    }
}
