//! Every client, in every way of asking that it has, takes the provider's answers and errors for the real thing.

mod checks;
mod words;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::driver::Driver;
use crate::job::Job;
use crate::roster::{CLIENTS, Client};
use crate::stage::{self, Played};
use crate::trust::{Carried, Trust};
use checks::Check;

/// Checks of one client that are made at the same time.
const AT_ONCE: usize = 6;
/// Clients whose checks are made at the same time.
const CLIENTS_AT_ONCE: usize = 3;
/// Nothing here is slow; a busy machine may be.
const WATCHDOG: f64 = 60.0;

/// What is wrong with a client's checks, and how many were made.
pub(crate) struct Told {
    pub(crate) made: usize,
    pub(crate) wrong: Vec<String>,
}

/// Makes every check of every client whose name contains `only`, a few clients at the same time; in the roster's order.
pub(crate) async fn check_all(
    trust: &Arc<Trust>,
    only: &str,
    show: bool,
) -> Vec<(&'static Client, Told)> {
    let turns = Arc::new(Semaphore::new(CLIENTS_AT_ONCE));
    let all = CLIENTS.iter().map(|client| {
        let (turns, only) = (Arc::clone(&turns), only.to_owned());
        let trust = Arc::clone(trust);
        let running = tokio::spawn(async move {
            let _turn = turns.acquire_owned().await;
            check((client, &trust), &only, show).await
        });
        (client, running)
    });
    // All of them are started before the first is waited for.
    let all: Vec<_> = all.collect();
    let mut told = Vec::new();
    for (client, running) in all {
        let ended = running.await.unwrap_or_else(|panic| Told {
            made: 0,
            wrong: vec![format!("{}: {panic}", client.name)],
        });
        told.push((client, ended));
    }
    told
}

/// Makes every check of a client whose name contains `only`. With `show`, everything that was seen is told as if it were wrong.
async fn check((client, trust): (&'static Client, &Arc<Trust>), only: &str, show: bool) -> Told {
    let driver = match Driver::start(client, trust) {
        Ok(driver) => Arc::new(driver),
        Err(error) => {
            return Told {
                made: 0,
                wrong: vec![format!("{}: failed to {error}", client.name)],
            };
        }
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut all = JoinSet::new();
    for check in checks::of(client) {
        let name = format!("{}/{}", client.name, check.name);
        if !name.contains(only) {
            continue;
        }
        let (driver, turns) = (Arc::clone(&driver), Arc::clone(&turns));
        all.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let wrong = make(&driver, &check, show).await;
            wrong.map(|wrong| format!("{name}: {wrong}"))
        });
    }
    let mut told = Told {
        made: all.len(),
        wrong: Vec::new(),
    };
    while let Some(ended) = all.join_next().await {
        let wrong = ended.unwrap_or_else(|panic| Some(panic.to_string()));
        told.wrong.extend(wrong);
    }
    told.wrong.sort();
    told
}

async fn make(driver: &Driver, check: &Check, show: bool) -> Option<String> {
    let job = Job {
        id: 0,
        base_url: String::new(),
        dialect: check.dialect.to_owned(),
        mode: check.mode.to_owned(),
        what: check.what.to_owned(),
        key: check.key.to_owned(),
        http2: false,
        authority: None,
        timeout: Some(WATCHDOG),
        abort: None,
        retries: Some(check.retries),
        watchdog: WATCHDOG,
    };
    match stage::play(driver, (&check.script, Carried::Plain), job).await {
        Err(error) => Some(format!("failed to {error}")),
        Ok(played) if show => Some(played.saw.to_string()),
        Ok(played) => wrong(check, &played),
    }
}

/// What was not as it has to be.
fn wrong(check: &Check, played: &Played) -> Option<String> {
    let saw = &played.saw;
    let wanted = check.saw.as_object().expect("what is wanted has names");
    let mut wrong: Vec<String> = wanted
        .iter()
        .filter(|(key, wanted)| normal(&saw[key.as_str()]) != **wanted)
        .map(|(key, wanted)| format!("{key} is {}, not {wanted}", saw[key.as_str()]))
        .collect();
    if wanted.get("class").is_none() && !saw["class"].is_null() {
        wrong.push("there was an exception".to_owned());
    }
    if saw["hang"] == true {
        wrong.push("it hung".to_owned());
    }
    let requests = played.requests().len();
    if requests != check.requests {
        wrong.push(format!("{requests} requests, not {}", check.requests));
    }
    let apart = requests_apart(played);
    if apart.is_some_and(|apart| apart < check.apart) {
        wrong.push(format!("requests {apart:?} s apart, not {}", check.apart));
    }
    if played.refused() != Vec::from_iter(check.refused) {
        wrong.push(format!("refused: {:?}", played.refused()));
    }
    if check.error && saw.get("message").is_some() && !names_the_cause(saw, played) {
        wrong.push("the message is not the provider's".to_owned());
    }
    (!wrong.is_empty()).then(|| format!("{}; saw {saw}", wrong.join("; ")))
}

/// The shortest time between two requests, in seconds.
fn requests_apart(played: &Played) -> Option<f64> {
    let requests = played.requests();
    let pairs = requests.windows(2);
    pairs.map(|pair| pair[1] - pair[0]).min_by(f64::total_cmp)
}

/// Whether the exception carries the one error that was sent.
fn names_the_cause(saw: &Value, played: &Played) -> bool {
    let message = saw["message"].as_str().unwrap_or_default();
    played.nonces().iter().any(|nonce| message.contains(nonce))
}

/// Arguments are text to one client and an object to another; what they say is the same.
fn normal(saw: &Value) -> Value {
    let Some(calls) = saw.as_array() else {
        return saw.clone();
    };
    let call = |call: &Value| match call.as_array().map(Vec::as_slice) {
        Some([name, Value::String(text)]) => {
            let parsed = serde_json::from_str::<Value>(text);
            Value::Array(vec![
                name.clone(),
                parsed.unwrap_or_else(|_| text.clone().into()),
            ])
        }
        _ => call.clone(),
    };
    calls.iter().map(call).collect()
}
