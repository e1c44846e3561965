//! What target files say and how they are refused.

use std::path::Path;

use super::*;
use crate::target::template::Values;

const GATEWAY: &str = r#"
format = 1
name = "one"
adapter = "gateway"
command = ["{bin_dir}/serve", "--port", "{port}"]
supports = ["stop", "turns"]
setup = [["python3", "-m", "venv", "{target_dir}/.venv"]]
setup_stamp = ".venv"
ready = { path = "/health", within = "5s" }
tools.list = { name = "list_files", arguments = { path = "directory" } }
bounds = { run = "30s" }

[env]
KEY = "{key}"

[files]
".config/one.yaml" = "model: {default: m, url: {provider}}"
"#;

fn parse(text: &str) -> Result<TargetFile, Vec<scenario::Mistake>> {
    TargetFile::parse(text, Path::new("/targets"))
}

fn refused(text: &str) -> Vec<String> {
    let mistakes = parse(text).expect_err("is wrong");
    mistakes
        .into_iter()
        .map(|mistake| mistake.message)
        .collect()
}

#[test]
fn a_gateway_that_is_started_by_command() {
    let target = parse(GATEWAY).unwrap();
    assert_eq!(target.adapter, Adapter::Gateway);
    assert_eq!(
        target.observes,
        ["provider", "terminal", "events", "process"]
    );
    let needs = [
        Need::Stop,
        Need::Turns,
        Need::ToolList,
        Need::Process,
        Need::Streamed,
    ];
    assert_eq!(target.supports, needs.into_iter().collect());
    assert_eq!(target.ready_within.as_secs(), 5);
    assert_eq!(target.tools.name("list"), "list_files");
    let values = Values::from([("provider", "http://p/v1".to_owned())]);
    let filled = template::fill(&target.files[".config/one.yaml"], &values).unwrap();
    assert_eq!(filled, "model: {default: m, url: http://p/v1}");
}

#[test]
fn a_target_speaks_chat_unless_it_says_otherwise() {
    let dialects = |said: &str| {
        let text = GATEWAY.replace("adapter =", &format!("{said}adapter ="));
        parse(&text).map(|target| target.dialects.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(dialects("").unwrap(), [Dialect::OpenaiChat]);
    let two = "dialects = [\"ollama\", \"anthropic-messages\"]\n";
    assert_eq!(
        dialects(two).unwrap(),
        [Dialect::AnthropicMessages, Dialect::Ollama]
    );
    let none = dialects("dialects = []\n").unwrap_err();
    assert_eq!(none[0].message, "a target needs a dialect");
    let unknown = dialects("dialects = [\"openai\"]\n").unwrap_err();
    assert_eq!(unknown.len(), 1);
}

#[test]
fn the_setup_is_stamped_by_what_it_does() {
    let target = parse(GATEWAY).unwrap();
    let setup = target.setup(None).unwrap().unwrap();
    assert_eq!(
        setup.commands,
        [["python3", "-m", "venv", "/targets/.venv"]]
    );
    let other = parse(&GATEWAY.replace("python3", "python3.11")).unwrap();
    let stamp = setup.stamp.unwrap();
    assert!(stamp.starts_with("/targets/.venv"), "{stamp:?}");
    assert_ne!(other.setup(None).unwrap().unwrap().stamp, Some(stamp));
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = r#"
format = 2
name = " "
adapter = "gateway"
command = ["serve", "{prot}", "{prompt}"]
supports = ["virtual", "tool:list", "nonsense"]
observe = ["provider"]
setup = [["{home}"]]

[files]
"../x" = ""
"#;
    let expected = [
        "format 2 is not known",
        "a target needs a name",
        "a gateway needs to be told its port",
        "nothing says when this gateway is ready",
        "`{prot}` is not a template",
        "`{prompt}` has no value here",
        "`virtual` cannot be said here",
        "`tool:list` cannot be said here",
        "unknown key `observe`",
        "`{home}` has no value here",
        "`../x` does not lie in the home",
    ];
    let mistakes = refused(text);
    for message in expected {
        assert!(
            mistakes.iter().any(|told| told == message),
            "{message}: {mistakes:#?}"
        );
    }
    let nonsense = mistakes.iter().any(|told| told.contains("nonsense"));
    assert!(
        nonsense && mistakes.len() == expected.len() + 1,
        "{mistakes:#?}"
    );
}

#[test]
fn each_adapter_has_its_own_keys() {
    let prompt = "format = 1\nname = \"p\"\nadapter = \"prompt\"\ncommand = [\"chat\"]\n";
    assert_eq!(
        refused(prompt),
        ["a prompt needs to be known by what it shows"]
    );
    let known = format!("{prompt}prompt = {{ shows = \"> \" }}\n");
    assert!(parse(&known).unwrap().supports.contains(&Need::Prompt));
    let stoppable = format!("{known}supports = [\"stop\"]\nready = {{ path = \"/\" }}\n");
    let mistakes = refused(&stoppable);
    assert_eq!(
        mistakes,
        [
            "`stop` cannot be said here",
            "only a gateway is asked whether it is ready"
        ]
    );
    let command =
        "format = 1\nname = \"c\"\nadapter = \"command\"\ncommand = [\"ask\", \"{prompt}\"]\n";
    assert_eq!(
        parse(command).unwrap().observes,
        ["provider", "terminal", "process"]
    );
    assert_eq!(
        refused(&format!("{command}prompt = {{ shows = \"\" }}")),
        ["a command has no prompt"]
    );
}

#[test]
fn what_no_process_can_be_given_is_refused_at_once() {
    let text = r#"
format = 1
name = "one\u001b[2J"
adapter = "command"
command = ["", "a\u0000"]
setup = [[], ["true"]]

[env]
"A=B" = "c"
C = "{prompt}"

[files]
"a" = "1"
"a/b" = "2"
"#;
    assert_eq!(
        refused(text),
        [
            "the name is more than a line of text",
            "the command is never told what the user says",
            "the program has no name",
            "no process can be given a NUL",
            "a command of the setup is empty",
            "`A=B` cannot name a variable",
            "`{prompt}` has no value here",
            "`a` is a file here and a folder elsewhere",
        ]
    );
}
