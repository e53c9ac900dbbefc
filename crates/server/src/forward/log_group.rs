//! A log group of CloudWatch Logs: a stream of ours is a log stream of it.

use std::collections::BTreeMap;

use shoseki_aws::Caller;
use shoseki_aws::logs::Logs;
use shoseki_messages::{Fault, Lang, Result, msg};

use super::line::Line;
use super::{Most, No, Refused, Target};
use crate::config;

/// What CloudWatch Logs counts for each event beside its text.
const OVERHEAD: usize = 26;
/// The longest event, in bytes.
const LONGEST: usize = (1 << 20) - OVERHEAD;
/// The longest name of a log stream.
const NAME: usize = 512;
/// The events of a call lie within a day.
const DAY: i64 = 86_400_000;

pub(super) struct LogGroup {
    group: String,
    caller: Caller,
    logs: Option<Logs>,
}

impl LogGroup {
    pub(super) fn of(one: &config::LogGroup) -> Self {
        let caller =
            Caller { region: one.region.clone(), role: one.role_arn.clone(), external_id: one.external_id.clone() };
        Self { group: one.group.clone(), caller, logs: None }
    }

    async fn logs(&mut self) -> Logs {
        match &self.logs {
            Some(logs) => logs.clone(),
            None => self.logs.insert(Logs::of(&self.caller).await).clone(),
        }
    }

    /// Puts events of one log stream, which is created where it is not there.
    async fn put(&mut self, stream: &str, lines: &[(usize, &Line)], refused: &mut Vec<Refused>) -> Result<()> {
        let logs = self.logs().await;
        let events: Vec<(i64, &str)> =
            lines.iter().map(|(_, line)| (line.milliseconds(), line.text.as_str())).collect();
        let rejected = match logs.put(&self.group, stream, &events).await {
            Err(fault) if fault.id() == "aws-call-absent" => {
                logs.create_stream(&self.group, stream).await?;
                logs.put(&self.group, stream, &events).await?
            }
            put => put?,
        };
        for (range, why) in [(rejected.too_old, "server-forward-too-old"), (rejected.too_new, "server-forward-too-new")]
        {
            let why = shoseki_messages::lookup(why, Lang::En).unwrap_or_default();
            let of = lines.get(range).unwrap_or_default();
            refused.extend(of.iter().map(|(at, _)| Refused { at: Some(*at), why: why.clone() }));
        }
        Ok(())
    }
}

/// The name of a log stream: `:` and `*` may not stand in it.
fn stream_of(name: &str) -> String {
    let mut stream: String = name.chars().map(|letter| if ":*".contains(letter) { '_' } else { letter }).collect();
    while stream.len() > NAME {
        stream.pop();
    }
    stream
}

/// Stretches of lines, in the order of their times, that fit into one call each.
fn calls<'a, 'l>(lines: &'a [(usize, &'l Line)]) -> Vec<&'a [(usize, &'l Line)]> {
    let is_near = |first: &Line, line: &Line| line.milliseconds() - first.milliseconds() < DAY;
    let (mut calls, mut begin) = (Vec::new(), 0);
    for (index, (_, line)) in lines.iter().enumerate() {
        if lines.get(begin).is_some_and(|(_, first)| !is_near(first, line)) {
            calls.extend(lines.get(begin..index));
            begin = index;
        }
    }
    calls.extend(lines.get(begin..).filter(|rest| !rest.is_empty()));
    calls
}

#[async_trait::async_trait]
impl Target for LogGroup {
    fn most(&self) -> Most {
        Most { records: 5_000, bytes: (1 << 20) - 5_000 * OVERHEAD } // all of it may be of one log stream
    }

    async fn send(&mut self, lines: &[Line]) -> Result<Vec<Refused>, No> {
        let mut refused = Vec::new();
        let mut streams: BTreeMap<String, Vec<(usize, &Line)>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            if line.text.len() > LONGEST || line.text.is_empty() {
                let why = msg!("server-forward-too-long", most = LONGEST).text(Lang::En);
                refused.push(Refused { at: Some(at), why });
            } else {
                streams.entry(stream_of(&line.stream)).or_default().push((at, line));
            }
        }
        for (stream, mut lines) in streams {
            lines.sort_by_key(|(_, line)| line.columns.time);
            for call in calls(&lines) {
                self.put(&stream, call, &mut refused).await.map_err(|fault: Fault| No::Later(fault, None))?;
            }
        }
        Ok(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Form;
    use crate::forward::line::tests::line_of;

    #[test]
    fn a_call_spans_less_than_a_day() {
        let line = |time: &str| {
            let raw = format!(
                "{{\"eventVersion\":\"1.08\",\"eventID\":\"a\",\"eventName\":\"X\",\"eventTime\":\"2026-03-{time}Z\"}}"
            );
            line_of("cloudtrail", raw.as_bytes(), Form::Original)
        };
        let lines = ["01T00:00:00", "01T23:59:59", "02T00:00:00", "05T00:00:00"].map(line);
        let all: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
        assert_eq!(calls(&all).iter().map(|call| call.len()).collect::<Vec<_>>(), [2, 1, 1]);
        assert!(calls(&[]).is_empty());
        assert_eq!(stream_of("a:b*c/d"), "a_b_c/d");
    }
}
