//! From the start to the stop: the log is opened, addresses are bound, what is closed is sealed, and the end is in good order.

use async_recursion::async_recursion;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chrono_tz::Tz;
use http::{Response, StatusCode};
use http_body_util::Full;
use shoseki_detect::Rules;
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::wal::{Limits, Wal};
use shoseki_vault::{Vault, spool};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::Happening;
use crate::alerts::{self, Alerts, Keeper, Rounds, Telling};
use crate::config::{Config, Fetch};
use crate::conflicts::Conflicts;
use crate::detecting::Detecting;
use crate::disk::Disks;
use crate::fetch::{self, Ask, Fetched, Shared};
use crate::files;
use crate::forward::{self, Again, Forwarded};
use crate::gaps::Watching;
use crate::heartbeat::{Body, Heart, is_full};
use crate::http::{BODIES_KIB, Door};
use crate::listen::{Listening, Purpose, acceptor, bind, run};
use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::schedule::{self, Desk, Runner, Scheduler};
use crate::sealing::{Upkeep, is_ready, seal_all};
use crate::senders::Senders;
use crate::syslog::{self, Bound};
use crate::telling::{Teller, tell_of_losses, tell_of_refusals};

/// Looks at the files that a configuration names, and starts nothing.
///
/// # Errors
/// The caller's mistake where a certificate or a key is none.
#[async_recursion]
pub async fn check(config: &Config) -> Result<()> {
    alerts::check(&config.alerts)?;
    config.heartbeat.as_ref().map(Heart::of).transpose()?;
    forward::check(&config.forwards).await?;
    if config.detect.as_sealed {
        Rules::load(true, &config.detect.rules.0)?;
    }
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

/// Something that goes on beside the rest.
type Task = JoinHandle<()>;
/// The same on a thread of its own, where there is something to do: what hears its end.
type Thread = Option<oneshot::Receiver<()>>;

/// How long after the stop the rest may take to be sealed.
const GRACE: Duration = Duration::from_secs(60);
/// How often is looked for what was sealed and is to be passed on, at the longest.
const FORWARD_EVERY: Duration = Duration::from_secs(60);
/// How often is looked for what was sealed and rules are to be asked of, at the longest: what is sealed here is looked at once it is.
const DETECT_EVERY: Duration = Duration::from_secs(60);
/// How many connections the small listener takes.
const STATUS_CONNECTIONS: usize = 32;

/// A log that is held: who tells of what happens, what is counted, what seals, and when it is to stop.
struct Held {
    wal: Wal,
    metrics: Arc<Metrics>,
    teller: Arc<Teller>,
    /// What tells people; it ends when it is dropped.
    telling_people: Telling,
    ending: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
    is_caught_up: watch::Receiver<bool>,
    /// Told each time that something was sealed.
    sealed: Arc<Notify>,
    /// What seals until the log ends; nothing is sealed before it is waited for.
    sealing: Pin<Box<dyn Future<Output = ()>>>,
}

fn limits_of(config: &Config) -> Limits {
    Limits { seal_every: config.seal_every.0.0, on_disk: config.max_waiting.0.0 }
}

/// Opens a log, so that no other process writes there. Small files are put together now and then, where it is said how often.
async fn hold<H: Fn(&Happening) + Send + Sync + 'static>(
    (vault, wal): (&Arc<Vault>, &Path),
    config: &Config,
    happened: H,
    compact_every: Option<Duration>,
) -> Result<Held> {
    let spool = spool::folder_of(wal);
    let (wal, sealer) = Wal::open(vault, wal, &limits_of(config)).await?;
    let metrics = Arc::new(Metrics::new(Arc::clone(wal.waiting())));
    let (teller, telling_people) = teller(happened, &wal, config)?;
    let (ending, ended) = watch::channel(false);
    let (caught_up, is_caught_up) = watch::channel(false);
    let (counted, told) = (Arc::clone(&metrics), Arc::clone(&teller));
    let sealed = Arc::new(Notify::new());
    let upkeep =
        Upkeep { metrics: counted, teller: told, compact_every, caught_up, spool, sealed: Arc::clone(&sealed) };
    let sealing = Box::pin(seal_all(sealer, upkeep, ended.clone()));
    Ok(Held { wal, metrics, teller, telling_people, ending, ended, is_caught_up, sealed, sealing })
}

