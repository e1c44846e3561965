//! What a target must be able to do for a scenario to make sense with it, as far as it follows from the file.

use std::collections::BTreeSet;

use provider_script::{Entry, Script};
use wire_faults::{Fault, Form, Shape};

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
    let only_streamed = |fault: &Fault| {
        let (point, action) = (fault.point.name(), fault.action.name());
        let streamed = Shape {
            // What the transport is like is not the target's.
            http2: true,
            tls: true,
            ..Shape::STREAMED
        };
        let whole = Shape {
            form: Form::Document,
            ..streamed
        };
        streamed.allows(point, action).is_ok() && whole.allows(point, action).is_err()
    };
    if entry.faults.iter().any(only_streamed) {
        needs.push(Need::Streamed);
    }
    if entry.faults.iter().any(Fault::needs_tls) {
        needs.push(Need::Tls);
    }
    if entry.faults.iter().any(Fault::needs_http2) {
        needs.push(Need::Http2);
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
