//! Peers that hold a provider up, or make it hold things: it stays within its bounds and goes on serving.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fake_provider::Limits;
use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::raw::{SPOKEN, half_open, pour, tell};
use crate::world::{World, says};

const SCRIPT: &str = "[[provider]]\nreply = { text = \"Served.\" }\n";
/// A proper client waits no longer than this, whatever else goes on; generous, for a slow machine.
const BOUND: Duration = Duration::from_secs(10);

async fn world(limits: Limits) -> (World, SocketAddr) {
    let mut options = says(SCRIPT);
    options.limits = limits;
    let world = World::start(options).await;
    let address = world.provider.local_addr().expect("is TCP");
    (world, address)
}

async fn is_served(address: SocketAddr) {
    let heard = timeout(BOUND, tell(address, &SPOKEN[0].last())).await;
    let heard = heard.expect("is served in time");
    assert!(heard[0].body.contains("Served."), "{heard:?}");
}

#[tokio::test]
async fn heads_and_bodies_that_do_not_come_are_refused_in_shape() {
    let limits = Limits {
        head_within: Duration::from_millis(50),
        body_silence: Duration::from_millis(50),
        ..Limits::default()
    };
    for spoken in &SPOKEN {
        let mut options = says(SCRIPT);
        options.dialect = Some(spoken.dialect);
        options.limits = limits;
        let world = World::start(options).await;
        let address = world.provider.local_addr().expect("is TCP");
        let head = spoken.head("content-length: 9\r\n");
        for part in [&head[..20], &head, &[&head, b"{".as_slice()].concat()] {
            let heard = tell(address, part).await;
            assert_eq!(heard[0].status, 408, "{:?}: {heard:?}", spoken.dialect);
            assert!(heard[0].head.contains("connection: close"), "{heard:?}");
        }
        assert_eq!(tell(address, &spoken.last()).await[0].status, 200);
    }
}

#[tokio::test]
async fn of_connections_that_say_nothing_the_oldest_gives_way() {
    let (world, address) = world(Limits {
        waiting: 8,
        ..Limits::default()
    })
    .await;
    let mut open = Vec::new();
    for number in 0..20 {
        let said: &[u8] = [b"".as_slice(), b"POST /v1/ch"][number % 2];
        open.push(half_open(address, said).await);
        let opened = number + 1;
        let is_opened = |fact: &journal::Fact| matches!(fact, journal::Fact::ConnectionOpened { connection } if *connection == opened as u64);
        world.recorded(is_opened).await;
    }
    for oldest in &mut open[..12] {
        let mut byte = [0];
        let ended = timeout(BOUND, oldest.read(&mut byte)).await;
        assert_eq!(ended.expect("in time").expect("by a FIN"), 0);
    }
    // Those that are left are served if they go on.
    let rest = &SPOKEN[0].last()[b"POST /v1/ch".len()..];
    let last = open.last_mut().expect("is there");
    last.write_all(rest).await.expect("is open");
    let mut heard = Vec::new();
    last.read_to_end(&mut heard).await.expect("ends by a FIN");
    assert!(String::from_utf8_lossy(&heard).contains("Served."));
    is_served(address).await;
}

/// The program, on a port of its own.
struct Program {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Program {
    /// Started by a shell, which may set limits before.
    fn start(before: &str) -> Self {
        Self::says(SCRIPT, before)
    }

