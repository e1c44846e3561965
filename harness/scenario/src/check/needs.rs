//! What a target must be able to do for a scenario to make sense with it, as far as it follows from the file.

use std::collections::BTreeSet;

use provider_script::{Entry, Script};
use wire_faults::Shape;

use crate::overlap::overlaps;
use crate::scenario::Need;
use crate::step::{Awaited, Step};

/// What is said and what follows, each once, in the order of [`Need`].
pub(super) fn needs(said: &[Need], script: &Script, steps: &[Step]) -> Vec<Need> {
    let mut needs: BTreeSet<Need> = said.iter().copied().collect();
    needs.extend(steps.iter().flat_map(of_step));
    needs.extend(script.entries.iter().flat_map(of_entry));
    let turns = steps
        .iter()
        .filter(|step| matches!(step, Step::Say { .. }))
        .count();
    if turns > 1 {
        needs.insert(Need::Turns);
    }
    if !overlaps(steps).is_empty() {
        needs.insert(Need::Concurrent);
    }
    needs.into_iter().collect()
}

fn of_step(step: &Step) -> Vec<Need> {
    match step {
        Step::Stop { .. } => vec![Need::Stop],
        Step::Reconnect { .. } => vec![Need::Reconnect],
        Step::Disconnect { .. } => vec![Need::Events],
        Step::WaitFor { awaited, .. } => match awaited {
            Awaited::Text(_) => vec![Need::Events, Need::Streamed],
            Awaited::Tool(_) => vec![Need::Events],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn of_entry(entry: &Entry) -> Vec<Need> {
    let mut needs = Vec::new();
    let fault = entry.fault.as_ref();
    if fault.is_some_and(|fault| !Shape::Whole.has(fault.point.name())) {
        needs.push(Need::Streamed);
    }
    let Some(reply) = &entry.reply else {
        return needs;
    };
    if reply.pace.is_some() || reply.delta_bytes.is_some() {
        needs.push(Need::Streamed);
    }
    needs.extend(
        reply
            .tool_calls
            .iter()
            .filter_map(|call| match call.tool.as_str() {
                "effect" => Some(Need::ToolEffect),
                "list" => Some(Need::ToolList),
                "read" => Some(Need::ToolRead),
                _ => None,
            }),
    );
    needs
}
