//! One job against a provider of its own: what the client saw, and what the provider recorded. Judges nothing.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use fake_provider::{Credential, FakeProvider, Listen, ProviderOptions};
use journal::{Fact, FaultOutcome, Record, Recorder};
use provider_script::Script;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::driver::{Driver, DriverError};
use crate::job::Job;
use crate::trust::Carried;

/// The one key that the provider accepts.
pub(crate) const KEY: &str = "sk-conformance-0123456789";
/// How many bytes of text go into an event: few, so that a fault can lie between two of them.
const DELTA_BYTES: u32 = 4;

/// How long the provider may take to hear of what the client has done already.
const SETTLING: Duration = Duration::from_secs(1);

/// What happened.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) saw: Value,
    pub(crate) records: Vec<Record>,
    /// By how many seconds this machine was late at most, here or in the driver. Who gets no time of the processor looks slow.
    pub(crate) late: f64,
}

/// Why nothing happened; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    #[error("understand the script: {0}")]
    Script(String),
    #[error("start a provider: {0}")]
    Provider(#[from] io::Error),
    #[error(transparent)]
    Driver(#[from] DriverError),
}

/// Does a job against a provider that says what `script` tells it. The job's address is filled in here, and what it is carried by.
pub(crate) async fn play(
    driver: &Driver,
    (script, carried): (&str, Carried),
    mut job: Job,
) -> Result<Played, StageError> {
    let trust = driver.trust();
    let understood = Script::parse(script).map_err(|mistakes| {
        let told: Vec<_> = mistakes.iter().map(|mistake| &mistake.message).collect();
        StageError::Script(format!("{told:?} in {script}"))
    })?;
    let options = ProviderOptions {
        script: understood,
        delta_bytes: DELTA_BYTES,
        credentials: vec![Credential {
            alias: "key-1".into(),
            key: KEY.into(),
        }],
        authority: trust.authority(carried),
        ..ProviderOptions::default()
    };
    let started = Instant::now();
    let changed = Arc::new(Notify::new());
    let wake = Arc::clone(&changed);
    let clock = Arc::new(move || started.elapsed());
    let recorder = Recorder::new(clock, Arc::new(move || wake.notify_one()));
    let provider = FakeProvider::start(options, Listen::loopback(), recorder.clone()).await?;
    let address = provider.local_addr().expect("listens on loopback");
    job.base_url = match carried {
        Carried::Plain => format!("http://{address}"),
        Carried::Tls | Carried::Http2 => format!("https://{address}"),
    };
    job.http2 = carried == Carried::Http2;
    job.authority = (carried != Carried::Plain).then(|| trust.file().display().to_string());
    let (saw, late) = beating(driver.perform(job)).await;
    if carried != Carried::Plain {
        // A client that refuses a certificate is done before the provider has heard of it.
        let _ = timeout(SETTLING, settled(&recorder, &changed)).await;
    }
    provider.shutdown().await;
    let saw = saw?;
    Ok(Played {
        late: late.max(saw["late"].as_f64().unwrap_or(0.0)),
        saw,
        records: recorder.journal().records,
    })
}

/// Waits until a request was read, or every connection is over.
async fn settled(recorder: &Recorder, changed: &Notify) {
    let is_settled = |records: &[Record]| {
        let count = |wanted: fn(&Fact) -> bool| {
            let facts = records.iter().map(|record| &record.fact);
            facts.filter(|fact| wanted(fact)).count()
        };
        let opened = count(|fact| matches!(fact, Fact::ConnectionOpened { .. }));
        let closed = count(|fact| matches!(fact, Fact::ConnectionClosed { .. }));
        opened == closed || count(|fact| matches!(fact, Fact::Request { .. })) > 0
    };
    while !recorder.with(is_settled) {
        changed.notified().await;
    }
}

/// Waits for something, and tells by how many seconds a heartbeat beside it was late at most.
async fn beating<T>(work: impl Future<Output = T>) -> (T, f64) {
    const EVERY: Duration = Duration::from_millis(50);
    let mut work = std::pin::pin!(work);
    let (mut late, mut before) = (Duration::ZERO, Instant::now());
    loop {
        tokio::select! {
            biased;
            done = &mut work => return (done, late.as_secs_f64()),
            () = tokio::time::sleep(EVERY) => {
                late = late.max(before.elapsed().saturating_sub(EVERY));
                before = Instant::now();
            }
        }
    }
}

impl Played {
    /// When each request for an answer came; what clients ask beside that (lists, a model's properties) is not counted, in seconds since the provider started.
    pub(crate) fn requests(&self) -> Vec<f64> {
        let requests = self.records.iter().filter(|record| {
            matches!(record.fact, Fact::Request { .. }) && record.attempt.is_some()
        });
        requests.map(seconds).collect()
    }

    /// When each answer was over, in the same seconds.
    pub(crate) fn answered(&self) -> Vec<f64> {
        let ended = self.records.iter().filter(|record| {
            matches!(record.fact, Fact::ResponseEnded { .. }) && record.attempt.is_some()
        });
        ended.map(seconds).collect()
    }

    /// What became of each fault, in order, with what was expected and observed.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (FaultOutcome, String)> {
        self.records.iter().filter_map(|record| match &record.fact {
            Fact::Fault {
                outcome,
                expected,
                observed,
                ..
            } => Some((
                *outcome,
                format!("expected {expected}, observed {observed}"),
            )),
            _ => None,
        })
    }

    /// The rules that requests were refused by; `unscripted` for one that nothing answers.
    pub(crate) fn refused(&self) -> Vec<String> {
        let refused = self.records.iter().filter_map(|record| match &record.fact {
            Fact::RequestRefused { rule, .. } => Some(rule.clone()),
            Fact::Unscripted { .. } => Some("unscripted".to_owned()),
            _ => None,
        });
        refused.collect()
    }

    /// The nonces of the errors that were told.
    pub(crate) fn nonces(&self) -> Vec<&str> {
        let errors = self.records.iter().filter_map(|record| match &record.fact {
            Fact::ResponseStarted {
                error: Some(error), ..
            } => Some(error.nonce.as_str()),
            _ => None,
        });
        errors.collect()
    }
}

fn seconds(record: &Record) -> f64 {
    std::time::Duration::from_nanos(record.t_ns).as_secs_f64()
}
