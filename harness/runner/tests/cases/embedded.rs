//! Cases against an agent in the test's own process, most of them in simulated time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Fact, Journal, Terminal};
use runner::{CaseSettings, Interrupt, RunError, RunErrorKind, Target, run_case};
use scenario::{Draw, Plan};

use crate::agent::Agent;
use crate::plans::{ONE_TURN, census, endings, facts, has, plan, stored};

fn settings(virtual_time: bool) -> CaseSettings {
    CaseSettings {
        virtual_time,
        ..CaseSettings::default()
    }
}

fn run(plan: &Plan, agent: Agent, settings: &CaseSettings) -> Journal {
    let target = Target::Embedded(Arc::new(agent));
    run_case(plan, &target, settings)
        .expect("the case can be run")
        .journal
}

fn run_virtual(body: &str) -> Journal {
    run(
        &plan(body, &Draw::new(7)),
        Agent::default(),
        &settings(true),
    )
}

fn tells(journal: &Journal, run: u32, wanted: impl Fn(&Fact) -> bool) -> bool {
    journal.of_run(run).any(|record| wanted(&record.fact))
}

#[test]
fn a_turn_and_the_probe_after_it() {
    let journal = run_virtual(ONE_TURN);
    let hello = (Terminal::Completed, "Hello to you.".to_owned());
    assert_eq!(endings(&journal, 1), [hello]);
    let still = (Terminal::Completed, "Still here.".to_owned());
    assert_eq!(endings(&journal, 2), [still]);
    assert_eq!(journal.runs(), [1, 2]);
    assert!(matches!(
        facts(&journal)[0],
        Fact::CaseStarted {
            virtual_time: true,
            ..
        }
    ));
    assert_eq!(facts(&journal).last(), Some(&&Fact::CaseEnded));
    let census = census(&journal);
    assert_eq!(
        (census.tasks, census.provider_connections),
        (Some(0), Some(0))
    );
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::EventsEnded { polite: true }
    )));
    assert!(tells(
        &journal,
        1,
        |fact| matches!(fact, Fact::Request { credential, .. } if credential == "canary-1")
    ));
    // Said before the answer to the submission, when nobody knew the run's number yet.
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::AttemptStarted { .. }
    )));
}

#[test]
fn the_same_seed_gives_the_same_journal_byte_for_byte() {
    let says = "[[steps]]\nsay = \"Hello\"\nsession = \"s\"\n";
    let many: String = (0..8)
        .map(|n| says.replace("\"s\"", &format!("\"s{n}\"")))
        .collect();
    let body = format!(
        "[[provider]]\nreply = {{ text = \"Hello to you.\" }}\n{many}[[steps]]\nwait_for = {{ terminal = \"completed\", run = 3 }}\n[expect]\nterminal = \"completed\"\n"
    );
    let first = stored(&run_virtual(&body));
    for _ in 0..5 {
        let again = stored(&run_virtual(&body));
        let differs = first
            .lines()
            .zip(again.lines())
            .find(|(one, other)| one != other);
        assert_eq!(differs, None);
        assert_eq!(first.len(), again.len());
    }
    assert!(
        !first.contains("run_0"),
        "a real id of a run is in the journal"
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "that no real time passes is what is tested"
)]
fn time_that_passes_in_a_case_costs_nothing() {
    let began = Instant::now();
    let journal = run_virtual(&ONE_TURN.replace("say = \"Hello\"", "say = \"hang\""));
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::WaitTimedOut {
            step: 1,
            within_ms: 20_000
        }
    )));
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::RunTimedOut { within_ms: 600_000 }
    )));
    let last = journal.records.last().unwrap();
    assert!(Duration::from_nanos(last.t_ns) > Duration::from_secs(600));
}

#[test]
fn a_target_that_spins_does_not_hold_the_case_for_ever() {
    let journal = run_virtual(&ONE_TURN.replace("say = \"Hello\"", "say = \"spin\""));
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::RunTimedOut { .. }
    )));
    assert!(!has(&journal, |fact| *fact == Fact::CaseEnded));
}

#[test]
fn a_run_is_stopped_and_one_is_left_and_listened_to_again() {
    let journal = run_virtual(
        r#"
[[provider]]
reply = { text = "Hello." }
[[steps]]
say = "hang"
[[steps]]
disconnect = true
[[steps]]
advance = "5s"
[[steps]]
reconnect = true
[[steps]]
stop = true
[[steps]]
wait_for = { terminal = "cancelled" }
[expect]
terminal = "cancelled"
"#,
    );
    let of_run: Vec<&Fact> = journal.of_run(1).map(|record| &record.fact).collect();
    let position = |wanted: fn(&Fact) -> bool| {
        let found = of_run.iter().position(|fact| wanted(fact));
        found.unwrap_or_else(|| panic!("missing: {of_run:#?}"))
    };
    let left = position(|fact| matches!(fact, Fact::Disconnected));
    let stopped = position(|fact| matches!(fact, Fact::StopRequested));
    position(|fact| matches!(fact, Fact::StopAnswered { status: 200 }));
    let ended = position(|fact| matches!(fact, Fact::Terminal { via, .. } if via == "events"));
    let subscribed = of_run
        .iter()
        .filter(|fact| matches!(fact, Fact::Subscribed))
        .count();
    assert!(left < stopped && stopped < ended);
    assert_eq!(subscribed, 2);
    assert_eq!(endings(&journal, 1), [(Terminal::Cancelled, String::new())]);
}

