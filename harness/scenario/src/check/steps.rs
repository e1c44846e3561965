//! Each step by itself: it does exactly one thing.

use std::ops::Range;
use std::time::Duration;

use provider_script::reading::Told;
use toml::Spanned;
use wire_faults::{HumanDuration, Mistake};

use crate::spec::{AwaitedTerminal, RunReference, StepSpec, WaitSpec};
use crate::step::{Awaited, Step, TerminalName};

/// How long a `wait_for` waits unless said.
const WITHIN: HumanDuration = HumanDuration(Duration::from_secs(60));

/// Who speaks unless said.
const CLIENT: &str = "user";

/// In which session, unless said.
const SESSION: &str = "main";

/// The steps; `None` if one of them is not known.
pub(super) fn steps(
    specs: &[Spanned<StepSpec>],
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> Option<Vec<Step>> {
    // Every step is checked, also after one that is wrong.
    let steps: Vec<Option<Step>> = specs
        .iter()
        .map(|spec| step(spec, told, mistakes))
        .collect();
    steps.into_iter().collect()
}

fn step(spec: &Spanned<StepSpec>, told: &Told, mistakes: &mut Vec<Mistake>) -> Option<Step> {
    let whole = spec.span();
    let spec = spec.get_ref();
    for (name, given) in [("client", &spec.client), ("session", &spec.session)] {
        if let (None, Some(given), true) = (&spec.say, given, told.sound(&whole)) {
            let message = format!("`{name}` goes with `say`");
            mistakes.push(Mistake::new(given.span(), message));
        }
    }
    let names = deeds(spec);
    if !exactly_one(&names, &whole, "a step", told, mistakes) {
        return None;
    }
    let wait = spec.wait_for.as_ref();
    let awaited = wait.map(|wait| awaited(wait, told, mistakes));
    for (name, given) in [
        ("lift_faults", &spec.lift_faults),
        ("shutdown", &spec.shutdown),
    ] {
        mistakes.extend(
            given
                .as_ref()
                .and_then(|given| not_false(name, given, told)),
        );
    }
    if !told.sound(&whole) {
        return None;
    }
    meant(spec, awaited.flatten())
}

/// What a step can do, with the place where it says so.
fn deeds(spec: &StepSpec) -> [(&'static str, Option<Range<usize>>); 8] {
    [
        ("say", spec.say.as_ref().map(Spanned::span)),
        ("wait_for", spec.wait_for.as_ref().map(Spanned::span)),
        ("stop", spec.stop.as_ref().map(Spanned::span)),
        ("disconnect", spec.disconnect.as_ref().map(Spanned::span)),
        ("reconnect", spec.reconnect.as_ref().map(Spanned::span)),
        ("advance", spec.advance.as_ref().map(Spanned::span)),
        ("lift_faults", spec.lift_faults.as_ref().map(Spanned::span)),
        ("shutdown", spec.shutdown.as_ref().map(Spanned::span)),
    ]
}

fn meant(spec: &StepSpec, awaited: Option<Awaited>) -> Option<Step> {
    let text = |given: &Option<Spanned<String>>, usual: &str| {
        given
            .as_ref()
            .map_or_else(|| usual.to_owned(), |given| given.get_ref().clone())
    };
    let run = |reference: &Spanned<RunReference>| {
        let run = &reference.get_ref().run;
        run.as_ref().map(|run| *run.get_ref())
    };
    if let Some(said) = &spec.say {
        return Some(Step::Say {
            text: said.get_ref().clone(),
            client: text(&spec.client, CLIENT),
            session: text(&spec.session, SESSION),
        });
    }
    if let Some(wait) = &spec.wait_for {
        let wait = wait.get_ref();
        return Some(Step::WaitFor {
            awaited: awaited?,
            run: wait.run.as_ref().map(|run| *run.get_ref()),
            within: wait.within.unwrap_or(WITHIN),
        });
    }
    if let Some(by) = &spec.advance {
        return Some(Step::Advance { by: *by.get_ref() });
    }
    if let Some(reference) = &spec.stop {
        return Some(Step::Stop {
            run: run(reference),
        });
    }
    if let Some(reference) = &spec.disconnect {
        return Some(Step::Disconnect {
            run: run(reference),
        });
    }
    if let Some(reference) = &spec.reconnect {
        return Some(Step::Reconnect {
            run: run(reference),
        });
    }
    if spec.lift_faults.is_some() {
        return Some(Step::LiftFaults);
    }
    spec.shutdown.as_ref().map(|_| Step::Shutdown)
}

fn awaited(spec: &Spanned<WaitSpec>, told: &Told, mistakes: &mut Vec<Mistake>) -> Option<Awaited> {
    let whole = spec.span();
    let spec = spec.get_ref();
    let names = [
        ("terminal", spec.terminal.as_ref().map(Spanned::span)),
        ("text", spec.text.as_ref().map(Spanned::span)),
        ("tool", spec.tool.as_ref().map(Spanned::span)),
        ("fault", spec.fault.as_ref().map(Spanned::span)),
        ("request", spec.request.as_ref().map(Spanned::span)),
    ];
    if !exactly_one(&names, &whole, "`wait_for`", told, mistakes) {
        return None;
    }
    if let Some(fault) = &spec.fault {
        mistakes.extend(not_false("fault", fault, told));
        return Some(Awaited::Fault);
    }
    if let Some(text) = &spec.text {
        return Some(Awaited::Text(text.get_ref().clone()));
    }
    if let Some(tool) = &spec.tool {
        return Some(Awaited::Tool(tool.get_ref().clone()));
    }
    if let Some(request) = &spec.request {
        let (call, attempt) = (request.get_ref().call, request.get_ref().attempt);
        if (call == 0 || attempt == Some(0)) && told.sound(&request.span()) {
            let message = "calls and attempts are counted from 1";
            mistakes.push(Mistake::new(request.span(), message));
        }
        return Some(Awaited::Request {
            call,
            attempt: attempt.unwrap_or(1),
        });
    }
    spec.terminal
        .as_ref()
        .map(|terminal| match terminal.get_ref() {
            AwaitedTerminal::Completed => Awaited::Terminal(TerminalName::Completed),
            AwaitedTerminal::Failed => Awaited::Terminal(TerminalName::Failed),
            AwaitedTerminal::Cancelled => Awaited::Terminal(TerminalName::Cancelled),
            AwaitedTerminal::Any => Awaited::AnyTerminal,
        })
}

/// Whether exactly one of the names is given. Said only where nothing was told about the table before.
fn exactly_one(
    names: &[(&str, Option<Range<usize>>)],
    whole: &Range<usize>,
    what: &str,
    told: &Told,
    mistakes: &mut Vec<Mistake>,
) -> bool {
    let given: Vec<_> = names
        .iter()
        .filter_map(|(name, place)| place.clone().map(|place| (*name, place)))
        .collect();
    if let [_] = given[..] {
        return true;
    }
    if !told.sound(whole) && given.is_empty() {
        return false;
    }
    let all: Vec<_> = names.iter().map(|(name, _)| *name).collect();
    let mistake = match given.get(1) {
        None => Mistake::new(whole.clone(), format!("{what} says nothing")),
        Some((second, place)) => {
            let message = format!("{what} says one thing, not `{}` and `{second}`", given[0].0);
            Mistake::new(place.clone(), message)
        }
    };
    mistakes.push(mistake.with_help(format!("exactly one of: {}", all.join(", "))));
    false
}

fn not_false(name: &str, given: &Spanned<bool>, told: &Told) -> Option<Mistake> {
    let wrong = !given.get_ref() && told.sound(&given.span());
    wrong.then(|| {
        Mistake::new(given.span(), format!("`{name} = false` does nothing"))
            .with_help(format!("write `{name} = true`, or leave it out"))
    })
}
