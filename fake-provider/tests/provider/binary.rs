//! The program: its first line, its journal, its exit codes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tokio::io::AsyncReadExt;

use crate::raw::{SPOKEN, half_open, tell};
use crate::world::{asks, client};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-provider"));
    command.env_remove("FAKE_PROVIDER_KEY");
    command
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("can be written");
}

#[tokio::test]
async fn a_whole_scenario_file_is_served_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, journal) = (folder.path().join("s.toml"), folder.path().join("j.ndjson"));
    write(
        &script,
        "format = 1\ntitle = \"t\"\n[[provider]]\nreply = { text = \"hello\" }\n[[steps]]\nsay = \"hi\"\n[expect]\nterminal = \"completed\"\n",
    );
    let mut child = program()
        .args(["--listen", "127.0.0.1:0", "--key", "sk-1"])
        .arg("--script")
        .arg(&script)
        .arg("--journal")
        .arg(&journal)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("is piped");
    BufReader::new(stdout)
        .read_line(&mut first)
        .expect("says something");
    let base = first
        .trim()
        .strip_prefix("listening on ")
        .expect("says where")
        .to_owned();
    let request = client()
        .post(format!("{base}/chat/completions"))
        .bearer_auth("sk-1")
        .json(&asks("hi"));
    let answer: Value = request
        .send()
        .await
        .expect("is answered")
        .json()
        .await
        .expect("is JSON");
    assert_eq!(answer["choices"][0]["message"]["content"], "hello");

    let told = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(told.expect("runs").success());
    assert!(child.wait().expect("ends").success());
    let journal = std::fs::read(&journal).expect("is there");
    let journal = journal::read(journal.as_slice()).expect("is a journal");
    let ended =
        |record: &&journal::Record| matches!(record.fact, journal::Fact::ResponseEnded { .. });
    assert_eq!(journal.records.iter().filter(ended).count(), 1);
}

fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program().args(arguments).output().expect("runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), stderr)
}

#[test]
fn bad_input_has_a_clear_message_and_its_own_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (good, bad) = (path("good.toml"), path("bad.toml"));
    write(
        Path::new(&good),
        "[[provider]]\nreply = { text = \"hello\" }\n",
    );
    write(
        Path::new(&bad),
        "[[provider]]\nreply = { txt = \"hello\" }\n[[provider]]\nfault = { at = \"connect\", action = \"reset\" }\n",
    );

    assert_eq!(fails(&["--script", &good]).0, Some(2));
    assert_eq!(
        fails(&["--script", &good, "--listen", "nowhere"]).0,
        Some(2)
    );

    let (code, message) = fails(&["--script", &bad, "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(102));
    assert!(
        message.contains("bad.toml:2:") && message.contains("bad.toml:4:"),
        "{message}"
    );

    let (code, message) = fails(&["--script", &path("none.toml"), "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(105));
    assert!(message.contains("failed to read"), "{message}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("listens");
    let address = taken.local_addr().expect("has an address").to_string();
    let (code, message) = fails(&["--script", &good, "--listen", &address]);
    assert_eq!(code, Some(105));
    assert!(message.contains("failed to listen at"), "{message}");
    assert!(message.contains("take another port"), "{message}");
    let socket = format!("unix:{good}");
    let (code, message) = fails(&["--script", &good, "--listen", &socket]);
    assert_eq!(code, Some(105));
    assert!(message.contains("take another path"), "{message}");

    let full = [
        "--script",
        &good,
        "--listen",
        "127.0.0.1:0",
        "--journal",
        "/nonexistent/j",
    ];
    let (code, message) = fails(&full);
    assert_eq!(code, Some(105));
    assert!(message.contains("failed to write the journal"), "{message}");
}

/// Kills it, whatever becomes of the test.
struct Started {
    child: Child,
    address: SocketAddr,
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn started(arguments: &[&str]) -> Started {
    let mut child = program()
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("is piped");
    BufReader::new(stdout)
        .read_line(&mut first)
        .expect("says something");
    let address = first.trim().strip_prefix("listening on http://");
    let address = address.and_then(|rest| rest.split('/').next()?.parse().ok());
    Started {
        child,
        address: address.expect("says where"),
    }
}

#[tokio::test]
async fn what_is_too_much_is_said_on_the_command_line() {
    let [chat, ..] = SPOKEN;
    let ok = chat.last();
    let long_head = chat.head(&format!("x: {}\r\n", "a".repeat(600)));
    let long_body = chat.post(&[b' '; 300]);
    for (arguments, bytes, status) in [
        (&["--head-bytes", "500"][..], &long_head, 431),
        (&["--body-bytes", "200"][..], &long_body, 413),
        (&["--head-within", "50ms"][..], &b"POST ".to_vec(), 408),
        (
            &["--body-silence", "50ms"][..],
            &chat.head("content-length: 2\r\n"),
            408,
        ),
    ] {
        let provider = started(arguments);
        let answers = tell(provider.address, bytes).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [status], "{arguments:?}");
        assert_eq!(tell(provider.address, &ok).await[0].status, 200);
    }
    for wrong in [
        ["--head-bytes", "0"],
        ["--waiting", "0"],
        ["--head-within", "0s"],
        ["--body-silence", "1"],
    ] {
        let arguments = [&wrong[..], &["--listen", "127.0.0.1:0"]].concat();
        assert_eq!(fails(&arguments).0, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn of_connections_that_wait_the_oldest_gives_way() {
    let provider = started(&["--waiting", "1"]);
    let mut first = half_open(provider.address, b"").await;
    let second = half_open(provider.address, b"").await;
    let ended = first.read(&mut [0]).await;
    assert_eq!(ended.expect("ends by a FIN"), 0);
    drop(second);
}
