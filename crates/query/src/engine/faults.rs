//! DataFusion's errors as ours.

use std::sync::Arc;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use shoseki_messages::{Fault, msg};

/// DataFusion's error as ours: what the scan said comes back as it was.
pub(crate) fn fault_of(error: DataFusionError) -> Fault {
    match error {
        DataFusionError::External(inside) => match inside.downcast::<Fault>() {
            Ok(fault) => *fault,
            Err(other) => Fault::broken(msg!("query-engine")).because(other),
        },
        DataFusionError::Context(_, inside) => fault_of(*inside),
        DataFusionError::Shared(inside) => match Arc::try_unwrap(inside) {
            Ok(inside) => fault_of(inside),
            Err(shared) => inside_of(&shared),
        },
        DataFusionError::ResourcesExhausted(_) => Fault::world(msg!("query-memory")).because(error),
        error if let Some(fault) = spilled(&error) => fault,
        error => Fault::broken(msg!("query-engine")).because(error),
    }
}

/// Whether memory was too little.
pub(crate) fn is_too_much(error: &DataFusionError) -> bool {
    match error {
        DataFusionError::ResourcesExhausted(_) => true,
        DataFusionError::Context(_, inside) => is_too_much(inside),
        DataFusionError::Shared(inside) => is_too_much(inside),
        _ => false,
    }
}

/// What a writer of spilled rows said, inside what the engine made of it.
fn spilled(error: &DataFusionError) -> Option<Fault> {
    let inside = match error {
        DataFusionError::IoError(inside) => inside,
        DataFusionError::ArrowError(inside, _) => match &**inside {
            ArrowError::IoError(_, inside) => inside,
            _ => return None,
        },
        _ => return None,
    };
    // Files of a vault are read by the scan, whose errors are faults: here only spilling reads and writes.
    Some(Fault::world(msg!("query-spill-failed")).because(inside.to_string()))
}

/// The fault in an error that several parts of a plan were given.
fn inside_of(error: &DataFusionError) -> Fault {
    match error {
        DataFusionError::External(inside) if inside.is::<Fault>() => inside.downcast_ref::<Fault>().cloned(),
        DataFusionError::Context(_, inside) => Some(inside_of(inside)),
        DataFusionError::Shared(inside) => Some(inside_of(inside)),
        DataFusionError::ResourcesExhausted(_) => Some(Fault::world(msg!("query-memory")).because(error.to_string())),
        error => spilled(error),
    }
    .unwrap_or_else(|| Fault::broken(msg!("query-engine")).because(error.to_string()))
}
