//! What the provider answers over a real socket when it is scripted to say what was recorded.

use std::sync::Arc;
use std::time::Duration;

use fake_provider::{FakeProvider, Listen, ProviderOptions};
use journal::Recorder;
use provider_script::Script;
use serde_json::{Value, json};

use crate::dialect::Dialect;
use crate::index::Exchange;

/// An answer: headers with names in lower case.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Asks a provider that is scripted after `exchange`.
pub(crate) async fn told(dialect: &Dialect, exchange: &Exchange) -> Told {
    let script =
        toml::to_string(&json!({"provider": [(dialect.entry)(exchange)]})).expect("is TOML");
    let options = ProviderOptions {
        script: Script::parse(&script).expect("is a script"),
        // About as much as a token has.
        delta_bytes: 4,
        // Its /v1 is another provider's where every dialect is spoken.
        dialect: (dialect.folder == "ollama").then_some(fake_provider::Dialect::Ollama),
        ..ProviderOptions::default()
    };
    let recorder = Recorder::new(Arc::new(|| Duration::ZERO), Arc::new(|| {}));
    let provider = FakeProvider::start(options, Listen::loopback(), recorder)
        .await
        .expect("listens");
    // Plain HTTP, and yet reqwest wants to know the cryptography; another test may have said it first.
    let _said_before = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    let asks = (dialect.asks)(exchange);
    let url = format!("{}{}", provider.root_url(), asks.path);
    let client = client.expect("is a client");
    let mut request = match asks.body {
        Value::Null => client.get(url),
        body => client.post(url).json(&body),
    };
    for (name, value) in asks.headers {
        request = request.header(name, value);
    }
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
