//! What is read next, in the order of the inputs. Small objects are fetched ahead of the threads that read them, many at
//! once and within bounds; files lie at hand and are opened by who reads them.

use std::collections::VecDeque;
use std::iter::{Enumerate, Peekable};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;

use bytes::Bytes;
use shoseki_messages::{Fault, Result, msg};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::inputs::Input;
use super::objects::Object;

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
pub(super) struct Queue {
    state: Mutex<State>,
    room: Arc<Semaphore>,
}

struct State {
    inputs: Peekable<Enumerate<IntoIter<Input>>>,
    ahead: VecDeque<Work>,
}

impl Queue {
    /// Hands out inputs in their order.
    pub(super) fn new(inputs: Vec<Input>) -> Self {
        let state = State { inputs: inputs.into_iter().enumerate().peekable(), ahead: VecDeque::new() };
        Self { state: Mutex::new(state), room: Arc::new(Semaphore::new(AHEAD_KIB as usize)) }
    }

    /// The next input; `None` after the last. Must not be called from within the runtime.
    pub(super) fn next(&self, runtime: &Handle) -> Option<Work> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.ahead.len() < AHEAD {
            let is_next = state.ahead.is_empty();
            let Some((_, input)) = state.inputs.peek() else { break };
            let fetching = match input.fetched_ahead() {
                None => None,
                Some(object) => match self.room_for(input, is_next, runtime) {
                    None => break,
                    Some(room) => Some(runtime.spawn(fetch(object.clone(), input.name.clone(), room))),
                },
            };
            let Some((file, input)) = state.inputs.next() else { break };
            state.ahead.push_back(Work { file, input, fetching });
        }
        state.ahead.pop_front()
    }

    /// Room for an object in memory. The next one waits for it: what others hold, they give back without asking here.
    fn room_for(&self, input: &Input, is_next: bool, runtime: &Handle) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(input.size >> 10).unwrap_or(u32::MAX).clamp(1, AHEAD_KIB);
        let room = Arc::clone(&self.room);
        if is_next {
            runtime.block_on(room.acquire_many_owned(kib)).ok()
        } else {
            room.try_acquire_many_owned(kib).ok()
        }
    }
}

async fn fetch(object: Object, name: String, room: OwnedSemaphorePermit) -> Result<Fetched> {
    let bytes = object.whole(&name).await?;
    Ok(bytes.map_or(Fetched::Nothing, |bytes| Fetched::Whole(bytes, room)))
}
