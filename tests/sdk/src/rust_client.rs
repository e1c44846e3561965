//! The driver for clients in Rust: the same jobs and the same words as those in `python/` and `node/`. Knows `async-openai`.

mod chat;
mod responses;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::job::Job;
use crate::roster::CHAT;

pub(crate) const PROMPT: &str = "Go.";

/// What was seen so far; shared, so that a job that hangs has shown what came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Saw(Arc<Mutex<Map<String, Value>>>);

impl Saw {
    fn all(&self) -> MutexGuard<'_, Map<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, key: &str, value: Value) {
        let nothing = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !nothing {
            self.all().insert(key.to_owned(), value);
        }
    }

    pub(crate) fn take(&self, key: &str) -> Option<Value> {
        self.all().remove(key)
    }

    /// More of a text.
    pub(crate) fn add(&self, key: &str, more: &Value) {
        let Some(more) = more.as_str().filter(|more| !more.is_empty()) else {
            return;
        };
        let mut all = self.all();
        let text = all.get(key).and_then(Value::as_str).unwrap_or_default();
        let text = format!("{text}{more}");
        all.insert(key.to_owned(), text.into());
    }

    /// Input and output tokens, and those from a cache and of the reasoning where there are any.
    pub(crate) fn usage(&self, usage: [&Value; 4]) {
        let [input, output, cached, reasoned] = usage;
        if input.is_u64() {
            self.put("usage", json!([input, output]));
            let details = [("cached", cached), ("reasoned", reasoned)];
            let some = |(_, tokens): &(_, &Value)| tokens.as_u64().is_some_and(|tokens| tokens > 0);
            for (key, tokens) in details.into_iter().filter(some) {
                self.put(key, tokens.clone());
            }
        }
    }
}

/// Does one job, or one for each line of the standard input, all at the same time; prints a line for each.
pub(crate) async fn drive(job: Option<&str>) -> io::Result<()> {
    // Another part of this program may have said it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if let Some(job) = job {
        return watched(serde_json::from_str(job)?).await;
    }
    let mut all = JoinSet::new();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        all.spawn(watched(serde_json::from_str(&line)?));
    }
    while let Some(ended) = all.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

async fn watched(job: Job) -> io::Result<()> {
    let saw = Saw::default();
    let (id, began) = (job.id, Instant::now());
    let bark = Duration::from_secs_f64(job.watchdog);
    match tokio::time::timeout(bark, run(&job, &saw)).await {
        Ok(ended) => {
            if let Err(error) = ended {
                tell_error(&saw, &error);
            }
            let seconds = (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
            saw.put("seconds", json!(seconds));
        }
        Err(_) => saw.put("hang", json!(true)),
    }
    let line = json!({"id": id, "saw": *saw.all()});
    writeln!(io::stdout(), "{line}")
}

async fn run(job: &Job, saw: &Saw) -> Result<(), OpenAIError> {
    let mut http = reqwest::Client::builder().no_proxy();
    // It has no timeout of its own: what users give it is a client that has one, of silence here.
    if let Some(timeout) = job.timeout {
        http = http.read_timeout(Duration::from_secs_f64(timeout));
    }
    if let Some(file) = &job.authority {
        let told = |error: &dyn std::fmt::Display| OpenAIError::InvalidArgument(error.to_string());
        let pem = std::fs::read(file).map_err(|error| told(&error))?;
        http = http.tls_certs_only([reqwest::Certificate::from_pem(&pem)?]);
    }
    let config = OpenAIConfig::new()
        .with_api_base(format!("{}/v1", job.base_url))
        .with_api_key(&job.key);
    let client = Client::with_config(config).with_http_client(http.build()?);
    match job.what.as_str() {
        "models" => {
            let list = value(client.models().list().await?);
            let mut ids = texts(&list["data"], "id");
            ids.sort();
            saw.put("models", json!(ids));
        }
        "model" => {
            let model = value(client.models().retrieve("gpt-4o-mini").await?);
            saw.put("models", json!([model["id"]]));
        }
        "embeddings" => {
            let asked = json!({"model": "text-embedding-3-small", "input": ["one", "two"]});
            let answer = value(client.embeddings().create(read(asked)?).await?);
            let data = answer["data"].as_array().into_iter().flatten();
            let lengths = data.map(|item| item["embedding"].as_array().map_or(0, Vec::len));
            saw.put("vectors", lengths.collect());
        }
        _ if job.dialect == CHAT => chat::talk(&client, job, saw).await?,
        _ => responses::talk(&client, job, saw).await?,
    }
    Ok(())
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| Some(item[key].as_str()?.to_owned()))
        .collect()
}

/// A request as the client wants it.
pub(crate) fn read<T: DeserializeOwned>(asked: Value) -> Result<T, OpenAIError> {
    serde_json::from_value(asked).map_err(|error| OpenAIError::InvalidArgument(error.to_string()))
}

/// What the client has read, as a program can look at it.
pub(crate) fn value(read: impl serde::Serialize) -> Value {
    serde_json::to_value(read).expect("what was read from JSON can be written as JSON")
}

/// The functions that are offered, under `name`, `description` and `parameters`.
pub(crate) fn functions() -> [Value; 2] {
    ["list", "read"].map(|name| {
        json!({
            "name": name,
            "description": format!("Does {name}."),
            "strict": true,
            "parameters": {
                "type": "object",
                "properties": {"path": {"type": "string"}},
                "required": ["path"],
                "additionalProperties": false,
            },
        })
    })
}

fn tell_error(saw: &Saw, error: &OpenAIError) {
    let class = match error {
        OpenAIError::ApiError(answer) => {
            saw.put("status", json!(answer.status_code.as_u16()));
            let code = answer.api_error.code.clone();
            saw.put("code", json!(code.or(answer.api_error.r#type.clone())));
            "ApiError"
        }
        OpenAIError::Reqwest(error) if error.is_timeout() => "Reqwest (timeout)",
        OpenAIError::Reqwest(error) if error.is_connect() => "Reqwest (connect)",
        OpenAIError::Reqwest(error) if error.is_request() => "Reqwest (request)",
        OpenAIError::Reqwest(error) if error.is_body() => "Reqwest (body)",
        OpenAIError::Reqwest(error) if error.is_decode() => "Reqwest (decode)",
        OpenAIError::Reqwest(_) => "Reqwest",
        OpenAIError::JSONDeserialize(..) => "JSONDeserialize",
        OpenAIError::StreamError(_) => "StreamError",
        OpenAIError::InvalidArgument(_) => "InvalidArgument",
        _ => "OpenAIError",
    };
    saw.put("class", class.into());
    saw.put(
        "message",
        error
            .to_string()
            .chars()
            .take(500)
            .collect::<String>()
            .into(),
    );
}
