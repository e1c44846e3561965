//! Plans for tests, and questions about journals.

use std::path::Path;

use journal::{Census, Fact, Journal, Terminal};
use scenario::{Draw, Plan};

/// A plan from the text of a scenario without its head.
pub(crate) fn plan(body: &str, draw: &Draw) -> Plan {
    let text = format!("format = 1\ntitle = \"a test\"\n{body}");
    let scenario = scenario::parse(&text, Path::new("test.toml"), "test")
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    Plan::draw(&scenario, draw).expect("can be planned")
}

/// One turn, one reply, and the end of it.
pub(crate) const ONE_TURN: &str = r#"
[[provider]]
reply = { text = "Hello to you." }
[[steps]]
say = "Hello"
[[steps]]
wait_for = { terminal = "completed", within = "20s" }
[expect]
terminal = "completed"
"#;

/// The facts in their order.
pub(crate) fn facts(journal: &Journal) -> Vec<&Fact> {
    journal.records.iter().map(|record| &record.fact).collect()
}

/// Whether any fact is like this.
pub(crate) fn has(journal: &Journal, wanted: impl Fn(&Fact) -> bool) -> bool {
    journal.records.iter().any(|record| wanted(&record.fact))
}

/// The endings of a run with their text: the answer, or the error.
pub(crate) fn endings(journal: &Journal, run: u32) -> Vec<(Terminal, String)> {
    let ending = |fact: &Fact| match fact {
        Fact::Terminal {
            terminal,
            output,
            error,
            ..
        } => Some((
            *terminal,
            output.clone().or(error.clone()).unwrap_or_default(),
        )),
        _ => None,
    };
    journal
        .of_run(run)
        .filter_map(|record| ending(&record.fact))
        .collect()
}

/// What was counted in the end.
pub(crate) fn census(journal: &Journal) -> Census {
    let census = |fact: &&Fact| match fact {
        Fact::Census(census) => Some(*census),
        _ => None,
    };
    let all = facts(journal);
    all.iter().find_map(census).expect("there is a census")
}

/// The journal as it is stored.
pub(crate) fn stored(journal: &Journal) -> String {
    let mut bytes = Vec::new();
    journal::write(journal, &mut bytes).expect("memory takes everything");
    String::from_utf8(bytes).expect("JSON is text")
}
