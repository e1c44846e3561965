//! Expectations, each with the place of its value.

use std::collections::BTreeMap;
use std::ops::Range;

use provider_script::Usage;
use provider_script::reading::Told;
use toml::Spanned;
use wire_faults::Mistake;

use crate::expectation::{Expectation, Expected};
use crate::place::Lines;
use crate::spec::{ExpectSpec, PolicySpec, RunExpectSpec, ScenarioSpec};
use crate::step::TerminalName;

/// Every expectation, in the order of the file.
pub(super) fn expectations(
    spec: &ScenarioSpec,
    lines: &Lines<'_>,
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Expectation> {
    let mut found = Found {
        lines,
        expectations: Vec::new(),
    };
    if let Some(expect) = &spec.expect {
        found.whole(expect.get_ref());
        for run in &expect.get_ref().runs {
            found.run(run.get_ref(), mistakes);
        }
        contradictions(expect.get_ref(), mistakes);
    }
    let place = spec.expect.as_ref().map(Spanned::span);
    let known = place.as_ref().is_none_or(|place| told.sound(place));
    if found.expectations.is_empty() && known && !told.broken() {
        let place = place.unwrap_or_else(|| spec.title.span());
        let mistake = Mistake::new(place, "nothing is expected in this scenario").with_help(
            "say how it ends, such as `[expect]` and, below it, `terminal = \"completed\"`",
        );
        mistakes.push(mistake);
    }
    let mut expectations = found.expectations;
    expectations.sort_by_key(|expectation| (expectation.place.line, expectation.place.column));
    expectations
}

/// A run cannot end in two ways.
fn contradictions(expect: &ExpectSpec, mistakes: &mut Vec<Mistake>) {
    let policy = |policy: &'_ Option<PolicySpec>| policy.as_ref()?.terminal.clone();
    let of_every = [expect.terminal.clone(), policy(&expect.policy)].map(|it| (None, it));
    let of_single = expect.runs.iter().flat_map(|run| {
        let run = run.get_ref();
        let number = Some(*run.run.get_ref());
        [run.terminal.clone(), policy(&run.policy)].map(|terminal| (number, terminal))
    });
    let mut terminals: Vec<(Option<u32>, Spanned<TerminalName>)> = of_every
        .into_iter()
        .chain(of_single)
        .filter_map(|(run, terminal)| Some((run, terminal?)))
        .collect();
    terminals.sort_by_key(|(_, terminal)| terminal.span().start);
    for (index, (run, terminal)) in terminals.iter().enumerate() {
        let differs = terminals[..index].iter().any(|(other, earlier)| {
            (run == other || run.is_none() || other.is_none()) && earlier != terminal
        });
        if differs {
            let message = "a run is expected to end in two different ways";
            let mistake = Mistake::new(terminal.span(), message)
                .with_help("`terminal` under `[expect]` is said of every run");
            mistakes.push(mistake);
        }
    }
}

struct Found<'a> {
    lines: &'a Lines<'a>,
    expectations: Vec<Expectation>,
}

/// What can be said of a run, by whichever table says it.
struct OfRun<'a> {
    run: Option<u32>,
    policy: bool,
    terminal: &'a Option<Spanned<TerminalName>>,
    output: &'a Option<Spanned<String>>,
    output_contains: &'a Option<Spanned<String>>,
    error_contains: &'a Option<Spanned<String>>,
    usage: &'a Option<Spanned<Usage>>,
}

/// What can be said of the whole case.
struct OfCase<'a> {
    policy: bool,
    tool_runs: &'a BTreeMap<Spanned<String>, Spanned<u32>>,
    effects: &'a Option<Spanned<Vec<String>>>,
}

