//! A drawn turn as a plan: what the provider says, and what the user does.

use std::path::PathBuf;
use std::time::Duration;

use provider_script::{Entry, Reply, Script, ToolCall, When};
use scenario::{Awaited, Draw, HumanDuration, Places, Plan, Scenario, Step};
use serde_json::Map;

use super::drawn::Drawn;

/// What the provider says beside a tool call, and in the end. Characters of one to four bytes, so that cuts fall into them.
const BESIDE_A_TOOL: &str = "Ich zähle nach: 🍏";
pub(crate) const FINAL: &str = "Zwölf grüne Äpfel 🍏, gezählt.";

/// The arguments of the tool call, as they are sent.
pub(crate) const ARGUMENTS: &str = r#"{"name":"gezählt 🍏"}"#;

/// What it thinks before it says anything.
pub(crate) const REASONING: &str = "Äpfel zählen.";

/// Longer than any turn can take within the agent's limits.
const WITHIN: HumanDuration = HumanDuration(Duration::from_secs(300));

/// The text of an answer that calls a tool or does not.
pub(crate) const fn text(calls_tool: bool) -> &'static str {
    if calls_tool { BESIDE_A_TOOL } else { FINAL }
}

/// The plan of a drawn turn. A probe follows, as always.
pub(crate) fn plan(drawn: &Drawn) -> Plan {
    let scenario = Scenario {
        name: "drawn".to_owned(),
        file: PathBuf::from("drawn.toml"),
        title: "Whatever goes wrong, the run ends once, and says how".to_owned(),
        source: Vec::new(),
        tags: Vec::new(),
        needs: Vec::new(),
        dialects: Vec::new(),
        places: Places::default(),
        script: Script {
            entries: entries(drawn),
        },
        steps: steps(drawn),
        expectations: Vec::new(),
        waivers: Vec::new(),
    };
    let draw = Draw {
        streamed: drawn.streamed,
        ..Draw::new(drawn.seed)
    };
    Plan::draw(&scenario, &draw).unwrap()
}

fn entries(drawn: &Drawn) -> Vec<Entry> {
    let calls = if drawn.calls_tool { 2 } else { 1 };
    let faulty = (1..).zip(&drawn.faults).map(|(attempt, fault)| Entry {
        when: when(drawn.faulty_call, Some(attempt)),
        reply: Some(reply(drawn, drawn.faulty_call)),
        faults: vec![fault.clone()],
        quirk: None,
    });
    let sound = (1..=calls).map(|call| Entry {
        when: when(call, None),
        reply: Some(reply(drawn, call)),
        faults: Vec::new(),
        quirk: None,
    });
    faulty.chain(sound).collect()
}

fn when(call: u32, attempt: Option<u32>) -> When {
    When {
        run: Some(1),
        call: Some(call),
        attempt,
        ..When::default()
    }
}

fn reply(drawn: &Drawn, call: u32) -> Reply {
    let calls_tool = drawn.calls_tool && call == 1;
    let effect = ToolCall {
        tool: "effect".to_owned(),
        arguments: Map::new(),
        raw_arguments: Some(ARGUMENTS.to_owned()),
    };
    Reply {
        text: Some(text(calls_tool).to_owned()),
        reasoning: Some(REASONING.to_owned()),
        tool_calls: calls_tool.then_some(effect).into_iter().collect(),
        pace: drawn.pace,
        ..Reply::default()
    }
}

fn steps(drawn: &Drawn) -> Vec<Step> {
    let say = Step::Say {
        text: "Count the apples".to_owned(),
        client: "user".to_owned(),
        session: "main".to_owned(),
    };
    let wait = Step::WaitFor {
        awaited: Awaited::AnyTerminal,
        run: None,
        within: WITHIN,
    };
    let mut steps = vec![say];
    if let Some(by) = drawn.stopped_after {
        steps.extend([Step::Advance { by }, Step::Stop { run: None }]);
    }
    steps.push(wait);
    steps
}
