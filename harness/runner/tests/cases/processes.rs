//! Targets that are processes: small scripts, each with one habit.

use std::fs;
use std::sync::Arc;

use journal::{Fact, Journal, Terminal};
use runner::{CaseSettings, Interrupt, RunError, RunErrorKind, Target, TargetFile, run_case};
use scenario::{Dialect, Draw, Plan};
use tempfile::TempDir;

use crate::plans::{ONE_TURN, census, endings, facts, has, plan};

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

fn settings() -> CaseSettings {
    let path = std::env::var("PATH").unwrap_or_default();
    CaseSettings {
        inherited: [("PATH".to_owned(), path)].into(),
        ..CaseSettings::default()
    }
}

pub(crate) struct Scripted {
    target: Target,
    /// Where the script is, as long as this is.
    folder: TempDir,
}

pub(crate) fn target(adapter: &str, more: &str, script: &str) -> Scripted {
    let folder = tempfile::tempdir().expect("can be made");
    fs::write(folder.path().join("target.py"), script).expect("can be written");
    let text = format!("format = 1\nname = \"scripted\"\nadapter = \"{adapter}\"\n{more}");
    let file = TargetFile::parse(&text, folder.path())
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    Scripted {
        target: Target::Started(Arc::new(file)),
        folder,
    }
}

fn server(habit: &str, more: &str) -> Scripted {
    let more = format!(
        "command = [\"python3\", \"{{target_dir}}/target.py\", \"{{port}}\"]\nready = {{ path = \"/health\", within = \"10s\" }}\nsupports = [\"turns\"]\n{more}"
    );
    target("gateway", &more, &SERVER.replace("HABIT", habit))
}

fn planned(target: &Scripted) -> Plan {
    planned_with(target, ONE_TURN)
}

fn planned_with(target: &Scripted, body: &str) -> Plan {
    let Target::Started(file) = &target.target else {
        panic!("is started by command");
    };
    let draw = Draw {
        bounds: file.bounds.clone(),
        probe: target.target.lives_on(),
        ..Draw::new(3)
    };
    plan(body, &draw)
}

pub(crate) fn run(target: &Scripted) -> Journal {
    let outcome = run_case(&planned(target), &target.target, &settings());
    outcome.expect("the case can be run").journal
}

pub(crate) fn refused(target: &Scripted) -> RunError {
    let outcome = run_case(&planned(target), &target.target, &settings());
    outcome.expect_err("the case cannot be run")
}

