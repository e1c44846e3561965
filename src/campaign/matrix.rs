//! The matrix: every scenario in every dialect, streamed and whole, as plans. Draws; runs nothing.

use std::fs;

use report::State;
use runner::Target;
use scenario::{BoundsOverrides, Dialect, Draw, Need, Plan, Scenario};

use crate::failure::CommandError;

/// Which cells there are.
#[derive(Debug, Clone)]
pub(crate) struct Axes {
    /// Decides every choice.
    pub(crate) seed: u64,
    /// The protocols, each once.
    pub(crate) dialects: Vec<Dialect>,
    /// `true` for streamed, `false` for whole, each once.
    pub(crate) streaming: Vec<bool>,
    /// Whether time is simulated.
    pub(crate) virtual_time: bool,
}

/// One case that is to be run.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// What was decided.
    pub(crate) plan: Plan,
    /// The scenario's text.
    pub(crate) source: Option<String>,
    /// What the target lacks for it, as needs are written.
    pub(crate) lacks: Vec<String>,
    /// Why it cannot be played in its dialect and mode, whatever the target.
    pub(crate) impossible: Vec<String>,
}

impl Cell {
    /// What becomes of it without being run.
    pub(crate) fn skipped(&self) -> Option<State> {
        let playable = self.lacks.is_empty() && self.impossible.is_empty();
        (!playable).then(|| State::Skipped {
            needs: self.lacks.clone(),
            reasons: self.impossible.clone(),
        })
    }

    /// The name of its folder: `stream.cut.openai-chat.streamed`.
    pub(crate) fn folder(&self) -> String {
        let Plan {
            scenario,
            dialect,
            streamed,
            ..
        } = &self.plan;
        let name = scenario.replace('/', ".");
        format!(
            "{name}.{}.{}",
            dialect.as_str(),
            report::streaming(*streamed)
        )
    }
}

/// Every cell, scenario by scenario.
///
/// # Errors
///
/// A scenario of which no plan can be made; then all refusals are told, and nothing is run.
pub(crate) fn cells(
    scenarios: &[Scenario],
    target: &Target,
    axes: &Axes,
) -> Result<Vec<Cell>, CommandError> {
    let mut cells = Vec::new();
    let mut told = Vec::new();
    for scenario in scenarios {
        let source = fs::read_to_string(&scenario.file).ok();
        for draw in draws(target, axes) {
            match Plan::draw(scenario, &draw) {
                Ok(plan) => cells.push(Cell {
                    lacks: lacks(target, &plan, axes.virtual_time),
                    impossible: scenario.impossible(draw.dialect, draw.streamed),
                    plan,
                    source: source.clone(),
                }),
                Err(refused) => told.push(refused.to_string()),
            }
        }
    }
    told.dedup();
    if told.is_empty() {
        return Ok(cells);
    }
    let told = told.join("\nfailed to ");
    Err(CommandError::Invalid { told })
}

fn draws(target: &Target, axes: &Axes) -> Vec<Draw> {
    let (bounds, markers) = match target {
        Target::Embedded(_) => (BoundsOverrides::default(), true),
        Target::Started(file) => (file.bounds.clone(), file.markers),
    };
    let draw = |dialect, streamed| Draw {
        seed: axes.seed,
        dialect,
        streamed,
        // How the reference agent does things is demanded of it alone; of others it is observed.
        judge_policy: matches!(target, Target::Embedded(_)),
        bounds: bounds.clone(),
        probe: target.lives_on(),
        markers,
    };
    let dialects = axes.dialects.iter();
    dialects
        .flat_map(|dialect| {
            axes.streaming
                .iter()
                .map(|streamed| draw(*dialect, *streamed))
        })
        .collect()
}

/// What the target cannot do, and what this half of the matrix cannot show.
fn lacks(target: &Target, plan: &Plan, virtual_time: bool) -> Vec<String> {
    let lacks = target.lacks(plan, virtual_time);
    let mut lacks: Vec<String> = lacks.iter().map(|need| need.as_str().to_owned()).collect();
    let (streamed, whole) = match target {
        Target::Embedded(_) => (true, true),
        Target::Started(file) => (file.streamed, file.whole),
    };
    let needs_stream = plan.streamed || plan.needs.contains(&Need::Streamed);
    let says_streamed = Need::Streamed.as_str();
    if needs_stream
        && (!streamed || !plan.streamed)
        && !lacks.iter().any(|lack| lack == says_streamed)
    {
        lacks.push(says_streamed.to_owned());
    }
    if !plan.streamed && !whole {
        lacks.push("whole".to_owned());
    }
    if !target.speaks(plan.dialect) {
        lacks.push(format!("dialect {}", plan.dialect));
    }
    lacks
}
