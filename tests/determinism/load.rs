//! A busy machine: a thread for each processor that does nothing but keep it, beside whoever else wants it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Keeps the machine busy until it is dropped.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts the threads.
    pub(crate) fn begin() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let over = Arc::new(AtomicBool::new(false));
        let keep = |over: &Arc<AtomicBool>| {
            let over = Arc::clone(over);
            std::thread::spawn(move || turn_until(&over))
        };
        Self {
            threads: (0..processors).map(|_| keep(&over)).collect(),
            over,
        }
    }
}

fn turn_until(over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It only turns, so it cannot have panicked.
            drop(thread.join());
        }
    }
}
