//! The real clients take the fake provider for the real thing, and what each makes of its faults can be measured.
//!
//! `cargo test -p sdk-conformance --test conformance -- [PART OF A CHECK'S NAME]`. It has no harness, since the whole of it runs in a network
//! of its own, which has to be entered before there is a second thread.

use std::process::{Command, ExitCode};

/// A few cells of each kind of driver, so that the measurement itself is known to work.
const CELLS: [&str; 3] = [
    "openai-python-3/openai-chat/streamed/boundary-",
    "openai-node-7/openai-chat/streamed/boundary-",
    "async-openai/openai-chat/streamed/boundary-",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let part = arguments.iter().find(|argument| !argument.starts_with('-'));
    let part = part.map_or("", String::as_str);
    let mut all = vec![vec!["check", part]];
    if part.is_empty() {
        all.extend(CELLS.map(|cells| vec!["behaviour", cells]));
    }
    let passed = all.iter().all(|arguments| {
        let status = Command::new(env!("CARGO_BIN_EXE_sdk-conformance"))
            .args(arguments)
            .status();
        status.is_ok_and(|status| status.success())
    });
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
