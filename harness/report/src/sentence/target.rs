//! What the target says of its own life.

use journal::{ClientRole, Fact};

use crate::spell::quote;

pub(super) fn sentence(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::RuntimeStarted { runtime } => format!("runtime {runtime} started"),
        Fact::RuntimeEnded { runtime } => format!("runtime {runtime} ended"),
        Fact::ClientBuilt { .. } => built(fact)?,
        Fact::ClientClosed { client, by } => format!("{client} closed by {by}"),
        Fact::ClientDropped {
            client,
            runtime_alive,
        } => {
            let runtime = if *runtime_alive {
                "alive"
            } else {
                "already gone"
            };
            format!("{client} collected unclosed, its runtime {runtime}")
        }
        Fact::SendOnClosedClient { client } => format!("send on closed {client}"),
        Fact::AttemptStarted {
            client,
            of_call_attempt,
        } => format!("attempt {of_call_attempt} begins on {client}"),
        Fact::RetryDecided {
            of_call_attempt,
            because,
            after_ms,
        } => match after_ms {
            Some(wait) => {
                format!("attempt {of_call_attempt} failed ({because}): again in {wait} ms")
            }
            None => format!("attempt {of_call_attempt} failed ({because}): gives up"),
        },
        Fact::ToolStarted {
            tool_call,
            tool,
            arguments,
        } => format!("runs {tool} {} for {tool_call}", quote(arguments)),
        Fact::ToolFinished { tool_call, error } => {
            let how = if *error { "failed" } else { "done" };
            format!("tool of {tool_call} {how}")
        }
        Fact::BackgroundFailure { message } => format!("background failure: {}", quote(message)),
        Fact::ShutdownStarted => "shutdown started".to_owned(),
        Fact::ShutdownFinished {
            open_clients,
            open_tasks,
        } => format!("shutdown finished, {open_clients} clients and {open_tasks} tasks left"),
        _ => return None,
    })
}

fn built(fact: &Fact) -> Option<String> {
    let Fact::ClientBuilt {
        client,
        role,
        runtime,
        transport,
        replaces,
        config_before,
        config_after,
    } = fact
    else {
        return None;
    };
    let role = match role {
        ClientRole::Primary => "primary",
        ClientRole::Request => "request",
        ClientRole::Auxiliary => "auxiliary",
    };
    let instead = replaces
        .as_ref()
        .map_or(String::new(), |old| format!(" in place of {old}"));
    let changed = if config_before == config_after {
        ""
    } else {
        ", the shared configuration changed"
    };
    Some(format!(
        "{role} {client} built on {transport} in runtime {runtime}{instead}{changed}"
    ))
}
