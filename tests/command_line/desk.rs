//! Where the tests work: a folder of its own, the command in it, and scenarios to begin with.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own to work in.
pub(crate) struct Desk {
    folder: TempDir,
}

/// What an invocation came to.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let folder = path.parent().expect("it lies in the desk");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        // Whoever runs the tests may ignore a signal, as `nohup` does, and what is ignored is inherited. (coreutils 8.31)
        let mut command = Command::new("env");
        command
            .args(["--default-signal", env!("CARGO_BIN_EXE_brownout")])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for name in ["GITHUB_STEP_SUMMARY", "COLUMNS", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn brownout(&self, arguments: &[&str]) -> Said {
        Said::from(
            self.command(arguments)
                .output()
                .expect("it was built for this test"),
        )
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it prints text"),
            err: String::from_utf8(output.stderr).expect("it prints text"),
        }
    }
}

pub(crate) const HOLDS: &str = r#"format = 1
title = "A plain answer arrives"
tags = ["plain"]

[[provider]]
reply = { text = "Hello." }

[[steps]]
say = "Hello?"
[[steps]]
wait_for = { terminal = "any", within = "10s" }

[expect]
terminal = "completed"
output = "Hello."
"#;

pub(crate) const VIOLATED: &str = r#"format = 1
title = "A refused key is mended by asking again"
tags = ["refused"]

[[provider]]
fault = { action = "status", status = 401 }

[[steps]]
say = "Hello?"
[[steps]]
wait_for = { terminal = "any", within = "10s" }

[expect]
terminal = "completed"
"#;
