//! What the gate costs: wall time, CPU time, cases per second of one core. Tells figures and decides nothing.
//!
//! The machine may be busy with something else, which only ever makes a figure worse: of several campaigns, each with a seed
//! of its own, the best is told, and the middle one beside it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::Value;

use crate::failure::Failure;
use crate::program;

/// A way to run the gate.
struct Way {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Where temporary files go, unless in memory.
    scratch: Option<&'static str>,
    campaigns: u32,
}

const WAYS: [Way; 4] = [
    Way {
        name: "virtual time, a job per core",
        arguments: &[],
        scratch: None,
        campaigns: 15,
    },
    Way {
        name: "virtual time, one job",
        arguments: &["--jobs", "1"],
        scratch: None,
        campaigns: 15,
    },
    Way {
        name: "the same, homes on disk",
        arguments: &["--jobs", "1"],
        scratch: Some("/tmp"),
        campaigns: 15,
    },
    Way {
        name: "real time",
        arguments: &["--real-time"],
        scratch: None,
        campaigns: 3,
    },
];

/// What one campaign took.
#[derive(Clone, Copy)]
struct Taken {
    wall: Duration,
    cpu: Duration,
    /// Cases that were run and judged; what was skipped is none.
    cases: u64,
    /// How long the cases took, each by itself.
    of_cases: Duration,
}

impl Taken {
    fn cases_per_cpu_second(&self) -> f64 {
        self.cases as f64 / self.cpu.as_secs_f64()
    }

    /// The part of the cases' time in which no core worked for them.
    fn waiting(&self) -> f64 {
        1.0 - (self.cpu.as_secs_f64() / self.of_cases.as_secs_f64()).min(1.0)
    }
}

/// Builds the release, measures every way, and prints a table.
pub(crate) fn measure(root: &Path) -> Result<(), Failure> {
    let build = [
        "cargo",
        "build",
        "--quiet",
        "--release",
        "--bin",
        "brownout",
    ];
    program::run(root, &build)?;
    let folder = build_folder()?.join("performance");
    let mut out = io::stdout();
    let told = |source| Failure::file(Path::new("stdout"), source);
    writeln!(
        out,
        "| campaigns | cases in each | wall time | CPU time | cases per CPU second | share of the cases' time that is waiting |\n\
         |---|---|---|---|---|---|"
    )
    .map_err(told)?;
    for way in &WAYS {
        let mut all = Vec::new();
        for seed in 1..=way.campaigns {
            all.push(campaign(root, &folder, way, seed)?);
        }
        writeln!(out, "{}", row(way, all)).map_err(told)?;
    }
    // Not sooner: some file systems take long to make a file where one was deleted just now.
    fs::remove_dir_all(&folder).map_err(|source| Failure::file(&folder, source))?;
    Ok(())
}

/// One line of the table: the best of each figure, and the middle one in brackets.
fn row(way: &Way, mut all: Vec<Taken>) -> String {
    let both = |all: &[Taken], figure: &dyn Fn(&Taken) -> String| {
        format!("{} ({})", figure(&all[0]), figure(&all[all.len() / 2]))
    };
    all.sort_by_key(|taken| taken.wall);
    let wall = both(&all, &|taken| format!("{:.2} s", taken.wall.as_secs_f64()));
    all.sort_by_key(|taken| taken.cpu);
    let cpu = both(&all, &|taken| format!("{:.2} s", taken.cpu.as_secs_f64()));
    all.sort_by(|one, other| {
        other
            .cases_per_cpu_second()
            .total_cmp(&one.cases_per_cpu_second())
    });
    let rate = both(&all, &|taken| {
        format!("{:.0}", taken.cases_per_cpu_second())
    });
    // In simulated time nobody waits, except for this machine.
    let waiting = match way.arguments.contains(&"--real-time") {
        true => format!("{:.1} %", all[0].waiting() * 100.0),
        false => "–".to_owned(),
    };
    let (name, times, cases) = (way.name, all.len(), all[0].cases);
    format!("| {name}, {times} times | {cases} | {wall} | {cpu} | {rate} | {waiting} |")
}

