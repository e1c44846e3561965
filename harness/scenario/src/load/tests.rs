//! Tests of loading: what a good file becomes, and what is told of bad ones.

use proptest::prelude::*;

use super::*;
use crate::{Awaited, Expected, Need, Place, Step, TerminalName, render};

/// What every file begins with, so that a test shows only what it is about.
const HEAD: &str = "format = 1\ntitle = \"t\"\n";
const PROVIDER: &str = "[[provider]]\nreply = { text = \"Hello.\" }\n";
const SAY: &str = "[[steps]]\nsay = \"hi\"\n";
const EXPECT: &str = "[expect]\nterminal = \"completed\"\n";

fn parsed(text: &str) -> Result<Scenario, Vec<Mistake>> {
    parse(text, Path::new("scenarios/x.toml"), "x")
}

/// The mistakes of a file, each with what it points at.
fn told(text: &str) -> Vec<String> {
    parsed(text)
        .expect_err("has mistakes")
        .into_iter()
        .map(|mistake| format!("{} @ {}", mistake.message, &text[mistake.span]))
        .collect()
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

#[test]
fn the_scenario_of_the_design_is_read() {
    let root = shipped();
    let path = root.join("stream/cut-in-tool-arguments.toml");
    let scenario = load(&path, &root).expect("is a good scenario");
    assert_eq!(scenario.name, "stream/cut-in-tool-arguments");
    assert_eq!(scenario.needs, [Need::ToolList]);
    assert_eq!(scenario.script.entries.len(), 3);
    let ends = Step::WaitFor {
        awaited: Awaited::Terminal(TerminalName::Completed),
        run: None,
        within: "60s".parse().expect("is a duration"),
    };
    assert_eq!(scenario.steps[1], ends);
    let keys: Vec<_> = scenario
        .expectations
        .iter()
        .map(|expectation| (expectation.key.as_str(), expectation.policy))
        .collect();
    assert_eq!(
        keys,
        [
            ("terminal", false),
            ("tool_runs.list", false),
            ("output_contains", false),
            ("policy.output", true),
            ("policy.provider_requests", true)
        ]
    );
    let place = Place {
        line: 28,
        column: 22,
        length: 1,
    };
    assert_eq!(
        scenario.expectations[1].place, place,
        "the place of the value"
    );
}

#[test]
fn every_shipped_scenario_is_good() {
    let root = shipped();
    let files = discover(std::slice::from_ref(&root)).expect("the folder is there");
    assert!(files.len() >= 2);
    let wrong: Vec<_> = files
        .iter()
        .filter_map(|file| match load(file, &root) {
            Ok(_) => None,
            Err(LoadError::Invalid(wrong)) => Some(render(file, &wrong.text, &wrong.mistakes)),
            Err(other) => Some(other.to_string()),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn five_mistakes_are_five_mistakes() {
    let text = r#"#:schema ../scenario.schema.json
format = 1
titel = "A connection cut inside tool arguments is retried"

[[provider]]
when = { call = 1, attempt = "first" }
reply = { text = "Let me look." }
fault = { at = "text", after_bytes = 99, action = "reset" }

[[steps]]
say = "List the files in src"

[[steps]]
wait_for = { terminal = "complete", within = "5 s" }

[expect]
terminal = "completed"
"#;
    let file = Path::new("scenarios/stream/cut.toml");
    let mistakes = parse(text, file, "stream/cut").expect_err("has mistakes");
    assert_eq!(mistakes.len(), 5);
    insta::assert_snapshot!(render(file, text, &mistakes));
}

#[test]
fn what_is_wrong_in_a_broken_file_is_told_beside_the_syntax() {
    let text = "format = 1\ntitle = \"t\ntags = [\"a\"]\ntags = [\"b\"]\n[[provider]]\nreply = { text = 1 }\n[[steps]\nsay = \"x\"\n";
    let file = Path::new("scenarios/broken.toml");
    let mistakes = parse(text, file, "broken").expect_err("has mistakes");
    insta::assert_snapshot!(render(file, text, &mistakes));
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    assert_eq!(
        told(""),
        [
            "missing key `format` @ ",
            "missing key `title` @ ",
            "nobody says anything in this scenario @ ",
            "nothing is expected in this scenario @ "
        ]
    );
    assert_eq!(
        told(HEAD),
        [
            "nobody says anything in this scenario @ \"t\"",
            "nothing is expected in this scenario @ \"t\""
        ]
    );
}

#[test]
fn a_format_of_the_future_and_an_empty_title_are_refused() {
    let text = format!("format = 2\ntitle = \" \"\n{PROVIDER}{SAY}{EXPECT}");
    assert_eq!(
        told(&text),
        [
            "format 2 is not known @ 2",
            "the title says nothing @ \" \""
        ]
    );
    let text = format!("format = 1\ntitle = \"a\\nb\"\n{PROVIDER}{SAY}{EXPECT}");
    assert_eq!(
        told(&text),
        ["the title is more than a line of text @ \"a\\nb\""]
    );
}

#[test]
fn a_step_does_exactly_one_thing() {
    let text = format!(
        "{HEAD}{PROVIDER}{SAY}[[steps]]\n[[steps]]\nsay = \"x\"\nshutdown = true\n[[steps]]\nstop = true\nclient = \"c\"\n\
         [[steps]]\nlift_faults = false\n[[steps]]\nstop = false\n[[steps]]\nwait_for = {{ run = 1 }}\n[[steps]]\nwait_for = {{ text = \"a\", fault = true }}\n{EXPECT}"
    );
    assert_eq!(
        told(&text),
        [
            "a step says nothing @ [[steps]]",
            "a step says one thing, not `say` and `shutdown` @ true",
            "`client` goes with `say` @ \"c\"",
            "`lift_faults = false` does nothing @ false",
            "expected `true` or a run such as `{ run = 1 }`, found `false` @ false",
            "`wait_for` says nothing @ { run = 1 }",
            "`wait_for` says one thing, not `text` and `fault` @ true",
        ]
    );
}

#[test]
fn runs_have_to_exist_and_to_have_begun() {
    let text = format!(
        "{HEAD}[[provider]]\nwhen = {{ run = 3 }}\nreply = {{ text = \"a\" }}\n\
         [[steps]]\nstop = true\n{SAY}[[steps]]\nwait_for = {{ terminal = \"any\", run = 2 }}\n{SAY}[[steps]]\nreconnect = {{ run = 0 }}\n\
         [[steps]]\nshutdown = true\n[[steps]]\nsay = \"late\"\n[[steps]]\nwait_for = {{ fault = true }}\n\
         [[expect.runs]]\nrun = 4\nterminal = \"completed\"\n"
    );
    assert_eq!(
        told(&text),
        [
            "no run has begun by this step @ true",
            "run 2 has not begun by this step @ 2",
            "run 0 has not begun by this step @ 0",
            "nobody is there to hear this any more @ \"late\"",
            "no entry of the provider has a fault @ true",
            "there is no run 4 @ 4",
        ]
    );
    let text = format!(
        "{HEAD}[[provider]]\nwhen = {{ run = 3 }}\nreply = {{ text = \"a\" }}\n{SAY}{EXPECT}"
    );
    assert_eq!(told(&text), ["there is no run 3 @ 3"]);
}

#[test]
fn a_fault_that_is_left_to_chance_is_not_waited_for() {
    let text = |chance: &str| {
        format!(
            "{HEAD}[[provider]]\nwhen = {{ {chance} }}\nreply = {{ text = \"a\" }}\nfault = {{ at = \"before-body\", action = \"close\" }}\n\
             {SAY}[[steps]]\nwait_for = {{ fault = true }}\n[expect]\nterminal = \"completed\"\n"
        )
    };
    assert_eq!(
        told(&text("probability = 0.5")),
        ["whether an entry of the provider has a fault is left to chance @ true"]
    );
    let certain = text("every = 2");
    assert!(parse(&certain, Path::new("x.toml"), "x").is_ok());
}

#[test]
fn tools_and_waivers_have_to_exist() {
    let text = format!(
        "{HEAD}[[provider]]\nreply = {{ tool_calls = [{{ tool = \"odd\" }}] }}\n{SAY}[[steps]]\nwait_for = {{ tool = \"efect\" }}\n\
         [expect]\ntool_runs = {{ odd = 1, lst = 2 }}\n[[waive]]\ninvariant = \"every-run-end\"\nreason = \"\"\n"
    );
    let about = About {
        text: &text,
        file: Path::new("x.toml"),
        name: "x",
        invariants: Some(&["every-run-ends", "nothing-left"]),
    };
    let mistakes = parse_about(&about).expect_err("has mistakes");
    let messages: Vec<_> = mistakes
        .iter()
        .map(|mistake| (mistake.message.as_str(), mistake.help.as_deref()))
        .collect();
    assert_eq!(
        messages,
        [
            (
                "unknown tool `efect`",
                Some("did you mean `effect`? possible are: effect, list, odd, read")
            ),
            (
                "unknown tool `lst`",
                Some("did you mean `list`? possible are: effect, list, odd, read")
            ),
            (
                "there is no invariant `every-run-end`",
                Some("did you mean `every-run-ends`?")
            ),
            ("a waiver needs a reason", None),
        ]
    );
}

#[test]
fn a_run_cannot_be_expected_to_end_in_two_ways() {
    let text =
        format!("{HEAD}{PROVIDER}{SAY}{EXPECT}[[expect.runs]]\nrun = 1\nterminal = \"failed\"\n");
    assert_eq!(
        told(&text),
        ["a run is expected to end in two different ways @ \"failed\""]
    );
}

#[test]
fn every_expectation_is_read_with_its_run() {
    let text = format!(
        "{HEAD}{PROVIDER}{SAY}{SAY}[expect]\noutput_contains = \"a\"\nerror_contains = \"b\"\neffects = [\"x\", \"y\"]\nusage = {{ input = 1, output = 2 }}\n\
         [expect.policy]\ntakes_at_least = \"1s\"\ntakes_at_most = \"2s\"\n[[expect.runs]]\nrun = 2\noutput = \"c\"\npolicy = {{ provider_requests = 4, terminal = \"failed\" }}\n"
    );
    let expectations = parsed(&text).expect("is good").expectations;
    let seconds = |text: &str| text.parse().expect("is a duration");
    let found: Vec<_> = expectations
        .into_iter()
        .map(|expectation| (expectation.run, expectation.expected))
        .collect();
    assert_eq!(
        found,
        [
            (None, Expected::OutputContains("a".into())),
            (None, Expected::ErrorContains("b".into())),
            (None, Expected::Effects(vec!["x".into(), "y".into()])),
            (
                None,
                Expected::Usage {
                    input: 1,
                    output: 2
                }
            ),
            (None, Expected::TakesAtLeast(seconds("1s"))),
            (None, Expected::TakesAtMost(seconds("2s"))),
            (Some(2), Expected::Output("c".into())),
            (Some(2), Expected::ProviderRequests(4)),
            (Some(2), Expected::Terminal(TerminalName::Failed)),
        ]
    );
}

#[test]
fn needs_follow_from_the_file() {
    let text = format!(
        "needs = [\"virtual\"]\n{HEAD}[[provider]]\nwhen = {{ call = 1 }}\nreply = {{ tool_calls = [{{ tool = \"effect\" }}, {{ tool = \"read\" }}] }}\n\
         fault = {{ at = \"event\", after = 1, action = \"stall\" }}\n{SAY}[[steps]]\nwait_for = {{ text = \"H\" }}\n{SAY}\
         [[steps]]\nstop = {{ run = 1 }}\n[[steps]]\ndisconnect = true\n[[steps]]\nreconnect = true\n{EXPECT}"
    );
    let scenario = parsed(&text).expect("is good");
    let mut needs = vec![
        Need::Stop,
        Need::Reconnect,
        Need::Turns,
        Need::Concurrent,
        Need::Events,
        Need::ToolEffect,
        Need::ToolRead,
        Need::Virtual,
        Need::Streamed,
    ];
    assert_eq!(scenario.needs, needs);
    assert_eq!(scenario.lacks(&needs, false), [Need::Streamed]);
    needs.retain(|need| *need != Need::Stop);
    assert_eq!(scenario.lacks(&needs, true), [Need::Stop]);
}

#[test]
fn files_are_found_in_one_order_and_named_below_their_root() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("scenarios");
    std::fs::create_dir_all(root.join("b/c")).expect("a folder can be made");
    for name in ["b/c/two.toml", "b/one.toml", "a.toml", "b/notes.md"] {
        std::fs::write(root.join(name), "").expect("can be written");
    }
    let given = [root.clone(), root.join("b/notes.md"), root.join("a.toml")];
    let found = discover(&given).expect("all are there");
    let names: Vec<_> = found
        .iter()
        .map(|path| name_of(path, root_of(path)))
        .collect();
    assert_eq!(names, ["a", "b/c/two", "b/notes", "b/one"]);
    let missing = folder.path().join("missing");
    assert!(matches!(
        discover(std::slice::from_ref(&missing)),
        Err(LoadError::Io { path, .. }) if path == missing
    ));
    assert!(matches!(load(&missing, &root), Err(LoadError::Io { .. })));
}

#[test]
fn what_cannot_be_read_says_so_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("x.toml");
    let text = format!("{HEAD}{PROVIDER}{SAY}{EXPECT}x = 1\n");
    std::fs::write(&path, text).expect("can be written");
    let error = load_knowing(&path, folder.path(), &[]).expect_err("has a mistake");
    let expected = format!("read a scenario: 1 mistake in {}", path.display());
    assert_eq!(error.to_string(), expected);
}

/// The scenario of the design, for breaking it.
const WHOLE: &str = include_str!("../../../../scenarios/stream/cut-in-tool-arguments.toml");

proptest! {
    /// However a file is broken, it is told what is wrong, and nothing of ours breaks.
    #[test]
    fn a_broken_file_is_never_taken_for_a_good_one_in_silence(
        from in 0..WHOLE.len(),
        length in 0..40_usize,
        instead in "[\\[\\]{}=\"'#,.a-zä0-9 \n\t-]{0,6}",
    ) {
        let (from, to) = (WHOLE.floor_char_boundary(from), WHOLE.ceil_char_boundary(from + length));
        let text = format!("{}{instead}{}", &WHOLE[..from], &WHOLE[to.max(from)..]);
        match parsed(&text) {
            Ok(scenario) => prop_assert!(!scenario.expectations.is_empty() && !scenario.steps.is_empty()),
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                let shown = render(Path::new("x.toml"), &text, &mistakes);
                prop_assert_eq!(shown.matches("error: ").count(), mistakes.len());
            }
        }
    }
}
