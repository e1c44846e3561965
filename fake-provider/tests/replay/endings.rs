//! Every way to end, recorded and replayed: the client of the recorder and that of the replay see what a client of the upstream
//! would have, byte for byte, the end and the silences included.

use std::time::Duration;

use fake_provider::Speed;
use journal::{Ended, FaultOutcome};

use crate::raw::{Arrived, End, Step, ask, connect, post, upstream};
use crate::world::{Stage, Studio, ends, outcomes};

const HEAD: &str = "HTTP/1.1 200 OK\r\nServer: Odd/1\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const FIRST: &str = "a\r\ndata: é\n\n\r\n";
const SECOND: &str = "c\r\ndata: more\n\n\r\n";
const LAST: &str = "0\r\n\r\n";

/// Silence that is long against what a machine needs for anything here.
const PAUSE: u64 = 400;
/// A client waits this long for more than it has got.
const PATIENCE: Duration = Duration::from_millis(300);

fn send(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

struct Case {
    steps: Vec<Step>,
    /// What a client sees.
    bytes: Vec<u8>,
    end: End,
    /// What is stored.
    ended: (&'static str, bool),
    /// What the journal of the replay says.
    told: Ended,
}

impl Case {
    /// A head, an event, a silence, and then these.
    fn new(rest: &[Step], end: End, ended: (&'static str, bool), told: Ended) -> Self {
        let mut steps = vec![send(HEAD), send(FIRST), Step::Pause(PAUSE)];
        steps.extend(rest.iter().cloned());
        let sent = steps.iter().filter_map(|step| match step {
            Step::Send(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        Self {
            bytes: sent.collect::<Vec<_>>().concat(),
            steps,
            end,
            ended,
            told,
        }
    }

    async fn asked(&self, at: std::net::SocketAddr) -> Arrived {
        let mut client = connect(at).await;
        let enough = match self.end {
            End::Open => self.bytes.len(),
            End::Fin | End::Reset => usize::MAX,
        };
        let request = post("/v1/chat/completions", "{\"n\":1}");
        ask(&mut client, &request, (enough, PATIENCE)).await
    }

    fn agrees(&self, arrived: &Arrived) {
        let told = String::from_utf8_lossy(&arrived.bytes);
        assert_eq!(arrived.bytes, self.bytes, "{:?}: {told}", self.ended);
        assert_eq!(arrived.end, self.end, "{:?}", self.ended);
        let silence = arrived.silence(HEAD.len() + FIRST.len());
        // The recorder's own clock is no finer than a millisecond.
        let least = Duration::from_millis(PAUSE - 5);
        assert!(silence >= least, "{:?}: {silence:?}", self.ended);
    }

    async fn recorded(&self) -> Studio {
        let at = upstream(vec![self.steps.clone()]).await;
        let studio = Studio::new();
        let recorder = studio.record(&format!("http://{at}"), None).await;
        let arrived = self.asked(recorder.local_addr().expect("is TCP")).await;
        self.agrees(&arrived);
        studio.has_told(1).await;
        recorder.shutdown().await.expect("everything was stored");
        let (ended, whole) = studio.ending(0);
        assert_eq!((ended.as_str(), whole), self.ended);
        studio
    }

    async fn replayed(&self, stage: Stage) -> Arrived {
        let arrived = self.asked(stage.replay.local_addr().expect("is TCP")).await;
        let facts = stage.facts(1).await;
        assert_eq!(outcomes(&facts), [FaultOutcome::Delivered], "{facts:#?}");
        assert_eq!(ends(&facts), [self.told], "{facts:#?}");
        arrived
    }

    async fn holds(&self) {
        let studio = self.recorded().await;
        let stage = studio.replay(|_| ()).await;
        self.agrees(&self.replayed(stage).await);
    }
}

#[tokio::test]
async fn a_clean_end_on_a_connection_that_goes_on() {
    let rest = [send(SECOND), send(LAST)];
    Case::new(&rest, End::Open, ("open", true), Ended::Complete)
        .holds()
        .await;
}

#[tokio::test]
async fn a_fin_in_a_chunk() {
    let rest = [send("c\r\ndata: mo"), Step::Fin];
    Case::new(&rest, End::Fin, ("fin", false), Ended::ByFault)
        .holds()
        .await;
}

#[tokio::test]
async fn a_fin_after_the_whole_answer_that_was_announced() {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nabcd";
    let mut case = Case::new(&[], End::Fin, ("fin", true), Ended::Complete);
    case.steps = vec![Step::Pause(10), send(head), Step::Pause(PAUSE), Step::Fin];
    case.bytes = head.as_bytes().to_vec();
    let studio = case.recorded_without_silence().await;
    let stage = studio.replay(|_| ()).await;
    let arrived = case.replayed(stage).await;
    assert_eq!(
        (arrived.bytes.as_slice(), arrived.end),
        (head.as_bytes(), End::Fin)
    );
    let silence = arrived.silence(head.len());
    assert!(silence >= Duration::from_millis(PAUSE - 5), "{silence:?}");
}

impl Case {
    async fn recorded_without_silence(&self) -> Studio {
        let at = upstream(vec![self.steps.clone()]).await;
        let studio = Studio::new();
        let recorder = studio.record(&format!("http://{at}"), None).await;
        self.asked(recorder.local_addr().expect("is TCP")).await;
        studio.has_told(1).await;
        recorder.shutdown().await.expect("everything was stored");
        let (ended, whole) = studio.ending(0);
        assert_eq!((ended.as_str(), whole), self.ended);
        studio
    }
}

#[tokio::test]
async fn a_rst_in_mid_stream() {
    let rest = [send("c\r\ndata: mo"), Step::Pause(100), Step::Reset];
    Case::new(&rest, End::Reset, ("reset", false), Ended::ByFault)
        .holds()
        .await;
}

#[tokio::test]
async fn silence_until_the_client_leaves() {
    let rest = [send("c\r\ndata: mo"), Step::Hold];
    let told = Ended::TargetLeft;
    Case::new(&rest, End::Open, ("client-left", false), told)
        .holds()
        .await;
}

#[tokio::test]
async fn a_connection_that_ends_without_a_byte() {
    for (end, step, word) in [
        (End::Fin, Step::Fin, "fin"),
        (End::Reset, Step::Reset, "reset"),
    ] {
        let mut case = Case::new(&[], end, (word, false), Ended::ByFault);
        case.steps = vec![step];
        case.bytes = Vec::new();
        let studio = case.recorded_without_silence().await;
        let stage = studio.replay(|_| ()).await;
        let arrived = case.replayed(stage).await;
        assert_eq!((arrived.bytes.len(), arrived.end), (0, end));
    }
}

#[tokio::test]
async fn what_is_no_http_is_recorded_all_the_same() {
    let mut case = Case::new(&[], End::Fin, ("fin", false), Ended::ByFault);
    let garbage = b"\x15\x03\x03\x00\x02\x02\x28".to_vec();
    case.steps = vec![Step::Send(garbage.clone()), Step::Fin];
    case.bytes = garbage.clone();
    let studio = case.recorded_without_silence().await;
    let stage = studio.replay(|_| ()).await;
    assert_eq!(case.replayed(stage).await.bytes, garbage);
}

#[tokio::test]
async fn what_was_under_way_when_the_recorder_was_stopped_is_stored() {
    let at = upstream(vec![vec![send(HEAD), send(FIRST), Step::Hold]]).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = HEAD.len() + FIRST.len();
    let request = post("/v1/chat/completions", "{\"n\":1}");
    let arrived = ask(&mut client, &request, (enough, Duration::from_millis(1))).await;
    assert_eq!(arrived.bytes.len(), enough);
    recorder.shutdown().await.expect("everything was stored");
    assert_eq!(studio.ending(0), ("stopped".to_owned(), false));
    let stage = studio.replay(|_| ()).await;
    let mut client = connect(stage.replay.local_addr().expect("is TCP")).await;
    let arrived = ask(&mut client, &request, (enough, PATIENCE)).await;
    assert_eq!((arrived.bytes.len(), arrived.end), (enough, End::Open));
}

#[tokio::test]
async fn two_exchanges_on_one_connection() {
    let answer = |text: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{text}");
    let answers = ["a", "b"].map(|text| vec![send(&answer(text))]);
    let at = upstream(answers.to_vec()).await;
    let studio = Studio::new();
    let recorder = studio.record(&format!("http://{at}"), None).await;
    let both = async |at| {
        let mut client = connect(at).await;
        let mut seen = Vec::new();
        for _ in 0..2 {
            let enough = (answer("a").len(), Duration::from_millis(1));
            seen.push(ask(&mut client, &post("/v1/x", "{}"), enough).await.bytes);
        }
        seen
    };
    let expected = [answer("a").into_bytes(), answer("b").into_bytes()];
    assert_eq!(both(recorder.local_addr().expect("is TCP")).await, expected);
    recorder.shutdown().await.expect("everything was stored");
    let stage = studio.replay(|_| ()).await;
    assert_eq!(
        both(stage.replay.local_addr().expect("is TCP")).await,
        expected
    );
    let facts = stage.facts(2).await;
    assert_eq!(outcomes(&facts), [FaultOutcome::Delivered; 2]);
}

#[tokio::test]
async fn the_speed_changes_nothing_but_the_silences() {
    let rest = [send(SECOND), Step::Fin];
    let case = Case::new(&rest, End::Fin, ("fin", false), Ended::ByFault);
    let studio = case.recorded().await;
    for (speed, least, most) in [
        ("0", 0, PAUSE / 2),
        ("2", PAUSE / 2 - 5, PAUSE - 5),
        ("0.5", PAUSE * 2 - 5, u64::MAX),
    ] {
        let speed: Speed = speed.parse().expect("is a speed");
        let stage = studio.replay(|options| options.speed = speed).await;
        let arrived = case.replayed(stage).await;
        assert_eq!((&arrived.bytes, arrived.end), (&case.bytes, End::Fin));
        let silence = arrived.silence(HEAD.len() + FIRST.len()).as_millis();
        assert!(
            (u128::from(least)..u128::from(most)).contains(&silence),
            "{speed:?}: {silence}"
        );
    }
}
