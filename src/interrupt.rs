//! Ctrl-C and SIGTERM: the first ends every case and lets teardown finish, a second one ends the process at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use runner::Interrupt;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::exit_code::ExitCode;

/// Listens for signals from here on. Starts a thread, so isolation has to be entered before.
///
/// # Errors
///
/// The machine refuses a handler or a thread.
pub(crate) fn on_signals() -> io::Result<Interrupt> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag down, sets it, and only a second one finds it up.
        let code = i32::from(ExitCode::Interrupted.number());
        flag::register_conditional_shutdown(signal, code, Arc::clone(&asked))?;
        flag::register(signal, Arc::clone(&asked))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let interrupt = Interrupt::default();
    let handle = interrupt.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                handle.trigger();
            }
        })?;
    Ok(interrupt)
}