/// Takes in what is pushed until `stop` resolves. `happened` is told of what happens, `ready` of where it listens. What is done by
/// a schedule, the runner does; the zone is that of times and days where the configuration names none.
///
/// # Errors
/// What kept it from starting. Once it runs, it tries again.
pub async fn serve<H, R, S>(
    vault: Arc<Vault>,
    config: &Config,
    wal: &Path,
    (runner, zone): (Arc<dyn Runner>, Tz),
    telling: (H, R, S),
) -> Result<()>
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
    let heart = config.heartbeat.as_ref().map(Heart::of).transpose()?;
    let compact_every = Some(config.compact_every.0.0).filter(|every| !every.is_zero());
    let mut held = hold((&vault, wal), config, happened, compact_every).await?;
    let doors = syslog_doors(config, &held.wal, &held.metrics).await?;
    let syslog_at: Vec<(String, SocketAddr)> =
        doors.iter().map(|(_, at, door)| (door.name().to_owned(), *at)).collect();
    let mut forwarding = forward::begin(&passing(&held, &vault, config), config, wal)?;
    let mut fetching = fetch_all(fetching(&held, &vault, config), config.fetch.clone(), held.is_caught_up.clone())?;
    // All doors are open: only now it is told that it started.
    held.teller.tell(started(config, zone, (at, status_at), &syslog_at)).await;

    let (receiving, refusing) = receive(&held, config, (http, tls));
    let telling = tell_status(&held, config, status);
    let receiver = receiving.abort_handle();
    let mut listening = JoinSet::new();
    for (bound, _, door) in doors {
        listening.spawn(tell_of_losses(Arc::clone(&door), Arc::clone(&held.teller), held.ended.clone()));
        listening.spawn(syslog::run(bound, door, held.ended.clone()));
    }
    for one in &config.files {
        let (vault, wal, metrics) = (Arc::clone(&vault), held.wal.clone(), Arc::clone(&held.metrics));
        let door = files::Door { config: one.clone(), vault, wal, metrics, teller: Arc::clone(&held.teller) };
        listening.spawn(files::run(door, held.ended.clone(), held.is_caught_up.clone()));
    }
    watch_all(&mut listening, &held, (&vault, wal), config);
    if let Some(heart) = heart {
        listening.spawn(heart.run(body(&held, config, receiver), held.ended.clone()));
    }
    let zone = schedule::zone_of(config, zone);
    let desk = Desk {
        vault: Arc::clone(&vault),
        runner,
        wal: wal.to_owned(),
        zone,
        reads_log: false,
        alerts: config.alerts.clone(),
        warnings: Mutex::default(),
    };
    let mut scheduling = schedule_all(&held, config, desk)?;
    let mut detecting = detect_all(&held, config, &vault)?;
    let (teller, wal, ending) = (Arc::clone(&held.teller), held.wal.clone(), held.ending);
    let telling_people = held.telling_people;
    let ending = async {
        ready(Serving { http: at, status: status_at, syslog: syslog_at });
        let died = tokio::select! {
            () = stop => None,
            () = end_of(&mut fetching) => Some("fetch"),
            () = end_of(&mut scheduling) => Some("schedule"),
            () = end_of(&mut detecting) => Some("detect"),
        };
        if let Some(name) = died {
            // Whoever looks after this process starts it again: it does not go on without a word, and without a part of itself.
            let message = msg!("server-thread-died", name = name);
            teller.tell(Happening::failure("serve.died", message).with("name", name)).await;
        }
        let _ = ending.send(true);
        let _ = receiving.await; // what is under way is answered
        let _ = refusing.await;
        while listening.join_next().await.is_some() {}
        while forwarding.join_next().await.is_some() {}
        // What is being taken in is committed; what is being done is stopped, and done once more after the next start.
        for mut thread in [fetching, scheduling, detecting].into_iter().filter(Option::is_some) {
            end_of(&mut thread).await;
        }
        teller.tell(Happening::new("serve.stop", msg!("server-stopped"))).await;
        telling_people.finish().await;
        wal.stop();
        died
    };
    let died = tokio::select! {
        () = &mut held.sealing => None, // it ends with the log alone
        died = ending => {
            if tokio::time::timeout(GRACE, held.sealing).await.is_err() {
                (teller.happened)(&Happening::failure("seal.left", msg!("server-left")));
            }
            died
        }
    };
    telling.abort();
    died.map_or(Ok(()), |name| Err(Fault::broken(msg!("server-thread-died", name = name))))
}

/// Resolves when a thread ends; never where there is none, or where its end was heard already.
async fn end_of(thread: &mut Thread) {
    match thread {
        Some(ended) => {
            let _ = ended.await; // one that died says nothing
            *thread = None;
        }
        None => std::future::pending().await,
    }
}

