//! From the start to the stop: the log is opened, addresses are bound, what is closed is sealed, and the end is in good order.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_vault::wal::{Limits, Wal};
use shoseki_vault::{Vault, spool};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use crate::Happening;
use crate::alerts::{self, Alerts};
use crate::config::{Config, Fetch};
use crate::fetch::{self, Ask, Fetched, Shared};
use crate::files;
use crate::forward::{self, Again, Forwarded};
use crate::gaps::Watching;
use crate::http::{BODIES_KIB, Door};
use crate::listen::{Listening, Purpose, acceptor, bind, run};
use crate::metrics::Metrics;
use crate::sealing::{Upkeep, seal_all};
use crate::senders::Senders;
use crate::syslog::{self, Bound};
use crate::telling::{Teller, tell_of_losses, tell_of_refusals};

/// Looks at the files that a configuration names, and starts nothing.
///
/// # Errors
/// The caller's mistake where a certificate or a key is none.
pub async fn check(config: &Config) -> Result<()> {
    alerts::check(&config.alerts)?;
    forward::check(&config.forwards).await?;
    let of_syslog = config.syslog.iter().filter_map(|syslog| syslog.tls.as_ref());
    config.http.tls.iter().chain(of_syslog).try_for_each(|tls| acceptor(tls, Purpose::Http).map(|_| ()))
}

/// Where it listens.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The receivers.
    pub http: SocketAddr,
    /// Health and metrics.
    pub status: SocketAddr,
    /// The listeners for syslog, by their names.
    pub syslog: Vec<(String, SocketAddr)>,
}

/// A listener for syslog: bound, where, and what it works with.
type SyslogDoor = (Bound, SocketAddr, Arc<syslog::Door>);

async fn syslog_doors(config: &Config, wal: &Wal, metrics: &Arc<Metrics>) -> Result<Vec<SyslogDoor>> {
    let mut doors = Vec::with_capacity(config.syslog.len());
    for one in &config.syslog {
        let acceptor = one.tls.as_ref().map(|tls| acceptor(tls, Purpose::Syslog)).transpose()?;
        let (bound, at) = syslog::bound(one, acceptor).await?;
        doors.push((bound, at, Arc::new(syslog::Door::new(one.clone(), wal.clone(), Arc::clone(metrics)))));
    }
    Ok(doors)
}

/// How long after the stop the rest may take to be sealed.
const GRACE: Duration = Duration::from_secs(60);
/// How often is looked for what was sealed and is to be passed on, at the longest.
const FORWARD_EVERY: Duration = Duration::from_secs(60);
/// How many connections the small listener takes.
const STATUS_CONNECTIONS: usize = 32;

