//! The SDKs, pinned, each installed once into a folder of its own that the repository ignores. Knows nothing of checks.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::checks::Sdk;

/// The newest major version needs Node 22.
const NODE_PACKAGE: &str = "openai@6.49.0";
const PYTHON_PACKAGES: &str = include_str!("requirements.txt");

/// An SDK that can be used.
pub(crate) struct Installed {
    sdk: Sdk,
    folder: PathBuf,
}

/// Why an SDK cannot be used; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("start `{command}`: {source}. These tests need Python 3.11 and Node 20")]
    Start { command: String, source: io::Error },
    #[error(
        "install the SDK with `{command}`: {told}\nIt needs a network once: what it installs is kept"
    )]
    Install { command: String, told: String },
}

impl Installed {
    /// The SDK, installed first if it is not there. Others who want it at the same time wait.
    pub(crate) fn ready(sdk: Sdk) -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (folder, wanted) = match sdk {
            Sdk::Python => (root.join(".venvs/sdk"), PYTHON_PACKAGES),
            Sdk::Node => (root.join(".node/sdk"), NODE_PACKAGE),
        };
        let stamp = folder.join("installed");
        let lock = folder.with_extension("lock");
        in_folder(&lock)?;
        let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        // Held until this returns.
        let _locked = locked.map_err(|source| Failure::File { path: lock, source })?;
        if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(Self { sdk, folder });
        }
        match fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::File {
                    path: folder,
                    source,
                });
            }
            _ => {}
        }
        match sdk {
            Sdk::Python => install_python(root, &folder)?,
            Sdk::Node => install_node(&folder)?,
        }
        // Written last: what was left half done is done again.
        fs::write(&stamp, wanted).map_err(|source| Failure::File {
            path: stamp,
            source,
        })?;
        Ok(Self { sdk, folder })
    }

    /// The program, what it has to find in its environment, and the script.
    pub(crate) fn command(&self) -> (PathBuf, Vec<(String, String)>, String) {
        let script = |name: &str| format!("{}/tests/sdk/{name}", env!("CARGO_MANIFEST_DIR"));
        match self.sdk {
            Sdk::Python => (
                self.folder.join("bin/python"),
                Vec::new(),
                script("python_client.py"),
            ),
            Sdk::Node => {
                let folder = self.folder.display().to_string();
                let environment = vec![("SDK_FOLDER".to_owned(), folder)];
                ("node".into(), environment, script("node_client.mjs"))
            }
        }
    }
}

fn install_python(root: &Path, folder: &Path) -> Result<(), Failure> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(folder.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(root.join("tests/sdk/requirements.txt")))
}

fn install_node(folder: &Path) -> Result<(), Failure> {
    run(Command::new("npm")
        .args([
            "install",
            "--loglevel=error",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ])
        .arg(folder)
        .arg(NODE_PACKAGE))
}

fn in_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().expect("a lock lies in a folder");
    fs::create_dir_all(folder).map_err(|source| Failure::File {
        path: folder.to_owned(),
        source,
    })
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}").replace('"', "");
    let Output { status, stderr, .. } = command.output().map_err(|source| Failure::Start {
        command: shown.clone(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&stderr);
    Err(Failure::Install {
        command: shown,
        told: format!("{status}\n{}", told.trim()),
    })
}
