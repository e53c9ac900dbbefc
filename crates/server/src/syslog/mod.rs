//! Syslog over TCP, TLS and UDP. There is no yes in it: over a connection, a message is read only once the one before is durable,
//! so that a sender that is faster waits; over UDP, what does not fit is lost, counted, and evidence of its own.

mod frames;
mod placed;

pub use frames::{Framer, MAX_MESSAGE};
pub use placed::{Placed, Sourced, placed};

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::wal::{Delivery, Refusal, Wal};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::{Syslog, Transport};
use crate::listen::{accepted, bind};
use crate::metrics::Metrics;
use crate::peer::Peer;

/// The door's name.
const DOOR: &str = "syslog";
/// How many datagrams go into the log together.
const TOGETHER: usize = 512;
/// How many connections a listener takes.
const CONNECTIONS: usize = 256;
/// How long a sender waits where the log is full, until it is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// What a listener works with.
pub(crate) struct Door {
    config: Syslog,
    wal: Wal,
    metrics: Arc<Metrics>,
    /// Datagrams that were lost since it was last told.
    lost: AtomicU64,
}

impl Door {
    pub(crate) fn new(config: Syslog, wal: Wal, metrics: Arc<Metrics>) -> Self {
        Self { config, wal, metrics, lost: AtomicU64::new(0) }
    }

    /// The name of its senders.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// How many datagrams were lost since this was last asked.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    /// Counts datagrams whose loss could not be told.
    pub(crate) fn lost_again(&self, count: u64) {
        self.lost.fetch_add(count, Ordering::Relaxed);
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let must_show = self.config.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        let is_allowed = match self.config.allow.as_slice() {
            [] => must_show || address.is_loopback(),
            networks => networks.iter().any(|network| network.contains(&address)),
        };
        if !is_allowed {
            self.metrics.request(DOOR, self.name(), 403);
        }
        is_allowed
    }

    /// The messages, with where each came from, as deliveries: those that a source knows are taken out of what carries them.
    fn deliveries(&self, messages: Vec<(Arc<str>, Bytes)>) -> Vec<Delivery> {
        let received = Timestamp::now();
        let mut deliveries: Vec<Delivery> = Vec::new();
        for (from, message) in messages {
            let Placed { source, log, event } = placed(&message);
            let source = match source {
                Sourced::As(source) => Some(source.to_owned()),
                Sourced::ByContent => None,
                Sourced::Unknown => self.config.source.clone(),
            };
            let is_of =
                |one: &&mut Delivery| one.log == log && one.source == source && one.from.as_deref() == Some(&*from);
            match deliveries.iter_mut().rev().take(16).find(is_of) {
                Some(delivery) => delivery.events.push(event),
                None => deliveries.push(Delivery {
                    received,
                    door: DOOR.to_owned(),
                    sender: self.config.name.clone(),
                    from: Some(from.to_string()),
                    source,
                    stream: self.config.stream.clone(),
                    log,
                    id: None,
                    is_wrapped_by_us: false,
                    cursor: None,
                    events: vec![event],
                }),
            }
        }
        deliveries
    }

