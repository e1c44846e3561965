//! What is written becomes what is meant, and everything about it that cannot be meant is told.
//!
//! What was told about keys and types is not told again as its consequence: a step whose `say` is misspelt says nothing,
//! but that is not a second mistake.

mod expectations;
mod needs;
mod references;
mod steps;
mod tools;

use std::path::Path;

use provider_script::Script;
use provider_script::reading::{Told, suggestion};
use wire_faults::Mistake;

use crate::dialect::Dialect;
use crate::place::Lines;
use crate::places::Places;
use crate::plan::Waiver;
use crate::scenario::Scenario;
use crate::spec::{ScenarioSpec, WaiverSpec};

/// The version of the scenario format.
const SCENARIO_FORMAT: u32 = 1;

/// What is needed beside the file's content.
pub(crate) struct About<'a> {
    /// The file's text.
    pub(crate) text: &'a str,
    /// The file, as it was named.
    pub(crate) file: &'a Path,
    /// The scenario's name.
    pub(crate) name: &'a str,
    /// The ids of the invariants, if they are known.
    pub(crate) invariants: Option<&'a [&'a str]>,
}

/// The scenario that is meant. Mistakes are added to those that are there; with any, what is returned is incomplete.
pub(crate) fn check(
    spec: &ScenarioSpec,
    about: &About<'_>,
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> Scenario {
    head(spec, told, mistakes);
    let before = mistakes.len();
    let script = Script::check(&spec.provider, told, mistakes);
    let script_is_whole = mistakes.len() == before && script.entries.len() == spec.provider.len();
    let steps = steps::steps(&spec.steps, told, mistakes);
    let tools = tools::Tools::of(&script, script_is_whole);
    if let Some(steps) = &steps {
        references::check(spec, steps, told, mistakes);
        references::check_faults(&spec.steps, &script, script_is_whole, mistakes);
    }
    tools.check(spec, mistakes);
    let expectations = expectations::expectations(spec, &Lines::of(about.text), told, mistakes);
    let steps = steps.unwrap_or_default();
    let needs = needs::needs(&spec.needs, &script, &steps);
    Scenario {
        name: about.name.to_owned(),
        file: about.file.to_path_buf(),
        title: spec.title.get_ref().clone(),
        source: spec.source.clone(),
        tags: spec.tags.clone(),
        needs,
        dialects: dialects(spec, mistakes),
        script,
        places: Places::of(spec),
        steps,
        expectations,
        waivers: waivers(spec, about.invariants, told, mistakes),
    }
}

fn head(spec: &ScenarioSpec, told: &Told, mistakes: &mut Vec<Mistake>) {
    let format = *spec.format.get_ref();
    if format != SCENARIO_FORMAT && told.sound(&spec.format.span()) {
        let message = format!("format {format} is not known");
        let mistake = Mistake::new(spec.format.span(), message)
            .with_help(format!("this brownout reads `format = {SCENARIO_FORMAT}`"));
        mistakes.push(mistake);
    }
    if spec.title.get_ref().trim().is_empty() {
        let mistake = Mistake::new(spec.title.span(), "the title says nothing")
            .with_help("a title is a sentence that could be false");
        mistakes.push(mistake);
    }
    if spec.title.get_ref().contains(char::is_control) {
        let mistake = Mistake::new(spec.title.span(), "the title is more than a line of text")
            .with_help("leave out line breaks and control characters: lists and reports show it");
        mistakes.push(mistake);
    }
}

fn dialects(spec: &ScenarioSpec, mistakes: &mut Vec<Mistake>) -> Vec<Dialect> {
    let Some(said) = &spec.dialects else {
        return Vec::new();
    };
    if said.get_ref().is_empty() {
        let mistake = Mistake::new(said.span(), "this scenario is written for no dialect")
            .with_help("leave the key out for every dialect");
        mistakes.push(mistake);
    }
    said.get_ref().clone()
}

fn waivers(
    spec: &ScenarioSpec,
    invariants: Option<&[&str]>,
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Waiver> {
    for waiver in &spec.waive {
        let waiver: &WaiverSpec = waiver.get_ref();
        if waiver.reason.get_ref().trim().is_empty() {
            let mistake = Mistake::new(waiver.reason.span(), "a waiver needs a reason");
            mistakes.push(mistake);
        }
        let id = waiver.invariant.get_ref().as_str();
        let known = invariants.is_none_or(|known| known.contains(&id));
        if !known && told.sound(&waiver.invariant.span()) {
            let message = format!("there is no invariant `{id}`");
            let help = invariants
                .and_then(|known| suggestion(id, known))
                .map_or("`brownout explain` lists them".to_owned(), |meant| {
                    format!("did you mean `{meant}`?")
                });
            mistakes.push(Mistake::new(waiver.invariant.span(), message).with_help(help));
        }
    }
    let waivers = spec.waive.iter().map(|waiver| waiver.get_ref());
    waivers
        .map(|waiver| Waiver {
            invariant: waiver.invariant.get_ref().clone(),
            reason: waiver.reason.get_ref().clone(),
        })
        .collect()
}