/// Takes connections of senders, and tells of those that were refused.
fn receive(held: &Held, config: &Config, (http, tls): (TcpListener, Option<TlsAcceptor>)) -> (Task, Task) {
    let max_body = usize::try_from(config.http.max_body.0).unwrap_or(usize::MAX);
    let (senders, metrics) = (Senders::new(&config.senders), Arc::clone(&held.metrics));
    let room = Semaphore::new(BODIES_KIB as usize);
    let door = Arc::new(Door { wal: held.wal.clone(), senders, metrics, max_body, room, refused: Mutex::default() });
    let connections = Arc::new(Semaphore::new(config.http.max_connections));
    let metrics = Arc::clone(&held.metrics);
    let taking = Listening { acceptor: tls, connections, stop: held.ended.clone(), metrics };
    let refusing = tokio::spawn(tell_of_refusals(Arc::clone(&door), Arc::clone(&held.teller), held.ended.clone()));
    let receiving = tokio::spawn(run(http, taking, move |request, peer: Arc<Peer>| {
        let door = Arc::clone(&door);
        async move { door.answer(request, &peer).await }
    }));
    (receiving, refusing)
}

/// Looks for gaps, at the disks, and at what people were told.
fn watch_all(listening: &mut JoinSet<()>, held: &Held, (vault, wal): (&Arc<Vault>, &Path), config: &Config) {
    listening.spawn(Watching::new(Arc::clone(vault), Arc::clone(&held.teller), config).run(held.ended.clone()));
    let (telling_of_disks, counted) = (Arc::clone(&held.teller), Arc::clone(&held.metrics));
    let disks = Disks::new(vault, wal, (telling_of_disks, counted), config.disk.warn);
    listening.spawn(disks.run(held.ended.clone(), held.is_caught_up.clone()));
    let rounds = Rounds {
        vault: Arc::clone(vault),
        teller: Arc::clone(&held.teller),
        alerts: config.alerts.clone(),
        wal: wal.to_owned(),
        seal_every: config.seal_every.0.0,
    };
    listening.spawn(rounds.run(held.ended.clone(), held.is_caught_up.clone()));
}

/// What is looked at before it is said that all is well.
fn body(held: &Held, config: &Config, receiving: AbortHandle) -> Body {
    let (wal, most) = (held.wal.clone(), limits_of(config).on_disk);
    Body { wal, most, metrics: Arc::clone(&held.metrics), teller: Arc::clone(&held.teller), receiving }
}

/// Takes connections of who asks for health and metrics.
fn tell_status(held: &Held, config: &Config, status: TcpListener) -> Task {
    let connections = Arc::new(Semaphore::new(STATUS_CONNECTIONS));
    let metrics = Arc::clone(&held.metrics);
    let taking = Listening { acceptor: None, connections, stop: held.ended.clone(), metrics };
    let (counted, log, most) = (Arc::clone(&held.metrics), held.wal.clone(), limits_of(config).on_disk);
    tokio::spawn(run(status, taking, move |request: http::Request<_>, _| {
        let answer = told(request.uri().path(), &counted, &log, most);
        async move { Ok(answer) }
    }))
}

/// What forwarders work with.
fn passing(held: &Held, vault: &Arc<Vault>, config: &Config) -> forward::Shared {
    forward::Shared {
        vault: Arc::clone(vault),
        teller: Arc::clone(&held.teller),
        metrics: Arc::clone(&held.metrics),
        stop: held.ended.clone(),
        every: config.seal_every.0.0.min(FORWARD_EVERY),
    }
}

/// What fetchers work with.
fn fetching(held: &Held, vault: &Arc<Vault>, config: &Config) -> Shared {
    let told = (Arc::clone(&held.teller), Arc::clone(&held.metrics));
    Shared::new(Arc::clone(vault), held.wal.clone(), told, held.ended.clone(), config.seal_every.0.0)
}

/// Who tells of what happens, and what tells people; that ends when it is dropped.
fn teller<H: Fn(&Happening) + Send + Sync + 'static>(
    happened: H,
    wal: &Wal,
    config: &Config,
) -> Result<(Arc<Teller>, Telling)> {
    let (alerts, lines) = Alerts::of(&config.alerts)?;
    let (conflicts, matches) = (Conflicts::default(), Arc::default());
    let teller = Arc::new(Teller { happened: Box::new(happened), wal: wal.clone(), alerts, conflicts, matches });
    let keeper: Arc<dyn Keeper> = Arc::<Teller>::clone(&teller);
    let telling = Telling::begin(lines, &keeper);
    Ok((teller, telling))
}

/// Sends a trial to each who is told of what happens, and says who got it.
#[async_recursion]
pub async fn try_alerts(config: &Config) -> Vec<(String, Result<()>)> {
    alerts::try_all(&config.alerts).await
}

