//! What the provider answers over a real socket when it is scripted to say what was recorded.

use std::sync::Arc;
use std::time::Duration;

use fake_provider::{FakeProvider, Listen, ProviderOptions};
use journal::Recorder;
use provider_script::Script;
use serde_json::{Value, json};

use crate::index::Exchange;
use crate::said;

/// An answer: headers with names in lower case.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Asks a provider that is scripted after `exchange`.
pub(crate) async fn told(exchange: &Exchange) -> Told {
    let script = toml::to_string(&json!({"provider": [said::turn(exchange)]})).expect("is TOML");
    let options = ProviderOptions {
        script: Script::parse(&script).expect("is a script"),
        // About as much as a token has.
        delta_bytes: 4,
        ..ProviderOptions::default()
    };
    let recorder = Recorder::new(Arc::new(|| Duration::ZERO), Arc::new(|| {}));
    let provider = FakeProvider::start(options, Listen::loopback(), recorder)
        .await
        .expect("listens");
    // Plain HTTP, and yet reqwest wants to know the cryptography; another test may have said it first.
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    let url = format!("{}/chat/completions", provider.base_url());
    let request = client
        .expect("is a client")
        .post(url)
        .json(&request(exchange));
    let answer = request.send().await.expect("is answered");
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().expect("is text").to_owned();
        (name.as_str().to_owned(), value)
    });
    Told {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.text().await.expect("is whole"),
    }
}

fn request(exchange: &Exchange) -> Value {
    let mut request = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say this is a test"}]});
    if exchange.is_stream() {
        request["stream"] = json!(true);
    }
    if exchange.usage {
        request["stream_options"] = json!({"include_usage": true});
    }
    request
}
