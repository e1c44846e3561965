//! The program: it records and replays until it is told to end, and its exit codes say what went wrong.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::raw::{Step, ask, connect, post, upstream};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-provider"));
    command.env_remove("FAKE_PROVIDER_KEY").args(arguments);
    command
}

/// A program that was started, and where it listens.
struct Started {
    child: Child,
    scheme: String,
    at: SocketAddr,
}

impl Started {
    fn new(arguments: &[&str]) -> Self {
        let mut child = program(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("is piped");
        let mut lines = BufReader::new(stdout);
        lines.read_line(&mut first).expect("says something");
        let url = first.trim().strip_prefix("listening on ");
        let (scheme, at) = url
            .and_then(|url| url.split_once("://"))
            .expect("says where");
        Self {
            child,
            scheme: scheme.to_owned(),
            at: at.parse().expect("is an address"),
        }
    }

    /// Tells it to end; its exit code and what it said.
    fn end(self) -> (Option<i32>, String) {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(told.expect("runs").success());
        ended(self.child)
    }
}

fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().expect("ends");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program(arguments).output().expect("runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

async fn asked(at: SocketAddr) -> String {
    let mut client = connect(at).await;
    let enough = (ANSWER.len(), Duration::from_millis(1));
    let arrived = ask(&mut client, &post("/v1/x", "{}"), enough).await;
    String::from_utf8(arrived.bytes).expect("is text")
}

async fn hello() -> String {
    let at = upstream(vec![vec![Step::Send(ANSWER.as_bytes().to_vec())]]).await;
    format!("http://{at}")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn what_one_records_the_other_replays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (to, journal) = (folder.path().join("r"), folder.path().join("j.ndjson"));
    let (to, journal) = (shown(&to), shown(&journal));
    let url = hello().await;
    let at = "127.0.0.1:0";
    let recorder = Started::new(&["record", "--upstream", &url, "--to", &to, "--listen", at]);
    assert_eq!(asked(recorder.at).await, ANSWER);
    let (code, said) = recorder.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("stored 000001-post-v1-x.ndjson: POST /v1/x, whole,"),
        "{said}"
    );

    let arguments = ["replay", "--from", &to, "--listen", at, "--speed", "0"];
    let replay = Started::new(&[&arguments[..], &["--journal", &journal]].concat());
    assert_eq!(replay.scheme, "http");
    assert_eq!(asked(replay.at).await, ANSWER);
    let (code, said) = replay.end();
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let journal = std::fs::read(journal).expect("is there");
    let journal = journal::read(journal.as_slice()).expect("is a journal");
    let delivered = |record: &&journal::Record| {
        let outcome = journal::FaultOutcome::Delivered;
        matches!(&record.fact, journal::Fact::Fault { outcome: it, .. } if *it == outcome)
    };
    assert_eq!(journal.records.iter().filter(delivered).count(), 1);

    let authority = shown(&folder.path().join("ca.pem"));
    let secure = ["--tls", "--tls-versions", "1.2", "--ca-file", &authority];
    let replay = Started::new(&[&arguments[..], &secure].concat());
    assert_eq!(replay.scheme, "https");
    let written = std::fs::read_to_string(&authority).expect("is there");
    assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(replay.end().0, Some(0));
    let (code, said) = fails(&[&arguments[..], &["--tls", "--tls-versions", "1.1"]].concat());
    assert!(
        code == Some(2) && said.contains("there are 1.2, 1.3"),
        "{said}"
    );
}

#[tokio::test]
async fn a_disk_that_takes_nothing_more_ends_the_recorder() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("r");
    let url = hello().await;
    let at = "127.0.0.1:0";
    let recorder = Started::new(&[
        "record",
        "--upstream",
        &url,
        "--to",
        &shown(&to),
        "--listen",
        at,
    ]);
    std::fs::remove_dir(&to).expect("is empty");
    assert_eq!(asked(recorder.at).await, ANSWER);
    let (code, said) = ended(recorder.child);
    assert_eq!(code, Some(105));
    assert!(
        said.contains("failed to store") && said.contains("000001-post-v1-x.ndjson"),
        "{said}"
    );
}

#[test]
fn bad_input_has_a_clear_message_and_its_own_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| shown(&folder.path().join(name));
    let at = ["--listen", "127.0.0.1:0"];
    let with = |arguments: &[&str]| fails(&[arguments, &at[..]].concat());

    assert_eq!(fails(&["record"]).0, Some(2));
    let (code, said) = with(&["record", "--upstream", "api.openai.com", "--to", "x"]);
    assert!(code == Some(2) && said.contains("https://HOST"), "{said}");
    let (code, said) = with(&["replay", "--from", "x", "--speed", "fast"]);
    assert!(code == Some(2) && said.contains("twice as fast"), "{said}");
    let (code, said) = fails(&["--seed", "1", "replay", "--from", "x"]);
    assert_eq!(code, Some(2), "{said}");

    std::fs::write(path("file"), "").expect("is written");
    let url = "http://127.0.0.1:1";
    let (code, said) = with(&["record", "--upstream", url, "--to", &path("file")]);
    assert!(
        code == Some(105) && said.contains("failed to record into"),
        "{said}"
    );
    let bad = path("file");
    let url = "https://127.0.0.1:1";
    let arguments = [
        "record",
        "--upstream",
        url,
        "--to",
        &path("r"),
        "--ca-file",
        &bad,
    ];
    let (code, said) = with(&arguments);
    assert!(
        code == Some(105) && said.contains("failed to read the certificates"),
        "{said}"
    );

    let (code, said) = with(&["replay", "--from", &path("nowhere")]);
    assert!(
        code == Some(105) && said.contains("failed to read"),
        "{said}"
    );
    std::fs::create_dir(path("empty")).expect("is made");
    let (code, said) = with(&["replay", "--from", &path("empty")]);
    assert!(
        code == Some(102) && said.contains("fake-provider record --to"),
        "{said}"
    );
    std::fs::create_dir(path("bad")).expect("is made");
    std::fs::write(folder.path().join("bad/1.ndjson"), "{}\n{}\n").expect("is written");
    let (code, said) = with(&["replay", "--from", &path("bad")]);
    assert!(
        code == Some(102) && said.contains("1.ndjson:1: column 2: missing field"),
        "{said}"
    );
}
