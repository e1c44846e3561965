//! The trial: every case that there is to hold, a few at a time.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use runner::{CaseSettings, INHERITED};
use scenario::Scenario;
use tokio::time::Instant;

use crate::arguments::Arguments;
use crate::case::{self, Case, Judged};
use crate::prompt;
use crate::suspect::{Suspect, suspects};

/// Everything that came of it.
pub(crate) struct Record {
    /// Who was tried.
    pub(crate) suspects: Vec<Suspect>,
    /// The names of the scenarios.
    pub(crate) scenarios: Vec<String>,
    /// Every case.
    pub(crate) cases: Vec<Judged>,
    /// Whether everything was tried.
    pub(crate) is_whole: bool,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Holds the trial. The error finishes "failed to …".
pub(crate) fn hold(arguments: &Arguments) -> Result<Record, String> {
    let began = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios = scenarios(root, arguments.scenario.as_deref())?;
    let suspects = suspects(root, arguments.defect.as_deref())?;
    let at_prompts = suspects.iter().any(|suspect| !suspect.is_embedded());
    let settings = CaseSettings {
        bin_dir: at_prompts.then(|| prompt::binaries(root)).transpose()?,
        inherited: INHERITED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
            .collect(),
        ..CaseSettings::default()
    };
    let cases = cases(&suspects, &scenarios)?;
    let usual = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or(usual).max(1);
    let (embedded, prompts): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .partition(|case| suspects[case.suspect].is_embedded());
    // Real time first, on a quiet machine: simulated time does not mind.
    let judge = |case: &Case| case.judge(&suspects[case.suspect], &settings);
    let mut judged = each(&prompts, jobs, judge);
    judged.extend(each(&embedded, jobs, judge));
    Ok(Record {
        suspects,
        scenarios: scenarios
            .into_iter()
            .map(|scenario| scenario.name)
            .collect(),
        cases: judged,
        is_whole: arguments.is_whole(),
        took: began.elapsed(),
    })
}

fn scenarios(root: &Path, part: Option<&str>) -> Result<Vec<Scenario>, String> {
    let folder = root.join("scenarios");
    let rules: Vec<&str> = invariants::registry().iter().map(|rule| rule.id).collect();
    let files: Vec<PathBuf> =
        scenario::discover(std::slice::from_ref(&folder)).map_err(|error| error.to_string())?;
    let mut scenarios = files
        .iter()
        .map(|file| scenario::load_knowing(file, &folder, &rules))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    scenarios.retain(|scenario| part.is_none_or(|part| scenario.name.contains(part)));
    scenarios.sort_by(|one, other| one.name.cmp(&other.name));
    if scenarios.is_empty() {
        return Err(format!(
            "find a scenario named like `{}`",
            part.unwrap_or_default()
        ));
    }
    Ok(scenarios)
}

fn cases(suspects: &[Suspect], scenarios: &[Scenario]) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (suspect, who) in suspects.iter().enumerate() {
        for (scenario, what) in scenarios.iter().enumerate() {
            let wanted = who.scenarios.as_ref();
            if wanted.is_some_and(|wanted| !wanted.contains(&what.name.as_str())) {
                continue;
            }
            let plans = case::plans(who, what)?;
            cases.extend(plans.into_iter().map(|plan| Case {
                suspect,
                scenario,
                plan,
            }));
        }
    }
    Ok(cases)
}

/// Does `work` with every item, `jobs` at a time. The results are in the order of the items.
fn each<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let toil = || {
        while let Some((index, item)) = take(&next, items) {
            let result = work(item);
            let mut results = results.lock().expect("nobody panics while holding it");
            results.push((index, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(toil);
        }
    });
    let mut results = results
        .into_inner()
        .expect("nobody panics while holding it");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::SeqCst);
    Some((index, items.get(index)?))
}
