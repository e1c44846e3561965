//! The README's commands are run as they stand, so that they cannot rot: every line of a `sh` block.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::program;

/// What runs all of this is not run again by it.
const OURSELVES: &str = "cargo ci check";

/// Runs every command of the README, in order, in one folder.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let path = root.join("README.md");
    let text = fs::read_to_string(&path).map_err(|source| Failure::file(&path, source))?;
    let commands = commands(&text);
    if commands.is_empty() {
        return Err(Failure::Found(vec![
            "README.md has no `sh` block".to_owned(),
        ]));
    }
    for command in commands {
        program::run(root, &["bash", "-c", &command])?;
    }
    Ok(())
}

/// The lines of all `sh` blocks without comments; a line that ends in a backslash goes on.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut inside = false;
    let mut begun = String::new();
    for line in text.lines() {
        let line = line.trim_end();
        if line.starts_with("```") {
            inside = !inside && line == "```sh";
            continue;
        }
        if !inside {
            continue;
        }
        let (part, goes_on) = line
            .strip_suffix('\\')
            .map_or((line, false), |part| (part, true));
        begun.push_str(part);
        if !goes_on {
            commands.push(std::mem::take(&mut begun));
        }
    }
    let said = |command: &String| {
        let bare = command.split(" #").next().unwrap_or(command).trim();
        !bare.is_empty() && !bare.starts_with('#') && bare != OURSELVES
    };
    commands.retain(said);
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_reader_would_type_is_run() {
        let text = "# x\n```sh\n# first\ncargo run -- run   # all of it\ncargo ci check\ncargo run -- \\\n  check\n```\n```text\nPASS\n```\n```toml\na = 1\n```\n";
        assert_eq!(
            commands(text),
            ["cargo run -- run   # all of it", "cargo run --   check"]
        );
    }
}
