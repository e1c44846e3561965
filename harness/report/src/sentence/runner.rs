//! What the runner did, waited for and counted.

use std::time::Duration;

use journal::{Census, Fact};

use crate::case::streaming;
use crate::spell::{duration, quote};

pub(super) fn sentence(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::CaseStarted { .. } => started(fact)?,
        Fact::StepStarted { step, action } => format!("step {}: {action}", step + 1),
        Fact::WaitTimedOut { step, within_ms } => {
            format!("step {}: not seen within {}", step + 1, millis(*within_ms))
        }
        Fact::FaultsLifted => "faults lifted".to_owned(),
        Fact::RunTimedOut { within_ms } => format!("no ending within {}", millis(*within_ms)),
        Fact::ProcessStarted => "process started".to_owned(),
        Fact::ProcessReady => "process ready".to_owned(),
        Fact::ProcessExited {
            code,
            signal,
            expected,
        } => exited(*code, *signal, *expected),
        Fact::Output { stream, line } => format!("{stream} {}", quote(line)),
        Fact::PromptShown => "prompt shown".to_owned(),
        Fact::ShutdownRequested => "shutdown asked for".to_owned(),
        Fact::Census(counted) => census(counted),
        Fact::Killed { processes } => format!("had to kill {processes} processes"),
        Fact::Effects { lines } => format!("effects in all: {}", quote(&lines.join(", "))),
        Fact::CanarySearched {
            places,
            unsearched: 0,
        } => {
            format!("searched {places} places for the key")
        }
        Fact::CanarySearched { places, unsearched } => {
            format!("searched {places} places for the key, and {unsearched} files not to their end")
        }
        Fact::CanaryFound { place, form } => format!("key found in {place}, {form} form"),
        Fact::HeartbeatLagged { lag_ms } => {
            format!("the runner itself was late by {}", millis(*lag_ms))
        }
        Fact::CaseEnded => "case ended".to_owned(),
        _ => return None,
    })
}

fn started(fact: &Fact) -> Option<String> {
    let Fact::CaseStarted {
        scenario,
        dialect,
        streamed,
        seed,
        target,
        observes,
        virtual_time,
    } = fact
    else {
        return None;
    };
    let time = if *virtual_time { "virtual" } else { "real" };
    Some(format!(
        "case {scenario} [{dialect}, {}] with seed {seed:#x} for {target} in {time} time, observing {}",
        streaming(*streamed),
        observes.join(", ")
    ))
}

fn exited(code: Option<i32>, signal: Option<i32>, expected: bool) -> String {
    let how = match (code, signal) {
        (Some(code), _) => format!("with code {code}"),
        (None, Some(signal)) => format!("by signal {signal}"),
        (None, None) => "in an unknown way".to_owned(),
    };
    let unasked = if expected {
        ""
    } else {
        ", which nobody asked for"
    };
    format!("process ended {how}{unasked}")
}

fn census(census: &Census) -> String {
    let counts = [
        ("tasks", census.tasks),
        ("provider connections", census.provider_connections),
        ("processes", census.processes),
        ("sockets", census.sockets),
    ];
    let counts = counts.into_iter();
    let mut words: Vec<_> = counts
        .filter_map(|(what, counted)| counted.map(|counted| format!("{counted} {what}")))
        .collect();
    let grown = census.descriptors_grown;
    words.extend(grown.map(|grown| format!("{grown:+} descriptors")));
    let peak = census.memory_peak_kib;
    words.extend(peak.map(|peak| format!("{peak} KiB at most")));
    if words.is_empty() {
        return "nothing could be counted".to_owned();
    }
    format!("left over: {}", words.join(", "))
}

fn millis(ms: u64) -> String {
    duration(Duration::from_millis(ms))
}
