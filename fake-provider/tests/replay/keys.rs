//! No key gets into a recording, or into the journal of its replay.

use std::time::Duration;

use fake_provider::Told;

use crate::raw::{Step, ask, connect, upstream};
use crate::world::Studio;

const KEY: &str = "sk-live-0123456789abcdef";

fn request() -> Vec<u8> {
    let body = format!("{{\"prompt\":\"is {KEY} safe?\"}}");
    let length = body.len();
    format!(
        "POST /v1/x?key={KEY}&alt=sse HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\nx-api-key: {KEY}\r\n\
         x-goog-api-key: {KEY}\r\ncookie: session={KEY}\r\nx-other: has {KEY} in it\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn send(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_key_is_nowhere_in_the_folder_though_the_answer_repeats_it() {
    let (one, other) = KEY.split_at(11);
    let first = format!(
        "HTTP/1.1 401 Unauthorized\r\nset-cookie: id=123456; Path=/\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{one}\r\nd\r\n"
    );
    let steps = vec![
        send(&first),
        Step::Pause(50),
        send(&format!("{other}\r\n0\r\n\r\n")),
    ];
    let at = upstream(vec![steps]).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = first.len() + other.len() + 7;
    let arrived = ask(&mut client, &request(), (enough, Duration::from_millis(1))).await;
    let arrived = String::from_utf8(arrived.bytes).expect("is text");
    assert!(arrived.contains("id=123456"), "a client gets what was sent");
    recorder.shutdown().await.expect("everything was stored");

    for file in std::fs::read_dir(studio.folder()).expect("is there") {
        let text = std::fs::read_to_string(file.expect("is there").path()).expect("is text");
        for part in [KEY, one, other, "123456"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
        assert!(text.contains("id=******; Path=/"), "{text}");
        assert!(text.contains("is {scrubbed} safe?"), "{text}");
        assert!(text.contains("{scrubbed}&alt=sse"), "{text}");
    }
    assert!(!format!("{:?}", studio.told()).contains(KEY));

    let stage = studio.replay(|_| ()).await;
    let mut client = connect(stage.replay.local_addr().expect("is TCP")).await;
    let enough = (enough, Duration::from_millis(1));
    let replayed = ask(&mut client, &request(), enough).await;
    assert_eq!(replayed.bytes.len(), arrived.len());
    let facts = stage.facts(1).await;
    assert!(!format!("{facts:?}").contains(KEY));
}

#[tokio::test]
async fn what_cannot_be_searched_for_keys_is_passed_on_and_not_stored() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x0b";
    let at = upstream(vec![vec![send(answer)]]).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = (answer.len(), Duration::from_millis(1));
    let arrived = ask(&mut client, &request(), enough).await;
    assert_eq!(arrived.bytes, answer.as_bytes());
    recorder.shutdown().await.expect("nothing went wrong");
    assert!(studio.files().is_empty());
    let told = studio.told();
    let expected = |told: &Told| matches!(told, Told::NotStored { reason, .. } if reason.contains("compressed"));
    assert!(matches!(&told[..], [one] if expected(one)), "{told:?}");
}
