//! Starts a server of the runs API by command and waits until it answers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::until_ready;
use crate::error::RunError;
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
    let answered = Mutex::new(format!("GET {path} was not answered"));
    let answering = async {
        while let Err(instead) = client.is_ready(path).await {
            *answered.lock().unwrap_or_else(PoisonError::into_inner) = instead;
            tokio::time::sleep(ASK_EVERY).await;
        }
    };
    let missing = || {
        let last = answered.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    };
    until_ready(premises, &process, (answering, missing)).await?;
    Ok((process, client))
}
