//! What `brownout run` is told, by the command line first and a profile second.

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use scenario::Dialect;

use super::reports::{self, ReportRequest};
use crate::dialect_choice::{self, DialectChoice};
use crate::failure::CommandError;
use crate::filter::Filter;
use crate::profile::{self, Profile};
use crate::selection::FOLDER;

/// The seed where none is given: a campaign repeats unless it is told not to.
const SEED: u64 = 0x5eed;

/// Runs scenarios against a target and judges what was recorded.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Scenario files, or folders of them [default: scenarios]
    paths: Vec<PathBuf>,
    /// The system under test; the reference agent in this process without one
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Decides every choice, decimal or 0x… [default: 0x5eed]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Only these scenarios: words over name and tags, `tag:x`, `name:glob`, `not …`, `a | b`
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// How many cases run at a time [default: one per core, more where they only wait]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    jobs: Option<u16>,
    /// Real time on loopback TCP in place of simulated time (always so for a target that is started)
    #[arg(long)]
    real_time: bool,
    /// A profile of `brownout.toml` [default: `default`, if there is one]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// terminal, json, junit or github; to a file, or to stdout
    #[arg(long, value_name = "KIND[=FILE]")]
    report: Vec<String>,
    /// The provider's protocols: `all`, or names with commas between them [default: those the target speaks]
    #[arg(long, value_name = "DIALECT", value_delimiter = ',', value_parser = DialectChoice::from_str)]
    dialect: Vec<DialectChoice>,
    /// How replies are sent [default: both]
    #[arg(long, value_name = "HOW")]
    streaming: Option<Streaming>,
    /// Let a target that is started reach the network
    #[arg(long)]
    no_isolation: bool,
    /// Where campaigns are stored
    #[arg(long, value_name = "DIR", default_value = "campaigns")]
    campaigns: PathBuf,
}

/// How replies are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Streaming {
    /// As streams of events
    Streamed,
    /// As one document
    Whole,
    /// One case each
    Both,
}

impl Streaming {
    fn axis(self) -> Vec<bool> {
        match self {
            Self::Streamed => vec![true],
            Self::Whole => vec![false],
            Self::Both => vec![true, false],
        }
    }
}

/// Everything that was decided about a campaign before it begins.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) paths: Vec<PathBuf>,
    pub(super) target: Option<PathBuf>,
    pub(super) seed: u64,
    pub(super) filter: Option<Filter>,
    pub(super) jobs: Option<usize>,
    pub(super) virtual_time: bool,
    pub(super) reports: Vec<ReportRequest>,
    /// Without any, those that the target speaks.
    pub(super) dialects: Option<Vec<Dialect>>,
    pub(super) streaming: Vec<bool>,
    pub(super) isolated: bool,
    pub(super) campaigns: PathBuf,
}

impl RunArguments {
    /// What is meant, with the profile's options where the command line says nothing.
    ///
    /// # Errors
    ///
    /// The profile cannot be used, or an option makes no sense.
    pub(super) fn options(self, folder: &Path) -> Result<Options, CommandError> {
        let profile = profile::load(folder, self.profile.as_deref())?;
        let target = self.target.clone().or_else(|| profile.target.clone());
        let real_time = self.real_time || profile.real_time.unwrap_or(false);
        Ok(Options {
            filter: self.filter(&profile)?,
            reports: self.reports(&profile)?,
            streaming: self.streaming(&profile)?.axis(),
            dialects: self.dialects(&profile)?,
            jobs: self
                .jobs
                .or(profile.jobs.map(NonZeroU16::get))
                .map(usize::from),
            seed: self.seed.or(profile.seed).unwrap_or(SEED),
            virtual_time: !real_time && target.is_none(),
            target,
            paths: first_said(self.paths, profile.paths, || vec![PathBuf::from(FOLDER)]),
            isolated: !self.no_isolation,
            campaigns: self.campaigns,
        })
    }

    fn filter(&self, profile: &Profile) -> Result<Option<Filter>, CommandError> {
        let text = self.filter.as_ref().or(profile.filter.as_ref());
        let read = |text: &String| {
            let wrong = |error| CommandError::Usage(format!("read the filter `{text}`: {error}"));
            text.parse().map_err(wrong)
        };
        text.map(read).transpose()
    }

    fn reports(&self, profile: &Profile) -> Result<Vec<ReportRequest>, CommandError> {
        let said = if self.report.is_empty() {
            &profile.reports
        } else {
            &self.report
        };
        let requests = said
            .iter()
            .map(|text| text.parse())
            .collect::<Result<Vec<ReportRequest>, _>>()?;
        reports::distinct(&requests)?;
        Ok(requests)
    }

    fn dialects(&self, profile: &Profile) -> Result<Option<Vec<Dialect>>, CommandError> {
        let of_profile = profile.dialect.as_ref().map(|text| {
            let wrong = |error| CommandError::Usage(format!("use the profile: {error}"));
            let names = text.split(',').map(str::trim);
            let choices = names.map(str::parse).collect::<Result<Vec<_>, _>>();
            choices.map_err(wrong)
        });
        let said = match self.dialect.is_empty() {
            false => Some(self.dialect.clone()),
            true => of_profile.transpose()?,
        };
        Ok(said.map(|choices| dialect_choice::dialects(&choices)))
    }

    fn streaming(&self, profile: &Profile) -> Result<Streaming, CommandError> {
        match (self.streaming, &profile.streaming) {
            (Some(streaming), _) => Ok(streaming),
            (None, None) => Ok(Streaming::Both),
            (None, Some(text)) => Streaming::from_str(text, false).map_err(|_| {
                let message = format!(
                    "use the profile: `streaming = \"{text}\"` is none of streamed, whole, both"
                );
                CommandError::Usage(message)
            }),
        }
    }
}

/// The first list that says anything, each value once.
fn first_said<T: PartialEq>(
    said: Vec<T>,
    profile: Vec<T>,
    otherwise: impl FnOnce() -> Vec<T>,
) -> Vec<T> {
    let mut chosen = match (said.is_empty(), profile.is_empty()) {
        (false, _) => said,
        (true, false) => profile,
        (true, true) => otherwise(),
    };
    chosen.dedup();
    chosen
}

fn seed(text: &str) -> Result<u64, String> {
    let digits = text.replace('_', "");
    let number = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    number.map_err(|_| {
        format!(
            "write a whole number from 0 to {:#x}, decimal or 0x…",
            u64::MAX
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_as_they_are_shown() {
        assert_eq!((seed("0x5eed"), seed("24301")), (Ok(0x5eed), Ok(24301)));
        assert!(seed("-1").is_err() && seed("0x").is_err() && seed("five").is_err());
    }

    #[test]
    fn what_is_said_first_wins_and_is_said_once() {
        assert_eq!(first_said(vec![1, 1], vec![2], || vec![3]), [1]);
        assert_eq!(first_said(vec![], vec![2], || vec![3]), [2]);
        assert_eq!(first_said(vec![], vec![], || vec![3]), [3]);
    }
}
