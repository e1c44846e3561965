//! Who is measured: how each is started, and asked for the same answer.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::load::Question;

/// The text of every answer is this, a hundred times: a stream sends one an event, whether it counts bytes or words.
const WORD: &str = "brownouts ";
/// Silence between two events of a stream that is only held open, in milliseconds.
const HELD_PACE: u32 = 5_000;

/// How the answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// As one document.
    Whole,
    /// As a stream, without pauses.
    Streamed,
    /// As a stream that is only held open.
    Held,
}

/// A server that can be measured.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Starts it at this port; `held` is for streams that are only held open.
    pub(crate) command: fn(&Bench, u16, bool) -> io::Result<Command>,
    /// Where it is asked for a stream.
    pub(crate) streams_at: &'static str,
    /// Whether it can hold a stream open between two events.
    pub(crate) pauses: bool,
    /// Header lines that set its pace, in milliseconds, where that is how it is told.
    pub(crate) pace_header: Option<&'static str>,
}

/// Where everybody is asked.
const CHAT: &str = "/v1/chat/completions";

/// Everybody, the floor first.
pub(crate) const ALL: [Contender; 7] = [
    Contender {
        name: "hyper floor",
        command: floor,
        streams_at: CHAT,
        pauses: true,
        pace_header: None,
    },
    Contender {
        name: "brownout",
        command: brownout,
        streams_at: CHAT,
        pauses: true,
        pace_header: None,
    },
    Contender {
        name: "brownout, faults in its script",
        command: faulty,
        streams_at: CHAT,
        pauses: true,
        pace_header: None,
    },
    Contender {
        name: "nginx",
        command: nginx,
        streams_at: "/v1/stream",
        pauses: false,
        pace_header: None,
    },
    Contender {
        name: "llmposter",
        command: llmposter,
        streams_at: CHAT,
        pauses: true,
        pace_header: None,
    },
    Contender {
        name: "aimock",
        command: aimock,
        streams_at: CHAT,
        pauses: true,
        pace_header: None,
    },
    Contender {
        name: "VidaiMock",
        command: vidaimock,
        streams_at: CHAT,
        pauses: true,
        // It always waits between two events; a millisecond is the least.
        pace_header: Some("x-vidai-chaos-trickle"),
    },
];

/// Where everything is.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Programs built for this: the floor, the provider.
    pub(crate) built: PathBuf,
    /// Where `tests/benchmark/opponents.sh` has put the other mocks.
    pub(crate) opponents: PathBuf,
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
    WORD.repeat(100)
}

