//! Ctrl-C, SIGTERM and a terminal that is closed: the first ends every case and lets teardown finish, a second one ends the process
//! at once.

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

use runner::Interrupt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::exit_code::ExitCode;
use crate::machine_clock::Stopwatch;

/// How soon after the first a second signal is the same one: `timeout` signals the process and then its whole group, shells and
/// the runners of CI systems do alike. Nobody is impatient that fast.
const SAME_SIGNAL_WITHIN: Duration = Duration::from_millis(300);

/// Listens for signals from here on. Starts a thread, so isolation has to be entered before.
///
/// # Errors
///
/// The machine refuses a handler or a thread.
pub(crate) fn on_signals() -> io::Result<Interrupt> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    // Whoever starts us with `nohup` wants us to outlive the terminal.
    let heard = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| *signal != SIGHUP || !is_ignored(*signal, &status));
    let mut signals = Signals::new(heard)?;
    let interrupt = Interrupt::default();
    let handle = interrupt.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let mut first: Option<Stopwatch> = None;
            for _signal in signals.forever() {
                match first {
                    None => {
                        handle.trigger();
                        first = Some(Stopwatch::start());
                    }
                    Some(since) if since.elapsed() < SAME_SIGNAL_WITHIN => {}
                    // The guard takes down what is left.
                    Some(_) => low_level::exit(i32::from(ExitCode::Interrupted.number())),
                }
            }
        })?;
    Ok(interrupt)
}

/// Whether a signal is ignored, by the `SigIgn` mask of `/proc/<pid>/status`. Source: proc_pid_status(5).
fn is_ignored(signal: i32, status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_ignores_is_not_listened_to() {
        let status = "Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert!(is_ignored(SIGHUP, status));
        assert!(!is_ignored(SIGINT, status));
        assert!(!is_ignored(SIGHUP, ""));
    }
}
