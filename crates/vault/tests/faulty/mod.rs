//! An object store in which one call, counted from the first, goes wrong: the disk or the network between a vault and its
//! place. It is not a model of any store: what it lets through is the store below.

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, stream};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::sync::Notify;

/// What happens at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process stops before the write.
    StopBefore,
    /// The write is persisted, and then the process stops.
    StopAfter,
    /// The write fails and is lost.
    Lost,
    /// The write fails and is persisted: only the answer is lost.
    AnswerLost,
    /// It is said that something is there already, and nothing is: S3's 409 to one of two writers.
    Conflict,
    /// A read or a listing fails.
    Unreadable,
}

/// A store with one fault.
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    fault: Option<(usize, Fault)>,
    writes: AtomicUsize,
    reads: AtomicUsize,
    is_stopped: Arc<AtomicBool>,
    stopped: Arc<Notify>,
    between: Mutex<Option<(usize, BoxFuture<'static, ()>)>>,
}

impl Faulty {
    /// A store whose `fault.0`-th write or read, counted from 0, goes wrong as `fault.1` says.
    pub fn over(inner: Arc<dyn ObjectStore>, fault: Option<(usize, Fault)>) -> Arc<Self> {
        let (writes, reads) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self {
            inner,
            fault,
            writes,
            reads,
            is_stopped: Arc::default(),
            stopped: Arc::default(),
            between: Mutex::default(),
        })
    }

    /// A store over which somebody else does something right before the `at`-th write, counted from 0.
    #[allow(dead_code, reason = "not every test has two writers")]
    pub fn interrupted(
        inner: Arc<dyn ObjectStore>,
        at: usize,
        by: impl Future<Output = ()> + Send + 'static,
    ) -> Arc<Self> {
        let faulty = Self::over(inner, None);
        *faulty.between.lock().unwrap() = Some((at, by.boxed()));
        faulty
    }

    /// How many writes and how many reads were asked for.
    pub fn counts(&self) -> (usize, usize) {
        (self.writes.load(Ordering::SeqCst), self.reads.load(Ordering::SeqCst))
    }

    /// Comes back when the process stopped; whoever works on the store is then dropped in the midst of it.
    pub async fn until_stopped(&self) {
        self.stopped.notified().await;
    }

    /// The process is no more: this call and all later ones never come back.
    async fn stop<T>(&self) -> T {
        self.is_stopped.store(true, Ordering::SeqCst);
        self.stopped.notify_one();
        pending().await
    }

    async fn alive(&self) {
        if self.is_stopped.load(Ordering::SeqCst) {
            pending().await
        }
    }

    fn next_read(&self) -> Option<Error> {
        let number = self.reads.fetch_add(1, Ordering::SeqCst);
        (self.fault == Some((number, Fault::Unreadable))).then(failed)
    }
}

fn failed() -> Error {
    Error::Generic { store: "faulty", source: "the connection broke".into() }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faulty({:?})", self.fault)
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.alive().await;
        let number = self.writes.fetch_add(1, Ordering::SeqCst);
        let between = self.between.lock().unwrap().take_if(|(at, _)| *at == number);
        if let Some((_, between)) = between {
            between.await;
        }
        let fault = self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        match fault {
            Some(Fault::StopBefore) => self.stop().await,
            Some(Fault::StopAfter) => {
                let _ = self.inner.put_opts(location, payload, opts).await; // another may have been first
                self.stop().await
            }
            Some(Fault::Lost) => Err(failed()),
            Some(Fault::AnswerLost) => {
                let _ = self.inner.put_opts(location, payload, opts).await;
                Err(failed())
            }
            Some(Fault::Conflict) => Err(Error::AlreadyExists {
                path: location.to_string(),
                source: "409 ConditionalRequestConflict".into(),
            }),
            Some(Fault::Unreadable) | None => self.inner.put_opts(location, payload, opts).await,
        }
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.alive().await;
        match self.next_read() {
            Some(error) => Err(error),
            None => self.inner.get_opts(location, options).await,
        }
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        if self.is_stopped.load(Ordering::SeqCst) {
            return stream::pending().boxed();
        }
        let number = self.writes.fetch_add(1, Ordering::SeqCst);
        let (is_stopped, stopped) = (Arc::clone(&self.is_stopped), Arc::clone(&self.stopped));
        let stop = move || {
            is_stopped.store(true, Ordering::SeqCst);
            stopped.notify_one();
        };
        match self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault) {
            Some(Fault::StopBefore) => {
                stop();
                stream::pending().boxed()
            }
            Some(Fault::StopAfter) => {
                let deleted = self.inner.delete_stream(locations).inspect(move |_| stop());
                deleted.then(|_| pending()).boxed()
            }
            Some(Fault::Lost | Fault::Conflict) => stream::iter([Err(failed())]).boxed(),
            Some(Fault::AnswerLost) => self.inner.delete_stream(locations).map(|_| Err(failed())).boxed(),
            Some(Fault::Unreadable) | None => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.next_read() {
            Some(error) => stream::iter([Err(error)]).boxed(),
            None => self.inner.list(prefix),
        }
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.next_read() {
            Some(error) => stream::iter([Err(error)]).boxed(),
            None => self.inner.list_with_offset(prefix, offset),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