impl Contender {
    /// The question that every server is asked.
    pub(crate) fn question(&self, address: SocketAddr, ask: Ask) -> Question {
        let tools = r#"[{"type":"function","function":{"name":"list","description":"Lists a folder.","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}]"#;
        let (stream, path) = match ask {
            Ask::Whole => ("", CHAT),
            Ask::Streamed | Ask::Held => (r#","stream":true"#, self.streams_at),
        };
        let body = format!(
            r#"{{"model":"gpt-4o","messages":[{{"role":"system","content":"You are a helpful assistant."}},{{"role":"user","content":"What is a brownout?"}}],"tools":{tools}{stream}}}"#
        );
        let pace = if ask == Ask::Held { HELD_PACE } else { 1 };
        let pace = self.pace_header.map(|name| format!("{name}: {pace}\r\n"));
        Question::new(address, (path, pace.as_deref().unwrap_or_default()), &body)
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
    let script = format!("[[provider]]\n{}", reply(held));
    provider(bench, ("script.toml", &script), port)
}

/// The same answers, of a script that breaks others: those to another model.
fn faulty(bench: &Bench, port: u16, held: bool) -> io::Result<Command> {
    let faults = "faults = [{ at = \"before-body\", action = \"reset\" }]";
    let script = format!(
        "[[provider]]\nwhen = {{ model = \"another\" }}\n{reply}{faults}\n\n[[provider]]\n{reply}",
        reply = reply(held)
    );
    provider(bench, ("faulty.toml", &script), port)
}

fn reply(held: bool) -> String {
    let pace = match held {
        true => format!(", pace = \"{HELD_PACE}ms\""),
        false => String::new(),
    };
    format!(
        "reply = {{ text = \"{}\", delta_bytes = 10{pace} }}\n",
        text()
    )
}

fn provider(bench: &Bench, (file, script): (&str, &str), port: u16) -> io::Result<Command> {
    let mut command = Command::new(bench.built.join("fake-provider"));
    command.arg("--script").arg(bench.file(file, script)?);
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

fn llmposter(bench: &Bench, port: u16, held: bool) -> io::Result<Command> {
    let latency = if held { HELD_PACE } else { 0 };
    let fixture = format!(
        "fixtures:\n  - match:\n      user_message: brownout\n    response:\n      content: \"{}\"\n    streaming:\n      latency: {latency}\n      chunk_size: 10\n",
        text()
    );
    let mut command = Command::new(bench.opponents.join("bin/llmposter"));
    command
        .arg("--fixtures")
        .arg(bench.file("llmposter.yaml", &fixture)?);
    command
        .args(["--bind", "127.0.0.1", "--port"])
        .arg(port.to_string());
    Ok(command)
}

fn aimock(bench: &Bench, port: u16, held: bool) -> io::Result<Command> {
    let fixture = format!(
        r#"{{"fixtures": [{{"match": {{"userMessage": "brownout"}}, "response": {{"content": "{}"}}}}]}}"#,
        text()
    );
    let mut command = Command::new("node");
    command.arg(bench.opponents.join("aimock/node_modules/.bin/llmock"));
    command
        .arg("--fixtures")
        .arg(bench.file("aimock.json", &fixture)?);
    command.args(["--chunk-size", "10", "--log-level", "silent", "--port"]);
    command.arg(port.to_string());
    command
        .arg("--latency")
        .arg(if held { HELD_PACE } else { 0 }.to_string());
    Ok(command)
}

/// One worker, as everybody else has; its own way to write a chunk, and our text.
fn vidaimock(bench: &Bench, port: u16, _: bool) -> io::Result<Command> {
    let folder = bench.folder.join("vidaimock");
    fs::create_dir_all(folder.join("providers"))?;
    fs::create_dir_all(folder.join("templates"))?;
    let body = |content: &str, rest: &str| {
        format!(
            r#"{{"id":"chatcmpl-mock","object":"chat.completion","created":1699000000,"model":"{{{{ model }}}}","choices":[{{"index":0,{content}}}]{rest}}}"#
        )
    };
    let whole = body(
        &format!(
            r#""message":{{"role":"assistant","content":"{}"}},"finish_reason":"stop""#,
            text()
        ),
        r#","usage":{"prompt_tokens":12,"completion_tokens":7,"total_tokens":19}"#,
    );
    let chunk = body(
        r#""delta":{"content":"{{ chunk }}"},"finish_reason":null"#,
        "",
    );
    fs::write(folder.join("templates/chat.json.j2"), whole)?;
    let provider = format!(
        "name: openai\nmatcher: \"^/v1/chat/completions$\"\npriority: 1\nresponse_template: \"chat.json.j2\"\n\
         stream:\n  enabled: true\n  frame_format: raw\n  lifecycle:\n    on_chunk:\n      template_body: 'data: {chunk}'\n    \
         on_stop:\n      template_body: 'data: [DONE]'\n"
    );
    fs::write(folder.join("providers/openai.yaml"), provider)?;
    let mut command = Command::new(bench.opponents.join("bin/vidaimock"));
    command.args([
        "--host",
        "127.0.0.1",
        "--workers",
        "1",
        "--isolated",
        "--mode",
        "benchmark",
    ]);
    command.arg("--config-dir").arg(folder);
    command.arg("--port").arg(port.to_string());
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