/// Starts what fetches, on a thread of its own, once the vault knows how far was read. It ends with the stop.
fn fetch_all(shared: Shared, config: Fetch, mut is_caught_up: watch::Receiver<bool>) -> Result<Thread> {
    if config.is_empty() {
        return Ok(None);
    }
    let shared = Arc::new(shared);
    let thread = on_a_thread("fetch", async move || {
        let mut stop = shared.stop.clone();
        if is_ready(&mut stop, &mut is_caught_up).await {
            fetch::fetch_all(&shared, &config).await;
        }
    });
    thread.map(Some)
}

/// Starts what is done by a schedule, on a thread of its own: one thing at a time. It ends with the stop.
fn schedule_all(held: &Held, config: &Config, desk: Desk) -> Result<Thread> {
    if config.schedules.is_empty() {
        return Ok(None);
    }
    let (teller, metrics) = (Arc::clone(&held.teller), Arc::clone(&held.metrics));
    let scheduler = Scheduler { desk, schedules: config.schedules.clone(), teller, metrics };
    let (stop, is_caught_up) = (held.ended.clone(), held.is_caught_up.clone());
    on_a_thread("schedule", async move || scheduler.run(stop, is_caught_up).await).map(Some)
}

/// Starts what asks the rules of what is sealed, on a thread of its own: what comes in waits for none of it. It ends with the stop.
fn detect_all(held: &Held, config: &Config, vault: &Arc<Vault>) -> Result<Thread> {
    if !config.detect.as_sealed {
        return Ok(None);
    }
    let detecting = Detecting {
        vault: Arc::clone(vault),
        teller: Arc::clone(&held.teller),
        metrics: Arc::clone(&held.metrics),
        config: config.detect.clone(),
        every: config.seal_every.0.0.min(DETECT_EVERY),
        sealed: Arc::clone(&held.sealed),
    };
    let (stop, is_caught_up) = (held.ended.clone(), held.is_caught_up.clone());
    on_a_thread("detect", async move || detecting.run(stop, is_caught_up).await).map(Some)
}

/// Does something on a thread of its own, and says when it is done.
fn on_a_thread<W>(name: &str, work: W) -> Result<oneshot::Receiver<()>>
where
    W: AsyncFnOnce() + Send + 'static,
{
    let ((done, ended), runtime) = (oneshot::channel(), Handle::current());
    let thread = std::thread::Builder::new().name(name.to_owned());
    let working = move || {
        runtime.block_on(work());
        let _ = done.send(()); // who started it may be gone
    };
    thread.spawn(working).map_err(|error| Fault::world(msg!("server-no-thread")).because(error))?;
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
    let mut held = hold((&vault, wal), config, happened, None).await?;
    let (shared, once) = (Arc::new(fetching(&held, &vault, config)), config.fetch.once());
    let round = async {
        let _ = held.is_caught_up.wait_for(|is| *is).await;
        let fetched = fetch::fetch_once(&shared, &once, asked).await;
        shared.wal.stop();
        fetched
    };
    let mut stop = std::pin::pin!(stop);
    let mut both = std::pin::pin!(async { futures::join!(held.sealing, round).1 });
    tokio::select! {
        fetched = &mut both => Ok((fetched, false)),
        () = &mut stop => {
            let _ = held.ending.send(true);
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
    let mut held = hold((&vault, wal), config, happened, None).await?;
    let shared = forward::Shared { every: FORWARD_EVERY, ..passing(&held, &vault, config) };
    let round = async {
        let is_ready = held.is_caught_up.wait_for(|is| *is).await.is_ok(); // what it gives holds a lock: it must not be kept
        let forwarded = if is_ready { forward::once(&shared, config, wal, asked).await } else { Ok(Vec::new()) };
        held.wal.stop();
        forwarded
    };
    let mut stop = std::pin::pin!(stop);
    let mut both = std::pin::pin!(async { futures::join!(held.sealing, round).1 });
    tokio::select! {
        forwarded = &mut both => Ok((forwarded?, false)),
        () = &mut stop => {
            let _ = held.ending.send(true);
            Ok((both.await?, true))
        }
    }
}

/// The start, with what it takes in and passes on.
fn started(
    config: &Config,
    zone: Tz,
    (at, status): (SocketAddr, SocketAddr),
    syslog: &[(String, SocketAddr)],
) -> Happening {
    let syslog = syslog.iter().map(|(name, at)| format!("{name}={at}")).collect::<Vec<_>>().join(" ");
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
        .with("schedules", schedule::plans(config, zone))
        .with("detect", config.detect.as_sealed)
        .with("config_sha256", &config.sha256)
}

/// Health and metrics.
fn told(path: &str, metrics: &Metrics, wal: &Wal, most: u64) -> Response<Full<Bytes>> {
    let (status, body) = match path {
        "/healthz" => (StatusCode::OK, String::new()),
        "/readyz" if !is_full(wal, most) => (StatusCode::OK, String::new()),
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
