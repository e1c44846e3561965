//! What cannot be recorded or replayed is told clearly, and a client is answered all the same.

use std::time::Duration;

use fake_provider::{
    Listen, Match, RecordError, RecordOptions, RecordingProxy, Replay, ReplayError, ReplayOptions,
    Speed, Told,
};
use journal::Recorder;
use tokio::net::TcpListener;

use crate::raw::{End, Step, ask, connect, post, upstream};
use crate::world::Studio;

#[tokio::test]
async fn an_upstream_that_is_not_there_is_a_502_in_the_shape_of_the_dialect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let nobody = listener.local_addr().expect("has an address");
    drop(listener);
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{nobody}"), None).await;
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = (usize::MAX, Duration::ZERO);
    let arrived = ask(&mut client, &post("/v1/chat/completions", "{}"), enough).await;
    let text = String::from_utf8(arrived.bytes).expect("is text");
    assert!(text.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{text}");
    assert!(
        text.contains("\"failed to connect to http://127.0.0.1:"),
        "{text}"
    );
    assert_eq!(arrived.end, End::Fin);
    recorder.shutdown().await.expect("nothing went wrong");
    assert!(matches!(&studio.told()[..], [Told::NotStored { .. }]));
    assert!(studio.files().is_empty());
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_recorder_goes_on() {
    let at = upstream(vec![vec![Step::Send(
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
    )]])
    .await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    let at = recorder.local_addr().expect("is TCP");
    for (request, status) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01"[..], "400"),
        (
            b"CONNECT host:443 HTTP/1.1\r\nhost: host:443\r\n\r\n",
            "400",
        ),
    ] {
        let mut client = connect(at).await;
        let arrived = ask(&mut client, request, (usize::MAX, Duration::ZERO)).await;
        let text = String::from_utf8(arrived.bytes).expect("is text");
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
    }
    let mut client = connect(at).await;
    let enough = (1, Duration::from_millis(50));
    let arrived = ask(&mut client, &post("/v1/x", ""), enough).await;
    assert_eq!(arrived.bytes, b"HTTP/1.1 204 No Content\r\n\r\n");
}

#[tokio::test]
async fn a_folder_that_holds_a_recording_is_not_written_to() {
    let studio = Studio::new();
    std::fs::create_dir(studio.folder()).expect("is made");
    std::fs::write(studio.folder().join("000001-x.ndjson"), "").expect("is written");
    let options = RecordOptions {
        upstream: "http://127.0.0.1:1".parse().expect("is an address"),
        folder: studio.folder(),
        authorities: None,
    };
    let refused = RecordingProxy::start(options, Listen::loopback(), |_| ()).await;
    let refused = refused.expect_err("is taken");
    assert!(matches!(refused, RecordError::Taken { .. }), "{refused}");
}

#[tokio::test]
async fn an_exchange_that_cannot_be_stored_is_an_error_and_no_file() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    let at = upstream(vec![vec![Step::Send(answer)]]).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    std::fs::remove_dir(studio.folder()).expect("is empty");
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = (1, Duration::from_millis(50));
    ask(&mut client, &post("/v1/x", ""), enough).await;
    let bound = Duration::from_secs(20);
    let broken = tokio::time::timeout(bound, recorder.broken()).await;
    broken.expect("says so");
    let failure = recorder.shutdown().await.expect_err("was not stored");
    assert!(matches!(failure, RecordError::Store { .. }), "{failure}");
    assert!(
        failure.to_string().contains("000001-post-v1-x.ndjson"),
        "{failure}"
    );
}

async fn refused(studio: &Studio) -> ReplayError {
    let options = ReplayOptions {
        folder: studio.folder(),
        speed: Speed::default(),
        matching: Match::default(),
        strict: false,
        authority: None,
    };
    let clock = std::sync::Arc::new(|| Duration::ZERO);
    let recorder = Recorder::new(clock, std::sync::Arc::new(|| {}));
    let started = Replay::start(options, Listen::loopback(), recorder).await;
    started.expect_err("is refused")
}

#[tokio::test]
async fn every_damaged_file_is_told_with_its_line_and_what_to_do() {
    let studio = Studio::new();
    assert!(matches!(
        refused(&studio).await,
        ReplayError::Unreadable { .. }
    ));
    std::fs::create_dir(studio.folder()).expect("is made");
    assert!(matches!(refused(&studio).await, ReplayError::Empty { .. }));

    let head = "{\"format\":1,\"upstream\":\"u\",\"request\":{\"method\":\"GET\",\"path\":\"/\",\"headers\":[]}}\n";
    let cut = format!("{head}{{\"at_us\":1,\"te");
    let old = head.replace("\"format\":1", "\"format\":7");
    std::fs::write(studio.folder().join("1.ndjson"), cut).expect("is written");
    std::fs::write(studio.folder().join("2.ndjson"), old.repeat(2)).expect("is written");
    std::fs::write(studio.folder().join("notes.txt"), "mine").expect("is written");
    let refused = refused(&studio).await.to_string();
    let lines: Vec<_> = refused.lines().collect();
    assert!(
        lines[0].contains("1.ndjson:2: the line is cut short (record"),
        "{refused}"
    );
    assert!(
        lines[1].contains("2.ndjson:1: the format is 7"),
        "{refused}"
    );
    assert_eq!(lines[2], "damaged recordings: 2; nothing was started");
}
