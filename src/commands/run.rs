//! `brownout run`: scenarios in, verdicts out.

mod arguments;
mod reports;

use std::io::Write;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;

use report::{Breakage, Campaign, Case, Judged, State, Terminal};
use runner::{CaseSettings, INHERITED, Interrupt, Target};

use arguments::Options;
pub(crate) use arguments::RunArguments;

use super::sentence_of;
use crate::campaign::attempt::Conduct;
use crate::campaign::folder::{CampaignFolder, REPORT_FILE};
use crate::campaign::matrix::{Axes, Cell, cells};
use crate::campaign::pool;
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;
use crate::guard::Guard;
use crate::interrupt::on_signals;
use crate::machine_clock::Stopwatch;
use crate::{scratch, selection, target};

/// Cases that wait for real time at once. More would only make the runner itself late.
const MOST_WAITING: usize = 64;

/// Runs a campaign.
///
/// # Errors
///
/// Whatever keeps it from beginning, or from being reported.
pub(crate) fn run(
    arguments: RunArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    let options = arguments.options(Path::new(""))?;
    let scenarios = selection::select(&options.paths, options.filter.as_ref())?;
    let target = target::open(options.target.as_deref())?;
    let axes = Axes {
        seed: options.seed,
        dialects: options
            .dialects
            .clone()
            .unwrap_or_else(|| target.dialects()),
        streaming: options.streaming.clone(),
        virtual_time: options.virtual_time,
    };
    let cells = cells(&scenarios, &target, &axes)?;
    for report in &options.reports {
        report.prepare()?;
    }
    let scratch = scratch::make(&target, &console.environment)?;
    let guard = guard_over(scratch.path(), console)?;
    let premises = target::Premises {
        isolated: options.isolated,
        scratch: scratch.path(),
    };
    target::prepare(&target, &premises, console)?;
    let interrupt = on_signals()
        .map_err(|error| CommandError::Environment(format!("listen for signals: {error}")))?;
    let folder = CampaignFolder::create(&options.campaigns)?;
    let again = again(&options);
    let conduct = Conduct {
        target: &target,
        settings: settings(&options, scratch.path(), console, &interrupt),
        folder: &folder,
        again: &again,
    };
    let campaign = conduct_all(&conduct, &cells, &options, console)?;
    take_down_runaways(guard.as_ref(), console)?;
    finish(&campaign, &options, &folder, console)?;
    let code = ExitCode::of(&campaign, interrupt.is_triggered());
    tell_why_it_ended(&campaign, code, console)?;
    Ok(code)
}

/// Posts the guard; without one everything goes as well, as long as nobody kills us.
fn guard_over(scratch: &Path, console: &mut Console<'_>) -> Result<Option<Guard>, CommandError> {
    match Guard::post(scratch) {
        Ok(guard) => Ok(Some(guard)),
        Err(error) => {
            writeln!(
                console.err,
                "not guarded: should brownout be killed, what it has started may live on ({error})"
            )?;
            Ok(None)
        }
    }
}

/// Kills what has left its case in a way that no case could notice, and says so.
fn take_down_runaways(
    guard: Option<&Guard>,
    console: &mut Console<'_>,
) -> Result<(), CommandError> {
    let spared: Vec<u32> = guard.map(Guard::id).into_iter().collect();
    let runaways = runner::kill_adopted(&spared);
    if runaways.is_empty() {
        return Ok(());
    }
    let names = runaways.join(", ");
    Ok(writeln!(
        console.err,
        "killed what the target had left running, unnoticed by any case: {names}"
    )?)
}

