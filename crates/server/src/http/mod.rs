//! One request from its head to its answer: who, how much, what, durable, yes. Status codes are mapped here and nowhere else.

mod body;

pub use body::decoded;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use shoseki_event::Timestamp;
use shoseki_messages::msg;
use shoseki_sources::by_id;
use shoseki_vault::wal::{Delivery, Refusal, Wal};
use tokio::sync::Semaphore;

use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::receivers::{Answer, Asked, No, Part, Receiver, Request, Taken, few, of_path};
use crate::senders::{self, Sender, Senders};

/// How long a request may take, from its head to its answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// When a sender may come again that was told to wait, in seconds.
const AGAIN: HeaderValue = HeaderValue::from_static("5");
/// The longest name of a stream that a protocol may give.
const MAX_LOG: usize = 512;
/// The memory for bodies that are read, decoded or waiting for the disk, all together.
pub(crate) const BODIES_KIB: u32 = 256 << 10;
/// Bodies up to this length are worked on where they are read; longer ones would hold up others.
const SHORT: usize = 32 << 10;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) wal: Wal,
    pub(crate) senders: Senders,
    pub(crate) metrics: Arc<Metrics>,
    /// The longest body, as it comes and once it is decoded.
    pub(crate) max_body: usize,
    /// The memory that bodies take, in KiB: what comes when it is taken waits.
    pub(crate) room: Semaphore,
    /// Requests of nobody who may send, since they were last told.
    pub(crate) refused: Mutex<Refusals>,
}

