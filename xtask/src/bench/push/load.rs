//! The load: `EventList`s of 400 audit events, each event with an id of its own, over a few connections at a fixed rate.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// The events of a batch: what API servers send at most unless told otherwise.
pub const BATCH: u64 = 400;
/// How many send at once.
const CONNECTIONS: u64 = 8;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sent.
pub struct Load {
    /// Events a second.
    pub rate: u64,
    /// For how long.
    pub length: Duration,
    /// Tells the ids of one load from another's.
    pub round: u64,
}

/// A batch that was sent.
pub struct Sent {
    number: u64,
    round: u64,
    /// Whether its yes came.
    pub is_acknowledged: bool,
    /// From when it was due to its answer.
    pub took: Duration,
    /// The length of its body.
    pub bytes: u64,
}

impl Sent {
    /// The ids of its events.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let (round, number) = (self.round, self.number);
        (0..BATCH).map(move |event| id(round, number, event))
    }
}

/// As a UUID, which an audit id is.
fn id(round: u64, batch: u64, event: u64) -> String {
    format!("{round:08x}-{:04x}-4000-8000-{:012x}", event, batch)
}

impl Load {
    /// Sends all of it, on time where it can.
    pub fn run(&self, address: &str) -> Vec<Sent> {
        let batches = self.rate * self.length.as_secs() / BATCH;
        let begun = Instant::now();
        thread::scope(|scope| {
            let sending: Vec<_> = (0..CONNECTIONS)
                .map(|n| scope.spawn(move || self.send(address, begun, (n..batches).step_by(CONNECTIONS as usize))))
                .collect();
            sending.into_iter().flat_map(|sender| sender.join().unwrap_or_default()).collect()
        })
    }

    fn send(&self, address: &str, begun: Instant, numbers: impl Iterator<Item = u64>) -> Vec<Sent> {
        let (mut connection, mut sent, mut body) = (None, Vec::new(), Vec::new());
        for number in numbers {
            let due = begun + Duration::from_secs_f64((number * BATCH) as f64 / self.rate as f64);
            self.fill(number, &mut body);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let is_acknowledged = post(&mut connection, address, &body).is_some_and(|status| status == 200);
            if !is_acknowledged {
                connection = None;
            }
            let (round, took, bytes) = (self.round, due.elapsed(), body.len() as u64);
            sent.push(Sent { number, round, is_acknowledged, took, bytes });
            if due.elapsed() > PATIENCE {
                break; // nobody answers any more
            }
        }
        sent
    }

    /// The body of a batch: events of a few users, verbs and objects, about 1.3 kB each.
    fn fill(&self, number: u64, body: &mut Vec<u8>) {
        body.clear();
        body.extend_from_slice(br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#);
        for event in 0..BATCH {
            if event > 0 {
                body.push(b',');
            }
            let mixed = (number * BATCH + event).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            let verb = ["get", "list", "watch", "create", "update", "patch", "delete"][(mixed % 7) as usize];
            let resource = ["pods", "secrets", "configmaps", "deployments", "leases"][(mixed / 7 % 5) as usize];
            let (user, namespace, name) = (mixed / 35 % 40, mixed / 1_400 % 20, mixed / 28_000 % 5_000);
            let second = number * BATCH / self.rate.max(1) % 60;
            let _ = write!(
                body, // a vector takes all
                r#"{{"level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop-{namespace}/{resource}/{resource}-{name}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict&timeout=10s","verb":"{verb}","user":{{"username":"system:serviceaccount:shop-{namespace}:worker-{user}","uid":"6f1d8c42-0d7b-4a7e-9f1e-{user:012x}","groups":["system:serviceaccounts","system:serviceaccounts:shop-{namespace}","system:authenticated"],"extra":{{"authentication.kubernetes.io/node-name":["ip-10-0-{user}-7.ap-northeast-1.compute.internal"],"authentication.kubernetes.io/pod-name":["worker-{user}-7d9f8b6c5-x2x7p"]}}}},"sourceIPs":["10.0.{user}.{octet}"],"userAgent":"shop-worker/v1.31.4 (linux/amd64) kubernetes/a1b2c3d","objectRef":{{"resource":"{resource}","namespace":"shop-{namespace}","name":"{resource}-{name}","uid":"0f1e2d3c-4b5a-4968-8776-{name:012x}","apiVersion":"v1","resourceVersion":"{version}"}},"responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-03-05T01:02:{second:02}.{micros:06}Z","stageTimestamp":"2026-03-05T01:02:{second:02}.{micros:06}Z","annotations":{{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by RoleBinding \"worker-{user}/shop-{namespace}\" of Role \"worker\" to ServiceAccount \"worker-{user}/shop-{namespace}\""}}}}"#,
                id = id(self.round, number, event),
                octet = mixed / 13 % 250,
                version = mixed % 100_000_000,
                micros = mixed % 1_000_000,
            );
        }
        body.extend_from_slice(b"]}");
    }
}

/// Posts a body on a connection that is kept, and gives the status. `None` where the connection broke.
fn post(connection: &mut Option<BufReader<TcpStream>>, address: &str, body: &[u8]) -> Option<u16> {
    if connection.is_none() {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        *connection = Some(BufReader::new(stream));
    }
    let reader = connection.as_mut()?;
    let head = format!(
        "POST /kubernetes-audit HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        super::server::TOKEN,
        body.len()
    );
    reader.get_mut().write_all(head.as_bytes()).ok()?;
    reader.get_mut().write_all(body).ok()?;
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if status.is_none() {
            status = Some(line.split(' ').nth(1)?.parse().ok()?);
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer).ok()?;
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_json_with_an_id_for_each_event() {
        let load = Load { rate: 20_000, length: Duration::from_secs(1), round: 3 };
        let mut body = Vec::new();
        load.fill(7, &mut body);
        let list: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|e| e["auditID"].as_str().unwrap()).collect();
        let sent = Sent { number: 7, round: 3, is_acknowledged: true, took: Duration::ZERO, bytes: 0 };
        assert_eq!(ids, sent.keys().collect::<Vec<_>>());
        assert!((1_200..1_600).contains(&(body.len() / 400)), "{} bytes an event", body.len() / 400);
    }
}
