//! The client libraries, pinned, each major installed once into a folder of its own that the repository ignores.
//!
//! Starts no thread, so that the process can be moved into a network of its own afterwards. Knows nothing of checks.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::roster::{CLIENTS, Client, Home};

/// Installs a folder in a second where pip takes half a minute.
const UV: &str = "uv==0.13.8";
const PACKAGE_LOCK: &str = include_str!("../node/package-lock.json");

/// Why a client cannot be used; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error("use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("start `{command}`: {source}. These tests need Python 3.11 and Node 20 with npm")]
    Start { command: String, source: io::Error },
    #[error("run `{command}`: {told}\nIt needs a network once: what it installs is kept")]
    Install { command: String, told: String },
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = own.ancestors().nth(2);
    root.expect("this package lies in tests/").to_owned()
}

/// Every client's folder, installed first where it is not there.
pub(crate) fn install() -> Result<(), InstallError> {
    for client in &CLIENTS {
        match client.home {
            Home::Python { requirements, .. } => {
                let folder = folder(client);
                once(&folder, requirements, || python(&folder, requirements))?;
            }
            Home::Node { .. } => {
                let folder = folder(client);
                once(&folder, PACKAGE_LOCK, || packages(&folder))?;
            }
            Home::Rust { .. } => {}
        }
    }
    Ok(())
}

/// Where a client is installed.
pub(crate) fn folder(client: &Client) -> PathBuf {
    match client.home {
        Home::Python { folder, .. } => root().join(".venvs/sdk").join(folder),
        Home::Node { .. } | Home::Rust { .. } => root().join(".node/sdk"),
    }
}

/// The program that runs a client's driver; nothing for the one that is compiled in.
pub(crate) fn program(client: &Client) -> Option<PathBuf> {
    match client.home {
        Home::Python { .. } => Some(folder(client).join("bin/python")),
        // The newest of them need Node 22, whatever this machine has.
        Home::Node { .. } => Some(folder(client).join("node_modules/node/bin/node")),
        Home::Rust { .. } => None,
    }
}

/// Installs into a folder unless it says that this was done. Others who want it at the same time wait.
fn once(
    folder: &Path,
    wanted: &str,
    install: impl Fn() -> Result<(), InstallError>,
) -> Result<(), InstallError> {
    let stamp = folder.join("installed");
    let lock = folder.with_extension("lock");
    let parent = folder.parent().expect("a folder lies in another");
    fs::create_dir_all(parent).map_err(|source| failed(parent, source))?;
    let locked = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    // Held until this returns.
    let _locked = locked.map_err(|source| failed(&lock, source))?;
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(failed(folder, source));
        }
        _ => {}
    }
    install()?;
    // Written last: what was left half done is done again.
    fs::write(&stamp, wanted).map_err(|source| failed(&stamp, source))
}

fn python(folder: &Path, requirements: &str) -> Result<(), InstallError> {
    let uv = root().join(".venvs/sdk-uv");
    once(&uv, UV, || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&uv))?;
        let pip = ["-m", "pip", "install", "--quiet", UV];
        run(Command::new(uv.join("bin/python")).args(pip))
    })?;
    let program = uv.join("bin/uv");
    run(Command::new(&program)
        .args(["venv", "--quiet", "--python", "python3"])
        .arg(folder))?;
    let list = folder.join("requirements.txt");
    fs::write(&list, requirements).map_err(|source| failed(&list, source))?;
    run(Command::new(&program)
        .args(["pip", "sync", "--quiet", "--python"])
        .arg(folder.join("bin/python"))
        .arg(&list))
}

fn packages(folder: &Path) -> Result<(), InstallError> {
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    for name in ["package.json", "package-lock.json"] {
        let from = root().join("tests/sdk/node").join(name);
        fs::copy(&from, folder.join(name)).map_err(|source| failed(&from, source))?;
    }
    let options = ["ci", "--loglevel=error", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(options).current_dir(folder))
}

fn failed(path: &Path, source: io::Error) -> InstallError {
    InstallError::File {
        path: path.to_owned(),
        source,
    }
}

fn run(command: &mut Command) -> Result<(), InstallError> {
    let shown = format!("{command:?}").replace('"', "");
    let Output { status, stderr, .. } = command.output().map_err(|source| InstallError::Start {
        command: shown.clone(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&stderr);
    Err(InstallError::Install {
        command: shown,
        told: format!("{status}\n{}", told.trim()),
    })
}
