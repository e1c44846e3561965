//! Whatever goes wrong at whatever point, a run tells its ending once and truthfully: the reference agent and its gateway,
//! against a provider that breaks, judged by every rule.
//!
//! - `drawn`: what goes wrong; `script`: that as a plan; `honesty`: what must hold

mod drawn;
mod honesty;
mod script;

use std::sync::Arc;
use std::time::Duration;

use brownout::Embedded;
use journal::{Fact, FaultOutcome, Journal};
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use runner::{CaseSettings, Target, run_case};
use scenario::{Dialect, HumanDuration, Plan};
use wire_faults::{Action, ActionName, Fault, Point, PointName, StatusAnswer};

use crate::drawing;
use drawn::{Drawn, Numbers, Tempo};

/// Runs a case on a runtime of its own.
fn observed(plan: &Plan, agent: Embedded, virtual_time: bool) -> Journal {
    let target = Target::Embedded(Arc::new(agent));
    let settings = CaseSettings {
        virtual_time,
        ..CaseSettings::default()
    };
    run_case(plan, &target, &settings).unwrap().journal
}

fn complaints(drawn: &Drawn, agent: Embedded, virtual_time: bool) -> Vec<String> {
    let plan = script::plan(drawn);
    honesty::complaints(&plan, &observed(&plan, agent, virtual_time))
}

proptest! {
    #![proptest_config(drawing::config(600))]

    #[test]
    fn a_run_tells_its_ending_once_and_truthfully(drawn in drawn::any(Tempo::SIMULATED)) {
        prop_assert_eq!(complaints(&drawn, Embedded::reference(), true), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(drawing::config(12))]

    #[test]
    fn it_does_so_in_real_time_as_well(drawn in drawn::any(Tempo::REAL)) {
        prop_assert_eq!(complaints(&drawn, Embedded::reference(), false), Vec::<String>::new());
    }
}

/// The plainest turn there is, with one fault.
fn plain(fault: Fault) -> Drawn {
    Drawn {
        faults: vec![fault],
        faulty_call: 1,
        calls_tool: false,
        streamed: false,
        pace: None,
        stopped_after: None,
        seed: 0,
    }
}

#[test]
fn every_action_at_every_point_is_carried_out_and_survived() {
    let numbers = Numbers {
        bytes: 5,
        event: 2,
        place_of_event: 2,
        status: 503,
        lasting: HumanDuration(Duration::from_millis(300)),
        endless: true,
    };
    let mut wrong = Vec::new();
    for (pair, streamed) in drawn::legal_pairs()
        .into_iter()
        .flat_map(|pair| [(pair, true), (pair, false)])
    {
        let drawn = Drawn {
            calls_tool: true,
            streamed,
            ..plain(drawn::fault(pair, numbers, true))
        };
        let plan = script::plan(&drawn);
        let journal = observed(&plan, Embedded::reference(), true);
        let became: Vec<_> = journal
            .records
            .iter()
            .filter_map(|record| match record.fact {
                Fact::Fault { outcome, .. } => Some(outcome),
                _ => None,
            })
            .collect();
        let expected = expected_outcome(pair, streamed);
        if became != [expected] {
            let (point, action) = pair;
            wrong.push(format!(
                "{action} at {point}, streamed: {streamed}: {became:?}"
            ));
        }
        let complaints = honesty::complaints(&plan, &journal);
        wrong.extend({ complaints.into_iter() }.map(|complaint| {
            let (point, action) = pair;
            format!("{action} at {point}, streamed: {streamed}: {complaint}")
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn expected_outcome((point, action): (PointName, ActionName), streamed: bool) -> FaultOutcome {
    let shape = Dialect::OpenaiChat.shape(streamed);
    match (point, action) {
        // This agent has a connection of its own for every call.
        (PointName::Idle, ActionName::StaleKeepalive) => FaultOutcome::Unreached,
        // Whoever has read everything does not wait for more.
        (PointName::AfterEnd, ActionName::Delay | ActionName::KeepaliveForever)
            if shape.allows(point, action).is_ok() =>
        {
            FaultOutcome::Superseded
        }
        _ if shape.allows(point, action).is_ok() => FaultOutcome::Delivered,
        _ => FaultOutcome::Inapplicable,
    }
}

#[test]
fn a_gateway_that_calls_failures_a_success_is_found_with_one_fault() {
    let lying = || Embedded::with_seams("lying-gateway", || drawing::defect("lying-gateway"));
    let config = drawing::config(300);
    let found = TestRunner::new(config).run(&drawn::any(Tempo::SIMULATED), |drawn| {
        prop_assert_eq!(complaints(&drawn, lying(), true), Vec::<String>::new());
        Ok(())
    });
    let Err(TestError::Fail(_, shortest)) = found else {
        panic!("the mistake was not found: {found:?}");
    };
    let refused = Fault {
        point: Point::BeforeHeaders,
        action: Action::Status(StatusAnswer {
            status: 400,
            ..StatusAnswer::default()
        }),
    };
    assert_eq!(shortest, plain(refused));
    let convicted = complaints(&shortest, lying(), true).join("\n");
    assert!(convicted.contains("failed-run-says-failed"), "{convicted}");
}
