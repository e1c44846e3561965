//! The provider that clients talk to: it answers, stalls inside an answer, or says nothing at all, by the words it is sent.

use std::sync::Arc;
use std::time::Duration;

use fake_provider::{FakeProvider, Listen, ProviderOptions};
use journal::{Fact, Record, Recorder};
use provider_script::{Entry, Reply, Script, When};
use reference_agent::config::Secret;
use reference_agent::registry::{Credential, CredentialHeader, Outgoing};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;
use wire_faults::{Action, EventPoint, Fault, Point};

/// How long anything may take to be seen at the provider. Time is simulated: waiting in vain costs nothing.
const WITHIN: Duration = Duration::from_secs(5);

/// What the provider does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It answers.
    Answer,
    /// It begins to answer, and stalls.
    Half,
    /// It says nothing.
    Silence,
}

impl Wish {
    const ALL: [Self; 3] = [Self::Answer, Self::Half, Self::Silence];

    const fn run(self) -> u32 {
        match self {
            Self::Answer => 1,
            Self::Half => 2,
            Self::Silence => 3,
        }
    }

    fn marker(self) -> String {
        format!("[run-{}]", self.run())
    }

    fn entry(self) -> Entry {
        let stall = Action::Stall { lasting: None };
        let point = match self {
            Self::Answer => None,
            Self::Half => Some(Point::Event(EventPoint::After(2))),
            Self::Silence => Some(Point::BeforeHeaders),
        };
        Entry {
            when: When {
                run: Some(self.run()),
                ..When::default()
            },
            reply: Some(Reply {
                text: Some("Once upon a time there was a client.".to_owned()),
                ..Reply::default()
            }),
            quirk: None,
            faults: point
                .map(|point| Fault {
                    point,
                    action: stall,
                })
                .into_iter()
                .collect(),
        }
    }
}

/// The provider, and what it has seen.
pub(crate) struct Provider {
    provider: FakeProvider,
    seen: Seen,
}

/// What a provider has recorded so far.
#[derive(Clone)]
pub(crate) struct Seen {
    recorder: Recorder,
    changed: watch::Receiver<()>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let began = Instant::now();
        let (tell, changed) = watch::channel(());
        let recorder = Recorder::new(
            Arc::new(move || began.elapsed()),
            Arc::new(move || {
                tell.send_replace(());
            }),
        );
        let options = ProviderOptions {
            script: Script {
                entries: Wish::ALL.map(Wish::entry).to_vec(),
            },
            markers: Wish::ALL.map(|wish| (wish.marker(), wish.run())).to_vec(),
            ..ProviderOptions::default()
        };
        let provider = FakeProvider::start(options, Listen::loopback(), recorder.clone())
            .await
            .unwrap();
        Self {
            provider,
            seen: Seen { recorder, changed },
        }
    }

    pub(crate) fn base_url(&self) -> String {
        self.provider.base_url()
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    pub(crate) async fn shutdown(self) {
        self.provider.shutdown().await;
    }

    /// A request of a conversation.
    pub(crate) fn request(&self, wish: Wish) -> Outgoing {
        let body = json!({
            "model": "fake-model",
            "stream": true,
            "messages": [{"role": "user", "content": format!("Tell me a story. {}", wish.marker())}],
        });
        Outgoing {
            method: Method::POST,
            url: format!("{}/chat/completions", self.base_url()),
            credential: Credential {
                header: CredentialHeader::Bearer,
                key: Secret::new("sk-any"),
            },
            headers: &[],
            accept: "text/event-stream",
            purpose: "property",
            body: Some(body.to_string().into()),
        }
    }
}

impl Seen {
    /// Requests that were read whole.
    pub(crate) fn requests(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Request { .. }))
    }

    /// Requests whose answer is not over.
    pub(crate) fn in_flight(&self) -> usize {
        self.requests() - self.count(|fact| matches!(fact, Fact::ResponseEnded { .. }))
    }

    /// Connections that neither side has ended.
    pub(crate) fn connections(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::ConnectionOpened { .. }))
            - self.count(|fact| matches!(fact, Fact::ConnectionClosed { .. }))
    }

    /// Waits until it is so. Whether it became so in time.
    pub(crate) async fn until(&mut self, so: impl Fn(&Self) -> bool) -> bool {
        let waiting = async {
            while !so(self) {
                let told = self.changed.changed().await;
                told.expect("the recorder tells, and is ours as well");
            }
        };
        tokio::time::timeout(WITHIN, waiting).await.is_ok()
    }

    fn count(&self, wanted: impl Fn(&Fact) -> bool) -> usize {
        let wanted = |record: &&Record| wanted(&record.fact);
        self.recorder
            .with(|records| records.iter().filter(wanted).count())
    }
}
