//! One turn and everything that goes wrong with it, as it is drawn. Knows no agent and no journal.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use wire_faults::{
    Action, ActionName, End, ErrorEvent, EventPoint, Fault, HumanDuration, Point, PointName,
    RawBytes, Shape, StatusAnswer,
};

use super::script;

/// Statuses that a provider answers with; one that ends a run at once comes first, since cases shrink towards it.
const STATUSES: [u16; 15] = [
    400, 401, 402, 403, 404, 413, 422, 408, 409, 429, 500, 502, 503, 504, 529,
];

/// Most events that an answer is counted by, and most bytes inside one, inside the head, or inside a value.
const EVENTS: u32 = 6;
const BYTES: u64 = 96;

/// One turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// What goes wrong: with the first attempt, the second, the third.
    pub(crate) faults: Vec<Fault>,
    /// With which call; one whose turn calls no tool has only the first.
    pub(crate) faulty_call: u32,
    /// Whether the first answer calls a tool.
    pub(crate) calls_tool: bool,
    /// Whether answers are streamed.
    pub(crate) streamed: bool,
    /// Silence before each event.
    pub(crate) pace: Option<HumanDuration>,
    /// When the turn is stopped, counted from its beginning.
    pub(crate) stopped_after: Option<HumanDuration>,
    /// Decides how answers are split, what waits are drawn, and what things are called.
    pub(crate) seed: u64,
}

/// How long things last, which is all that real time changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tempo {
    /// One unit of time. Few different times are drawn, so that things often happen at the same one.
    pub(crate) tick: Duration,
    /// Most ticks of a silence.
    pub(crate) silence: u32,
    /// Most ticks until a stop.
    pub(crate) stop: u32,
    /// Whether a silence may have no end of its own.
    pub(crate) endless: bool,
}

impl Tempo {
    /// Simulated: waiting costs nothing.
    pub(crate) const SIMULATED: Self = Self {
        tick: Duration::from_millis(20),
        silence: 350,
        stop: 400,
        endless: true,
    };

    /// Real: silences stay well below every limit of the agent.
    pub(crate) const REAL: Self = Self {
        tick: Duration::from_millis(5),
        silence: 12,
        stop: 80,
        endless: false,
    };

    fn ticks(self, ticks: u32) -> HumanDuration {
        HumanDuration(self.tick * ticks)
    }
}

/// Every point with every action that is possible at it over plain HTTP/1.1; a plain refusal comes first, and last whatever a
/// run may well survive, so that cases shrink towards what ends one.
pub(crate) fn legal_pairs() -> Vec<(PointName, ActionName)> {
    let all = PointName::ALL
        .into_iter()
        .flat_map(|point| ActionName::ALL.map(|action| (point, action)));
    let mut legal: Vec<_> = all
        .filter(|(point, action)| Shape::STREAMED.allows(*point, *action).is_ok())
        .collect();
    legal.sort_by_key(|(point, action)| {
        let refuses = *action == ActionName::Status;
        (!refuses, is_survivable(*point, *action))
    });
    legal
}

/// Whether a run may succeed with the answer that this happens to.
fn is_survivable(point: PointName, action: ActionName) -> bool {
    use ActionName as A;
    let late = matches!(point, PointName::AfterEnd | PointName::Idle);
    late || matches!(
        action,
        A::Delay
            | A::Drip
            | A::Split
            | A::Duplicate
            | A::Drop
            | A::Reorder
            | A::Huge
            | A::Bom
            | A::Crlf
            | A::WrongContentType
    )
}

/// The numbers that a fault may need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) bytes: u64,
    pub(crate) event: u32,
    pub(crate) place_of_event: u8,
    pub(crate) status: u16,
    pub(crate) lasting: HumanDuration,
    /// Whether a stall has no end of its own.
    pub(crate) endless: bool,
}

/// The fault of this pair with these numbers, in an answer that calls a tool or does not.
pub(crate) fn fault(
    (point, action): (PointName, ActionName),
    numbers: Numbers,
    calls_tool: bool,
) -> Fault {
    Fault {
        point: place(point, numbers, calls_tool),
        action: happening(action, numbers),
    }
}

fn place(point: PointName, numbers: Numbers, calls_tool: bool) -> Point {
    let within = |length: usize| numbers.bytes % (length as u64 + 1);
    let after_bytes = numbers.bytes;
    match point {
        PointName::Connect => Point::Connect,
        PointName::Accept => Point::Accept,
        PointName::Tls => Point::Tls,
        PointName::Request => Point::Request { after_bytes },
        PointName::BeforeHeaders => Point::BeforeHeaders,
        PointName::Headers => Point::Headers { after_bytes },
        PointName::BeforeBody => Point::BeforeBody,
        PointName::Event => Point::Event(match numbers.place_of_event {
            0 => EventPoint::Before(numbers.event),
            1 => EventPoint::After(numbers.event),
            _ => EventPoint::Inside {
                event: numbers.event,
                after_bytes,
            },
        }),
        PointName::ToolArguments if calls_tool => Point::ToolArguments {
            after_bytes: within(script::ARGUMENTS.len()),
        },
        PointName::Text | PointName::ToolArguments => Point::Text {
            after_bytes: within(script::text(calls_tool).len()),
        },
        PointName::Reasoning => Point::Reasoning {
            after_bytes: within(script::REASONING.len()),
        },
        PointName::BeforeFinish => Point::BeforeFinish,
        PointName::BeforeEnd => Point::BeforeEnd,
        PointName::AfterEnd => Point::AfterEnd,
        PointName::Idle => Point::Idle,
    }
}

