//! Targets that are a process for every turn: what they are given, and how their output is their answer.

use journal::{Fact, Terminal};
use runner::run_case;
use scenario::{Dialect, Draw};

use crate::plans::{ONE_TURN, endings, has, plan};
use crate::scripted::{run, settings, target};

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