/// Counts by receiver and status.
pub(crate) type Refusals = BTreeMap<(&'static str, u16), u64>;

/// Whose request it is, for counting.
#[derive(Default)]
struct Counted {
    receiver: Option<&'static str>,
    sender: Option<String>,
    events: usize,
    bytes: usize,
}

impl Door {
    /// Answers a request of whom is at the other end.
    pub(crate) async fn answer(
        &self,
        request: http::Request<Incoming>,
        peer: &Peer,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (begun, mut counted) = (Instant::now(), Counted::default());
        let answer = match tokio::time::timeout(PATIENCE, self.taken(request, peer, &mut counted)).await {
            Ok(answer) => answer,
            Err(_) => Answer::empty(StatusCode::REQUEST_TIMEOUT),
        };
        let Counted { receiver, sender, events, bytes } = counted;
        let sender = sender.unwrap_or_default();
        self.metrics.request(receiver.unwrap_or("none"), &sender, answer.status.as_u16());
        if let Some(receiver) = receiver.filter(|_| answer.status.is_success()) {
            self.metrics.received(receiver, &sender, (events, bytes), begun.elapsed());
        }
        Ok(response(answer))
    }

    async fn taken(&self, request: http::Request<Incoming>, peer: &Peer, counted: &mut Counted) -> Answer {
        let (head, body) = request.into_parts();
        let (secret, path) = senders::of_path(head.uri.path());
        if head.method == Method::GET && path == "/healthz" {
            return Answer::empty(StatusCode::OK);
        }
        let Some((receiver, parts)) = of_path(path) else {
            return Answer::empty(StatusCode::NOT_FOUND);
        };
        counted.receiver = Some(receiver.id());
        let asked = Asked {
            method: head.method,
            path: path.to_owned(),
            parts,
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
        };
        let tokens: Vec<String> = senders::tokens(&asked.headers).into_iter().chain(secret).collect();
        let mut body = Some(body);
        let done = async {
            let no = No { status: StatusCode::UNAUTHORIZED, why: msg!("server-who") };
            let sender = self.senders.who(&tokens, peer.certificate()).ok_or(no)?;
            counted.sender = Some(sender.config.name.clone());
            allowed(receiver, &sender)?;
            let kib = body::room(body.as_ref(), &asked, self.max_body).div_ceil(1 << 10).min(BODIES_KIB as usize);
            let room = self.room.acquire_many(u32::try_from(kib).unwrap_or(BODIES_KIB)).await;
            let _room = room.map_err(|_| no_of(Refusal::Closed))?;
            let body = body::read(&mut body, &asked, self.max_body).await?;
            counted.bytes = body.len();
            let source = sender.config.source.as_deref().and_then(by_id);
            let secret = sender.config.secret.clone();
            let request = Request { asked: asked.clone(), body, source, secret };
            let Taken { parts, yes } = take(receiver, request, self.max_body).await?;
            counted.events = parts.iter().map(|part| part.events.len()).sum();
            few(counted.events)?;
            let deliveries = deliveries(receiver, (&sender, peer), parts)?;
            if !deliveries.is_empty() {
                self.wal.append(&deliveries).await.map_err(no_of)?;
            }
            Ok::<Answer, No>(yes)
        };
        let done = done.await;
        if let Some(unread) = body {
            body::pass_over(unread).await; // over HTTP/2 a sender that is still sending would not see the answer
        }
        match done {
            Ok(yes) => yes,
            Err(no) => {
                if no.status == StatusCode::UNAUTHORIZED || no.status == StatusCode::FORBIDDEN {
                    self.refused_again(receiver.id(), no.status.as_u16(), 1);
                }
                receiver.refuse(&asked, &no)
            }
        }
    }

    /// Counts refusals, also such as could not be told.
    pub(crate) fn refused_again(&self, receiver: &'static str, status: u16, count: u64) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused.entry((receiver, status)).or_default() += count;
    }

    /// How many requests of whom were refused since this was last asked: by receiver and status.
    pub(crate) fn refusals(&self) -> Refusals {
        std::mem::take(&mut *self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a sender may use a receiver now.
fn allowed(receiver: &'static dyn Receiver, sender: &Sender) -> Result<(), No> {
    if !sender.may_use(receiver.id()) {
        let why = msg!("server-not-allowed", name = sender.config.name.as_str(), receiver = receiver.id());
        return Err(No { status: StatusCode::FORBIDDEN, why });
    }
    if !sender.may_go_on() {
        return Err(No { status: StatusCode::TOO_MANY_REQUESTS, why: msg!("server-too-often") });
    }
    Ok(())
}

/// What a receiver makes of a request, whose body is decoded first.
async fn take(receiver: &'static dyn Receiver, mut request: Request, max: usize) -> Result<Taken, No> {
    let is_short = request.body.len() <= SHORT;
    let work = move || {
        request.body = decoded(request.body, &request.asked, max)?;
        receiver.take(&request)
    };
    if is_short {
        return work();
    }
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(No { status: StatusCode::INTERNAL_SERVER_ERROR, why: msg!("server-receiver-died") }))
}

/// What goes into the log.
fn deliveries(
    receiver: &'static dyn Receiver,
    (sender, peer): (&Sender, &Peer),
    parts: Vec<Part>,
) -> Result<Vec<Delivery>, No> {
    let received = Timestamp::now();
    let mut deliveries = Vec::with_capacity(parts.len());
    for part in parts.into_iter().filter(|part| !part.events.is_empty()) {
        let is_name = |log: &String| log.len() <= MAX_LOG && !log.contains(char::is_control);
        if part.log.as_ref().is_some_and(|log| !is_name(log)) {
            return Err(No::malformed(msg!("server-no-log-name", max = MAX_LOG)));
        }
        deliveries.push(Delivery {
            received,
            door: receiver.id().to_owned(),
            sender: sender.config.name.clone(),
            from: Some(peer.to_string()),
            source: part.source.map(str::to_owned).or_else(|| sender.config.source.clone()),
            stream: sender.config.stream.clone(),
            log: part.log,
            id: part.id,
            is_wrapped_by_us: false,
            cursor: None,
            events: part.events,
        });
    }
    Ok(deliveries)
}

fn no_of(refusal: Refusal) -> No {
    let no = |status, why| No { status, why };
    match refusal {
        Refusal::Full => no(StatusCode::SERVICE_UNAVAILABLE, msg!("server-full")),
        Refusal::Closed => no(StatusCode::SERVICE_UNAVAILABLE, msg!("server-stopping")),
        Refusal::Failed(_) => no(StatusCode::SERVICE_UNAVAILABLE, msg!("server-not-written")),
        Refusal::Unfit(_) => no(StatusCode::PAYLOAD_TOO_LARGE, msg!("server-unfit")),
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let status = answer.status;
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in answer.headers {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, AGAIN);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"shoseki\""));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(http::header::ALLOW, HeaderValue::from_static("POST, GET"));
    }
    response
}
