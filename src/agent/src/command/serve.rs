//! `serve`: binds, says where, serves until interrupted, goes down in order. Knows no route.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use super::{CommandError, Exit, Setting};
use crate::gateway::{Gateway, Listener};
use crate::interactive::Interrupts;
use crate::settings::ListenAddress;

pub(super) async fn serve(
    setting: Setting,
    port_file: Option<PathBuf>,
    mut interrupts: Interrupts,
) -> Result<Exit, CommandError> {
    let gateway_settings = setting.settings.gateway()?;
    let address = setting.settings.listen.clone();
    if port_file.is_some() && matches!(address, ListenAddress::Unix(_)) {
        return Err(CommandError::NoPort);
    }
    let listener = bind(&address).await?;
    let agent = setting.start_agent()?;
    let gateway = Gateway::new(agent.clone(), gateway_settings);
    announce(&address, &listener, port_file.as_deref())?;

    let shutdown = CancellationToken::new();
    let serving = async {
        gateway.serve(listener, shutdown.clone()).await;
        agent.shutdown().await;
    };
    let interrupted_twice = async {
        // The sender lives as long as the runtime, so nothing but interrupts ends these waits.
        interrupts.recv().await;
        shutdown.cancel();
        interrupts.recv().await;
    };
    let exit = tokio::select! {
        biased;
        () = serving => Exit::Fine,
        () = interrupted_twice => Exit::Interrupted,
    };
    if let ListenAddress::Unix(path) = &address {
        let _ = std::fs::remove_file(path);
    }
    Ok(exit)
}

async fn bind(address: &ListenAddress) -> Result<Listener, CommandError> {
    match address {
        ListenAddress::Tcp(text) => {
            let bound = TcpListener::bind(text).await;
            bound
                .map(Listener::Tcp)
                .map_err(|error| CommandError::Listen(text.clone(), error))
        }
        ListenAddress::Unix(path) => {
            let bound = UnixListener::bind(path);
            let refused = |error| CommandError::Listen(format!("unix:{}", path.display()), error);
            bound.map(Listener::Unix).map_err(refused)
        }
    }
}

/// Says where the gateway listens. Connections are accepted from the moment of binding, so this may be acted upon.
fn announce(
    address: &ListenAddress,
    listener: &Listener,
    port_file: Option<&Path>,
) -> Result<(), CommandError> {
    let place = match (listener.local_address(), address) {
        (Some(bound), _) => format!("http://{bound}"),
        (None, ListenAddress::Unix(path)) => format!("unix:{}", path.display()),
        (None, ListenAddress::Tcp(text)) => format!("http://{text}"),
    };
    if let (Some(path), Some(bound)) = (port_file, listener.local_address()) {
        let port = bound.port();
        write_whole(path, &format!("{port}\n"))
            .map_err(|error| CommandError::PortFile(path.to_owned(), error))?;
    }
    let mut screen = std::io::stdout();
    // A closed standard output is no reason not to serve.
    let _ = writeln!(screen, "listening on {place}").and_then(|()| screen.flush());
    Ok(())
}

/// Whoever waits for the file to appear finds it whole.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}
