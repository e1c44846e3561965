//! What was started has ended. Knows the runner's count after the shutdown.

use journal::{Census, Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "nothing-left",
    group: "resources",
    sentence: "After quiescence no task, socket, connection or process is left.",
    why: "What one run leaves behind, a thousand runs leave a thousand times: the agent slows down, runs out of descriptors, and is restarted at night.",
    how: "After the target was asked to shut down and idle time has passed, before anything is killed, the runner counts tasks, sockets, connections at the provider and processes: each is zero, and nothing has to be killed. Undecided without a count. Not applicable where nothing of it can be counted.",
    causes: "A task is spawned and not kept; a response is dropped without being read or closed; a child outlives its parent. Keep what you start where you can end it.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    let mut counts = 0;
    for record in case.records {
        match &record.fact {
            Fact::Census(census) => {
                counts += 1;
                counted(&case, census, record, &mut findings);
            }
            Fact::Killed { processes: 0 } => {}
            Fact::Killed { processes } => {
                findings.violated(format!("{processes} processes had to be killed"), [record]);
            }
            Fact::ShutdownFinished { open_tasks, .. } if *open_tasks > 0 => {
                let because = format!("the target counts {open_tasks} tasks after its shutdown");
                findings.violated(because, [record]);
            }
            _ => {}
        }
    }
    if counts == 0 {
        findings.undecided("what was left was not counted", []);
    }
    findings.verdict("kinds of things counted")
}

fn counted(case: &Case<'_>, census: &Census, record: &Record, findings: &mut Findings) {
    let kinds = [
        (census.tasks, "tasks"),
        (census.provider_connections, "connections to the provider"),
        (census.sockets, "sockets"),
        (census.processes, "processes"),
    ];
    for (count, kind) in kinds {
        match count {
            None => {}
            Some(0) => findings.kept(),
            Some(count) => {
                let opened = (kind == "connections to the provider").then(|| left_open(case));
                let shown = opened.into_iter().flatten().chain([record]);
                findings.violated(format!("{count} {kind} were left"), shown);
            }
        }
    }
}

/// The opening of each connection that neither side has closed.
fn left_open<'a>(case: &Case<'a>) -> Vec<&'a Record> {
    let is_closed = |wanted: u64| {
        case.records.iter().any(|record| {
            matches!(record.fact, Fact::ConnectionClosed { connection, .. } if connection == wanted)
        })
    };
    let open = |record: &&Record| matches!(record.fact, Fact::ConnectionOpened { connection } if !is_closed(connection));
    case.records.iter().filter(open).collect()
}

fn violation() -> (Plan, Journal) {
    let census = Census {
        tasks: Some(1),
        provider_connections: Some(0),
        ..Census::default()
    };
    Example::new().runner(Fact::Census(census)).end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    fn with(census: Census) -> Ruling {
        let story = Example::new().turn(1).asks((1, 1, 1));
        ruling(&RULE, &story.runner(Fact::Census(census)).end())
    }

    #[test]
    fn zero_of_everything_holds_and_one_of_anything_convicts() {
        let none = Census {
            tasks: Some(0),
            provider_connections: Some(0),
            ..Census::default()
        };
        assert_eq!(with(none), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let sockets = Some(2);
        assert_eq!(with(Census { sockets, ..none }), Ruling::Violated);
    }

    #[test]
    fn what_had_to_be_killed_convicts() {
        let killed = |processes| Example::new().runner(Fact::Killed { processes }).end();
        assert_eq!(ruling(&RULE, &killed(1)), Ruling::Violated);
        assert_eq!(ruling(&RULE, &killed(0)), Ruling::Undecided);
    }

    #[test]
    fn an_open_connection_is_shown() {
        let census = Census {
            provider_connections: Some(1),
            ..Census::default()
        };
        let (plan, journal) = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .runner(Fact::Census(census))
            .end();
        assert_eq!(judge(&plan, &journal).evidence, [5, 7]);
    }

    #[test]
    fn nothing_that_can_be_counted_is_not_applicable() {
        assert_eq!(with(Census::default()), Ruling::NotApplicable);
    }
}
