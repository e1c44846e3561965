//! Who is measured: how each is started, and asked for the same answer.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::Question;

/// The text of every answer: 1,000 bytes, of which a stream sends ten an event.
const WORDS: &str = "the lights stay on, dimly, and nobody says so. ";
/// Silence between two events of a stream that is only held open, in milliseconds.
const HELD_PACE: u32 = 600_000;

/// A server that can be measured.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Starts it at this port; `held` is for streams that are only held open.
    pub(crate) command: fn(&Bench, u16, bool) -> io::Result<Command>,
    /// Where it is asked for a stream.
    pub(crate) streams_at: &'static str,
    /// Whether it can hold a stream open between two events.
    pub(crate) pauses: bool,
}

/// Where everybody is asked.
const CHAT: &str = "/v1/chat/completions";

/// Everybody, the floor first.
pub(crate) const ALL: [Contender; 3] = [
    Contender {
        name: "hyper floor",
        command: floor,
        streams_at: CHAT,
        pauses: true,
    },
    Contender {
        name: "brownout",
        command: brownout,
        streams_at: CHAT,
        pauses: true,
    },
    Contender {
        name: "nginx",
        command: nginx,
        streams_at: "/v1/stream",
        pauses: false,
    },
];

/// Where everything is.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Programs built for this: the floor, the provider.
    pub(crate) built: PathBuf,
    /// Files made for this run.
    pub(crate) folder: PathBuf,
}

impl Bench {
    /// The answers that the bare servers send: the provider's own.
    pub(crate) fn keep(&self, whole: &[u8], stream: &[u8]) -> io::Result<()> {
        fs::write(self.folder.join("whole.json"), whole)?;
        fs::write(self.folder.join("stream.sse"), stream)
    }

    fn file(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }
}

/// The text of every answer.
pub(crate) fn text() -> String {
    WORDS.repeat(30)[..1000].to_owned()
}

impl Contender {
    /// The question that every server is asked.
    pub(crate) fn question(&self, address: SocketAddr, streamed: bool) -> Question {
        let tools = r#"[{"type":"function","function":{"name":"list","description":"Lists a folder.","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}]"#;
        let (stream, path) = match streamed {
            true => (r#","stream":true"#, self.streams_at),
            false => ("", CHAT),
        };
        let body = format!(
            r#"{{"model":"gpt-4o","messages":[{{"role":"system","content":"You are a helpful assistant."}},{{"role":"user","content":"What is a brownout?"}}],"tools":{tools}{stream}}}"#
        );
        Question::new(address, path, &body)
    }
}

fn floor(bench: &Bench, port: u16, held: bool) -> io::Result<Command> {
    let mut command = Command::new(bench.built.join("floor"));
    command.arg(port.to_string());
    command.arg(bench.folder.join("whole.json"));
    command.arg(bench.folder.join("stream.sse"));
    command.arg(if held { HELD_PACE } else { 0 }.to_string());
    Ok(command)
}

fn brownout(bench: &Bench, port: u16, held: bool) -> io::Result<Command> {
    let pace = if held {
        format!(", pace = \"{HELD_PACE}ms\"")
    } else {
        String::new()
    };
    let script = format!(
        "[[provider]]\nreply = {{ text = \"{}\", delta_bytes = 10{pace} }}\n",
        text()
    );
    let mut command = Command::new(bench.built.join("fake-provider"));
    command
        .arg("--script")
        .arg(bench.file("script.toml", &script)?);
    command.arg("--listen").arg(format!("127.0.0.1:{port}"));
    Ok(command)
}

/// The same bytes from files. It cannot pause within one. A file has no POST, so it is asked for again as a GET inside.
fn nginx(bench: &Bench, port: u16, _: bool) -> io::Result<Command> {
    let folder = bench.folder.display();
    let location = |path: &str, file: &str| {
        format!("location = {path} {{ error_page 405 =200 /{file}; try_files /{file} =404; }}\n")
    };
    let config = format!(
        "worker_processes 1;\ndaemon off;\nuser root;\npid {folder}/nginx.pid;\nerror_log /dev/null;\n\
         events {{ worker_connections 16384; }}\n\
         http {{ access_log off; keepalive_requests 1000000000; tcp_nodelay on;\n\
         types {{ application/json json; text/event-stream sse; }}\n\
         server {{ listen 127.0.0.1:{port}; root {folder};\n{}{} }} }}\n",
        location(CHAT, "whole.json"),
        location("/v1/stream", "stream.sse"),
    );
    let mut command = Command::new(program("nginx"));
    command.arg("-p").arg(&bench.folder);
    command.arg("-c").arg(bench.file("nginx.conf", &config)?);
    Ok(command)
}

fn program(name: &str) -> PathBuf {
    let installed = Path::new("/usr/sbin").join(name);
    if installed.exists() {
        installed
    } else {
        name.into()
    }
}