fn settings(
    options: &Options,
    scratch: &Path,
    console: &Console<'_>,
    interrupt: &Interrupt,
) -> CaseSettings {
    let environment = &console.environment;
    let inherited = INHERITED.iter().filter_map(|name| {
        let value = environment.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    CaseSettings {
        virtual_time: options.virtual_time,
        inherited: inherited.collect(),
        scratch: Some(scratch.to_owned()),
        bin_dir: target::bin_dir(),
        interrupt: interrupt.clone(),
    }
}

/// What the command that does a case again has to say besides its file and cell.
fn again(options: &Options) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(target) = &options.target {
        words.extend(["--target".to_owned(), target.display().to_string()]);
        if !options.isolated {
            words.push("--no-isolation".to_owned());
        }
    } else if !options.virtual_time {
        words.push("--real-time".to_owned());
    }
    words
}

/// Runs every cell and tells of each as it ends.
fn conduct_all(
    conduct: &Conduct<'_>,
    cells: &[Cell],
    options: &Options,
    console: &mut Console<'_>,
) -> Result<Campaign, CommandError> {
    let mut told = Telling::new(options, console, cells.len());
    let watch = Stopwatch::start();
    let interrupt = conduct.settings.interrupt.clone();
    let work = |cell: &Cell| conduct.attempt(cell);
    pool::each(cells, jobs(options, conduct.target), work, |case| {
        let over = ends_campaign(&case) || interrupt.is_triggered();
        let heard = told.hear(case);
        if over || heard.is_err() {
            told.keep(heard);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    told.failed?;
    let mut campaign = Campaign {
        id: conduct.folder.id.clone(),
        target: conduct.target.name().to_owned(),
        seed: options.seed,
        virtual_time: options.virtual_time,
        wall: watch.elapsed(),
        cases: told.cases,
        selected: cells.len(),
    };
    campaign.sort();
    Ok(campaign)
}

/// In real time nearly all of a case is waiting, so many go to a core; but a started target brings its own load, and bounds
/// in real time need a calm machine.
fn jobs(options: &Options, target: &Target) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let usual = match (target, options.virtual_time) {
        (Target::Embedded(_), false) => (cores * 16).min(MOST_WAITING),
        (Target::Embedded(_), true) => cores,
        (Target::Started(_), _) => cores * 2,
    };
    options.jobs.unwrap_or(usual)
}

/// A fault that was not carried out is a mistake of ours, so nothing after it can be trusted; what the target or the
/// machine refused once it will refuse again.
fn ends_campaign(case: &Case) -> bool {
    let undelivered = case.judged().is_some_and(Judged::has_undelivered_fault);
    let refused = matches!(
        case.state,
        State::Broken {
            kind: Breakage::Target | Breakage::Environment,
            ..
        }
    );
    undelivered || refused
}

/// Tells of cases as they end, and keeps them.
struct Telling<'a> {
    terminal: Terminal,
    out: &'a mut dyn Write,
    of: usize,
    cases: Vec<Case>,
    failed: std::io::Result<()>,
}

impl<'a> Telling<'a> {
    fn new(options: &Options, console: &'a mut Console<'_>, of: usize) -> Self {
        let (terminal, out) = person(options, console);
        Self {
            terminal,
            out,
            of,
            cases: Vec::new(),
            failed: Ok(()),
        }
    }

    fn hear(&mut self, case: Case) -> std::io::Result<()> {
        if is_interrupted(&case) {
            return Ok(());
        }
        let line = self.terminal.line(&case, self.cases.len() + 1, self.of);
        let complaint = self.terminal.complaint(&case);
        self.cases.push(case);
        write!(self.out, "{line}{complaint}")?;
        self.out.flush()
    }

    fn keep(&mut self, heard: std::io::Result<()>) {
        if self.failed.is_ok() {
            self.failed = heard;
        }
    }
}

/// An interrupted case proved nothing; it counts as not run.
fn is_interrupted(case: &Case) -> bool {
    matches!(
        case.state,
        State::Broken {
            kind: Breakage::Interrupted,
            ..
        }
    )
}

/// Where and how a person is told: on stderr where a program reads stdout.
fn person<'a>(options: &Options, console: &'a mut Console<'_>) -> (Terminal, &'a mut dyn Write) {
    let claimed = options
        .reports
        .iter()
        .any(reports::ReportRequest::claims_stdout);
    let (ink, out): (_, &mut dyn Write) = if claimed {
        (console.err_ink, &mut *console.err)
    } else {
        (console.ink, &mut *console.out)
    };
    let terminal = Terminal {
        ink,
        sentences: sentence_of,
    };
    (terminal, out)
}

fn finish(
    campaign: &Campaign,
    options: &Options,
    folder: &CampaignFolder,
    console: &mut Console<'_>,
) -> Result<(), CommandError> {
    let (terminal, out) = person(options, console);
    let summed_up = out.write_all(terminal.summary(campaign).as_bytes());
    let stored = folder.write(REPORT_FILE, &report::json::render(campaign));
    // A place that takes nothing more is no reason to leave out the others.
    let mut results = vec![summed_up.map_err(CommandError::Output), stored];
    let reports = options.reports.iter();
    results.extend(reports.map(|request| request.write(campaign, console)));
    results.push(console.out.flush().map_err(CommandError::Output));
    results.into_iter().collect()
}

/// What no line of a case says: why a campaign ended before its time.
fn tell_why_it_ended(
    campaign: &Campaign,
    code: ExitCode,
    console: &mut Console<'_>,
) -> Result<(), CommandError> {
    let (run, of) = (campaign.cases.len(), campaign.selected);
    match code {
        ExitCode::Interrupted => writeln!(
            console.err,
            "interrupted: {run} of {of} cases were run and stored; what had been started was taken down"
        )?,
        ExitCode::Bug => writeln!(
            console.err,
            "a mistake of brownout itself, so no verdict of this campaign can be trusted: see the cases above"
        )?,
        _ if run < of => writeln!(
            console.err,
            "ended after {run} of {of} cases: what was refused once would be refused again"
        )?,
        _ => {}
    }
    Ok(())
}
