//! A running provider: started, looked at, relieved of its faults, shut down. Knows no bytes.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use journal::{FaultOutcome, Recorder, Subject};
use provider_script::Script;
use rustix::io::Errno;
use tokio_util::task::TaskTracker;

use crate::connection;
use crate::desk::Desk;
use crate::door::Door;
use crate::lobby::Lobby;
use crate::namespaces::{DEFAULT, Namespaces};
use crate::options::{Dialect, Listen, ProviderOptions};
use crate::scripted::Scripted;

/// A kernel that is out of descriptors refuses at once: without a pause it would be asked for ever, and nobody else runs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(5);

/// A provider that listens. Dropping it ends it too, without waiting; [`FakeProvider::shutdown`] waits.
#[derive(Debug)]
pub struct FakeProvider {
    namespaces: Arc<Namespaces>,
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
        let provider = Self::behind(Door::open_at(listen)?, options, recorder);
        provider.namespaces.default_desk().before_the_first_call();
        Ok(provider)
    }

    /// Makes a provider on the current runtime that has its address and does not listen there: connections are refused until
    /// [`FakeProvider::open`].
    ///
    /// # Errors
    ///
    /// The address is taken, not ours, or not allowed. Of a Unix socket that is only seen as it is opened.
    pub fn hold(options: ProviderOptions, listen: Listen, recorder: Recorder) -> io::Result<Self> {
        Ok(Self::behind(Door::shut_at(listen)?, options, recorder))
    }

    fn behind(door: Door, options: ProviderOptions, recorder: Recorder) -> Self {
        let lobby = Arc::new(Lobby::new(door, options.limits));
        let namespaces = Arc::new(Namespaces::new(options, lobby, recorder));
        let tasks = TaskTracker::new();
        tasks.spawn(accept(Arc::clone(&namespaces), tasks.clone()));
        Self { namespaces, tasks }
    }

    /// Listens, unless the script wants the first connection refused. Whether it did not before.
    ///
    /// # Errors
    ///
    /// What the kernel answers to listening there.
    pub fn open(&self) -> io::Result<bool> {
        self.namespaces.open()
    }

    /// Gives the default namespace another script. What is under way goes on with the old one; counts begin anew.
    pub fn replace_script(&self, script: Script) {
        // There is no bound on the default namespace.
        let _ = self.namespaces.put(DEFAULT, script, None);
    }

    pub(crate) const fn namespaces(&self) -> &Arc<Namespaces> {
        &self.namespaces
    }

    /// What a target is given as base URL, as the dialect's clients expect it: OpenAI's end in `/v1`. Over a Unix socket the host
    /// means nothing.
    #[must_use]
    pub fn base_url(&self) -> String {
        let root = self.root_url();
        match self.namespaces.dialect() {
            None | Some(Dialect::OpenaiChat | Dialect::OpenaiResponses) => format!("{root}/v1"),
            Some(Dialect::AnthropicMessages | Dialect::Gemini | Dialect::Ollama) => root,
        }
    }

    /// Scheme, host and port. Over a Unix socket the host means nothing.
    #[must_use]
    pub fn root_url(&self) -> String {
        let scheme = match self.namespaces.default_desk().options.authority {
            Some(_) => "https",
            None => "http",
        };
        match self.local_addr() {
            Some(address) => format!("{scheme}://{address}"),
            None => format!("{scheme}://localhost"),
        }
    }

    /// The path of the Unix socket, where it listens on one.
    #[must_use]
    pub fn unix_socket(&self) -> Option<&Path> {
        self.lobby().door.unix_path()
    }

    /// The TCP address, where it listens on one.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.lobby().door.tcp_address()
    }

    /// From here on entries are answered with their reply and without their fault, and a closed listener is open again.
    /// What a fault is doing already goes on: a stalled answer stays stalled.
    pub fn lift_faults(&self) {
        self.namespaces.default_desk().lift();
    }

    /// Connections that neither side has ended.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.lobby().open_connections()
    }

    /// Requests that were read and whose answer is not over.
    #[must_use]
    pub fn requests_in_flight(&self) -> usize {
        self.lobby().requests_in_flight()
    }

    /// Closes the listener and every connection, waits for every task, and records the faults that nobody came to.
    pub async fn shutdown(self) {
        self.lobby().ending.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        let desk = self.namespaces.default_desk();
        let entries = desk.options.script.entries.iter().enumerate();
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
            record_unreached(&desk, &scripted);
        }
    }

    /// Ends gracefully: nothing new is begun, and what is under way has so long to come to its end.
    /// [`FakeProvider::shutdown`] cuts what is left.
    pub async fn close(&self, within: Duration) {
        self.lobby().close();
        self.tasks.close();
        // Whatever is not over by then is cut.
        let _ = tokio::time::timeout(within, self.tasks.wait()).await;
    }

    fn lobby(&self) -> &Lobby {
        &self.namespaces.lobby
    }
}

fn record_unreached(desk: &Desk, scripted: &Scripted) {
    let which = (scripted.entry, scripted.index);
    if desk.fault_was_recorded(which) {
        return;
    }
    // What only chance kept from happening proves nothing, and is nobody's fault.
    let (outcome, observed) = match desk.passed_over(scripted.entry) {
        0 => (FaultOutcome::Unreached, "no request got there".to_owned()),
        passed => (
            FaultOutcome::Inapplicable,
            format!("the seed chose none of {passed} requests for it"),
        ),
    };
    scripted.unverified(desk, outcome, &observed);
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.lobby().ending.cancel();
    }
}

/// Accepts until the end; the door decides whether there is anything to accept.
async fn accept(namespaces: Arc<Namespaces>, tasks: TaskTracker) {
    let lobby = &namespaces.lobby;
    loop {
        let accepted = tokio::select! {
            biased;
            () = lobby.ending.cancelled() => break,
            () = lobby.closed() => break,
            accepted = poll_fn(|context| lobby.door.poll_accept(context)) => accepted,
        };
        match accepted {
            Ok(socket) => {
                tasks.spawn(connection::serve(Arc::clone(&namespaces), socket));
            }
            // The peer was gone before it was accepted, or descriptors have run out: others may still come, and those that have said
            // nothing for longest give way to them.
            Err(error) => {
                let full = [Errno::MFILE, Errno::NFILE].map(|errno| Some(errno.raw_os_error()));
                if full.contains(&error.raw_os_error()) {
                    lobby.reception.make_room();
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    lobby.door.shut();
}