    fn says(text: &str, before: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("s.toml");
        std::fs::write(&script, text).expect("can be written");
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "{before} exec \"$0\" --script \"$1\" --listen 127.0.0.1:0"
            ))
            .arg(env!("CARGO_BIN_EXE_fake-provider"))
            .arg(&script)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("says something");
        let (_, address) = line.trim().split_once("http://").expect("says where");
        let address = address.trim_end_matches("/v1");
        Self {
            child,
            address: address.parse().expect("is an address"),
            _folder: folder,
        }
    }

    /// The most memory that it has ever had, in bytes.
    fn peak(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("is there");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        let kilobytes: usize = peak.and_then(|peak| peak.parse().ok()).expect("is told");
        kilobytes * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already cannot be ended, and that is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn thousands_of_half_open_connections_keep_nobody_from_being_served() {
    let program = Program::start("");
    let spoken = &SPOKEN[0];
    let head = spoken.head("content-length: 9\r\n");
    let said = [&b""[..], b"POST /v1/chat/comp", &head, b"\r\n"];
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let many = usize::try_from(allowed).unwrap_or(usize::MAX) / 2;
    let mut open = Vec::new();
    for number in 0..many.min(3000) {
        open.push(half_open(program.address, said[number % said.len()]).await);
    }
    let begun = Instant::now();
    for _ in 0..20 {
        is_served(program.address).await;
    }
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    // About 10 KB each, and a bound that does not depend on the machine.
    let most = (32 << 20) + open.len() * (32 << 10);
    assert!(program.peak() < most, "{} of {most}", program.peak());
}

#[tokio::test]
async fn when_descriptors_run_out_those_that_say_nothing_give_way() {
    let program = Program::start("ulimit -n 64;");
    let mut open = Vec::new();
    for _ in 0..300 {
        open.push(half_open(program.address, b"").await);
    }
    is_served(program.address).await;
}

#[tokio::test]
async fn what_is_sent_ahead_of_an_answer_is_not_taken_without_end() {
    let program = Program::says(
        "[[provider]]\nwhen = { model = \"m\" }\nreply = { text = \"Hm.\" }\nfault = { at = \"headers\", after_bytes = 9, action = \"stall\" }\n\
         [[provider]]\nreply = { text = \"Served.\" }\n",
        "",
    );
    let spoken = &SPOKEN[0];
    let mut open = Vec::new();
    for _ in 0..20 {
        let stream = half_open(program.address, &spoken.post(spoken.body.as_bytes())).await;
        let (from, mut to) = stream.into_split();
        // The kernel's buffers take some; nobody takes the rest.
        let poured = timeout(Duration::from_millis(100), pour(&mut to, 100_000_000)).await;
        assert!(poured.is_err(), "all of it is taken");
        open.push((from, to));
    }
    let other = String::from_utf8_lossy(&spoken.last()).replace("\"m\"", "\"n\"");
    let heard = timeout(BOUND, tell(program.address, other.as_bytes())).await;
    let heard = heard.expect("is served in time");
    assert!(heard[0].body.contains("Served."), "{heard:?}");
    let peak = program.peak();
    assert!(peak < (32 << 20) + open.len() * (256 << 10), "{peak}");
}

#[tokio::test]
async fn many_large_requests_at_once_are_held_within_a_bound() {
    let program = Program::start("");
    let spoken = &SPOKEN[0];
    let head = spoken.head("content-length: 60000000\r\n");
    let (refused, mut refusals) = tokio::sync::mpsc::unbounded_channel();
    let mut open = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let stream = half_open(program.address, &head).await;
        let refused = refused.clone();
        open.spawn(async move {
            let (mut from, mut to) = stream.into_split();
            // What is refused need not be taken.
            let _ = pour(&mut to, 12_000_000).await;
            let mut first = [0; 12];
            from.read_exact(&mut first).await.expect("is answered");
            refused.send(first).expect("is waited for");
            std::future::pending::<()>().await;
        });
    }
    // There is room for 22 of these.
    for _ in 22..50 {
        let first = timeout(6 * BOUND, refusals.recv()).await;
        let first = first.expect("in time").expect("all are there");
        assert_eq!(&first, b"HTTP/1.1 503");
    }
    is_served(program.address).await;
    let peak = program.peak();
    assert!(peak < 480 << 20, "{peak}");
}

#[tokio::test]
async fn a_body_that_would_be_many_times_as_large_in_memory_is_refused() {
    let program = Program::start("");
    let spoken = &SPOKEN[0];
    let body = format!("[{}[]]", "[],".repeat(8_000_000));
    let heard = tell(program.address, &spoken.post(body.as_bytes())).await;
    assert_eq!(heard[0].status, 413, "{heard:?}");
    let deep = format!("{{\"messages\":{}", "[".repeat(20_000_000));
    let heard = tell(program.address, &spoken.post(deep.as_bytes())).await;
    assert_eq!(heard[0].status, 413, "{heard:?}");
    is_served(program.address).await;
    let peak = program.peak();
    assert!(peak < 128 << 20, "{peak}");
}
