//! Whatever is done to the clients of an agent, closing one never harms another: real clients over real sockets.
//!
//! - `model`: the steps, and what they should leave; `stage`: the real thing; `provider`: whom it talks to
//! - `claim`, `account`: what is claimed, and what the clients tell of it

mod account;
mod claim;
mod model;
mod provider;
mod stage;

use std::marker::PhantomData;

use proptest::test_runner::{Config, TestError, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use reference_agent::lifecycle::ClientRole;
use reference_agent::seams::Seams;
use tokio::runtime::{Builder, Runtime};

use crate::drawing;
use claim::Claim;
use model::{Model, Step};
use stage::Stage;

/// Most steps of one case.
const STEPS: usize = 16;

/// Whose clients are looked at, and for what.
trait Subject {
    const CLAIMS: &'static [Claim];

    fn seams() -> Seams;
}

/// A registry whose every step is looked at.
struct Lifecycle<S>(PhantomData<S>);

/// One case: everything lives on one runtime, so that time can be simulated and tasks counted.
struct Case {
    stage: Stage,
    runtime: Runtime,
}

impl<S: Subject> Lifecycle<S> {
    fn holds(broken: &[claim::Broken]) {
        let false_now: Vec<_> = broken
            .iter()
            .filter(|broken| S::CLAIMS.contains(&broken.claim))
            .collect();
        assert!(false_now.is_empty(), "{false_now:#?}");
    }
}

impl<S: Subject> StateMachineTest for Lifecycle<S> {
    type SystemUnderTest = Case;
    type Reference = Model;

    fn init_test(_: &Model) -> Case {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let stage = runtime.block_on(Stage::set(S::seams()));
        Case { stage, runtime }
    }

    fn apply(mut case: Case, expected: &Model, step: Step) -> Case {
        case.runtime.block_on(case.stage.take(step, expected));
        Self::holds(case.stage.broken());
        case
    }

    fn teardown(case: Case, expected: Model) {
        let Case { stage, runtime } = case;
        Self::holds(&runtime.block_on(stage.end(expected)));
    }
}

/// The agent as it ships.
struct Reference;

impl Subject for Reference {
    const CLAIMS: &'static [Claim] = &Claim::ALL;

    fn seams() -> Seams {
        Seams::default()
    }
}

type ReferenceLifecycle = Lifecycle<Reference>;

prop_state_machine! {
    #![proptest_config(drawing::config(96))]

    #[test]
    fn closing_a_client_harms_no_other(sequential 1..STEPS => ReferenceLifecycle);
}

/// The steps of the shortest case that breaks a claim.
fn shortest_that_breaks<S: Subject>(config: Config) -> Vec<Step> {
    let steps = Model::sequential_strategy(1..STEPS);
    let mut runner = TestRunner::new(config.clone());
    let found = runner.run(&steps, |(model, steps, seen)| {
        Lifecycle::<S>::test_sequential(config.clone(), model, steps, seen);
        Ok(())
    });
    match found {
        Err(TestError::Fail(_, (_, steps, _))) => steps,
        other => panic!("the mistake was not found: {other:?}"),
    }
}

const BUILD: Step = Step::Build(ClientRole::Request);

struct PrimaryOfSharing;

impl Subject for PrimaryOfSharing {
    const CLAIMS: &'static [Claim] = &[Claim::PrimarySurvives];

    fn seams() -> Seams {
        drawing::defect("shared-client")
    }
}

#[test]
fn a_request_client_that_closes_the_primary_is_found_in_two_steps() {
    let steps = shortest_that_breaks::<PrimaryOfSharing>(drawing::config(96));
    assert_eq!(steps, [BUILD, Step::Close(0)]);
}

struct SiblingsOfSharing;

impl Subject for SiblingsOfSharing {
    const CLAIMS: &'static [Claim] = &[Claim::SiblingsUnaffected];

    fn seams() -> Seams {
        drawing::defect("shared-client")
    }
}

#[test]
fn a_request_client_that_closes_a_sibling_is_found_in_three_steps() {
    let steps = shortest_that_breaks::<SiblingsOfSharing>(drawing::config(96));
    assert_eq!(steps, [BUILD, BUILD, Step::Close(0)]);
}

struct Sharing;

impl Subject for Sharing {
    const CLAIMS: &'static [Claim] = &Claim::ALL;

    fn seams() -> Seams {
        drawing::defect("shared-client")
    }
}

#[test]
fn a_client_that_is_made_from_another_is_found_when_it_is_made() {
    let steps = shortest_that_breaks::<Sharing>(drawing::config(96));
    assert_eq!(steps, [BUILD]);
}
