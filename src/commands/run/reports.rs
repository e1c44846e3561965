//! The reports that were asked for: `KIND` to stdout, `KIND=FILE` to a file, and GitHub's summary where GitHub says.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use report::{Campaign, Ink, Terminal, github, json, junit};

use crate::commands::sentence_of;
use crate::console::Console;
use crate::failure::CommandError;

/// The file to which GitHub wants the summary of a step appended.
const GITHUB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A report, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportRequest {
    kind: ReportKind,
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportKind {
    Terminal,
    Json,
    Junit,
    Github,
}

impl FromStr for ReportRequest {
    type Err = CommandError;

    fn from_str(text: &str) -> Result<Self, CommandError> {
        let (kind, file) = match text.split_once('=') {
            Some((kind, "")) => {
                let message = format!("report to a file: its name should follow `{kind}=`");
                return Err(CommandError::Usage(message));
            }
            Some((kind, file)) => (kind, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let kind = match kind {
            "terminal" => ReportKind::Terminal,
            "json" => ReportKind::Json,
            "junit" => ReportKind::Junit,
            "github" => ReportKind::Github,
            other => {
                let message =
                    format!("report as `{other}`: there are terminal, json, junit and github");
                return Err(CommandError::Usage(message));
            }
        };
        Ok(Self { kind, file })
    }
}

impl ReportRequest {
    /// Whether stdout is for a program, so that what a person reads has to go elsewhere.
    pub(super) fn claims_stdout(&self) -> bool {
        self.file.is_none() && matches!(self.kind, ReportKind::Json | ReportKind::Junit)
    }

    /// Makes sure that the report can be written, before an hour is spent on what it is to say.
    ///
    /// # Errors
    ///
    /// Its file cannot be opened.
    pub(super) fn prepare(&self) -> Result<(), CommandError> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        make_folder_of(path)?;
        let opened = OpenOptions::new().create(true).append(true).open(path);
        opened
            .map(drop)
            .map_err(|error| CommandError::write(path, error))
    }

    /// Writes the report of a campaign that is over.
    ///
    /// # Errors
    ///
    /// Its file cannot be written.
    pub(super) fn write(
        &self,
        campaign: &Campaign,
        console: &mut Console<'_>,
    ) -> Result<(), CommandError> {
        let text = match self.kind {
            // What a person reads was written while it happened; only a file still wants it.
            ReportKind::Terminal if self.file.is_none() => return Ok(()),
            ReportKind::Terminal => plain_text(campaign),
            ReportKind::Json => json::render(campaign),
            ReportKind::Junit => junit::render(campaign, sentence_of),
            ReportKind::Github => {
                append_summary(campaign, console)?;
                github::annotations(campaign)
            }
        };
        match &self.file {
            Some(path) => write_file(path, &text),
            None => Ok(console.out.write_all(text.as_bytes())?),
        }
    }
}

/// Nothing is written over by another report.
///
/// # Errors
///
/// Two reports go to the same place.
pub(super) fn distinct(requests: &[ReportRequest]) -> Result<(), CommandError> {
    let refused = |message: &str| Err(CommandError::Usage(message.to_owned()));
    let to_stdout =
        |request: &&ReportRequest| request.file.is_none() && request.kind != ReportKind::Terminal;
    if requests.iter().filter(to_stdout).count() > 1 {
        return refused(
            "write two reports to stdout: name a file for one, such as `junit=report.xml`",
        );
    }
    for (index, request) in requests.iter().enumerate() {
        let Some(path) = &request.file else { continue };
        let again = |other: &ReportRequest| other.file.as_ref() == Some(path);
        if requests[..index].iter().any(again) {
            return refused(&format!(
                "write two reports to {}: name another file",
                path.display()
            ));
        }
    }
    Ok(())
}

fn plain_text(campaign: &Campaign) -> String {
    let terminal = Terminal {
        ink: Ink::PLAIN,
        sentences: sentence_of,
    };
    let of = campaign.cases.len();
    let numbered = campaign.cases.iter().enumerate();
    let lines = numbered.map(|(index, case)| terminal.line(case, index + 1, of));
    lines.collect::<String>() + &terminal.summary(campaign)
}

fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    make_folder_of(path)?;
    std::fs::write(path, text).map_err(|error| CommandError::write(path, error))
}

fn make_folder_of(path: &Path) -> Result<(), CommandError> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| CommandError::write(folder, error))
}

fn append_summary(campaign: &Campaign, console: &Console<'_>) -> Result<(), CommandError> {
    let Some(path) = console.environment.get(GITHUB_SUMMARY).map(Path::new) else {
        return Ok(());
    };
    let table = github::summary_table(campaign);
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(table.as_bytes()))
        .map_err(|error| CommandError::write(path, error))
}