/// Takes in what is pushed until `stop` resolves. `happened` is told of what happens, `ready` of where it listens.
///
/// # Errors
/// What kept it from starting. Once it runs, it tries again.
pub async fn serve<H, R, S>(vault: Arc<Vault>, config: &Config, wal: &Path, telling: (H, R, S)) -> Result<()>
where
    H: Fn(&Happening) + Send + Sync + 'static,
    R: FnOnce(Serving),
    S: Future<Output = ()>,
{
    let (happened, ready, stop) = telling;
    forward::check(&config.forwards).await?;
    let tls = config.http.tls.as_ref().map(|tls| acceptor(tls, Purpose::Http)).transpose()?;
    let (http, at) = bind(config.http.listen).await?;
    let (status, status_at) = bind(config.status.listen).await?;
    let spool = spool::folder_of(wal);
    let limits = Limits { seal_every: config.seal_every.0.0, on_disk: config.max_waiting.0.0 };
    let folder = wal;
    let (wal, sealer) = Wal::open(&vault, wal, &limits).await?;
    let metrics = Arc::new(Metrics::new(Arc::clone(wal.waiting())));
    let doors = syslog_doors(config, &wal, &metrics).await?;
    let (ending, ended) = watch::channel(false);
    let (teller, _telling_people) = teller(happened, &wal, config)?;
    let max_body = usize::try_from(config.http.max_body.0).unwrap_or(usize::MAX);
    let senders = Senders::new(&config.senders);
    let (refused, counted) = (Mutex::default(), Arc::clone(&metrics));
    let room = Semaphore::new(BODIES_KIB as usize);
    let door = Arc::new(Door { wal: wal.clone(), senders, metrics: counted, max_body, room, refused });

    let syslog = doors.iter().map(|(_, at, door)| format!("{}={at}", door.name())).collect::<Vec<_>>().join(" ");
    teller.tell(started(config, (at, status_at), syslog)).await;

    let connections = Arc::new(Semaphore::new(config.http.max_connections));
    let taking = Listening { acceptor: tls, connections, stop: ended.clone(), metrics: Arc::clone(&metrics) };
    let refusing = tokio::spawn(tell_of_refusals(Arc::clone(&door), Arc::clone(&teller), ended.clone()));
    let receiving = tokio::spawn(run(http, taking, move |request, certificate: Option<Arc<str>>| {
        let door = Arc::clone(&door);
        async move { door.answer(request, certificate.as_deref()).await }
    }));
    let connections = Arc::new(Semaphore::new(STATUS_CONNECTIONS));
    let taking = Listening { acceptor: None, connections, stop: ended.clone(), metrics: Arc::clone(&metrics) };
    let (counted, log, most) = (Arc::clone(&metrics), wal.clone(), limits.on_disk);
    let telling = tokio::spawn(run(status, taking, move |request: http::Request<_>, _| {
        let answer = told(request.uri().path(), &counted, &log, most);
        async move { Ok(answer) }
    }));
    let syslog_at = doors.iter().map(|(_, at, door)| (door.name().to_owned(), *at)).collect();
    let mut listening = JoinSet::new();
    for (bound, _, door) in doors {
        listening.spawn(tell_of_losses(Arc::clone(&door), Arc::clone(&teller), ended.clone()));
        listening.spawn(syslog::run(bound, door, ended.clone()));
    }
    let (caught_up, is_caught_up) = watch::channel(false);
    let every = limits.seal_every.min(FORWARD_EVERY);
    let passing = forward::Shared {
        vault: Arc::clone(&vault),
        teller: Arc::clone(&teller),
        metrics: Arc::clone(&metrics),
        stop: ended.clone(),
        every,
    };
    let mut forwarding = forward::begin(&passing, config, folder)?;
    for one in &config.files {
        let (vault, wal, metrics) = (Arc::clone(&vault), wal.clone(), Arc::clone(&metrics));
        let door = files::Door { config: one.clone(), vault, wal, metrics, teller: Arc::clone(&teller) };
        listening.spawn(files::run(door, ended.clone(), is_caught_up.clone()));
    }
    let compact_every = Some(config.compact_every.0.0).filter(|every| !every.is_zero());
    listening.spawn(Watching::new(Arc::clone(&vault), Arc::clone(&teller), config).run(ended.clone()));
    let shared =
        Shared::new(vault, wal.clone(), (Arc::clone(&teller), Arc::clone(&metrics)), ended.clone(), limits.seal_every);
    let fetching = fetch_all(shared, config.fetch.clone(), is_caught_up)?;
    let upkeep = Upkeep { metrics, teller: Arc::clone(&teller), compact_every, caught_up, spool };
    let mut sealing = Box::pin(seal_all(sealer, upkeep, ended));
    let ending = async {
        ready(Serving { http: at, status: status_at, syslog: syslog_at });
        stop.await;
        let _ = ending.send(true);
        let _ = receiving.await; // what is under way is answered
        let _ = refusing.await;
        while listening.join_next().await.is_some() {}
        while forwarding.join_next().await.is_some() {}
        let _ = fetching.await; // what is being taken in is committed
        teller.tell(Happening::new("serve.stop", msg!("server-stopped"))).await;
        wal.stop();
    };
    tokio::select! {
        () = &mut sealing => {} // it ends with the log alone
        () = ending => {
            if tokio::time::timeout(GRACE, sealing).await.is_err() {
                (teller.happened)(&Happening::failure("seal.left", msg!("server-left")));
            }
        }
    }
    telling.abort();
    Ok(())
}

