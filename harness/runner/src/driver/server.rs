//! Starts a server of the runs API by command and waits until it answers.

use std::time::Duration;

use journal::Fact;

use crate::error::{LastOutput, RunError};
use crate::gateway::client::{GatewayAddress, RunsClient};
use crate::process::Process;
use crate::started::Premises;

/// How often a target that is starting is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Starts the server; it answers when this returns.
pub(super) async fn start(premises: &Premises) -> Result<(Process, RunsClient), RunError> {
    let address = GatewayAddress::Tcp(premises.address);
    let client = RunsClient::new(&address, &premises.log.gateway_key().key)?;
    let process = premises.start(None)?;
    let path = &premises.file.ready_path;
    let answering = async {
        while !client.is_ready(path).await {
            tokio::time::sleep(ASK_EVERY).await;
        }
    };
    until_ready(premises, &process, answering).await?;
    Ok((process, client))
}

/// Waits for `ready`, the end of the process, or the bound, whichever comes first.
pub(super) async fn until_ready(
    premises: &Premises,
    process: &Process,
    ready: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let within = premises.file.ready_within;
    tokio::select! {
        biased;
        status = process.end() => {
            use std::os::unix::process::ExitStatusExt as _;
            let (code, signal) = (status.code(), status.signal());
            let output = LastOutput(process.output.last(None));
            Err(RunError::DiedAtStart { code, signal, output })
        }
        ready = tokio::time::timeout(within, ready) => match ready {
            Ok(()) => {
                premises.ready(process.pid).await;
                Ok(())
            }
            Err(_) => {
                let output = LastOutput(process.output.last(None));
                Err(RunError::NeverReady { within, output })
            }
        },
    }
}

/// What is recorded of a turn that could not be given.
pub(super) fn refused(message: impl Into<String>) -> Fact {
    let message = message.into();
    let status = None;
    Fact::RunRefused { status, message }
}
