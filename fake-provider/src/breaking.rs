//! What an answer needs so that faults can happen to it: which of an entry's faults do, and what the dialect has to say for them.

use fault_io::{Framing, Response};
use journal::ErrorSent;
use provider_script::Entry;
use wire_faults::{Action, ErrorShape, Fault, Point, StatusAnswer};

use crate::protocol::{InBandError, Problem, Protocol, Rendering};

/// The status that an error inside an answer would have had, unless the script says.
const USUAL_ERROR: u16 = 500;

/// The faults of an entry that happen to its answer, or follow it.
pub(crate) fn in_the_answer(entry: &Entry) -> Vec<(usize, Fault)> {
    let faults = entry.faults.iter().cloned().enumerate();
    let elsewhere = |point| {
        matches!(
            point,
            Point::Connect | Point::Accept | Point::Request { .. }
        )
    };
    faults
        .filter(|(_, fault)| !elsewhere(fault.point))
        .collect()
}

/// The framing that a reply asks for.
pub(crate) const fn framing(framing: provider_script::Framing) -> Framing {
    match framing {
        provider_script::Framing::Chunked => Framing::Chunked,
        provider_script::Framing::ContentLength => Framing::ContentLength,
        provider_script::Framing::CloseDelimited => Framing::CloseDelimited,
    }
}

/// Gives a response what faults need of the dialect; the error that is told in it, if one is.
pub(crate) fn prepare(
    response: &mut Response,
    rendering: &Rendering<'_>,
    (protocol, faults): (&dyn Protocol, &[(usize, Fault)]),
) -> Option<ErrorSent> {
    if rendering.conversation.streamed {
        response.keep_alive = protocol.keep_alive(rendering.asking.quirk);
    }
    let (point, event) = faults.iter().find_map(|(_, fault)| match &fault.action {
        Action::ErrorEvent(event) => Some((fault.point, event)),
        _ => None,
    })?;
    let answer = StatusAnswer {
        status: event.status.unwrap_or(USUAL_ERROR),
        code: event.code.clone(),
        message: event.message.clone(),
        ..StatusAnswer::default()
    };
    if !rendering.conversation.streamed {
        let error = protocol.problem(&Problem::Scripted(&answer), &rendering.asking);
        response.error_event = vec![error.body];
        return Some(error.sent);
    }
    let error = InBandError {
        answer: &answer,
        flat: event.shape == Some(ErrorShape::Flat),
        events_before: fault_io::events_before(response, point)?,
    };
    let told = protocol.in_band_error(&error, rendering)?;
    response.error_event = told.frames;
    Some(told.sent)
}
