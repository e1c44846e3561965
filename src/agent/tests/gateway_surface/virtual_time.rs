//! The gateway on one paused runtime over Unix sockets: time that passes only when nothing else can happen.

use std::sync::Arc;
use std::time::Duration;

use reference_agent::config::AgentConfig;
use reference_agent::gateway::{Gateway, Listener};
use reference_agent::seams::Seams;
use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::provider::{Provider, held};
use crate::world::{KEY, agent, client, config, settings};

#[tokio::test(start_paused = true)]
async fn an_idle_reader_is_kept_alive_and_an_ended_run_is_forgotten_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let (upstream, front) = (
        directory.path().join("provider"),
        directory.path().join("gateway"),
    );
    let provider = Provider::unix(&upstream, vec![held(&["Hel"], &["lo"])]);
    let mut config = AgentConfig {
        unix_socket: Some(upstream),
        ..config(&provider.base_url)
    };
    config.timeouts.idle = Duration::from_secs(600);
    let agent = agent(config, Seams::default());
    let gateway = Gateway::new(Arc::clone(&agent), settings());
    let shutdown = CancellationToken::new();
    let listener = Listener::Unix(UnixListener::bind(&front).unwrap());
    let token = shutdown.clone();
    let serving = tokio::spawn(async move { gateway.serve(listener, token).await });

    let client = client().unix_socket(front).build().unwrap();
    let get = |path: String| {
        client
            .get(format!("http://gateway.test{path}"))
            .bearer_auth(KEY)
    };
    let request = client.post("http://gateway.test/v1/runs").bearer_auth(KEY);
    let told: Value = request
        .json(&json!({"input": "hi"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let run = told["run_id"].as_str().unwrap().to_owned();
    let (stream, ()) = tokio::join!(
        async {
            get(format!("/v1/runs/{run}/events"))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        },
        async {
            tokio::time::sleep(Duration::from_secs(70)).await;
            provider.release();
        }
    );
    assert_eq!(stream.matches(": keepalive\n\n").count(), 2, "{stream}");
    assert!(stream.ends_with("\n\n: stream closed\n\n"));

    let status = async || {
        get(format!("/v1/runs/{run}"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    tokio::time::sleep(Duration::from_secs(3590)).await;
    assert_eq!(status().await, 200);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(status().await, 404);

    shutdown.cancel();
    serving.await.unwrap();
    agent.shutdown().await;
    provider.close().await;
    drop(client);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}
