//! The program: its first line, its journal, its exit codes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

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
