//! A scenario becomes a plan: every choice is made here, from the seed and from nothing else.

use provider_script::{Entry, Reply, Script, When};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wire_faults::Point;

use crate::bounds::BoundsOverrides;
use crate::dialect::Dialect;
use crate::overlap::overlaps;
use crate::plan::{PLAN_FORMAT, Plan, PlannedRun};
use crate::scenario::Scenario;
use crate::step::Step;

/// What the probe says.
const PROBE_TEXT: &str = "Are you still there?";

/// What the probe is told.
const PROBE_REPLY: &str = "Still here.";

/// How many decoded bytes one event may carry: few enough that every text is split, and that a split can fall into a
/// character, a JSON escape or a key.
const DELTA_BYTES: std::ops::RangeInclusive<u32> = 3..=24;

/// What is chosen from outside when a plan is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Decides every choice.
    pub seed: u64,
    /// The protocol the provider speaks.
    pub dialect: Dialect,
    /// Whether replies are streamed.
    pub streamed: bool,
    /// Whether policy expectations are judged: only of the reference agent.
    pub judge_policy: bool,
    /// What the target needs other bounds for.
    pub bounds: BoundsOverrides,
    /// Whether one more run follows the faults and has to succeed: only where the target lives on between turns.
    pub probe: bool,
    /// Whether the target passes on what a user says unchanged, so that a marker in it reaches the provider.
    pub markers: bool,
}

impl Draw {
    /// A streamed case with markers and a probe, policy only observed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            dialect: Dialect::OpenaiChat,
            streamed: true,
            judge_policy: false,
            bounds: BoundsOverrides::default(),
            probe: true,
            markers: true,
        }
    }
}

/// The scenario makes sense, but no plan for this target can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefused {
    /// A fault that is addressed by connection, in a scenario whose runs overlap: whose connection it is would be chance.
    #[error(
        "plan `{scenario}`: a fault {point} is addressed by connection, and runs {earlier} and {later} may overlap"
    )]
    ConnectionOfOverlappingRuns {
        /// The scenario's name.
        scenario: String,
        /// The point.
        point: Point,
        /// One of the runs.
        earlier: u32,
        /// A run that may begin before it has ended.
        later: u32,
    },
    /// Two turns whose requests could not be told apart.
    #[error(
        "plan `{scenario}`: the target carries no markers, and the turns of runs {earlier} and {later} do not differ enough to be told apart"
    )]
    IndistinguishableTurns {
        /// The scenario's name.
        scenario: String,
        /// One of the runs.
        earlier: u32,
        /// The other.
        later: u32,
    },
}

impl Plan {
    /// Makes every choice that a scenario leaves open.
    ///
    /// # Errors
    ///
    /// If a fault is addressed by connection while runs overlap, or if turns could not be told apart.
    pub fn draw(scenario: &Scenario, draw: &Draw) -> Result<Self, PlanRefused> {
        refuse_chance_connections(scenario)?;
        let mut runs = planned_runs(scenario, draw.markers);
        let mut script = scenario.script.clone();
        if draw.probe {
            add_probe(&mut runs, &mut script, draw.markers);
        }
        if !draw.markers {
            refuse_indistinguishable(scenario, &runs)?;
        }
        let mut choices = ChaCha8Rng::seed_from_u64(draw.seed);
        Ok(Self {
            format: PLAN_FORMAT,
            scenario: scenario.name.clone(),
            file: scenario.file.display().to_string(),
            title: scenario.title.clone(),
            seed: draw.seed,
            dialect: draw.dialect,
            streamed: draw.streamed,
            judge_policy: draw.judge_policy,
            delta_bytes: choices.random_range(DELTA_BYTES),
            bounds: draw.bounds.applied(),
            needs: scenario.needs.clone(),
            runs,
            steps: scenario.steps.clone(),
            expectations: scenario.expectations.clone(),
            waivers: scenario.waivers.clone(),
            script,
        })
    }
}

/// The marker, and the text that carries it.
fn marked(run: u32, text: &str, markers: bool) -> (String, String) {
    if markers {
        let marker = format!("[run-{run}]");
        let text = format!("{text} {marker}");
        (marker, text)
    } else {
        (text.to_owned(), text.to_owned())
    }
}

fn planned_runs(scenario: &Scenario, markers: bool) -> Vec<PlannedRun> {
    let turns = scenario.steps.iter().filter_map(|step| match step {
        Step::Say {
            text,
            client,
            session,
        } => Some((text, client, session)),
        _ => None,
    });
    (1..)
        .zip(turns)
        .map(|(run, (text, client, session))| {
            let (marker, text) = marked(run, text, markers);
            PlannedRun {
                run,
                marker,
                text,
                client: client.clone(),
                session: session.clone(),
                probe: false,
            }
        })
        .collect()
}

fn add_probe(runs: &mut Vec<PlannedRun>, script: &mut Script, markers: bool) {
    let run = runs.last().map_or(1, |last| last.run + 1);
    let (marker, text) = marked(run, PROBE_TEXT, markers);
    runs.push(PlannedRun {
        run,
        marker,
        text,
        client: "user".to_owned(),
        session: "probe".to_owned(),
        probe: true,
    });
    let entry = Entry {
        when: When {
            run: Some(run),
            ..When::default()
        },
        reply: Some(Reply {
            text: Some(PROBE_REPLY.to_owned()),
            ..Reply::default()
        }),
        faults: Vec::new(),
        quirk: None,
    };
    script.entries.insert(0, entry);
}

fn refuse_chance_connections(scenario: &Scenario) -> Result<(), PlanRefused> {
    let points = scenario
        .script
        .entries
        .iter()
        .flat_map(|entry| entry.faults.iter().map(|fault| fault.point));
    let by_connection = { points }.find(|point| point.name().precedes_the_request());
    match (by_connection, overlaps(&scenario.steps).first()) {
        (Some(point), Some(&(earlier, later))) => Err(PlanRefused::ConnectionOfOverlappingRuns {
            scenario: scenario.name.clone(),
            point,
            earlier,
            later,
        }),
        _ => Ok(()),
    }
}

/// Without markers the text itself is what a run is known by, so none may contain another: not even one after the other,
/// since a later request repeats what was said before.
fn refuse_indistinguishable(scenario: &Scenario, runs: &[PlannedRun]) -> Result<(), PlanRefused> {
    for (index, earlier) in runs.iter().enumerate() {
        let same = runs[index + 1..]
            .iter()
            .find(|later| later.text.contains(&earlier.text) || earlier.text.contains(&later.text));
        if let Some(later) = same {
            return Err(PlanRefused::IndistinguishableTurns {
                scenario: scenario.name.clone(),
                earlier: earlier.run,
                later: later.run,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
