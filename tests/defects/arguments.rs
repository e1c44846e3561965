//! What the command line asks for. Knows the words that `cargo test` adds by itself, and nothing of trials.

/// What is asked for.
pub(crate) enum Wanted {
    /// A trial.
    Trial(Arguments),
    /// Tests of another name.
    Nothing,
}

/// Which part of the trial is held.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    /// Only this defect.
    pub(crate) defect: Option<String>,
    /// Only scenarios whose name contains this.
    pub(crate) scenario: Option<String>,
    /// How many cases at a time.
    pub(crate) jobs: Option<usize>,
}

impl Arguments {
    /// Reads the words after the program's name.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
        let mut read = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--defect" => read.defect = Some(value()?),
                "--scenario" => read.scenario = Some(value()?),
                "--jobs" => {
                    let jobs = value()?;
                    let number = jobs.parse().map_err(|_| format!("`{jobs}` is no number"))?;
                    read.jobs = Some(number);
                }
                // Part of what `cargo test` hands to every test program.
                "--nocapture" | "--quiet" | "-q" => {}
                "--list" => return Ok(Wanted::Nothing),
                name if "defects".contains(name) => {}
                name if !name.starts_with('-') => return Ok(Wanted::Nothing),
                other => return Err(format!("`{other}` is unknown")),
            }
        }
        Ok(Wanted::Trial(read))
    }

    /// Whether everything is tried, so that what convicts nothing can be told.
    pub(crate) fn is_whole(&self) -> bool {
        self.defect.is_none() && self.scenario.is_none()
    }
}
