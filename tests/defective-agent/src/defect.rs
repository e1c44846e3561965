//! What a defect says of itself. Knows what records look like, and nothing of judges.

use journal::Fact;
use reference_agent::seams::Seams;

/// A known mistake, built on purpose.
#[derive(Clone, Copy)]
pub struct Defect {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What this agent does wrong, as one sentence.
    pub sentence: &'static str,
    /// The habits that it replaces, as the fields of [`Seams`] are called.
    pub replaces: &'static [&'static str],
    /// Where it shows.
    pub stage: Stage,
    /// The rules that must convict it.
    pub meant: &'static [Meant],
    /// The rules that may convict it besides, because one mistake has more than one consequence.
    pub also: &'static [&'static str],
    /// The scenarios that must convict it, by a rule or by what they expect.
    pub shown_by: &'static [&'static str],
    /// The habits of an agent that makes the mistake, made anew for each agent.
    pub seams: fn() -> Seams,
}

/// A rule that must convict, and on what grounds.
#[derive(Clone, Copy)]
pub struct Meant {
    /// The rule's id.
    pub rule: &'static str,
    /// The record that the mistake itself leaves; part of the evidence whenever the rule convicts.
    pub mistake: fn(&Fact) -> bool,
}

/// Where a mistake shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// In the agent behind its gateway, wherever that runs.
    Gateway,
    /// Only in a process at its interactive prompt, in these scenarios.
    Prompt(&'static [&'static str]),
}