#[test]
fn whoever_listens_again_to_nothing_asks_how_the_run_ended() {
    let journal = run_virtual(
        r#"
[[provider]]
when = { run = 1 }
reply = { text = "Hello." }
fault = { at = "before-headers", action = "delay", lasting = "1s" }
[[provider]]
reply = { text = "Still here." }
[[steps]]
say = "tell-once"
[[steps]]
disconnect = true
[[steps]]
reconnect = true
[[steps]]
wait_for = { terminal = "any", within = "1m" }
[expect]
terminal = "completed"
"#,
    );
    let ended = |fact: &Fact| matches!(fact, Fact::Terminal { via, .. } if via == "status");
    assert!(tells(&journal, 1, ended), "{:#?}", facts(&journal));
    assert!(!tells(&journal, 1, |fact| matches!(
        fact,
        Fact::RunTimedOut { .. }
    )));
}

#[test]
fn what_the_target_does_wrong_is_in_the_journal() {
    let journal =
        run_virtual(&ONE_TURN.replace("say = \"Hello\"", "say = \"end-twice leak-task\""));
    assert_eq!(endings(&journal, 1).len(), 2);
    assert_eq!(census(&journal).tasks, Some(1));
}

#[test]
fn a_key_that_comes_out_is_found_and_not_repeated() {
    let journal = run_virtual(&ONE_TURN.replace("say = \"Hello\"", "say = \"tell-key\""));
    let refused = (Terminal::Failed, "refused: canary-1".to_owned());
    assert_eq!(endings(&journal, 1), [refused]);
    assert!(tells(
        &journal,
        1,
        |fact| matches!(fact, Fact::CanaryFound { place, form } if place == "terminal error" && form == "raw")
    ));
    assert!(has(
        &journal,
        |fact| matches!(fact, Fact::CanarySearched { places, .. } if *places > 0)
    ));
    assert!(!stored(&journal).contains("sk-bo-"));
    // What was waited for is impossible: nobody waited for it, and it is not taken for seen.
    assert!(tells(&journal, 1, |fact| matches!(
        fact,
        Fact::WaitTimedOut { .. }
    )));
}

#[test]
fn the_same_case_in_real_time_on_real_ports() {
    let plan = plan(ONE_TURN, &Draw::new(7));
    let journal = run(&plan, Agent::default(), &settings(false));
    let hello = (Terminal::Completed, "Hello to you.".to_owned());
    assert_eq!(endings(&journal, 1), [hello]);
    let census = census(&journal);
    assert_eq!(
        (census.tasks, census.provider_connections),
        (Some(0), Some(0))
    );
}

#[test]
fn a_target_that_refuses_to_start_is_no_case() {
    let refuses = Some("no model".to_owned());
    let target = Target::Embedded(Arc::new(Agent {
        refuses,
        ..Agent::default()
    }));
    let plan = plan(ONE_TURN, &Draw::new(7));
    let error = run_case(&plan, &target, &settings(true)).unwrap_err();
    assert_eq!(error.to_string(), "start the target: no model");
    assert_eq!(error.kind(), RunErrorKind::Target);
}

#[test]
fn an_interrupt_ends_a_case_in_the_middle() {
    let interrupt = Interrupt::default();
    let trigger = interrupt.clone();
    let agent = Agent {
        on_turn: Some(Arc::new(move || trigger.trigger())),
        ..Agent::default()
    };
    let target = Target::Embedded(Arc::new(agent));
    let body = ONE_TURN
        .replace("within = \"20s\"", "within = \"1h\"")
        .replace("say = \"Hello\"", "say = \"hang\"");
    let settings = CaseSettings {
        interrupt: interrupt.clone(),
        ..settings(false)
    };
    let error = run_case(&plan(&body, &Draw::new(7)), &target, &settings).unwrap_err();
    assert!(matches!(error, RunError::Interrupted), "{error}");
    assert!(interrupt.is_triggered());
}

#[test]
fn a_plan_that_needs_more_than_the_target_has_is_refused() {
    let body = format!("needs = [\"process\"]\n{ONE_TURN}");
    let plan = plan(&body, &Draw::new(7));
    let target = Target::Embedded(Arc::new(Agent::default()));
    let error = run_case(&plan, &target, &settings(true)).unwrap_err();
    assert_eq!(error.to_string(), "run the case: the target lacks process");
    assert_eq!(error.kind(), RunErrorKind::Misuse);
}