/// Who tells of what happens, and the tasks that tell people; these end when they are dropped.
fn teller<H: Fn(&Happening) + Send + Sync + 'static>(
    happened: H,
    wal: &Wal,
    config: &Config,
) -> Result<(Arc<Teller>, JoinSet<()>)> {
    let happened: Arc<dyn Fn(&Happening) + Send + Sync> = Arc::new(happened);
    let told = Arc::clone(&happened);
    let failed = move |name: &str, fault: &Fault| {
        let said = vec![fault.message().clone()];
        let happening = Happening::failure("alert.failed", msg!("server-alert-failed", name = name, why = said));
        told(&happening.with("name", name).with("why", fault.chain(Lang::En)));
    };
    let (alerts, tasks) = Alerts::begin(&config.alerts, Arc::new(failed))?;
    let happened = Box::new(move |happening: &Happening| happened(happening));
    Ok((Arc::new(Teller { happened, wal: wal.clone(), alerts }), tasks))
}

/// Sends a trial to each who is told of what happens, and says who got it.
pub async fn try_alerts(config: &Config) -> Vec<(String, Result<()>)> {
    alerts::try_all(&config.alerts).await
}

/// Starts what fetches, on a thread of its own, once the vault knows how far was read. It ends with the stop.
fn fetch_all(shared: Shared, config: Fetch, mut is_caught_up: watch::Receiver<bool>) -> Result<oneshot::Receiver<()>> {
    let (done, ended) = oneshot::channel();
    if config.is_empty() {
        return Ok(ended); // its other end is gone already
    }
    let (runtime, shared) = (Handle::current(), Arc::new(shared));
    let thread = std::thread::Builder::new().name("fetch".to_owned());
    let fetching = move || {
        runtime.block_on(async {
            let mut stop = shared.stop.clone();
            let is_ready = tokio::select! {
                ready = is_caught_up.wait_for(|is| *is) => ready.is_ok(), // what it gives holds a lock: it must not be kept
                _ = stop.wait_for(|stop| *stop) => false,
            };
            if is_ready {
                fetch::fetch_all(&shared, &config).await;
            }
        });
        let _ = done.send(()); // who started it may be gone
    };
    thread.spawn(fetching).map_err(|error| Fault::world(msg!("server-no-thread")).because(error))?;
    Ok(ended)
}

/// Lets each fetcher of a configuration, or those that are named, do one round, or fetch a stretch again, and seals what came of it.
/// Gives what each brought, and whether it was stopped before its end.
///
/// # Errors
/// The caller's mistake where a name is unknown, or another process has the write-ahead log; the world's failure else.
pub async fn fetch<H, S>(
    vault: Arc<Vault>,
    config: &Config,
    wal: &Path,
    asked: (&Ask, H, S),
) -> Result<(Vec<Fetched>, bool)>
where
    H: Fn(&Happening) + Send + Sync + 'static,
    S: Future<Output = ()>,
{
    let (asked, happened, stop) = asked;
    let known: Vec<String> = config.fetch.reaches().into_iter().map(|(reach, _)| reach.name).collect();
    if let Some(name) = asked.names.iter().find(|name| !known.contains(name)) {
        return Err(Fault::caller(msg!("server-fetch-unknown", name = name, known = known.join(", "))));
    }
    let spool = spool::folder_of(wal);
    let limits = Limits { seal_every: config.seal_every.0.0, on_disk: config.max_waiting.0.0 };
    let (wal, sealer) = Wal::open(&vault, wal, &limits).await?;
    let metrics = Arc::new(Metrics::new(Arc::clone(wal.waiting())));
    let (teller, _telling_people) = teller(happened, &wal, config)?;
    let (ending, ended) = watch::channel(false);
    let (caught_up, mut is_caught_up) = watch::channel(false);
    let shared = Arc::new(Shared::new(
        vault,
        wal.clone(),
        (Arc::clone(&teller), Arc::clone(&metrics)),
        ended.clone(),
        limits.seal_every,
    ));
    let sealing = seal_all(sealer, Upkeep { metrics, teller, compact_every: None, caught_up, spool }, ended);
    let once = config.fetch.once();
    let fetching = async {
        let _ = is_caught_up.wait_for(|is| *is).await;
        let fetched = fetch::fetch_once(&shared, &once, asked).await;
        shared.wal.stop();
        fetched
    };
    let mut stop = std::pin::pin!(stop);
    let mut both = std::pin::pin!(async { futures::join!(sealing, fetching).1 });
    tokio::select! {
        fetched = &mut both => Ok((fetched, false)),
        () = &mut stop => {
            let _ = ending.send(true);
            Ok((both.await, true))
        }
    }
}

