//! Many things done at a time, each on one of a few threads. Knows nothing of what is done.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` with every item, `jobs` at a time, and hands each result to `done` on this thread, in order of finishing.
/// Once `done` breaks, nothing new is begun; what was begun is still handed over.
pub(crate) fn each<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(R) -> ControlFlow<()>,
) {
    let next = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let (results, finished) = mpsc::channel();
    let take = || {
        let open = !over.load(Ordering::SeqCst);
        open.then(|| items.get(next.fetch_add(1, Ordering::SeqCst)))
            .flatten()
    };
    let begin = |results: &mpsc::Sender<R>| {
        // Nobody listening means that the caller has panicked; then there is no use in going on.
        let mut handed = std::iter::from_fn(take).map(|item| results.send(work(item)));
        let _unheard = handed.find(Result::is_err);
    };
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            let results = results.clone();
            scope.spawn(move || begin(&results));
        }
        drop(results);
        for result in finished {
            if done(result).is_break() {
                over.store(true, Ordering::SeqCst);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once() {
        let items: Vec<u32> = (0..100).collect();
        let mut seen = Vec::new();
        each(
            &items,
            4,
            |item| *item,
            |result| {
                seen.push(result);
                ControlFlow::Continue(())
            },
        );
        seen.sort_unstable();
        assert_eq!(seen, items);
    }

    #[test]
    fn after_a_break_nothing_is_begun() {
        let items: Vec<u32> = (0..100_000).collect();
        let mut seen = 0;
        let (go, wait) = mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        // Each item waits until the one before it was handed over, so the break is seen before the next is taken.
        go.send(()).unwrap();
        each(
            &items,
            1,
            |item| {
                let _told = wait.lock().unwrap().recv();
                *item
            },
            |_| {
                seen += 1;
                let _all_over = go.send(());
                if seen == 3 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert!(seen < 10, "{seen}");
    }

    #[test]
    fn no_items_and_no_jobs_are_fine() {
        let nothing: [u32; 0] = [];
        each(&nothing, 0, |item| *item, |_| ControlFlow::Continue(()));
    }
}
