//! What is done to clients, and what that should leave: the simplest account there is. Knows no client and no socket.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use reference_agent::lifecycle::ClientRole;

/// One step. A number chooses among the leased clients, and wraps round; where there are none, the step does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Leases a new client.
    Build(ClientRole),
    /// Sends a request and reads its answer to the end.
    Send(usize),
    /// Ends the lease of a client, whatever it is doing.
    Close(usize),
    /// Sends a request, and reads its answer only so far: it stays in flight.
    Hold(usize),
    /// Sends a request, and gives it up before the answer begins.
    Abort(usize),
    /// Sends a request over the primary and reads its answer to the end.
    AskPrimary,
    /// Gives up a request over the primary before its answer is there.
    AbortPrimary,
    /// The primary's owner closes it, and asks for another.
    ReplacePrimary,
    /// Closes the registry.
    Shutdown,
}

/// A leased client, as far as others can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Leased {
    /// Answers of it that are in flight.
    pub(crate) held: usize,
}

/// What there should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    /// The clients that are leased, in the order of their building.
    pub(crate) leased: Vec<Leased>,
    /// Whether the registry was closed.
    pub(crate) is_shut: bool,
    /// Sends that found their client closed, and told it.
    pub(crate) refused_sends: usize,
    /// Clients ever built, the first primary included.
    pub(crate) built: usize,
}

impl Model {
    /// The leased client that a step means.
    pub(crate) fn chosen(number: usize, leased: usize) -> Option<usize> {
        number.checked_rem(leased)
    }

    fn send(&mut self, number: usize) -> Option<&mut Leased> {
        let chosen = Self::chosen(number, self.leased.len())?;
        self.refused_sends += usize::from(self.is_shut);
        self.leased.get_mut(chosen).filter(|_| !self.is_shut)
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        let first = Self {
            built: 1,
            ..Self::default()
        };
        Just(first).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let number = 0..4_usize;
        // The shortest way to a mistake is built from the first alternatives, so the plainest come first.
        prop_oneof![
            4 => Just(Step::Build(ClientRole::Request)),
            2 => Just(Step::Build(ClientRole::Auxiliary)),
            3 => number.clone().prop_map(Step::Close),
            3 => number.clone().prop_map(Step::Send),
            2 => number.clone().prop_map(Step::Hold),
            2 => number.prop_map(Step::Abort),
            1 => Just(Step::AskPrimary),
            1 => Just(Step::AbortPrimary),
            1 => Just(Step::ReplacePrimary),
            1 => Just(Step::Shutdown),
        ]
        .boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match *step {
            Step::Build(_) if !state.is_shut => {
                state.leased.push(Leased::default());
                state.built += 1;
            }
            Step::Close(number) => {
                if let Some(chosen) = Self::chosen(number, state.leased.len()) {
                    state.leased.remove(chosen);
                }
            }
            Step::Hold(number) => {
                if let Some(leased) = state.send(number) {
                    leased.held += 1;
                }
            }
            Step::Send(number) | Step::Abort(number) => {
                state.send(number);
            }
            Step::ReplacePrimary => state.built += usize::from(!state.is_shut),
            Step::Shutdown => {
                state.is_shut = true;
                for leased in &mut state.leased {
                    leased.held = 0;
                }
            }
            Step::Build(_) | Step::AskPrimary | Step::AbortPrimary => {}
        }
        state
    }
}