fn campaign(root: &Path, campaigns: &Path, way: &Way, seed: u32) -> Result<Taken, Failure> {
    let report = campaigns.join("report.json");
    let program = build_folder()?.join("release/brownout");
    let mut command = Command::new(&program);
    command
        .args(["run", "--seed", &seed.to_string()])
        .args(way.arguments)
        .arg("--campaigns")
        .arg(campaigns)
        .args(["--report", &format!("json={}", report.display())])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    match way.scratch {
        Some(scratch) => command.env("TMPDIR", scratch),
        None => command.env_remove("TMPDIR"),
    };
    fs::create_dir_all(campaigns).map_err(|source| Failure::file(campaigns, source))?;
    let (began, before) = (now(), cpu_of_children());
    let status = command.status().map_err(|source| Failure::Start {
        program: program.display().to_string(),
        source,
    })?;
    let (wall, cpu) = (began.elapsed(), cpu_of_children().saturating_sub(before));
    if !status.success() {
        let command = format!("{command:?}");
        return Err(Failure::Ended { command, status });
    }
    let text = fs::read_to_string(&report).map_err(|source| Failure::file(&report, source))?;
    let (cases, of_cases) = counted(&text).ok_or_else(|| {
        Failure::Found(vec![format!(
            "{} is not the report that was expected",
            report.display()
        )])
    })?;
    Ok(Taken {
        wall,
        cpu,
        cases,
        of_cases,
    })
}

/// How many cases of a report were judged, and how long all of them took.
fn counted(report: &str) -> Option<(u64, Duration)> {
    let report: Value = serde_json::from_str(report).ok()?;
    let by_conclusion = &report["cases_by_conclusion"];
    let judged = ["holds", "violated", "undecided"].map(|name| by_conclusion[name].as_u64());
    let cases = judged.into_iter().sum::<Option<u64>>()?;
    let walls = report["cases"].as_array()?.iter();
    let millis = walls
        .map(|case| case["wall_ms"].as_u64())
        .sum::<Option<u64>>()?;
    Some((cases, Duration::from_millis(millis)))
}

/// Where cargo builds: this program lies in a folder of it.
fn build_folder() -> Result<PathBuf, Failure> {
    let program =
        std::env::current_exe().map_err(|source| Failure::file(Path::new("ci"), source))?;
    let folder = program.ancestors().nth(2);
    Ok(folder
        .expect("cargo builds into a folder of a profile")
        .to_owned())
}

/// CPU time of all children that have ended, in the kernel and outside.
fn cpu_of_children() -> Duration {
    let usage =
        getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel knows what its children used");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a campaign takes on this machine is what is measured"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(wall_ms: u64, cpu_ms: u64) -> Taken {
        Taken {
            wall: Duration::from_millis(wall_ms),
            cpu: Duration::from_millis(cpu_ms),
            cases: 100,
            of_cases: Duration::from_secs(2),
        }
    }

    #[test]
    fn the_best_is_told_and_the_middle_one_beside_it() {
        let all = vec![taken(3000, 400), taken(1000, 1000), taken(2000, 500)];
        assert_eq!(
            row(&WAYS[0], all.clone()),
            "| virtual time, a job per core, 3 times | 100 | 1.00 s (2.00 s) | 0.40 s (0.50 s) | 250 (200) | – |"
        );
        assert!(row(&WAYS[3], all).ends_with("| 80.0 % |"));
    }

    #[test]
    fn what_was_skipped_is_no_case() {
        let report = r#"{"cases_by_conclusion": {"holds": 2, "violated": 1, "undecided": 0, "skipped": 5, "broken": 0},
            "cases": [{"wall_ms": 3}, {"wall_ms": 4}]}"#;
        assert_eq!(counted(report), Some((3, Duration::from_millis(7))));
        assert_eq!(counted("{}"), None);
    }

    #[test]
    fn children_use_time() {
        let before = cpu_of_children();
        let status = Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"])
            .status();
        assert!(status.unwrap().success());
        assert!(cpu_of_children() > before);
    }
}
