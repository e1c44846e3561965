//! What can be done at a place of a response. One file per action, each with its contract; adding one is adding one file.

mod close;
mod delay;
mod reset;
mod stall;
mod status;
mod truncate;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use crate::contract::{Contract, Ending};
use crate::response::Response;
use crate::tap::{Left, Tap};
use crate::wire::{Place, Wire};

/// An action under way.
pub(crate) type Performing<'a> = Pin<Box<dyn Future<Output = Result<(), Left>> + Send + 'a>>;

/// Something that can be done at a place of a response.
pub(crate) trait Action: Debug + Send + Sync {
    /// What has to leave when this is done at `place`.
    fn contract(&self, response: &Response, wire: &Wire, place: Place) -> Contract;

    /// Does it. What has really left is judged afterwards, by [`verify`](crate::verify), which shares no code with this.
    fn perform<'a>(&'a self, tap: &'a mut Tap, contract: &'a Contract) -> Performing<'a>;
}

/// The action that is meant.
pub(crate) fn action(action: &wire_faults::Action) -> Option<Box<dyn Action>> {
    Some(match action {
        wire_faults::Action::Status(_) => Box::new(status::Status),
        wire_faults::Action::Close => Box::new(close::Close),
        wire_faults::Action::Reset => Box::new(reset::Reset),
        wire_faults::Action::Stall { lasting } => Box::new(stall::Stall {
            lasting: lasting.map(|lasting| lasting.0),
        }),
        wire_faults::Action::Delay { lasting } => Box::new(delay::Delay { lasting: lasting.0 }),
        wire_faults::Action::Truncate => Box::new(truncate::Truncate),
        _ => return None,
    })
}

/// Carries out a contract: that of a fault, or without one that of a plain response.
///
/// # Errors
///
/// The peer leaves first.
pub async fn perform(
    tap: &mut Tap,
    contract: &Contract,
    fault: Option<&wire_faults::Action>,
) -> Result<(), Left> {
    match fault {
        Some(fault) => match action(fault) {
            Some(action) => action.perform(tap, contract).await,
            None => plain(tap, contract).await,
        },
        None => plain(tap, contract).await,
    }
}

/// Sends everything and leaves the connection as the contract says, with nothing in between.
async fn plain(tap: &mut Tap, contract: &Contract) -> Result<(), Left> {
    send(tap, contract, 0, contract.wire.len()).await?;
    if contract.ending == Ending::Fin {
        tap.finish();
    }
    Ok(())
}

/// Sends a part of the contract, at its pace.
async fn send(tap: &mut Tap, contract: &Contract, from: usize, to: usize) -> Result<(), Left> {
    let mut sent = from;
    if let Some((places, pace)) = &contract.pace {
        for place in places.iter().filter(|place| (from..to).contains(place)) {
            tap.send(&contract.wire[sent..*place]).await?;
            tap.silence(Some(*pace)).await?;
            sent = *place;
        }
    }
    tap.send(&contract.wire[sent..to]).await
}
