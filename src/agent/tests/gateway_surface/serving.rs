//! `serve` as a process: where it listens, what it refuses, how it goes down.

use serde_json::{Value, json};

use crate::process::Program;
use crate::provider::{Provider, Reply, held, stream};
use crate::world::{KEY, client, names, parse};

#[tokio::test]
async fn it_says_where_it_listens_serves_and_goes_down_in_order() {
    let provider = Provider::tcp(vec![
        Reply::Whole(stream(&["Hello"])),
        held(&["Hel"], &["lo"]),
    ])
    .await;
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--port-file",
        "port",
        "--lifecycle-log",
        "log",
    ];
    let program = Program::new(&provider.base_url, &arguments).env("API_SERVER_KEY", KEY);
    let port = program.home.path().join("port");
    let mut process = program.start();
    process.expect("\n").await;
    let address = process
        .said()
        .trim_end()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();
    let port = std::fs::read_to_string(port).unwrap();
    assert_eq!(address, format!("http://127.0.0.1:{}", port.trim_end()));

    let client = client().build().unwrap();
    let start = async || {
        let request = client
            .post(format!("{address}/v1/runs"))
            .bearer_auth(KEY)
            .json(&json!({"input": "hi"}));
        let told: Value = request.send().await.unwrap().json().await.unwrap();
        told["run_id"].as_str().unwrap().to_owned()
    };
    let open = async |run: String| {
        let url = format!("{address}/v1/runs/{run}/events");
        client.get(url).bearer_auth(KEY).send().await.unwrap()
    };
    let events = parse(&open(start().await).await.text().await.unwrap());
    assert_eq!(events.last().unwrap()["output"], "Hello");

    // A run that is under way when the signal comes still ends well, for whoever reads it.
    let run = start().await;
    let reader = open(run).await;
    provider.wait(|seen| seen.requests == 2).await;
    process.signal("TERM").await;
    provider.release();
    let events = parse(&reader.text().await.unwrap());
    assert_eq!(names(&events).last(), Some(&"run.completed"));
    let remains = process.finish().await;
    assert_eq!((remains.code, remains.errors.as_str()), (Some(0), ""));
    let facts = std::fs::read_to_string(remains.home.path().join("log")).unwrap();
    let last: Value = serde_json::from_str(facts.lines().last().unwrap()).unwrap();
    assert_eq!(
        last,
        json!({"kind": "shutdown-finished", "open_clients": 0, "open_tasks": 0})
    );
}

#[tokio::test]
async fn it_refuses_to_serve_without_a_real_key_or_a_free_address() {
    let start = |address: &str, key: &str| {
        let arguments = ["serve", "--listen", address];
        Program::new("http://127.0.0.1:9/v1", &arguments)
            .env("API_SERVER_KEY", key)
            .finish()
    };
    for (key, said) in [
        ("", "no key is set"),
        ("short", "the key has fewer than 16 characters"),
    ] {
        let remains = start("127.0.0.1:0", key).await;
        assert_eq!((remains.code, remains.output.as_str()), (Some(2), ""));
        assert!(
            remains
                .errors
                .starts_with("error: failed to start the gateway: "),
            "{remains:?}"
        );
        assert!(remains.errors.contains(said), "{remains:?}");
    }
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let remains = start(&address, KEY).await;
    assert_eq!((remains.code, remains.output.as_str()), (Some(2), ""));
    assert!(
        remains
            .errors
            .starts_with(&format!("error: failed to listen on {address}: ")),
        "{remains:?}"
    );
}

#[tokio::test]
async fn it_listens_on_a_unix_socket_and_takes_it_away_again() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("gateway.sock");
    let listen = format!("unix:{}", socket.display());
    let program = Program::new("http://127.0.0.1:9/v1", &["serve", "--listen", &listen])
        .env("API_SERVER_KEY", KEY);
    let mut process = program.start();
    process.expect("\n").await;
    assert_eq!(process.said(), format!("listening on {listen}\n"));
    let client = client().unix_socket(socket.clone()).build().unwrap();
    let health: Value = client
        .get("http://gateway.test/health")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(health["status"], "ok");
    process.signal("INT").await;
    let remains = process.finish().await;
    assert_eq!((remains.code, remains.errors.as_str()), (Some(0), ""));
    assert!(!socket.exists());
}
