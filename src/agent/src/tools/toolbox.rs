//! Runs one tool on the tool runtime, within its time, and says so in the log. Knows no provider and no conversation.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{ToolOutput, sandbox};
use crate::lifecycle::{LifecycleFact, SharedLog};
use crate::message::ToolCall;
use crate::registry::Bench;
use crate::runtime::{ToolRuntime, WorkLost};
use crate::store::Store;

/// Most bytes of a file that the model is shown.
const READ_LIMIT: u64 = 64 * 1024;

/// What tools work with.
#[derive(Clone)]
pub struct ToolParts {
    /// Files.
    pub store: Arc<dyn Store>,
    /// The root that `list` and `read` cannot leave.
    pub workspace: PathBuf,
    /// The file that `effect` appends to.
    pub ledger: PathBuf,
    /// The time of one tool.
    pub limit: Duration,
    /// The bench of the tool runtime: clients made by tools belong to it.
    pub bench: Arc<Bench>,
}

/// The tools, and the runtime they run on.
pub struct Toolbox {
    parts: ToolParts,
    runtime: ToolRuntime,
    log: SharedLog,
}

impl Toolbox {
    /// Tools that run on `runtime`.
    #[must_use]
    pub fn new(parts: ToolParts, runtime: ToolRuntime, log: SharedLog) -> Self {
        Self {
            parts,
            runtime,
            log,
        }
    }

    /// The runtime that tools run on.
    #[must_use]
    pub fn runtime(&self) -> &ToolRuntime {
        &self.runtime
    }

    /// The bench of the tool runtime, for clients that tools need.
    #[must_use]
    pub fn bench(&self) -> &Arc<Bench> {
        &self.parts.bench
    }

    /// Runs one call with these arguments. Dropping the future gives the tool up; the log says that it ended with an error.
    pub async fn run(
        &self,
        run_id: &str,
        call: &ToolCall,
        arguments: Map<String, Value>,
    ) -> ToolOutput {
        self.log.fact(LifecycleFact::ToolStarted {
            run_id: Some(run_id.to_owned()),
            tool_call: call.id.clone(),
            tool: call.name.clone(),
            arguments: call.arguments.clone(),
        });
        let mut finished = Finished {
            log: &self.log,
            tool_call: &call.id,
            error: true,
        };
        let parts = self.parts.clone();
        let name = call.name.clone();
        let work = self
            .runtime
            .run(async move { carry_out(&parts, &name, &arguments) });
        let output = match tokio::time::timeout(self.parts.limit, work).await {
            Ok(Ok(output)) => output,
            Ok(Err(WorkLost::Panicked(text))) => {
                self.log.fact(LifecycleFact::BackgroundFailure {
                    message: format!("the tool {} panicked: {text}", call.name),
                });
                ToolOutput::error("the tool failed for a reason of its own")
            }
            Ok(Err(WorkLost::GivenUp)) => {
                ToolOutput::error("the tool was given up before it returned")
            }
            Err(_) => ToolOutput::error(format!(
                "the tool did not return within {} s",
                self.parts.limit.as_secs_f64()
            )),
        };
        finished.error = output.error;
        output
    }
}

/// Tells the log that a tool ended, also when its run was given up.
struct Finished<'a> {
    log: &'a SharedLog,
    tool_call: &'a str,
    error: bool,
}

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.log.fact(LifecycleFact::ToolFinished {
            tool_call: self.tool_call.to_owned(),
            error: self.error,
        });
    }
}

fn carry_out(parts: &ToolParts, name: &str, arguments: &Map<String, Value>) -> ToolOutput {
    let done = match name {
        "list" => argument(arguments, "path").and_then(|path| list(parts, path)),
        "read" => argument(arguments, "path").and_then(|path| read(parts, path)),
        "effect" => argument(arguments, "name").and_then(|name| effect(parts, name)),
        _ => Err(format!("there is no tool `{name}`")),
    };
    done.map_or_else(ToolOutput::error, ToolOutput::result)
}

fn argument<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    arguments
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("the argument `{name}` must be a string"))
}

fn list(parts: &ToolParts, path: &str) -> Result<String, String> {
    let directory = sandbox::resolve(&*parts.store, &parts.workspace, path)
        .map_err(|error| error.to_string())?;
    let names = parts
        .store
        .list(&directory)
        .map_err(|error| error.to_string())?;
    Ok(if names.is_empty() {
        "(empty)".to_owned()
    } else {
        names.join("\n")
    })
}

fn read(parts: &ToolParts, path: &str) -> Result<String, String> {
    let file = sandbox::resolve(&*parts.store, &parts.workspace, path)
        .map_err(|error| error.to_string())?;
    let mut bytes = parts
        .store
        .read(&file, READ_LIMIT + 1)
        .map_err(|error| error.to_string())?;
    let cut = bytes.len() as u64 > READ_LIMIT;
    bytes.truncate(usize::try_from(READ_LIMIT).expect("64 KiB fit every usize"));
    let mark = if cut {
        "\n[the rest of the file is not shown]"
    } else {
        ""
    };
    Ok(format!("{}{mark}", String::from_utf8_lossy(&bytes)))
}

/// One line per effect, so that a repeated one can be seen.
fn effect(parts: &ToolParts, name: &str) -> Result<String, String> {
    let line = format!("{}\n", name.replace(['\n', '\r'], " "));
    parts
        .store
        .append(&parts.ledger, line.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(format!("done: {name}"))
}
