//! Agents at an interactive prompt: the shipped target file, with the defective agent in the place of the one that ships.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use runner::{Target, TargetFile};

/// The target file that ships.
const SHIPPED: &str = "targets/reference-chat.toml";

/// How its command begins.
const BEGINNING: &str = "\"{bin_dir}/reference-agent\", ";

/// The agent at its prompt, with this defect or none.
pub(crate) fn target(root: &Path, defect: Option<&str>) -> Result<Target, String> {
    let path = root.join(SHIPPED);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("read {}: {error}", path.display()))?;
    let text = match defect {
        None => text,
        Some(defect) if text.contains(BEGINNING) => {
            let with = format!("\"{{bin_dir}}/defective-agent\", \"--defect\", \"{defect}\", ");
            text.replace(BEGINNING, &with)
        }
        Some(_) => return Err(format!("find the command in {SHIPPED}")),
    };
    let folder = path.parent().unwrap_or(root);
    let file = TargetFile::parse(&text, folder)
        .map_err(|mistakes| format!("understand {SHIPPED}: {mistakes:?}"))?;
    Ok(Target::Started(Arc::new(file)))
}

/// Builds the binaries that are started at a prompt, beside this test, and says where they are.
pub(crate) fn binaries(root: &Path) -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| format!("find this program: {error}"))?;
    // `target/debug/deps/defects-…`
    let folder = here.parent().and_then(Path::parent).unwrap_or(root);
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--package",
        "defective-agent",
        "--package",
        "reference-agent",
        "--bins",
    ]);
    if folder
        .file_name()
        .is_some_and(|profile| profile == "release")
    {
        build.arg("--release");
    }
    let built = build.current_dir(root).status();
    match built {
        Ok(status) if status.success() => Ok(folder.to_owned()),
        Ok(status) => Err(format!(
            "build the defective agent: cargo ended with {status}"
        )),
        Err(error) => Err(format!("build the defective agent: {error}")),
    }
}
