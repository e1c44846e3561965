//! Where tools run: a runtime of their own in production, the caller's own runtime in virtual time.
//!
//! Knows no tool and no provider. Work on it may block: that is what it is for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// The name and the life of one runtime, shared with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct RuntimeMark {
    name: Arc<str>,
    alive: Arc<AtomicBool>,
}

impl RuntimeMark {
    /// A runtime that lives.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// Says that it ended. `true` the first time.
    pub fn end(&self) -> bool {
        self.alive.swap(false, Ordering::SeqCst)
    }
}

/// How work on the tool runtime ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkLost {
    /// It panicked; the text is the panic's message.
    #[error("the work panicked: {0}")]
    Panicked(String),
    /// It was given up, or its runtime has ended.
    #[error("the work was given up")]
    GivenUp,
}

/// The runtime that tools run on.
#[derive(Debug)]
pub struct ToolRuntime {
    own: Option<Own>,
    tracker: TaskTracker,
}

#[derive(Debug)]
struct Own {
    mark: RuntimeMark,
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
}

impl ToolRuntime {
    /// A runtime of its own, with threads of its own.
    ///
    /// # Errors
    /// The operating system refused its threads.
    pub fn threaded() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("tools")
            .enable_all()
            .build()?;
        let own = Own {
            mark: RuntimeMark::new("tools"),
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
        };
        Ok(Self {
            own: Some(own),
            tracker: TaskTracker::new(),
        })
    }

    /// No runtime of its own: work runs on whichever runtime asks for it, without any thread beside it.
    #[must_use]
    pub fn inline() -> Self {
        Self {
            own: None,
            tracker: TaskTracker::new(),
        }
    }

    /// The mark of its own runtime, if it has one.
    #[must_use]
    pub fn mark(&self) -> Option<&RuntimeMark> {
        self.own.as_ref().map(|own| &own.mark)
    }

    /// Runs `work` here and waits for it. Dropping the wait gives the work up.
    ///
    /// # Errors
    /// The work panicked, or the runtime is gone.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, WorkLost> {
        let work = self.tracker.track_future(work);
        let task = match &self.own {
            Some(own) if own.mark.is_alive() => own.handle.spawn(work),
            Some(_) => return Err(WorkLost::GivenUp),
            None => tokio::spawn(work),
        };
        AbortOnDropHandle::new(task)
            .await
            .map_err(|error| match error.try_into_panic() {
                Ok(panic) => WorkLost::Panicked(panic_text(panic.as_ref())),
                Err(_) => WorkLost::GivenUp,
            })
    }

    /// Tasks that run here now.
    #[must_use]
    pub fn open_tasks(&self) -> usize {
        self.tracker.len()
    }

    /// Waits for the tasks that run here, but no longer than `bound`, and then ends the runtime. Again is no different.
    pub async fn shutdown(&self, bound: Duration) {
        self.tracker.close();
        let _ = tokio::time::timeout(bound, self.tracker.wait()).await;
        self.end();
    }

    /// Ends its own runtime without waiting: fit for async code and for `Drop`.
    fn end(&self) {
        let Some(own) = &self.own else { return };
        own.mark.end();
        if let Some(runtime) = own
            .runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            runtime.shutdown_background();
        }
    }
}

impl Drop for ToolRuntime {
    fn drop(&mut self) {
        self.end();
    }
}

/// The message of a panic, if it has one.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_threaded_runtime_is_elsewhere_and_ends_inside_async_code() {
        let tools = ToolRuntime::threaded().unwrap();
        let here = std::thread::current().id();
        let there = tools
            .run(async { std::thread::current().id() })
            .await
            .unwrap();
        assert_ne!(here, there);
        tools.shutdown(Duration::from_secs(5)).await;
        tools.shutdown(Duration::from_secs(5)).await;
        assert!(!tools.mark().unwrap().is_alive());
        assert_eq!(tools.run(async {}).await, Err(WorkLost::GivenUp));
    }

    #[tokio::test]
    async fn an_inline_runtime_is_here() {
        let tools = ToolRuntime::inline();
        let here = std::thread::current().id();
        assert_eq!(
            tools.run(async { std::thread::current().id() }).await,
            Ok(here)
        );
        assert!(tools.mark().is_none());
    }

    #[tokio::test]
    async fn giving_up_the_wait_ends_the_work() {
        let tools = ToolRuntime::inline();
        let never = tools.run(std::future::pending::<()>());
        assert!(
            tokio::time::timeout(Duration::from_millis(1), never)
                .await
                .is_err()
        );
        tools.tracker.close();
        let ended = tools.tracker.wait();
        assert!(
            tokio::time::timeout(Duration::from_secs(5), ended)
                .await
                .is_ok()
        );
    }
}
