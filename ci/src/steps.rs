//! Which steps each command consists of, in order: cheap ones first, so that a slip is told early.

use std::path::Path;

use crate::failure::Failure;
use crate::step::Step;
use crate::{generated, performance as figures, program, readme as readme_commands, tidy as style};

/// Everything.
pub(crate) fn check() -> Vec<Step> {
    let mut steps = vec![command(
        "formatting",
        &["cargo", "fmt", "--all", "--", "--check"],
    )];
    steps.extend(tidy());
    steps.push(command(
        "lints",
        &[
            "cargo",
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ));
    steps.push(command(
        "every binary",
        &["cargo", "build", "--workspace", "--bins"],
    ));
    // The matrix of defects is one of them.
    steps.push(command(
        "all tests of the workspace, the defects among them",
        &["cargo", "test", "--quiet", "--workspace"],
    ));
    steps.push(Step::new(
        "generated files are up to date",
        generated::check,
    ));
    steps.extend(gate());
    steps.extend(readme());
    steps.push(Step::new(
        "licences, bans and sources of dependencies",
        dependencies,
    ));
    steps
}

/// The house style.
pub(crate) fn tidy() -> Vec<Step> {
    vec![Step::new("tidy", style::check)]
}

/// The gate: the shipped scenarios against the shipped agent, and against somebody else's.
pub(crate) fn gate() -> Vec<Step> {
    const BROWNOUT: [&str; 6] = ["cargo", "run", "--quiet", "--bin", "brownout", "--"];
    let gate = |heading: &str, arguments: &[&str]| {
        let words: Vec<&str> = BROWNOUT.iter().chain(arguments).copied().collect();
        command(heading, &words)
    };
    vec![
        gate("gate: reference agent, virtual time", &["run"]),
        gate("gate: reference agent, real time", &["run", "--real-time"]),
        Step::new("gate: openai-python", openai_python),
    ]
}

/// The matrix is a test of the root package, since only that may see both the judges and the defective agents.
pub(crate) fn defects() -> Vec<Step> {
    vec![command(
        "defects",
        &[
            "cargo",
            "test",
            "--quiet",
            "--package",
            "brownout",
            "--test",
            "defects",
        ],
    )]
}

/// Writes the generated files anew.
pub(crate) fn docs() -> Vec<Step> {
    vec![Step::new("generated files", generated::write)]
}

/// What client libraries make of faults. Not part of [`check`]: it is a measurement, which takes minutes and is never twice the same.
pub(crate) fn clients(new: bool) -> Vec<Step> {
    const MEASURE_NEW: &[&str] = &[
        "cargo",
        "run",
        "--quiet",
        "--package",
        "sdk-conformance",
        "--",
        "behaviour",
        "--write",
        "docs/client-behaviour.md",
        "--new",
    ];
    let (_, all) = MEASURE_NEW.split_last().unwrap_or((&"", &[]));
    let command_line = if new { MEASURE_NEW } else { all };
    vec![command("what clients make of faults", command_line)]
}

/// The commands of the README.
pub(crate) fn readme() -> Vec<Step> {
    vec![Step::new("the README's commands", readme_commands::run)]
}

/// What the gate costs on this machine. Not part of [`check`]: figures are told, not judged.
pub(crate) fn performance() -> Vec<Step> {
    vec![Step::new("performance", figures::measure)]
}

/// Another agent may well have faults, and the gate is not about them: what has to work is that every case is judged.
/// Violated (100) and undecided (101) are therefore fine here; a target that does not start is not.
fn openai_python(root: &Path) -> Result<(), Failure> {
    let words = [
        "cargo",
        "run",
        "--quiet",
        "--bin",
        "brownout",
        "--",
        "run",
        "--target",
        "targets/openai-python.toml",
    ];
    match program::run(root, &words) {
        Err(Failure::Ended { status, .. }) if matches!(status.code(), Some(100 | 101)) => Ok(()),
        other => other,
    }
}

/// `cargo-deny`, where a machine has none of its own: the folder, and the version that is installed there.
const TOOLS: &str = "target/tools";
const CARGO_DENY: &str = "0.20.2";

fn dependencies(root: &Path) -> Result<(), Failure> {
    let own = format!("{TOOLS}/bin/cargo-deny");
    let mut program = vec!["cargo", "deny"];
    if !program::works(root, &[&program[..], &["--version"]].concat()) {
        program = vec![own.as_str(), "deny"];
        if !program::works(root, &[own.as_str(), "--version"]) {
            install_cargo_deny(root)?;
        }
    }
    // Advisories are kept in a repository of their own, which a machine with package registries alone cannot reach.
    let words = [&program[..], &["check", "licenses", "bans", "sources"]].concat();
    program::run(root, &words)
}

fn install_cargo_deny(root: &Path) -> Result<(), Failure> {
    let install = ["cargo", "install", "--quiet", "--locked", "cargo-deny"];
    let which = ["--version", CARGO_DENY, "--root", TOOLS];
    program::run(root, &[&install[..], &which].concat())
}

fn command(heading: &str, words: &[&str]) -> Step {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let heading = format!("{heading}: {}", words.join(" "));
    Step::new(heading, move |root| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        program::run(root, &words)
    })
}