    /// Writes the messages of a connection, however long it takes. `false` where all is being stopped: a sender over a connection was told nothing.
    async fn write(&self, messages: Vec<Bytes>, from: &Arc<str>, stop: &watch::Receiver<bool>) -> bool {
        let (count, bytes) = (messages.len(), messages.iter().map(Bytes::len).sum());
        let deliveries = self.deliveries(messages.into_iter().map(|message| (Arc::clone(from), message)).collect());
        let begun = std::time::Instant::now();
        loop {
            match self.wal.append(&deliveries).await {
                Ok(()) => {
                    self.metrics.received(DOOR, self.name(), (count, bytes), begun.elapsed());
                    return true;
                }
                Err(Refusal::Closed) => return false,
                Err(Refusal::Full | Refusal::Failed(_) | Refusal::Unfit(_)) => {
                    self.metrics.request(DOOR, self.name(), 503);
                    if *stop.borrow() {
                        self.lost.fetch_add(count as u64, Ordering::Relaxed);
                        return false;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// A listener that is bound.
pub(crate) enum Bound {
    Stream(TcpListener, Option<TlsAcceptor>),
    Datagrams(UdpSocket),
}

/// Binds a listener, and says where.
///
/// # Errors
/// The world's failure where the address is taken.
pub(crate) async fn bound(config: &Syslog, acceptor: Option<TlsAcceptor>) -> Result<(Bound, SocketAddr)> {
    match config.transport {
        Transport::Udp => {
            let failed = |error| Fault::world(msg!("server-bind", address = config.listen.to_string())).because(error);
            let socket = UdpSocket::bind(config.listen).await.map_err(failed)?;
            let at = socket.local_addr().map_err(failed)?;
            Ok((Bound::Datagrams(socket), at))
        }
        Transport::Tcp | Transport::Tls => {
            let (listener, at) = bind(config.listen).await?;
            Ok((Bound::Stream(listener, acceptor.filter(|_| config.transport == Transport::Tls)), at))
        }
    }
}

/// Takes messages until the stop.
pub(crate) async fn run(bound: Bound, door: Arc<Door>, stop: watch::Receiver<bool>) {
    match bound {
        Bound::Datagrams(socket) => datagrams(socket, &door, stop).await,
        Bound::Stream(listener, acceptor) => connections(listener, acceptor, door, stop).await,
    }
}

async fn datagrams(socket: UdpSocket, door: &Door, mut stop: watch::Receiver<bool>) {
    let mut buffer = vec![0; MAX_MESSAGE];
    loop {
        let first = tokio::select! {
            first = socket.recv_from(&mut buffer) => first,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let mut messages: Vec<(Arc<str>, Bytes)> = Vec::new();
        let mut take = |length: usize, from: SocketAddr, buffer: &[u8]| {
            let message = buffer.get(..length).unwrap_or_default().trim_ascii_end();
            if !message.is_empty() && door.is_allowed(from.ip()) {
                let from = Peer::new(from.ip(), None).to_string();
                messages.push((from.into(), Bytes::copy_from_slice(message)));
            }
        };
        let Ok((length, from)) = first else { continue }; // an answer to nobody: of ICMP there is nothing to be done
        take(length, from, &buffer);
        for _ in 1..TOGETHER {
            let Ok((length, from)) = socket.try_recv_from(&mut buffer) else { break };
            take(length, from, &buffer);
        }
        if messages.is_empty() {
            continue;
        }
        let (count, bytes) = (messages.len(), messages.iter().map(|(_, message)| message.len()).sum());
        let begun = std::time::Instant::now();
        match door.wal.append(&door.deliveries(messages)).await {
            Ok(()) => door.metrics.received(DOOR, door.name(), (count, bytes), begun.elapsed()),
            Err(_) => {
                door.lost.fetch_add(count as u64, Ordering::Relaxed);
                door.metrics.lost(door.name(), count);
            }
        }
    }
}

async fn connections(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    door: Arc<Door>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut all = tokio::task::JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = tokio::select! {
            stream = accepted(&listener) => stream,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Some((stream, from)) = stream else { continue };
        if !door.is_allowed(from.ip()) {
            continue;
        }
        let (door, acceptor, stop) = (Arc::clone(&door), acceptor.clone(), stop.clone());
        all.spawn(async move {
            let _permit = permit;
            match acceptor {
                None => messages(stream, &door, Peer::new(from.ip(), None), stop).await,
                Some(acceptor) => {
                    let agreed = tokio::time::timeout(Duration::from_secs(10), acceptor.accept(stream)).await;
                    match agreed {
                        Ok(Ok(stream)) => {
                            let peer = Peer::of_tls(from.ip(), stream.get_ref().1);
                            messages(stream, &door, peer, stop).await;
                        }
                        _ => door.metrics.handshake_failed(DOOR, door.name()),
                    }
                }
            }
        });
        while all.try_join_next().is_some() {}
    }
    while all.join_next().await.is_some() {}
}

/// Reads one connection to its end, or to the stop.
async fn messages(mut stream: impl AsyncRead + Unpin, door: &Door, peer: Peer, mut stop: watch::Receiver<bool>) {
    let from: Arc<str> = peer.to_string().into();
    let (mut framer, mut buffer) = (Framer::default(), vec![0; MAX_MESSAGE]);
    loop {
        let read = tokio::select! {
            read = stream.read(&mut buffer) => read,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok(length @ 1..) = read else { break };
        let mut found = Vec::new();
        framer.feed(buffer.get(..length).unwrap_or_default(), &mut found);
        if !found.is_empty() && !door.write(found, &from, &stop).await {
            return;
        }
    }
    let mut rest = Vec::new();
    framer.finish(&mut rest);
    if !rest.is_empty() {
        door.write(rest, &from, &stop).await;
    }
}
