//! The program as a server: thousands of streams at once, a script that changes, a graceful end, and how fast answers are said.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fake_provider::{ProviderOptions, Timing};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::world::{World, asks, client, says, streamed};

const HELLO: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";

/// As many as the issue asks for at least.
const STREAMS: u64 = 2_000;

/// A request for a stream, by hand: thousands of clients would be the test's own weight.
fn request() -> String {
    let body = streamed(asks("hi")).to_string();
    let length = body.len();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn thousands_of_streams_are_open_at_once() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, all).expect("may be raised to what is allowed");
    // Both ends are in this process.
    let allowed = limit
        .maximum
        .map_or(STREAMS, |most| most.saturating_sub(500) / 2);
    let streams = STREAMS.min(allowed);
    let slow = "[[provider]]\nreply = { text = \"abc\", delta_bytes = 1, pace = \"1h\" }\n";
    let world = World::start(ProviderOptions { ..says(slow) }).await;
    let address = world.provider.local_addr().expect("is TCP");
    let mut open = Vec::new();
    for _ in 0..streams {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        stream
            .write_all(request().as_bytes())
            .await
            .expect("is read");
        open.push(stream);
    }
    for stream in &mut open {
        let mut status = [0; 15];
        stream.read_exact(&mut status).await.expect("is answered");
        assert_eq!(&status, b"HTTP/1.1 200 OK");
    }
    assert_eq!(world.provider.requests_in_flight() as u64, streams);
    // And the next one is served.
    let url = format!("{}/models", world.provider.base_url());
    let models = world.client.get(url).send().await.expect("is answered");
    assert_eq!(models.status(), 200);
}

#[tokio::test]
async fn an_answer_is_said_as_fast_as_the_server_says() {
    let timing = Timing {
        first_token: Duration::from_millis(200),
        tokens_per_second: Some(20.0),
        jitter: 0.0,
    };
    let options = || ProviderOptions {
        timing,
        delta_bytes: 4,
        ..says("[[provider]]\nreply = { text = \"abcdefghijkl\" }\n")
    };
    let world = World::start(options()).await;
    let began = Instant::now();
    let whole = world.post(&asks("hi")).send().await.expect("is answered");
    // Three tokens at twenty a second, after the first.
    assert!(
        began.elapsed() >= Duration::from_millis(350),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(whole.status(), 200);
    let began = Instant::now();
    let stream = world
        .post(&streamed(asks("hi")))
        .send()
        .await
        .expect("is answered");
    assert!(
        began.elapsed() < Duration::from_millis(200),
        "the head does not wait"
    );
    let text = stream.text().await.expect("comes whole");
    // Every event but the first takes 50 ms.
    let events = text.matches("data: ").count() - 1;
    let least = Duration::from_millis(200 + 50 * events as u64);
    let took = began.elapsed();
    assert!(
        (least..least * 3).contains(&took),
        "{took:?} for {events} events"
    );
}

/// The program, which is killed when a test fails.
struct Program {
    child: Child,
    /// Its first lines, the words behind the last space.
    told: Vec<String>,
}

impl Program {
    fn start(arguments: &[&str], lines: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fake-provider"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let out = BufReader::new(child.stdout.take().expect("is piped"));
        let told = out.lines().take(lines).map(|line| {
            let line = line.expect("is text");
            line.rsplit(' ').next().unwrap_or_default().to_owned()
        });
        let told = told.collect();
        Self { child, told }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("is there");
    }

    async fn said(&self) -> Value {
        let url = format!("{}/chat/completions", self.told[0]);
        let answer = client().post(url).json(&asks("hi")).send().await;
        let answer: Value = answer.expect("is answered").json().await.expect("is JSON");
        answer["choices"][0]["message"]["content"].clone()
    }

    async fn health(&self) -> Value {
        let answer = client()
            .get(format!("{}/health", self.told[1]))
            .send()
            .await;
        answer.expect("is answered").json().await.expect("is JSON")
    }

    /// Waits, with a bound, until `/health` says this.
    async fn is(&self, status: &str) -> Value {
        for _ in 0..200 {
            let health = self.health().await;
            if health["status"] == status {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("is not {status}: {}", self.health().await);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Most are gone by then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_half_written_script_changes_nothing_and_a_whole_one_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.toml");
    std::fs::write(&path, HELLO).expect("writes");
    let script = path.display().to_string();
    let program = Program::start(&["--script", &script, "--watch", "--admin", "0"], 2);
    assert_eq!(program.said().await, "Hello.");
    let next = HELLO.replace("Hello.", "Another.");
    std::fs::write(&path, &next[..30]).expect("writes");
    let health = program.is("script-is-stale").await;
    assert!(health["script"]["mistakes"][0]["line"].is_u64(), "{health}");
    assert_eq!(program.said().await, "Hello.");
    std::fs::write(&path, &next).expect("writes");
    program.is("ok").await;
    assert_eq!(program.said().await, "Another.");
}

#[tokio::test]
async fn a_signal_lets_answers_end_and_a_second_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.toml");
    let script = path.display().to_string();
    for (pace, again) in [("60ms", false), ("1h", true)] {
        let slow = format!(
            "[[provider]]\nreply = {{ text = \"abcdef\", delta_bytes = 1, pace = \"{pace}\" }}\n"
        );
        std::fs::write(&path, slow).expect("writes");
        let mut program = Program::start(&["--script", &script, "--admin", "0"], 2);
        let url = format!("{}/chat/completions", program.told[0]);
        let stream = client().post(url).json(&streamed(asks("hi"))).send();
        let stream = stream.await.expect("is answered");
        program.signal(Signal::TERM);
        program.is("stopping").await;
        if again {
            program.signal(Signal::TERM);
        }
        let text = stream.text().await;
        let ended = text.is_ok_and(|text| text.ends_with("data: [DONE]\n\n"));
        assert_eq!(ended, !again, "{pace}");
        assert!(program.child.wait().expect("ends").success());
    }
}

#[tokio::test]
async fn without_a_script_everything_is_answered_until_the_admin_api_stops_it() {
    let mut program = Program::start(&["--admin", "0", "--dialect", "openai-chat"], 2);
    let said = program.said().await;
    assert!(
        said.as_str().is_some_and(|text| text.contains("--script")),
        "{said}"
    );
    let stop = client()
        .post(format!("{}/stop", program.told[1]))
        .send()
        .await;
    assert_eq!(stop.expect("is answered").status(), 202);
    assert!(program.child.wait().expect("ends").success());
}
