//! Follows one run to its ending: by its events, and by its status once the events are lost.

use std::sync::Arc;
use std::time::Duration;

use journal::Fact;

use crate::awaited::Standing;
use crate::case_log::CaseLog;
use crate::gateway::client::RunsClient;
use crate::gateway::event;
use crate::gateway::sse::{Frame, FrameReader};

/// First and longest pause between two questions about a run's status.
const ASK_FIRST: Duration = Duration::from_millis(100);
const ASK_SLOWEST: Duration = Duration::from_secs(2);

/// How long a run may be over before a stream of its events says so.
const TELLS_WITHIN: Duration = Duration::from_secs(3);

/// The comment with which the runs API ends a stream of events.
const FAREWELL: &str = "stream closed";

/// A run as its client knows it.
#[derive(Debug, Clone)]
pub(crate) struct FollowedRun {
    pub(crate) run: u32,
    /// The target's id of it.
    pub(crate) id: String,
}

/// Who listens: one for every run.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) log: Arc<CaseLog>,
    pub(crate) client: RunsClient,
}

impl Listener {
    /// Listens to a run's events, then asks for its status until an ending is known.
    pub(crate) async fn follow(self, run: FollowedRun) {
        self.listen(&run).await;
        self.ask(&run).await;
    }

    /// The same for a client that was away. Somebody else may have been told the ending in its place, and its own stream then
    /// stays open and silent for ever: so the status is asked for beside it, and a stream that a run has outlived is left.
    pub(crate) async fn follow_again(self, run: FollowedRun) {
        tokio::select! {
            biased;
            () = self.listen(&run) => {}
            () = self.is_left_waiting(&run) => {}
        }
        self.ask(&run).await;
    }

    /// Returns when the run has been over for a while, and nobody was told.
    async fn is_left_waiting(&self, run: &FollowedRun) {
        loop {
            tokio::time::sleep(ASK_SLOWEST).await;
            let status = self.client.status(&run.id).await;
            if status.is_some_and(|status| event::is_over(&status)) {
                break;
            }
        }
        tokio::time::sleep(TELLS_WITHIN).await;
        let over = |records: &[_]| Standing::of(run.run, records).is_over();
        if self.log.recorder.with(over) {
            // It was told: what else comes on the stream is heard to its end.
            std::future::pending::<()>().await;
        }
    }

    /// Asks for a run's status until an ending is known.
    pub(crate) async fn ask(&self, run: &FollowedRun) {
        let mut pause = ASK_FIRST;
        loop {
            let over = |records: &[_]| Standing::of(run.run, records).is_over();
            if self.log.recorder.with(over) {
                return;
            }
            let status = self.client.status(&run.id).await;
            let ending =
                status.and_then(|status| event::status_ending(&self.log, run.run, &status));
            if let Some(fact) = ending {
                self.log.client(run.run, fact);
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(ASK_SLOWEST);
        }
    }

    async fn listen(&self, run: &FollowedRun) {
        let polite = match self.client.events(&run.id).await {
            Some(response) => {
                self.log.client(run.run, Fact::Subscribed);
                self.read(run, response).await
            }
            None => false,
        };
        self.log.client(run.run, Fact::EventsEnded { polite });
    }

    /// Reads until the target ends the stream. Answers whether it said goodbye and ended the body cleanly. A target may tell a
    /// run from its beginning to whoever listens again; then all of it is recorded again, after another `Subscribed`.
    async fn read(&self, run: &FollowedRun, mut response: reqwest::Response) -> bool {
        let mut reader = FrameReader::default();
        let mut farewell = false;
        loop {
            let bytes = match response.chunk().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return farewell,
                Err(_) => return false,
            };
            for frame in reader.push(&bytes) {
                farewell |= self.heard(run, &frame);
            }
        }
    }

    /// Records a frame. Answers whether it is the target's farewell.
    fn heard(&self, run: &FollowedRun, frame: &Frame) -> bool {
        match frame {
            Frame::Comment(comment) => comment == FAREWELL,
            Frame::Data(data) => {
                event::record(&self.log, run.run, &run.id, data);
                false
            }
        }
    }
}