fn happening(action: ActionName, numbers: Numbers) -> Action {
    let Numbers { bytes, lasting, .. } = numbers;
    match action {
        ActionName::Status => Action::Status(StatusAnswer {
            status: numbers.status,
            ..StatusAnswer::default()
        }),
        ActionName::Close => Action::Close,
        ActionName::Reset => Action::Reset,
        ActionName::Stall => Action::Stall {
            lasting: (!numbers.endless).then_some(lasting),
        },
        ActionName::Delay => Action::Delay { lasting },
        ActionName::Drip => Action::Drip {
            bytes: 64 + bytes,
            every: lasting,
        },
        ActionName::Truncate => Action::Truncate,
        ActionName::HalfClose => Action::HalfClose,
        ActionName::ErrorEvent => Action::ErrorEvent(ErrorEvent {
            status: Some(numbers.status),
            ..ErrorEvent::default()
        }),
        ActionName::MalformJson => Action::MalformJson,
        ActionName::MalformUtf8 => Action::MalformUtf8,
        ActionName::Split => Action::Split { bytes: 1 + bytes },
        ActionName::Duplicate => Action::Duplicate,
        ActionName::Drop => Action::Drop,
        ActionName::Reorder => Action::Reorder,
        ActionName::CorruptGzip => Action::CorruptGzip,
        ActionName::BadChunk => Action::BadChunk,
        ActionName::Html => Action::Html,
        ActionName::Empty => Action::Empty,
        ActionName::Garbage => Action::Garbage { bytes: 1 + bytes },
        ActionName::Huge => Action::Huge {
            bytes: 20_000 + bytes,
        },
        ActionName::Bom => Action::Bom,
        ActionName::Crlf => Action::Crlf,
        // Without an end of its own only where waiting costs nothing.
        ActionName::KeepaliveForever if !numbers.endless => Action::Close,
        ActionName::KeepaliveForever => Action::KeepaliveForever { every: lasting },
        ActionName::StaleKeepalive => Action::StaleKeepalive {
            end: [End::Close, End::Reset][usize::from(numbers.endless)],
        },
        ActionName::WrongContentType => Action::WrongContentType {
            content_type: "text/plain".to_owned(),
        },
        ActionName::ShortContentLength => Action::ShortContentLength { by: 1 + bytes },
        ActionName::Raw => Action::Raw {
            data: RawBytes(b"HTTP/1.1 \xff\r\n\r\n".to_vec()),
        },
        below => unreachable!("{below} is not possible over plain HTTP/1.1"),
    }
}

fn numbers(tempo: Tempo) -> impl Strategy<Value = Numbers> + Clone {
    let drawn = (
        0..=BYTES,
        1..=EVENTS,
        0..3_u8,
        select(STATUSES.as_slice()),
        1..=tempo.silence,
        proptest::bool::ANY,
    );
    drawn.prop_map(
        move |(bytes, event, place_of_event, status, silence, endless)| Numbers {
            bytes,
            event,
            place_of_event,
            status,
            lasting: tempo.ticks(silence),
            endless: endless && tempo.endless,
        },
    )
}

/// Any turn. The faults come first and their count after them, so that cases shrink to plain faults, and then to few.
pub(crate) fn any(tempo: Tempo) -> impl Strategy<Value = Drawn> {
    let one = (select(legal_pairs()), numbers(tempo));
    let faults = [one.clone(), one.clone(), one];
    let stop = (0..=tempo.stop).prop_map(move |ticks| tempo.ticks(ticks));
    let turn = (
        faults,
        1..=3_usize,
        proptest::bool::ANY,
        1..=2_u32,
        proptest::bool::ANY,
        proptest::option::of(Just(tempo.ticks(2))),
        proptest::option::weighted(0.4, stop),
        0..1_000_u64,
    );
    turn.prop_map(
        |(faults, count, calls_tool, call, streamed, pace, stopped_after, seed)| {
            let faulty_call = if calls_tool { call } else { 1 };
            let tool_is_called = calls_tool && faulty_call == 1;
            let faults = faults[..count]
                .iter()
                .map(|(pair, numbers)| fault(*pair, *numbers, tool_is_called));
            Drawn {
                faults: faults.collect(),
                faulty_call,
                calls_tool,
                streamed,
                pace,
                stopped_after,
                seed,
            }
        },
    )
}