/// Lets each forwarder of a configuration, or those that are named, pass on what is sealed, or send a stretch again. Gives what each
/// sent, and whether it was stopped before its end.
///
/// # Errors
/// The caller's mistake where a name is unknown, or another process has the write-ahead log; the world's failure else.
pub async fn forward<H, S>(
    vault: Arc<Vault>,
    config: &Config,
    wal: &Path,
    asked: (&Again, H, S),
) -> Result<(Vec<Forwarded>, bool)>
where
    H: Fn(&Happening) + Send + Sync + 'static,
    S: Future<Output = ()>,
{
    let (asked, happened, stop) = asked;
    let known: Vec<&str> = config.forwards.iter().map(|forward| forward.name.as_str()).collect();
    if let Some(name) = asked.names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Fault::caller(msg!("server-forward-unknown", name = name, known = known.join(", "))));
    }
    let (folder, spool) = (wal, spool::folder_of(wal));
    let limits = Limits { seal_every: config.seal_every.0.0, on_disk: config.max_waiting.0.0 };
    let (wal, sealer) = Wal::open(&vault, wal, &limits).await?;
    let metrics = Arc::new(Metrics::new(Arc::clone(wal.waiting())));
    let (teller, _telling_people) = teller(happened, &wal, config)?;
    let (ending, ended) = watch::channel(false);
    let (caught_up, mut is_caught_up) = watch::channel(false);
    let shared = forward::Shared {
        vault,
        teller: Arc::clone(&teller),
        metrics: Arc::clone(&metrics),
        stop: ended.clone(),
        every: FORWARD_EVERY,
    };
    let sealing = seal_all(sealer, Upkeep { metrics, teller, compact_every: None, caught_up, spool }, ended);
    let forwarding = async {
        let is_ready = is_caught_up.wait_for(|is| *is).await.is_ok(); // what it gives holds a lock: it must not be kept
        let forwarded = if is_ready { forward::once(&shared, config, folder, asked).await } else { Ok(Vec::new()) };
        wal.stop();
        forwarded
    };
    let mut stop = std::pin::pin!(stop);
    let mut both = std::pin::pin!(async { futures::join!(sealing, forwarding).1 });
    tokio::select! {
        forwarded = &mut both => Ok((forwarded?, false)),
        () = &mut stop => {
            let _ = ending.send(true);
            Ok((both.await?, true))
        }
    }
}

/// The start, with what it takes in and passes on.
fn started(config: &Config, (at, status): (SocketAddr, SocketAddr), syslog: String) -> Happening {
    let reaches = config.fetch.reaches();
    let forwards: Vec<String> = config.forwards.iter().map(|one| format!("{}={}", one.name, one.target().1)).collect();
    Happening::new("serve.start", msg!("server-started", listen = at.to_string()))
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("listen", at)
        .with("status", status)
        .with("syslog", syslog)
        .with("files", config.files.iter().map(|files| files.name.as_str()).collect::<Vec<_>>().join(" "))
        .with("senders", config.senders.iter().map(|sender| sender.name.as_str()).collect::<Vec<_>>().join(" "))
        .with("fetchers", reaches.iter().map(|(reach, _)| reach.name.as_str()).collect::<Vec<_>>().join(" "))
        .with("forwards", forwards.join(" "))
        .with("config_sha256", &config.sha256)
}

/// Health and metrics.
fn told(path: &str, metrics: &Metrics, wal: &Wal, most: u64) -> Response<Full<Bytes>> {
    let (status, body) = match path {
        "/healthz" => (StatusCode::OK, String::new()),
        "/readyz" if wal.waiting().now().0 < most / 10 * 9 => (StatusCode::OK, String::new()),
        "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, msg!("server-full").to_string()),
        "/metrics" => (StatusCode::OK, metrics.text()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}
