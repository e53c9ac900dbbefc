//! What is counted, as Prometheus reads it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use shoseki_event::Timestamp;
use shoseki_vault::ingest::Summary;
use shoseki_vault::wal::Waiting;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    receiver: &'static str,
    sender: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Sent {
    receiver: &'static str,
    sender: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Fetcher {
    fetcher: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Forwarder {
    forwarder: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Scheduled {
    schedule: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Watched {
    name: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Lying {
    of: &'static str,
}

/// The counters. Whoever sends without a name is counted together: names of senders come from the configuration alone.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    events: Family<Sent, Counter>,
    bytes: Family<Sent, Counter>,
    lost: Family<Sent, Counter>,
    handshakes: Family<Sent, Counter>,
    fetched_objects: Family<Fetcher, Counter>,
    fetched_events: Family<Fetcher, Counter>,
    fetched_bytes: Family<Fetcher, Counter>,
    fetch_failures: Family<Fetcher, Counter>,
    fetch_last: Family<Fetcher, Gauge>,
    forwarded_records: Family<Forwarder, Counter>,
    forwarded_bytes: Family<Forwarder, Counter>,
    forward_refused: Family<Forwarder, Counter>,
    forward_failures: Family<Forwarder, Counter>,
    forward_behind: Family<Forwarder, Gauge>,
    schedule_runs: Family<Scheduled, Counter>,
    schedule_failures: Family<Scheduled, Counter>,
    schedule_last: Family<Scheduled, Gauge>,
    schedule_next: Family<Scheduled, Gauge>,
    detect_records: Counter,
    detect_matches: Counter,
    detect_failures: Counter,
    detect_behind: Gauge,
    files: Family<Watched, Gauge>,
    unread: Family<Watched, Gauge>,
    disk_free: Family<Lying, Gauge>,
    disk_size: Family<Lying, Gauge>,
    are_disks_low: AtomicBool,
    acknowledged: Histogram,
    sealed: Counter,
    duplicates: Counter,
    conflicting: Counter,
    unparsed: Counter,
    seal_failures: Counter,
    is_sealing_failing: AtomicBool,
    last_seal: Gauge,
    tree_size: Gauge,
    waiting_bytes: Gauge,
    waiting_files: Gauge,
    waiting: Arc<Waiting>,
}

impl Metrics {
    pub(crate) fn new(waiting: Arc<Waiting>) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("shoseki"),
            requests: Family::default(),
            events: Family::default(),
            bytes: Family::default(),
            lost: Family::default(),
            handshakes: Family::default(),
            fetched_objects: Family::default(),
            fetched_events: Family::default(),
            fetched_bytes: Family::default(),
            fetch_failures: Family::default(),
            fetch_last: Family::default(),
            forwarded_records: Family::default(),
            forwarded_bytes: Family::default(),
            forward_refused: Family::default(),
            forward_failures: Family::default(),
            forward_behind: Family::default(),
            schedule_runs: Family::default(),
            schedule_failures: Family::default(),
            schedule_last: Family::default(),
            schedule_next: Family::default(),
            detect_records: Counter::default(),
            detect_matches: Counter::default(),
            detect_failures: Counter::default(),
            detect_behind: Gauge::default(),
            files: Family::default(),
            unread: Family::default(),
            disk_free: Family::default(),
            disk_size: Family::default(),
            are_disks_low: AtomicBool::new(false),
            acknowledged: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            sealed: Counter::default(),
            duplicates: Counter::default(),
            conflicting: Counter::default(),
            unparsed: Counter::default(),
            seal_failures: Counter::default(),
            is_sealing_failing: AtomicBool::new(false),
            last_seal: Gauge::default(),
            tree_size: Gauge::default(),
            waiting_bytes: Gauge::default(),
            waiting_files: Gauge::default(),
            waiting,
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests, by what they were answered with", self.requests.clone());
        registry.register("events", "Events that were acknowledged", self.events.clone());
        registry.register("received", "Bodies that were acknowledged", self.bytes.clone());
        registry.register("lost", "Datagrams that could not be kept", self.lost.clone());
        let failed = "TLS connections that came to nothing: an unknown certificate, no TLS at all, no answer in time";
        registry.register("handshakes_failed", failed, self.handshakes.clone());
        registry.register(
            "fetched_objects",
            "Objects, messages and pages that were fetched",
            self.fetched_objects.clone(),
        );
        registry.register("fetched_events", "Events that were fetched", self.fetched_events.clone());
        registry.register("fetched", "Bytes that were fetched", self.fetched_bytes.clone());
        registry.register("fetch_failures", "Rounds of fetchers that failed", self.fetch_failures.clone());
        let last = "When a round was last whole, in seconds since 1970";
        registry.register_with_unit("fetch_last_timestamp", last, Unit::Seconds, self.fetch_last.clone());
        let taken = "Records that targets took";
        registry.register("forwarded_records", taken, self.forwarded_records.clone());
        registry.register("forwarded", "Bytes of them, as text", self.forwarded_bytes.clone());
        let refused = "Records that targets will never take";
        registry.register("forward_refused", refused, self.forward_refused.clone());
        registry.register("forward_failures", "Batches that targets did not take", self.forward_failures.clone());
        let behind = "Sealed commits that did not go out yet";
        registry.register("forward_behind_commits", behind, self.forward_behind.clone());
        registry.register("schedule_runs", "Runs of schedules that came to their end", self.schedule_runs.clone());
        registry.register("schedule_failures", "Runs of schedules that failed", self.schedule_failures.clone());
        let last = "When a run last came to its end, in seconds since 1970";
        registry.register_with_unit("schedule_last_timestamp", last, Unit::Seconds, self.schedule_last.clone());
        let next = "When it is due next, in seconds since 1970";
        registry.register_with_unit("schedule_next_timestamp", next, Unit::Seconds, self.schedule_next.clone());
        registry.register("detect_records", "Records that rules were asked about", self.detect_records.clone());
        registry.register("detect_matches", "Matches that were told", self.detect_matches.clone());
        registry.register("detect_failures", "Looks that failed", self.detect_failures.clone());
        let behind = "Sealed commits that rules were not asked about yet";
        registry.register("detect_behind_commits", behind, self.detect_behind.clone());
        registry.register("files_watched", "Files that are watched", self.files.clone());
        let unread = "Bytes of watched files that are not in the log yet";
        registry.register_with_unit("files_unread", unread, Unit::Bytes, self.unread.clone());
        let free =
            "Bytes that can still be written to the disk of the log (wal), and of the vault where that lies on another";
        registry.register_with_unit("disk_free", free, Unit::Bytes, self.disk_free.clone());
        let size = "Bytes that the same disks have";
        registry.register_with_unit("disk_size", size, Unit::Bytes, self.disk_size.clone());
        registry.register_with_unit(
            "acknowledge",
            "From the head of a request to its yes",
            Unit::Seconds,
            self.acknowledged.clone(),
        );
        registry.register("records_sealed", "Records that were sealed", self.sealed.clone());
        registry.register("records_duplicate", "Events that were there already", self.duplicates.clone());
        let conflicting = "Records with the key of another and other content; both are kept";
        registry.register("records_conflicting", conflicting, self.conflicting.clone());
        registry.register("records_unparsed", "Records that no parser could read", self.unparsed.clone());
        registry.register("seal_failures", "Attempts to seal that failed", self.seal_failures.clone());
        let last = "When something was last sealed, in seconds since 1970";
        registry.register_with_unit("last_seal_timestamp", last, Unit::Seconds, self.last_seal.clone());
        registry.register("tree_size", "The size of the sealed tree", self.tree_size.clone());
        let bytes = "Bytes on the disk that wait for their seal";
        registry.register_with_unit("wal_waiting", bytes, Unit::Bytes, self.waiting_bytes.clone());
        registry.register("wal_waiting_files", "Files that wait for their seal", self.waiting_files.clone());
    }

    pub(crate) fn request(&self, receiver: &'static str, sender: &str, status: u16) {
        self.requests.get_or_create(&Answered { receiver, sender: sender.to_owned(), status }).inc();
    }

    /// A TLS connection that came to nothing; `sender` is the listener of syslog, and empty for HTTP.
    pub(crate) fn handshake_failed(&self, receiver: &'static str, sender: &str) {
        self.handshakes.get_or_create(&Sent { receiver, sender: sender.to_owned() }).inc();
    }

    pub(crate) fn received(
        &self,
        receiver: &'static str,
        sender: &str,
        (events, bytes): (usize, usize),
        took: Duration,
    ) {
        let sent = Sent { receiver, sender: sender.to_owned() };
        self.events.get_or_create(&sent).inc_by(events as u64);
        self.bytes.get_or_create(&sent).inc_by(bytes as u64);
        self.acknowledged.observe(took.as_secs_f64());
    }

    pub(crate) fn lost(&self, sender: &str, events: usize) {
        self.lost.get_or_create(&Sent { receiver: "syslog", sender: sender.to_owned() }).inc_by(events as u64);
    }

    pub(crate) fn fetched(&self, fetcher: &str, (objects, events, bytes): (u64, u64, u64), has_failed: bool) {
        let fetcher = Fetcher { fetcher: fetcher.to_owned() };
        self.fetched_objects.get_or_create(&fetcher).inc_by(objects);
        self.fetched_events.get_or_create(&fetcher).inc_by(events);
        self.fetched_bytes.get_or_create(&fetcher).inc_by(bytes);
        if has_failed {
            self.fetch_failures.get_or_create(&fetcher).inc();
        } else {
            self.fetch_last.get_or_create(&fetcher).set(Timestamp::now().0 / 1_000_000);
        }
    }

    pub(crate) fn forwarded(&self, forwarder: &str, records: u64, bytes: u64) {
        let forwarder = Forwarder { forwarder: forwarder.to_owned() };
        self.forwarded_records.get_or_create(&forwarder).inc_by(records);
        self.forwarded_bytes.get_or_create(&forwarder).inc_by(bytes);
    }

    pub(crate) fn forward_refused(&self, forwarder: &str) {
        self.forward_refused.get_or_create(&Forwarder { forwarder: forwarder.to_owned() }).inc();
    }

    pub(crate) fn forward_failed(&self, forwarder: &str) {
        self.forward_failures.get_or_create(&Forwarder { forwarder: forwarder.to_owned() }).inc();
    }

    pub(crate) fn forward_behind(&self, forwarder: &str, commits: u64) {
        let behind = self.forward_behind.get_or_create(&Forwarder { forwarder: forwarder.to_owned() });
        behind.set(i64::try_from(commits).unwrap_or(i64::MAX));
    }

    pub(crate) fn ran(&self, schedule: &str, has_failed: bool) {
        let schedule = Scheduled { schedule: schedule.to_owned() };
        if has_failed {
            self.schedule_failures.get_or_create(&schedule).inc();
        } else {
            self.schedule_runs.get_or_create(&schedule).inc();
            self.schedule_last.get_or_create(&schedule).set(Timestamp::now().0 / 1_000_000);
        }
    }

    pub(crate) fn scheduled(&self, schedule: &str, due: Timestamp) {
        let schedule = Scheduled { schedule: schedule.to_owned() };
        self.schedule_next.get_or_create(&schedule).set(due.0 / 1_000_000);
    }

    pub(crate) fn detected(&self, records: u64, matches: usize) {
        self.detect_records.inc_by(records);
        self.detect_matches.inc_by(matches as u64);
    }

    pub(crate) fn detect_failed(&self) {
        self.detect_failures.inc();
    }

    pub(crate) fn detect_behind(&self, commits: u64) {
        self.detect_behind.set(i64::try_from(commits).unwrap_or(i64::MAX));
    }

    /// What was read of the files of a block, how many there are, and how many of their bytes are not in the log yet.
    pub(crate) fn watched(&self, name: &str, (events, bytes): (usize, usize), files: usize, unread: u64) {
        let sent = Sent { receiver: "files", sender: name.to_owned() };
        self.events.get_or_create(&sent).inc_by(events as u64);
        self.bytes.get_or_create(&sent).inc_by(bytes as u64);
        let watched = Watched { name: name.to_owned() };
        self.files.get_or_create(&watched).set(i64::try_from(files).unwrap_or(i64::MAX));
        self.unread.get_or_create(&watched).set(i64::try_from(unread).unwrap_or(i64::MAX));
    }

    pub(crate) fn sealed(&self, summary: &Summary) {
        self.sealed.inc_by(summary.new);
        self.duplicates.inc_by(summary.duplicates);
        self.conflicting.inc_by(summary.conflicts);
        self.unparsed.inc_by(summary.unparsed);
        self.last_seal.set(Timestamp::now().0 / 1_000_000);
        if summary.tree_size > 0 {
            self.tree_size.set(i64::try_from(summary.tree_size).unwrap_or(i64::MAX));
        }
    }

    /// Whether what is closed can be sealed: as of the last try.
    pub(crate) fn sealing_fails(&self, fails: bool) {
        self.is_sealing_failing.store(fails, Ordering::Relaxed);
    }

    pub(crate) fn is_sealing_failing(&self) -> bool {
        self.is_sealing_failing.load(Ordering::Relaxed)
    }

    /// The disk on which something of ours lies: what is free of it, and its size.
    pub(crate) fn disk(&self, of: &'static str, free: u64, size: u64) {
        let set = |gauge: &Family<Lying, Gauge>, bytes: u64| {
            gauge.get_or_create(&Lying { of }).set(i64::try_from(bytes).unwrap_or(i64::MAX));
        };
        set(&self.disk_free, free);
        set(&self.disk_size, size);
    }

    /// Whether one of them has too little room: as of the last look.
    pub(crate) fn disks_are_low(&self, are: bool) {
        self.are_disks_low.store(are, Ordering::Relaxed);
    }

    pub(crate) fn are_disks_low(&self) -> bool {
        self.are_disks_low.load(Ordering::Relaxed)
    }

    pub(crate) fn seal_failed(&self) {
        self.seal_failures.inc();
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let (bytes, files) = self.waiting.now();
        self.waiting_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.waiting_files.set(i64::try_from(files).unwrap_or(i64::MAX));
        let mut text = String::new();
        let _ = encode(&mut text, &self.registry); // writing to a text does not fail
        text
    }
}
