//! Names of tools: the neutral ones, and those that the script calls although nobody has them.

use std::collections::BTreeSet;

use provider_script::Script;
use provider_script::reading::suggestion;
use toml::Spanned;
use wire_faults::Mistake;

use crate::spec::ScenarioSpec;

/// The tools that every target maps to its own.
const NEUTRAL: [&str; 3] = ["list", "read", "effect"];

/// The tools that a scenario can speak of.
pub(super) struct Tools<'a> {
    known: BTreeSet<&'a str>,
    /// Whether the script was read whole, so that a name that is not here is nowhere.
    certain: bool,
}

impl<'a> Tools<'a> {
    /// The neutral tools and those that the script calls.
    pub(super) fn of(script: &'a Script, certain: bool) -> Self {
        let replies = script
            .entries
            .iter()
            .filter_map(|entry| entry.reply.as_ref());
        let called = replies
            .flat_map(|reply| &reply.tool_calls)
            .map(|call| call.tool.as_str());
        Self {
            known: NEUTRAL.into_iter().chain(called).collect(),
            certain,
        }
    }

    /// Checks every tool that steps and expectations speak of.
    pub(super) fn check(&self, spec: &ScenarioSpec, mistakes: &mut Vec<Mistake>) {
        let awaited = spec
            .steps
            .iter()
            .filter_map(|step| step.get_ref().wait_for.as_ref()?.get_ref().tool.as_ref());
        let expected = spec.expect.iter().flat_map(|expect| {
            let expect = expect.get_ref();
            let policy = expect
                .policy
                .iter()
                .flat_map(|policy| policy.tool_runs.keys());
            expect.tool_runs.keys().chain(policy)
        });
        mistakes.extend(
            awaited
                .chain(expected)
                .filter_map(|tool| self.unknown(tool)),
        );
    }

    fn unknown(&self, tool: &Spanned<String>) -> Option<Mistake> {
        let name = tool.get_ref().as_str();
        let known: Vec<&str> = self.known.iter().copied().collect();
        if !self.certain || self.known.contains(name) {
            return None;
        }
        let help = match suggestion(name, &known) {
            Some(meant) => format!("did you mean `{meant}`? possible are: {}", known.join(", ")),
            None => format!("possible are: {}", known.join(", ")),
        };
        Some(Mistake::new(tool.span(), format!("unknown tool `{name}`")).with_help(help))
    }
}
