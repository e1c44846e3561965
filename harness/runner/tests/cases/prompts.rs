//! Targets that are typed at: a script that shows a prompt.

use journal::{Fact, Terminal};
use runner::run_case;

use crate::plans::{ONE_TURN, endings, facts, has};
use crate::scripted::{exits, planned_with, run, settings, target};

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
