//! Targets that are servers: each a script with one habit.

use std::fs;

use journal::{Fact, Terminal};
use runner::{CaseSettings, Interrupt, RunError, RunErrorKind, run_case};

use crate::plans::{census, endings, facts, has};
use crate::scripted::{Scripted, exits, planned, refused, run, settings, target};

/// A server of the runs API that answers without a provider. `{habit}` is put where it begins to serve.
const SERVER: &str = r#"
import http.server, json, os, signal, subprocess, sys, threading, time
RUNS = {}
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.path == "/health": return self.answer(200, b"{}")
        event = {"event": "run.completed", "run_id": self.path.split("/")[3], "output": "hello from " + os.environ["HOME"]}
        self.answer(200, b"data: " + json.dumps(event).encode() + b"\n\n: stream closed\n\n", "text/event-stream")
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        on_turn()
        run_id = "run_%032x" % len(RUNS); RUNS[run_id] = 1
        self.answer(202, json.dumps({"run_id": run_id}).encode())
def on_turn(): pass
HABIT
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

fn server(habit: &str, more: &str) -> Scripted {
    let more = format!(
        "command = [\"python3\", \"{{target_dir}}/target.py\", \"{{port}}\"]\nready = {{ path = \"/health\", within = \"10s\" }}\nsupports = [\"turns\"]\n{more}"
    );
    target("gateway", &more, &SERVER.replace("HABIT", habit))
}

/// Processes whose command line has this word, this test's own excepted.
fn processes_with(word: &str) -> usize {
    let own = std::process::id().to_string();
    let entries = fs::read_dir("/proc")
        .expect("is Linux")
        .filter_map(Result::ok);
    let lines = entries.filter_map(|entry| {
        let is_own = entry.file_name().to_str() == Some(own.as_str());
        (!is_own).then(|| fs::read_to_string(entry.path().join("cmdline")).ok())?
    });
    lines.filter(|line| line.contains(word)).count()
}

#[test]
fn a_server_is_started_watched_and_stopped() {
    let journal = run(&server("", ""));
    // Its home is a path of this machine, and the answer holds it.
    let hello = (Terminal::Completed, "hello from {home}".to_owned());
    assert_eq!(endings(&journal, 1), std::slice::from_ref(&hello));
    assert_eq!(endings(&journal, 2), [hello]);
    assert!(has(
        &journal,
        |fact| matches!(fact, Fact::Output { line, .. } if line == "serving")
    ));
    let signalled = Fact::ProcessExited {
        code: None,
        signal: Some(15),
        expected: true,
    };
    assert_eq!(exits(&journal), [&signalled]);
    let census = census(&journal);
    assert_eq!((census.processes, census.sockets), (Some(0), Some(0)));
    assert!(census.memory_peak_kib.is_some_and(|peak| peak > 1_000));
    assert_eq!(census.descriptors_grown, Some(0));
    assert!(!has(&journal, |fact| matches!(fact, Fact::Killed { .. })));
}

#[test]
fn a_death_at_start_is_told_with_its_code_and_last_words() {
    let error = refused(&server(
        "print('no such model', file=sys.stderr)\nsys.exit(3)",
        "",
    ));
    let RunError::DiedAtStart { code, output, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*code, Some(3));
    assert_eq!(output.0, ["no such model"]);
    assert_eq!(error.kind(), RunErrorKind::Target);
}

#[test]
fn a_target_that_never_answers_is_given_up_and_killed() {
    let scripted = target(
        "gateway",
        "command = [\"python3\", \"-u\", \"{target_dir}/target.py\", \"{port}\"]\nready = { path = \"/health\", within = \"5s\" }\n",
        "import time\nprint('thinking')\ntime.sleep(600)",
    );
    let error = refused(&scripted);
    let RunError::NeverReady {
        within,
        missing,
        output,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(within.as_secs(), 5);
    assert!(missing.starts_with("nothing listens at "), "{missing}");
    assert_eq!(output.0, ["thinking"]);
    let script = scripted.folder.path().to_string_lossy().into_owned();
    assert_eq!(processes_with(&script), 0);
}

#[test]
fn a_program_that_does_not_exist_is_told_by_name() {
    let server =
        "command = [\"brownout-no-such-program\", \"{port}\"]\nready = { path = \"/health\" }\n";
    let turn = "command = [\"brownout-no-such-program\", \"{prompt}\"]\n";
    for (adapter, more) in [("gateway", server), ("command", turn)] {
        let error = refused(&target(adapter, more, ""));
        let RunError::CommandNotFound { command, .. } = &error else {
            panic!("{adapter}: {error}");
        };
        assert_eq!(command, "brownout-no-such-program");
    }
}

#[test]
fn who_ignores_the_request_to_end_and_leaves_a_grandchild_is_counted_and_killed() {
    // Of this process alone: the same test may run beside us.
    let word = format!("grandchild-of-{}", std::process::id());
    // In a session of its own, so that it has left the group; without a parent, so that it has left the tree.
    let habit = format!(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsubprocess.run(['sh', '-c', 'setsid sh -c \"sleep 600; : {word}\" &'])"
    );
    let journal = run(&server(&habit, "bounds = { shutdown = \"1s\" }\n"));
    let census = census(&journal);
    // The server, the shell of the grandchild, and its sleep.
    assert_eq!(census.processes, Some(3), "{:#?}", facts(&journal));
    assert!(has(&journal, |fact| matches!(
        fact,
        Fact::Killed { processes: 3 }
    )));
    let killed = Fact::ProcessExited {
        code: None,
        signal: Some(9),
        expected: true,
    };
    assert_eq!(exits(&journal), [&killed]);
    assert_eq!(processes_with(&word), 0);
}

#[test]
fn a_server_that_dies_in_a_turn_is_not_waited_for() {
    let habit = "def on_turn(): os._exit(7)";
    let journal = run(&server(habit, "bounds = { run = \"30s\" }\n"));
    let died = Fact::ProcessExited {
        code: Some(7),
        signal: None,
        expected: false,
    };
    assert_eq!(exits(&journal), [&died]);
    let refusals = facts(&journal);
    let refusals = refusals
        .iter()
        .filter(|fact| matches!(fact, Fact::RunRefused { status: None, .. }));
    assert_eq!(
        refusals.count(),
        2,
        "the turn and the probe: {:#?}",
        facts(&journal)
    );
}

#[test]
fn an_interrupt_leaves_no_process_behind() {
    let word = "interrupted-5d10";
    let interrupt = Interrupt::default();
    let watching = interrupt.clone();
    let folder = tempfile::tempdir().unwrap();
    let sign = folder.path().join("turn");
    let habit = format!(
        "def on_turn():\n    open('{}', 'w').write('x')\n    time.sleep(600) # {word}",
        sign.display()
    );
    let scripted = server(&habit, "");
    let waiting = std::thread::spawn(move || {
        while !sign.exists() {
            std::thread::yield_now();
        }
        watching.trigger();
    });
    let settings = CaseSettings {
        interrupt,
        ..settings()
    };
    let error = run_case(&planned(&scripted), &scripted.target, &settings).unwrap_err();
    waiting.join().unwrap();
    assert!(matches!(error, RunError::Interrupted), "{error}");
    let script = scripted.folder.path().to_string_lossy().into_owned();
    assert_eq!(processes_with(&script), 0);
}
