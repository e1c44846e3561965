//! Serving connections and going down in order: every connection is a task that is tracked, told to finish, and in the
//! end cut off. Knows neither routes nor runs.
//!
//! `axum::serve` is not used, because its connection tasks can be asked to finish but not ended.

use std::io::ErrorKind;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listener::{Accepted, Listener};

/// Most connections at once; more are closed as they arrive. Far above what one agent's clients need, far below the usual
/// limit of open files.
const CONNECTIONS_MAX: usize = 512;

/// How long the head of a request may take, and how long a connection may idle between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// How long to wait after a failed accept. It fails when descriptors run out, and asking again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// The connections of one listener.
#[derive(Debug, Default)]
pub(super) struct Connections {
    tasks: TaskTracker,
    /// Asks every connection to end after the response it is in.
    finish: CancellationToken,
    /// Ends every connection where it stands.
    sever: CancellationToken,
}

impl Connections {
    /// Accepts connections until `shutdown`, then closes the listener. The connections live on.
    pub(super) async fn accept(
        &self,
        listener: Listener,
        router: &Router,
        shutdown: &CancellationToken,
    ) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok(stream) if self.tasks.len() < CONNECTIONS_MAX => {
                    self.open(stream, router.clone())
                }
                // Over the limit: dropped, which closes it.
                Ok(_) => {}
                Err(error) if is_of_the_connection(error.kind()) => {}
                Err(_) => pause(shutdown).await,
            }
        }
    }

    /// Lets every connection finish its response, for at most `patience`; then ends what is left. No task is left after.
    pub(super) async fn close(&self, patience: Duration) {
        self.finish.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            self.sever.cancel();
            self.tasks.wait().await;
        }
    }

    fn open(&self, stream: Accepted, router: Router) {
        let finish = self.finish.clone();
        let sever = self.sever.clone();
        self.tasks.spawn(async move {
            let service = TowerToHyperService::new(router);
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            let mut connection = std::pin::pin!(connection);
            // How a connection ends is between the peer and hyper: a run is never affected by it.
            tokio::select! {
                biased;
                () = sever.cancelled() => return,
                _ = connection.as_mut() => return,
                () = finish.cancelled() => connection.as_mut().graceful_shutdown(),
            }
            tokio::select! {
                biased;
                () = sever.cancelled() => {}
                _ = connection => {}
            }
        });
    }
}

/// Errors that concern the one connection that was about to be accepted, not the listener.
fn is_of_the_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::InvalidInput
            | ErrorKind::NotConnected
    )
}

async fn pause(shutdown: &CancellationToken) {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => {}
        () = tokio::time::sleep(ACCEPT_PAUSE) => {}
    }
}
