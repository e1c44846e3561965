//! Signals of the process as a stream of interrupts. Does not know what they interrupt.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::interactive::Interrupts;

/// Ctrl-C and polite termination, which mean the same here: stop what you are doing.
pub(super) struct Signals {
    pub(super) interrupts: Interrupts,
}

impl Signals {
    /// Listens from now on; the process no longer dies of these signals.
    pub(super) fn listen() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        // Two are enough: one to stop, one to insist.
        let (sender, interrupts) = mpsc::channel(2);
        tokio::spawn(relay(interrupt, terminate, sender));
        Ok(Self { interrupts })
    }
}

async fn relay(mut interrupt: Signal, mut terminate: Signal, sender: mpsc::Sender<()>) {
    loop {
        let more = tokio::select! {
            biased;
            more = interrupt.recv() => more,
            more = terminate.recv() => more,
            () = sender.closed() => None,
        };
        if more.is_none() {
            return;
        }
        // Full means that an interrupt is waiting to be noticed already.
        let _ = sender.try_send(());
    }
}
