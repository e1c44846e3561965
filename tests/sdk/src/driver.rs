//! A driver: the program that does jobs with one client, fed with one line a job. Knows nothing of what is asked.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;

use crate::installed;
use crate::job::Job;
use crate::roster::{Client, Home};
use crate::trust::Trust;

/// How much longer than its watchdog a job may take before the driver itself is given up.
const MARGIN: Duration = Duration::from_secs(30);
/// What is kept of what a driver complains of.
const COMPLAINTS_AT_MOST: usize = 4000;

/// Why a driver could not do its job; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    #[error("start {program}: {source}")]
    Start { program: String, source: io::Error },
    #[error("have an answer of {client} about {job}: {complaints}")]
    Silent {
        client: &'static str,
        job: String,
        complaints: String,
    },
}

type Waiting = Arc<Mutex<BTreeMap<u64, oneshot::Sender<Value>>>>;

/// A running driver. Ends with this value.
pub(crate) struct Driver {
    client: &'static Client,
    trust: Arc<Trust>,
    stdin: tokio::sync::Mutex<ChildStdin>,
    waiting: Waiting,
    complaints: Arc<Mutex<String>>,
    next: AtomicU64,
    _child: Child,
}

/// A client's driver as a person starts it: variables, program, arguments.
pub(crate) fn command_line(client: &Client) -> (Vec<(&'static str, String)>, PathBuf, Vec<String>) {
    let root = installed::root();
    let script = |path: &str| vec![root.join("tests/sdk").join(path).display().to_string()];
    let client_is = ("SDK_CLIENT", client.module.to_owned());
    match (client.home, installed::program(client)) {
        (Home::Python { .. }, Some(python)) => {
            let mut arguments = vec!["-B".to_owned()];
            arguments.extend(script("python/driver.py"));
            (vec![client_is], python, arguments)
        }
        (_, Some(node)) => {
            let folder = installed::folder(client).display().to_string();
            let variant = ("SDK_VARIANT", client.variant.to_owned());
            let variables = vec![client_is, variant, ("SDK_FOLDER", folder)];
            (variables, node, script("node/driver.mjs"))
        }
        (_, None) => {
            let own = std::env::current_exe().unwrap_or_else(|_| "sdk-conformance".into());
            (Vec::new(), own, vec!["drive".to_owned()])
        }
    }
}

impl Driver {
    /// Starts a client's driver. It sees nothing of this machine but the path to programs.
    pub(crate) fn start(client: &'static Client, trust: &Arc<Trust>) -> Result<Self, DriverError> {
        let (variables, program, arguments) = command_line(client);
        let mut child = Command::new(&program)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(variables)
            // As their users would: Python's clients and OpenSSL look at the one, Node at the other.
            .env("SSL_CERT_FILE", trust.file())
            .env("NODE_EXTRA_CA_CERTS", trust.file())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| DriverError::Start {
                program: program.display().to_string(),
                source,
            })?;
        let stdin = child.stdin.take().expect("was piped");
        let waiting = Waiting::default();
        let stdout = child.stdout.take().expect("was piped");
        tokio::spawn(hand_out(stdout, Arc::clone(&waiting)));
        let complaints = Arc::<Mutex<String>>::default();
        let mut stderr = child.stderr.take().expect("was piped");
        let kept = Arc::clone(&complaints);
        tokio::spawn(async move {
            let mut part = [0; 1024];
            while let Ok(length @ 1..) = stderr.read(&mut part).await {
                keep(&kept, &part[..length]);
            }
        });
        Ok(Self {
            client,
            trust: Arc::clone(trust),
            stdin: tokio::sync::Mutex::new(stdin),
            waiting,
            complaints,
            next: AtomicU64::new(1),
            _child: child,
        })
    }

    /// Whom its client trusts.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Does a job, beside whatever else is being done. What was seen, in the drivers' words.
    pub(crate) async fn perform(&self, mut job: Job) -> Result<Value, DriverError> {
        job.id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.waiting().insert(job.id, tell);
        let mut line = serde_json::to_vec(&job).expect("a job is always JSON");
        line.push(b'\n');
        let written = {
            let mut stdin = self.stdin.lock().await;
            stdin.write_all(&line).await.is_ok() && stdin.flush().await.is_ok()
        };
        let bound = Duration::from_secs_f64(job.watchdog) + MARGIN;
        let seen = match written {
            true => tokio::time::timeout(bound, told).await.ok(),
            false => None,
        };
        seen.and_then(Result::ok).ok_or_else(|| {
            self.waiting().remove(&job.id);
            let complaints = self.complaints.lock();
            DriverError::Silent {
                client: self.client.name,
                job: format!("{}/{}/{}", job.dialect, job.mode, job.what),
                complaints: complaints.unwrap_or_else(PoisonError::into_inner).clone(),
            }
        })
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, oneshot::Sender<Value>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives every line to whoever waits for it. What is no line of ours is a client's chatter.
async fn hand_out(stdout: ChildStdout, waiting: Waiting) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(mut line) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let Some(id) = line["id"].as_u64() else {
            continue;
        };
        let tell = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
        if let Some(tell) = tell {
            // Whoever gave up waiting has said so already.
            let _ = tell.send(line["saw"].take());
        }
    }
    // Nobody answers any more: those who wait are told by the end of their channels.
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
}

/// Keeps what a driver complained of, up to a bound.
fn keep(complaints: &Mutex<String>, part: &[u8]) {
    let mut kept = complaints.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < COMPLAINTS_AT_MOST {
        kept.push_str(&String::from_utf8_lossy(part));
    }
}
