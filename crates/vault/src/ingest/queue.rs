//! What is read next, in the order of the inputs. Small objects are fetched ahead of the threads that read them, many at
//! once and within bounds; files lie at hand and are opened by who reads them.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use shoseki_messages::{Fault, Result, msg};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;

use super::Meter;
use super::inputs::{At, Input};

/// How many inputs wait for a thread: so many GETs are on their way at once.
const AHEAD: usize = 8;
/// How many KiB of objects are on their way or in memory: two of the longest that are fetched whole.
const AHEAD_KIB: u32 = 128 << 10;

/// What was fetched of an input before its turn.
pub(super) enum Fetched {
    /// It lies at hand, or is too long: it is opened by who reads it.
    Not,
    /// There is nothing to be read.
    Nothing,
    /// An object, and the room that it takes in memory.
    Whole(Bytes, OwnedSemaphorePermit),
}

/// An input whose turn it is.
pub(super) struct Work {
    /// Which of the inputs.
    pub(super) file: usize,
    pub(super) input: Input,
    fetching: Option<JoinHandle<Result<Fetched>>>,
}

impl Work {
    /// Waits for what is fetched. Must not be called from within the runtime.
    pub(super) fn fetched(&mut self, runtime: &Handle) -> Result<Fetched> {
        let Some(fetching) = self.fetching.take() else { return Ok(Fetched::Not) };
        runtime.block_on(fetching).map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))?
    }
}

/// The queue; any thread may take from it.
pub(super) struct Queue(Mutex<mpsc::Receiver<Work>>);

impl Queue {
    /// Begins to hand out inputs; a stop ends it.
    pub(super) fn start(inputs: Vec<Input>, meter: Arc<Meter>) -> Self {
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            let room = Arc::new(Semaphore::new(AHEAD_KIB as usize));
            for (file, input) in inputs.into_iter().enumerate() {
                let fetching = fetch(&input, &room).await;
                if meter.is_stopped() || sender.send(Work { file, input, fetching }).await.is_err() {
                    return;
                }
            }
        });
        Self(Mutex::new(receiver))
    }

    /// The next input; `None` after the last. Must not be called from within the runtime.
    pub(super) fn next(&self) -> Option<Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
    }
}

/// Begins to fetch an object, once there is room for it. Those before it are in the queue, so that room is made.
async fn fetch(input: &Input, room: &Arc<Semaphore>) -> Option<JoinHandle<Result<Fetched>>> {
    let At::Object(object) = &input.at else { return None };
    if input.is_long() {
        return None;
    }
    let kib = u32::try_from(input.size >> 10).unwrap_or(u32::MAX).clamp(1, AHEAD_KIB);
    let room = Arc::clone(room).acquire_many_owned(kib).await.ok()?;
    let (object, name) = (object.clone(), input.name.clone());
    Some(tokio::spawn(async move {
        let bytes = object.whole(&name).await?;
        Ok(bytes.map_or(Fetched::Nothing, |bytes| Fetched::Whole(bytes, room)))
    }))
}
