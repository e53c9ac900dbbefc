//! Connections: taken within a bound, encrypted where a certificate is configured, and ended in good order.

use std::fs;
use std::future::Future;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use shoseki_messages::{Fault, Result, msg};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;
use crate::metrics::Metrics;
use crate::peer::Peer;

/// How long a connection may take to agree on keys, and to send the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long requests that are under way may take when all ends.
const GRACE: Duration = Duration::from_secs(10);

/// Binds an address.
///
/// # Errors
/// The world's failure where it is taken.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let failed = |error| Fault::world(msg!("server-bind", address = address.to_string())).because(error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Whoever shows no certificate may still show a token.
    Http,
    /// Where there is a `client_ca`, whoever shows no certificate of it is refused at once.
    Syslog,
}

/// Reads a certificate and its key.
///
/// # Errors
/// The caller's mistake where a file is none.
pub(crate) fn acceptor(tls: &Tls, purpose: Purpose) -> Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |error: rustls::Error| Fault::caller(msg!("server-tls")).because(error);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(broken)?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(broken)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if purpose == Purpose::Syslog { verifier } else { verifier.allow_unauthenticated() };
            let verifier = verifier.build().map_err(|error| Fault::caller(msg!("server-tls")).because(error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_reader(&mut BufReader::new(open(&tls.key)?));
    let key = key.map_err(|error| unreadable(&tls.key).because(error.to_string()))?;
    let mut config = builder.with_single_cert(certificates(&tls.certificate)?, key).map_err(broken)?;
    if purpose == Purpose::Http {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

pub(crate) fn unreadable(path: &Path) -> Fault {
    Fault::caller(msg!("server-pem", path = path.display().to_string()))
}

pub(crate) fn open(path: &Path) -> Result<fs::File> {
    fs::File::open(path).map_err(|error| unreadable(path).because(error))
}

pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_reader_iter(BufReader::new(open(path)?)).collect::<std::result::Result<Vec<_>, _>>();
    let read = read.map_err(|error| unreadable(path).because(error.to_string()))?;
    if read.is_empty() { Err(unreadable(path)) } else { Ok(read) }
}

/// How a listener takes connections.
#[derive(Clone)]
pub(crate) struct Listening {
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) connections: Arc<Semaphore>,
    /// Becomes true when all ends.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) metrics: Arc<Metrics>,
}

/// The next connection, and from where. `None` where it broke meanwhile, or where files ran out: then, a moment later.
pub(crate) async fn accepted(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok((stream, from)) => {
            let _ = stream.set_nodelay(true); // it is only slower without
            Some((stream, from))
        }
        Err(_) => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Takes connections until the stop, and answers their requests. `answer` is given who is at the other end.
pub(crate) async fn run<A, F, B>(listener: TcpListener, listening: Listening, answer: A)
where
    A: Fn(http::Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = std::result::Result<http::Response<B>, std::convert::Infallible>> + Send + 'static,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Listening { acceptor, connections, mut stop, metrics } = listening;
    let graceful = Arc::new(GracefulShutdown::new());
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { break };
        let stream = tokio::select! {
            stream = accepted(&listener) => stream,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Some((stream, from)) = stream else { continue };
        let (acceptor, answer, watcher) = (acceptor.clone(), answer.clone(), graceful.watcher());
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            let _permit = permit;
            let Some(acceptor) = acceptor else {
                return connection(stream, Peer::new(from.ip(), None), answer, watcher).await;
            };
            let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await else {
                return metrics.handshake_failed("http", "");
            };
            let peer = Peer::of_tls(from.ip(), stream.get_ref().1);
            connection(stream, peer, answer, watcher).await;
        });
    }
    drop(listener);
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }
}

async fn connection<S, A, F, B>(stream: S, peer: Peer, answer: A, watcher: hyper_util::server::graceful::Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(http::Request<Incoming>, Arc<Peer>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = std::result::Result<http::Response<B>, std::convert::Infallible>> + Send + 'static,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(30)).max_concurrent_streams(64);
    let peer = Arc::new(peer);
    let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&peer)));
    let served = builder.serve_connection(TokioIo::new(stream), service);
    let _ = watcher.watch(served.into_owned()).await; // a connection that breaks is its sender's business
}
