//! What the parts of a scenario say of one another: run numbers, and faults that are waited for.

use provider_script::reading::Told;
use provider_script::{Entry, Script};
use toml::Spanned;
use wire_faults::Mistake;

use crate::spec::{RunReference, ScenarioSpec, StepSpec};
use crate::step::Step;

/// Checks that every run that is spoken of exists, and has begun where that is needed. Only asked where every step is known.
pub(super) fn check(spec: &ScenarioSpec, steps: &[Step], told: &Told, mistakes: &mut Vec<Mistake>) {
    let said = steps
        .iter()
        .filter(|step| matches!(step, Step::Say { .. }))
        .count();
    if said == 0 && !told.broken() {
        let place = spec
            .steps
            .first()
            .map_or_else(|| spec.title.span(), Spanned::span);
        let mistake = Mistake::new(place, "nobody says anything in this scenario").with_help(
            "give it a step such as `[[steps]]` and, below it, `say = \"List the files in src\"`",
        );
        mistakes.push(mistake);
        return;
    }
    check_steps(spec, told, mistakes);
    for entry in &spec.provider {
        let when = entry.get_ref().when.as_ref();
        let run = when.and_then(|when| when.get_ref().run.as_ref());
        if let Some(run) = run
            && *run.get_ref() as usize > said
            && told.sound(&run.span())
        {
            mistakes.push(no_such_run(run.span(), *run.get_ref(), said));
        }
    }
    let expected = spec.expect.iter().flat_map(|expect| &expect.get_ref().runs);
    for expected in expected {
        let run = &expected.get_ref().run;
        let number = *run.get_ref();
        if (number == 0 || number as usize > said) && told.sound(&run.span()) {
            mistakes.push(no_such_run(run.span(), number, said));
        }
    }
}

fn no_such_run(place: std::ops::Range<usize>, run: u32, said: usize) -> Mistake {
    let turns = if said == 1 { "turn" } else { "turns" };
    Mistake::new(place, format!("there is no run {run}")).with_help(format!(
        "{said} {turns} are said; run n is the n-th `say`, counted from 1"
    ))
}

fn check_steps(spec: &ScenarioSpec, told: &Told, mistakes: &mut Vec<Mistake>) {
    let mut begun = 0_u32;
    let mut shut_down = false;
    for step in &spec.steps {
        let step = step.get_ref();
        if let Some(say) = &step.say {
            begun += 1;
            if shut_down {
                let mistake = Mistake::new(say.span(), "nobody is there to hear this any more")
                    .with_help("an earlier step shuts the target down");
                mistakes.push(mistake);
            }
        }
        shut_down |= step.shutdown.is_some();
        let Some((place, run)) = run_of(step) else {
            continue;
        };
        let known = match run {
            Some(run) => (1..=begun).contains(&run),
            None => begun > 0,
        };
        if known || !told.sound(&place) {
            continue;
        }
        let message = match run {
            Some(run) => format!("run {run} has not begun by this step"),
            None => "no run has begun by this step".to_owned(),
        };
        let help = format!("{begun} said so far; run n begins with the n-th `say`");
        mistakes.push(Mistake::new(place, message).with_help(help));
    }
}

/// The run that a step speaks of (`None` for the latest), with its place; nothing if it speaks of none.
fn run_of(step: &StepSpec) -> Option<(std::ops::Range<usize>, Option<u32>)> {
    let number = |run: &Spanned<u32>| (run.span(), Some(*run.get_ref()));
    if let Some(wait) = &step.wait_for {
        let run = wait.get_ref().run.as_ref();
        return Some(run.map_or_else(|| (wait.span(), None), number));
    }
    let references: [&Option<Spanned<RunReference>>; 3] =
        [&step.stop, &step.disconnect, &step.reconnect];
    let reference = references.into_iter().flatten().next()?;
    let run = reference.get_ref().run.as_ref();
    Some(run.map_or_else(|| (reference.span(), None), number))
}

/// Checks that a fault that is waited for can happen.
pub(super) fn check_faults(
    steps: &[Spanned<StepSpec>],
    script: &Script,
    script_is_whole: bool,
    mistakes: &mut Vec<Mistake>,
) {
    let faulty = || {
        let entries = script.entries.iter();
        entries.filter(|entry| !entry.faults.is_empty())
    };
    let is_certain = |entry: &Entry| entry.when.probability.is_none_or(|chance| chance >= 1.0);
    if !script_is_whole || faulty().any(is_certain) {
        return;
    }
    let message = match faulty().next() {
        None => "no entry of the provider has a fault",
        Some(_) => "whether an entry of the provider has a fault is left to chance",
    };
    for step in steps {
        let wait = step.get_ref().wait_for.as_ref();
        if let Some(fault) = wait.and_then(|wait| wait.get_ref().fault.as_ref()) {
            let mistake = Mistake::new(fault.span(), message).with_help("this would wait in vain");
            mistakes.push(mistake);
        }
    }
}
