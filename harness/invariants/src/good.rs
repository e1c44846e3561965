//! Whole cases in which everything went as it should, for tests of all rules together.

use journal::{Census, ClientRole, Fact, FaultOutcome, Journal, Terminal, Usage};
use scenario::{Expectation, Expected, Place, Plan, TerminalName};

use crate::example::{Example, calls, calls_partly, costing, fault, says, says_partly};

/// Every good case, with its name.
pub(crate) fn cases() -> Vec<(&'static str, (Plan, Journal))> {
    vec![
        ("tools", tools()),
        ("refused", refused()),
        ("limited", limited()),
        ("stopped", stopped()),
        ("reconnected", reconnected()),
        ("queued", queued()),
    ]
}

/// The start of a case with a process and a prompt.
fn begin() -> Example {
    Example::new()
        .runner(Fact::ProcessStarted)
        .runner(Fact::ProcessReady)
        .target(Fact::RuntimeStarted {
            runtime: "main".to_owned(),
        })
        .builds("client-1", ClientRole::Primary)
        .runner(Fact::PromptShown)
        .runner(Fact::StepStarted {
            step: 0,
            action: "say".to_owned(),
        })
}

/// The probe, the shutdown and the counts.
fn finish(story: Example, run: u32) -> (Plan, Journal) {
    let census = Census {
        tasks: Some(0),
        provider_connections: Some(0),
        processes: Some(0),
        descriptors_grown: Some(1),
        ..Census::default()
    };
    story
        .runner(Fact::PromptShown)
        .runner(Fact::FaultsLifted)
        .turn_in("probe", run)
        .exchange((run, 1, 1), says("Still here."))
        .delivers(run, "Still here.")
        .completes(run, "Still here.")
        .runner(Fact::PromptShown)
        .runner(Fact::ShutdownRequested)
        .target(Fact::ShutdownStarted)
        .closes("client-1", "shutdown")
        .target(Fact::ShutdownFinished {
            open_clients: 0,
            open_tasks: 0,
        })
        .target(Fact::RuntimeEnded {
            runtime: "main".to_owned(),
        })
        .runner(Fact::ProcessExited {
            code: Some(0),
            signal: None,
            expected: true,
        })
        .runner(Fact::Census(census))
        .runner(Fact::CanarySearched {
            places: 20,
            unsearched: 0,
        })
        .end()
}

fn expecting(expected: Expected) -> impl FnOnce(&mut Plan) {
    let expectation = Expectation {
        key: "demand".to_owned(),
        run: None,
        expected,
        policy: false,
        place: Place::default(),
    };
    |plan| plan.expectations.push(expectation)
}

/// A cut tool call, its repetition, the tool, and the answer.
fn tools() -> (Plan, Journal) {
    let arguments = "{\"name\": \"order\"}";
    let story = begin()
        .plan(expecting(Expected::Terminal(TerminalName::Completed)))
        .plan(expecting(Expected::Output("Ordered.".to_owned())))
        .plan(expecting(Expected::Effects(vec!["order".to_owned()])))
        .turn(1)
        .builds("client-2", ClientRole::Request)
        .asks((1, 1, 1))
        .cut((1, 1, 1), calls_partly("id-1", "{\"name\": \"or"))
        .after_ms(200)
        .exchange((1, 1, 2), costing(10, 5, calls("id-2", arguments)))
        .closes("client-2", "owner")
        .target(Fact::ToolStarted {
            tool_call: "id-2".to_owned(),
            tool: "effect".to_owned(),
            arguments: arguments.to_owned(),
        })
        .target(Fact::ToolFinished {
            tool_call: "id-2".to_owned(),
            error: false,
        })
        .builds("client-3", ClientRole::Request)
        .asks_with((1, 2, 1), &[("id-2", arguments)], &[("id-2", "done")])
        .delivers(1, "Ord")
        .delivers(1, "ered.")
        .answers((1, 2, 1), costing(20, 2, says("Ordered.")))
        .closes("client-3", "owner")
        .client(
            1,
            Fact::Terminal {
                terminal: Terminal::Completed,
                output: Some("Ordered.".to_owned()),
                error: None,
                usage: Some(Usage {
                    input: 30,
                    output: 7,
                }),
                via: "events".to_owned(),
            },
        )
        .client(1, Fact::EventsEnded { polite: true })
        .runner(Fact::Effects {
            lines: vec!["order".to_owned()],
        });
    finish(story, 2)
}

/// A rate limit that is waited for, then a 401.
fn refused() -> (Plan, Journal) {
    let story = begin()
        .plan(expecting(Expected::ErrorContains("401".to_owned())))
        .plan(expecting(Expected::ProviderRequests(2)))
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 429, Some("2"))
        .after_ms(2_000)
        .asks((1, 1, 2))
        .errs((1, 1, 2), 401, None)
        .fails(1, "the provider said 401: bo-401");
    finish(story, 2)
}

/// The token limit, every time.
fn limited() -> (Plan, Journal) {
    let mut said = says("And then,");
    said.finish = Some("length".to_owned());
    let story = begin()
        .turn(1)
        .exchange((1, 1, 1), said)
        .delivers(1, "And then,")
        .fails(1, "the answer hit the token limit");
    finish(story, 2)
}

/// A stop in mid-stream; the stall is superseded.
fn stopped() -> (Plan, Journal) {
    let story = begin()
        .turn(1)
        .asks((1, 1, 1))
        .head((1, 1, 1), 200, None)
        .delivers(1, "I could")
        .stops(1)
        .provider((1, 1, 1), fault("stall", FaultOutcome::Superseded))
        .leaves((1, 1, 1), says_partly("I could go on"))
        .cancels(1);
    finish(story, 2)
}

/// A client that leaves and comes back.
fn reconnected() -> (Plan, Journal) {
    let story = begin()
        .turn(1)
        .asks((1, 1, 1))
        .delivers(1, "Here ")
        .client(1, Fact::Disconnected)
        .client(1, Fact::Subscribed)
        .delivers(1, "Here I am.")
        .answers((1, 1, 1), says("Here I am."))
        .completes(1, "Here I am.");
    finish(story, 2)
}

/// A second turn of the session, given at a gateway while the first is at the provider; it waits in line.
fn queued() -> (Plan, Journal) {
    let story = begin()
        .turn(1)
        .asks((1, 1, 1))
        .turn(2)
        .delivers(1, "First.")
        .answers((1, 1, 1), says("First."))
        .completes(1, "First.")
        .exchange((2, 1, 1), says("Second."))
        .delivers(2, "Second.")
        .completes(2, "Second.");
    let (plan, mut journal) = finish(story, 3);
    // At a prompt nobody can speak before the answer is there.
    let records = &mut journal.records;
    records.retain(|record| !matches!(record.fact, Fact::PromptShown));
    (plan, journal)
}