fn exits(journal: &Journal) -> Vec<&Fact> {
    let mut all = facts(journal);
    all.retain(|fact| matches!(fact, Fact::ProcessExited { .. }));
    all
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
        "command = [\"python3\", \"-u\", \"{target_dir}/target.py\", \"{port}\"]\nready = { path = \"/health\", within = \"1s\" }\n",
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
    assert_eq!(within.as_secs(), 1);
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

const COMMAND: &str =
    "command = [\"python3\", \"{target_dir}/target.py\", \"{prompt}\", \"{session}\"]\n";

#[test]
fn a_process_a_turn_answers_with_its_output_and_its_exit_code() {
    let journal = run(&target(
        "command",
        COMMAND,
        "import sys\nprint('heard', sys.argv[1], 'in', sys.argv[2])",
    ));
    let heard = (
        Terminal::Completed,
        "heard Hello [run-1] in main".to_owned(),
    );
    assert_eq!(endings(&journal, 1), [heard]);
    assert_eq!(journal.runs(), [1], "no probe: nothing of it lives on");
    let script = "import os, sys\nprint('half an answer')\nprint('bad key', os.environ['OPENAI_API_KEY'], file=sys.stderr)\nsys.exit(4)";
    let journal = run(&target("command", COMMAND, script));
    let failed = (Terminal::Failed, "bad key canary-1".to_owned());
    assert_eq!(endings(&journal, 1), [failed]);
    assert!(has(
        &journal,
        |fact| matches!(fact, Fact::CanaryFound { place, .. } if place == "stderr")
    ));
}

#[test]
fn the_environment_of_a_target_is_made_for_it() {
    // What is said is no variable, so nothing is left out.
    let command = "command = [\"env\", \"-u\", \"{prompt}\"]\n";
    let journal = run(&target("command", command, ""));
    let (_, lines) = endings(&journal, 1).remove(0);
    let mut names: Vec<_> = lines
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    names.sort_unstable();
    let expected = [
        "BROWNOUT_CASE",
        "HOME",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "PATH",
        "TMPDIR",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_target_is_told_the_dialect_and_what_its_clients_look_at() {
    let more = "command = [\"env\", \"-u\", \"{prompt}\"]\ndialects = [\"anthropic-messages\", \"openai-responses\"]\n\
                [env]\nTOLD = \"{dialect} at {provider} of {provider_root}\"\n";
    let scripted = target("command", more, "");
    let told = |dialect| {
        let draw = Draw {
            dialect,
            probe: false,
            ..Draw::new(7)
        };
        let plan = plan(ONE_TURN, &draw);
        let outcome = run_case(&plan, &scripted.target, &settings()).expect("can be run");
        let (_, lines) = endings(&outcome.journal, 1).remove(0);
        let wanted = ["ANTHROPIC_", "OPENAI_", "TOLD="];
        let kept = |line: &&str| wanted.iter().any(|name| line.starts_with(name));
        let mut lines: Vec<_> = lines.lines().filter(kept).map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(
        told(Dialect::AnthropicMessages),
        [
            "ANTHROPIC_API_KEY=canary-1",
            "ANTHROPIC_BASE_URL={provider}",
            "TOLD=anthropic-messages at {provider} of {provider}",
        ]
    );
    assert_eq!(
        told(Dialect::OpenaiResponses),
        [
            "OPENAI_API_KEY=canary-1",
            "OPENAI_BASE_URL={provider}",
            "TOLD=openai-responses at {provider} of http://{provider_address}",
        ]
    );
    let refused = run_case(
        &plan(ONE_TURN, &Draw::new(7)),
        &scripted.target,
        &settings(),
    );
    let error = refused.expect_err("the target does not speak Chat");
    assert!(error.to_string().contains("dialect openai-chat"), "{error}");
}

const PROMPT: &str = "command = [\"python3\", \"-u\", \"{target_dir}/target.py\"]\nprompt = { shows = \"> \", failed = \"error: \" }\nsupports = [\"turns\"]\n";

#[test]
fn a_prompt_is_typed_at_and_read_until_it_shows_again() {
    let script = r#"
import sys
turns = 0
while True:
    try: line = input("> ")
    except EOFError: sys.exit(0)
    turns += 1
    if turns == 1: print("error: the provider is away", file=sys.stderr)
    else: print("you said:"); print(line)
"#;
    let journal = run(&target("prompt", PROMPT, script));
    let failed = (Terminal::Failed, "the provider is away".to_owned());
    assert_eq!(endings(&journal, 1), [failed]);
    let (terminal, said) = endings(&journal, 2).remove(0);
    assert_eq!(terminal, Terminal::Completed);
    assert!(
        said.starts_with("you said:\nAre you still there?"),
        "{said}"
    );
    let shown = facts(&journal)
        .iter()
        .filter(|fact| ***fact == Fact::PromptShown)
        .count();
    assert_eq!(shown, 3);
    let left = Fact::ProcessExited {
        code: Some(0),
        signal: None,
        expected: true,
    };
    assert_eq!(exits(&journal), [&left]);
}

#[test]
fn a_prompt_that_does_not_come_back_is_not_waited_for_longer_than_the_bound() {
    let script =
        "input('> ')\nprint('Press ENTER to continue...', end='', flush=True)\ninput()\ninput()";
    let bounded = format!("{PROMPT}bounds = {{ run = \"1s\" }}\n");
    let scripted = target("prompt", &bounded, script);
    let plan = planned_with(&scripted, &ONE_TURN.replace("\"20s\"", "\"1s\""));
    let outcome = run_case(&plan, &scripted.target, &settings());
    let journal = outcome.expect("the case can be run").journal;
    assert_eq!(endings(&journal, 1), []);
    assert!(has(&journal, |fact| matches!(
        fact,
        Fact::RunTimedOut { within_ms: 1_000 }
    )));
    assert!(has(
        &journal,
        |fact| matches!(fact, Fact::RunRefused { message, .. } if message == "the prompt does not show")
    ));
    assert!(has(
        &journal,
        |fact| matches!(fact, Fact::Output { line, .. } if line.starts_with("Press ENTER"))
    ));
}
