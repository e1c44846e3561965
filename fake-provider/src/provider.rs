//! A running provider: started, looked at, relieved of its faults, shut down. Knows no bytes.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use journal::{FaultOutcome, Recorder, Subject};
use rustix::io::Errno;
use tokio_util::task::TaskTracker;

use crate::connection;
use crate::desk::Desk;
use crate::door::Door;
use crate::options::{Dialect, Listen, ProviderOptions};
use crate::scripted::Scripted;

/// A kernel that is out of descriptors refuses at once: without a pause it would be asked for ever, and nobody else runs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(5);

/// A provider that listens. Dropping it ends it too, without waiting; [`FakeProvider::shutdown`] waits.
#[derive(Debug)]
pub struct FakeProvider {
    desk: Arc<Desk>,
    tasks: TaskTracker,
}

impl FakeProvider {
    /// Starts a provider on the current runtime. Once this returns, connections are accepted.
    ///
    /// # Errors
    ///
    /// What the kernel answers to listening there: the address is taken, not ours, or not allowed.
    pub async fn start(
        options: ProviderOptions,
        listen: Listen,
        recorder: Recorder,
    ) -> io::Result<Self> {
        let door = Door::open_at(listen)?;
        let desk = Arc::new(Desk::new(options, door, recorder));
        desk.before_the_first_call();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(Arc::clone(&desk), tasks.clone()));
        Ok(Self { desk, tasks })
    }

    /// What a target is given as base URL, as the dialect's clients expect it: OpenAI's end in `/v1`. Over a Unix socket the host
    /// means nothing.
    #[must_use]
    pub fn base_url(&self) -> String {
        let root = self.root_url();
        match self.desk.options.dialect {
            None | Some(Dialect::OpenaiChat | Dialect::OpenaiResponses) => format!("{root}/v1"),
            Some(Dialect::AnthropicMessages | Dialect::Gemini | Dialect::Ollama) => root,
        }
    }

    /// Scheme, host and port. Over a Unix socket the host means nothing.
    #[must_use]
    pub fn root_url(&self) -> String {
        match self.local_addr() {
            Some(address) => format!("http://{address}"),
            None => "http://localhost".to_owned(),
        }
    }

    /// The path of the Unix socket, where it listens on one.
    #[must_use]
    pub fn unix_socket(&self) -> Option<&Path> {
        self.desk.door.unix_path()
    }

    /// The TCP address, where it listens on one.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.desk.door.tcp_address()
    }

    /// From here on entries are answered with their reply and without their fault, and a closed listener is open again.
    /// What a fault is doing already goes on: a stalled answer stays stalled.
    pub fn lift_faults(&self) {
        self.desk.lift();
    }

    /// Connections that neither side has ended.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.desk.open_connections()
    }

    /// Requests that were read and whose answer is not over.
    #[must_use]
    pub fn requests_in_flight(&self) -> usize {
        self.desk.requests_in_flight()
    }

    /// Closes the listener and every connection, waits for every task, and records the faults that nobody came to.
    pub async fn shutdown(self) {
        self.desk.ending.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let entries = self.desk.options.script.entries.iter().enumerate();
        let faults = entries.flat_map(|(number, entry)| {
            let subject = Subject {
                run: entry.when.run,
                call: entry.when.call,
                attempt: entry.when.attempt,
            };
            let faults = entry.faults.iter().enumerate();
            faults.map(move |(index, fault)| Scripted {
                entry: number,
                index,
                subject,
                fault: fault.clone(),
            })
        });
        for scripted in faults {
            self.record_unreached(&scripted);
        }
    }

    fn record_unreached(&self, scripted: &Scripted) {
        let which = (scripted.entry, scripted.index);
        if self.desk.fault_was_recorded(which) {
            return;
        }
        // What only chance kept from happening proves nothing, and is nobody's fault.
        let (outcome, observed) = match self.desk.passed_over(scripted.entry) {
            0 => (FaultOutcome::Unreached, "no request got there".to_owned()),
            passed => (
                FaultOutcome::Inapplicable,
                format!("the seed chose none of {passed} requests for it"),
            ),
        };
        scripted.unverified(&self.desk, outcome, &observed);
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.desk.ending.cancel();
    }
}

/// Accepts until the end; the door decides whether there is anything to accept.
async fn accept(desk: Arc<Desk>, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = desk.ending.cancelled() => break,
            accepted = poll_fn(|context| desk.door.poll_accept(context)) => accepted,
        };
        match accepted {
            Ok(socket) => {
                tasks.spawn(connection::serve(Arc::clone(&desk), socket));
            }
            // The peer was gone before it was accepted, or descriptors have run out: others may still come, and those that have said
            // nothing for longest give way to them.
            Err(error) => {
                let full = [Errno::MFILE, Errno::NFILE].map(|errno| Some(errno.raw_os_error()));
                if full.contains(&error.raw_os_error()) {
                    desk.reception.make_room();
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    desk.door.shut();
}
