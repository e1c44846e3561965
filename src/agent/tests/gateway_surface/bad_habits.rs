//! An agent whose habits are broken in one place cannot make the gateway leave a run without an ending, or a task behind.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Interruption, Prompt, Seams, TerminalEvent};
use reference_agent::terminal::Terminal;
use tokio::sync::watch;

use crate::provider::{Reply, held, stream};
use crate::world::{World, names, parse, settings};

/// Fails where the ending should be told.
struct Speechless;

impl TerminalEvent for Speechless {
    fn events(&self, _: &Outcome) -> Vec<Terminal> {
        panic!("this panic is part of the test")
    }
}

/// Hears of no stop.
struct Deaf;

impl Interruption for Deaf {
    fn race(
        &self,
        _: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(async move {
            call.await;
            Ok(())
        })
    }

    fn settle(&self, _: &Halt, outcome: Outcome, _: Usage) -> Outcome {
        outcome
    }
}

/// Settles an answer only after the test has said so: the moment between an answer and its telling, held open.
struct Unhurried {
    asked: watch::Sender<u32>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Interruption for Unhurried {
    fn settle(&self, halt: &Halt, outcome: Outcome, usage: Usage) -> Outcome {
        let first = *self.asked.borrow() == 0;
        self.asked.send_modify(|asked| *asked += 1);
        if first {
            let go_on = self.go_on.lock().unwrap();
            go_on.recv_timeout(Duration::from_secs(20)).unwrap();
            return outcome;
        }
        Prompt.settle(halt, outcome, usage)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_stop_acknowledged_after_the_answer_was_there_still_wins() {
    let (release, go_on) = mpsc::channel();
    let (asked, mut settling) = watch::channel(0);
    let go_on = Mutex::new(go_on);
    let seams = Seams {
        interruption: Arc::new(Unhurried { asked, go_on }),
        ..Seams::default()
    };
    let replies = vec![Reply::Whole(stream(&["Hello"]))];
    let world = World::start_altered(replies, settings(), seams).await;
    let run = world.run("hi").await;
    settling.wait_for(|asked| *asked == 1).await.unwrap();
    let stop = world
        .post(&format!("/v1/runs/{run}/stop"))
        .send()
        .await
        .unwrap();
    assert_eq!(stop.status(), 200);
    release.send(()).unwrap();
    let events = world.events(&run).await;
    assert_eq!(names(&events), ["message.delta", "run.cancelled"]);
    world.end().await;
}

#[tokio::test]
async fn a_panic_while_the_ending_is_told_is_told_as_a_failure() {
    let seams = Seams {
        terminal_event: Arc::new(Speechless),
        ..Seams::default()
    };
    let world =
        World::start_altered(vec![Reply::Whole(stream(&["Hello"]))], settings(), seams).await;
    let run = world.run("hi").await;
    let events = world.events(&run).await;
    assert_eq!(names(&events), ["message.delta", "run.failed"]);
    assert_eq!(events[1]["code"], "internal");
    assert_eq!(world.status(&run).await["status"], "failed");
    world.end().await;
}

#[tokio::test]
async fn a_run_that_does_not_obey_is_given_up_at_shutdown() {
    let seams = Seams {
        interruption: Arc::new(Deaf),
        ..Seams::default()
    };
    let mut hasty = settings();
    hasty.drain = Duration::from_millis(1);
    hasty.grace = Duration::from_millis(20);
    let world = World::start_altered(vec![held(&["Hel"], &["lo"])], hasty, seams).await;
    let run = world.run("hi").await;
    let response = world
        .get(&format!("/v1/runs/{run}/events"))
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let mut seen = String::from_utf8(body.next().await.unwrap().unwrap().to_vec()).unwrap();
    world.begin_shutdown();
    while let Some(chunk) = body.next().await {
        seen.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    let events = parse(&seen);
    assert_eq!(names(&events), ["message.delta", "run.failed"]);
    assert_eq!(events[1]["code"], "shutting_down");
    world.provider.wait(|seen| seen.deserted == 1).await;
    world.end().await;
}

#[tokio::test]
async fn the_gateway_leaves_it_to_the_habit_whether_a_stop_beats_a_late_answer() {
    // The same answer, released after the stop was acknowledged: a deaf agent completes, and that must stay visible.
    let deaf = Seams {
        interruption: Arc::new(Deaf),
        ..Seams::default()
    };
    let world = World::start_altered(vec![held(&["Hel"], &["lo"])], settings(), deaf).await;
    let run = world.run("hi").await;
    world.provider.wait(|seen| seen.requests == 1).await;
    let stop = world
        .post(&format!("/v1/runs/{run}/stop"))
        .send()
        .await
        .unwrap();
    assert_eq!(stop.status(), 200);
    world.provider.release();
    let events = world.events(&run).await;
    assert_eq!(names(&events).last(), Some(&"run.completed"));
    world.end().await;
}