impl Found<'_> {
    /// Adds what is expected by the value at `span`. `whose` is the run, and whether it is policy.
    fn add(
        &mut self,
        key: &str,
        whose: (Option<u32>, bool),
        span: &Range<usize>,
        expected: Expected,
    ) {
        let (run, policy) = whose;
        let prefix = if policy { "policy." } else { "" };
        self.expectations.push(Expectation {
            key: format!("{prefix}{key}"),
            run,
            expected,
            policy,
            place: self.lines.place(span),
        });
    }

    fn whole(&mut self, spec: &ExpectSpec) {
        self.of_run(&OfRun {
            run: None,
            policy: false,
            terminal: &spec.terminal,
            output: &spec.output,
            output_contains: &spec.output_contains,
            error_contains: &spec.error_contains,
            usage: &spec.usage,
        });
        self.of_case(&OfCase {
            policy: false,
            tool_runs: &spec.tool_runs,
            effects: &spec.effects,
        });
        if let Some(policy) = &spec.policy {
            self.policy(None, policy);
            self.of_case(&OfCase {
                policy: true,
                tool_runs: &policy.tool_runs,
                effects: &policy.effects,
            });
        }
    }

    fn run(&mut self, spec: &RunExpectSpec, mistakes: &mut Vec<Mistake>) {
        let run = Some(*spec.run.get_ref());
        self.of_run(&OfRun {
            run,
            policy: false,
            terminal: &spec.terminal,
            output: &spec.output,
            output_contains: &spec.output_contains,
            error_contains: &spec.error_contains,
            usage: &spec.usage,
        });
        let Some(policy) = &spec.policy else {
            return;
        };
        self.policy(run, policy);
        let tool_runs = policy.tool_runs.keys().next().map(Spanned::span);
        let effects = policy.effects.as_ref().map(Spanned::span);
        for (name, place) in [("tool_runs", tool_runs), ("effects", effects)] {
            mistakes.extend(place.map(|place| {
                Mistake::new(
                    place,
                    format!("`{name}` is about the whole case, not one run"),
                )
                .with_help("write it under `[expect]` or `[expect.policy]`")
            }));
        }
    }

    fn of_run(&mut self, spec: &OfRun<'_>) {
        let whose = (spec.run, spec.policy);
        if let Some(terminal) = spec.terminal {
            let expected = Expected::Terminal(*terminal.get_ref());
            self.add("terminal", whose, &terminal.span(), expected);
        }
        if let Some(output) = spec.output {
            let expected = Expected::Output(output.get_ref().clone());
            self.add("output", whose, &output.span(), expected);
        }
        if let Some(part) = spec.output_contains {
            let expected = Expected::OutputContains(part.get_ref().clone());
            self.add("output_contains", whose, &part.span(), expected);
        }
        if let Some(part) = spec.error_contains {
            let expected = Expected::ErrorContains(part.get_ref().clone());
            self.add("error_contains", whose, &part.span(), expected);
        }
        if let Some(usage) = spec.usage {
            let Usage { input, output, .. } = *usage.get_ref();
            let expected = Expected::Usage { input, output };
            self.add("usage", whose, &usage.span(), expected);
        }
    }

    fn of_case(&mut self, spec: &OfCase<'_>) {
        let whose = (None, spec.policy);
        for (tool, times) in spec.tool_runs {
            let tool = tool.get_ref();
            let expected = Expected::ToolRuns {
                tool: tool.clone(),
                times: *times.get_ref(),
            };
            self.add(&format!("tool_runs.{tool}"), whose, &times.span(), expected);
        }
        if let Some(effects) = spec.effects {
            let expected = Expected::Effects(effects.get_ref().clone());
            self.add("effects", whose, &effects.span(), expected);
        }
    }

    fn policy(&mut self, run: Option<u32>, spec: &PolicySpec) {
        self.of_run(&OfRun {
            run,
            policy: true,
            terminal: &spec.terminal,
            output: &spec.output,
            output_contains: &spec.output_contains,
            error_contains: &spec.error_contains,
            usage: &spec.usage,
        });
        let whose = (run, true);
        if let Some(requests) = &spec.provider_requests {
            let expected = Expected::ProviderRequests(*requests.get_ref());
            self.add("provider_requests", whose, &requests.span(), expected);
        }
        if let Some(least) = &spec.takes_at_least {
            let expected = Expected::TakesAtLeast(*least.get_ref());
            self.add("takes_at_least", whose, &least.span(), expected);
        }
        if let Some(most) = &spec.takes_at_most {
            let expected = Expected::TakesAtMost(*most.get_ref());
            self.add("takes_at_most", whose, &most.span(), expected);
        }
    }
}
