//! The seams reach far enough: with a bad habit in place of a good one, the mistake happens and is told truthfully.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use reference_agent::config::{AgentConfig, Secret, Timeouts};
use reference_agent::event::EventSink;
use reference_agent::failure::Failure;
use reference_agent::halt::{Halt, HaltReason, StopSignal};
use reference_agent::lifecycle::{ClientRole, LifecycleFact};
use reference_agent::message::{Message, ToolCall};
use reference_agent::outcome::Outcome;
use reference_agent::provider::{Assembly, SseItem, StreamEnd};
use reference_agent::registry::{
    CallClient, ClientCard, ClientOrder, Closer, Incoming, Outgoing, PrimaryClient, SendError,
    Transport,
};
use reference_agent::seams::{
    ClientFactory, ConfigSource, Deadlines, Delivery, HistoryWriter, Interruption, Seams,
    StreamReader, ToolGate,
};
use reference_agent::tools::{Admission, ToolOutput, Toolbox};
use serde_json::{Map, Value};

use crate::provider::{Act, broken_stream, call, call_start, delta, stream, text};
use crate::world::{World, failure, output};

/// A client over a transport that it shares.
struct Sharing {
    card: ClientCard,
    transport: Arc<Transport>,
}

impl CallClient for Sharing {
    fn card(&self) -> &ClientCard {
        &self.card
    }
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.card.send(&self.transport, request))
    }
    fn close(&self, by: Closer) {
        self.transport.close();
        self.card.close(by);
    }
}

impl PrimaryClient for Sharing {
    fn card(&self) -> &ClientCard {
        &self.card
    }
    fn is_closed(&self) -> bool {
        self.transport.is_closed()
    }
    fn models(&self, _: &str, _: &Secret) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(async { Err(SendError::Closed) })
    }
    fn close(&self, by: Closer) {
        self.transport.close();
        self.card.close(by);
    }
}

/// Makes request clients over the primary's transport, and writes into the configuration.
#[derive(Default)]
struct SharingFactory {
    transport: Mutex<Option<Arc<Transport>>>,
    config: Arc<ChangingConfig>,
}

#[derive(Default)]
struct ChangingConfig(Mutex<Option<Arc<AgentConfig>>>);

impl ConfigSource for ChangingConfig {
    fn current(&self, started_with: &Arc<AgentConfig>) -> Arc<AgentConfig> {
        self.0
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(|| Arc::clone(started_with))
    }
}

impl ClientFactory for SharingFactory {
    fn primary(&self, order: &ClientOrder) -> Result<Arc<dyn PrimaryClient>, Failure> {
        let transport = Arc::new(Transport::open(order.bench(), order.plan())?);
        *self.transport.lock().unwrap() = Some(Arc::clone(&transport));
        Ok(Arc::new(Sharing {
            card: order.card(&transport),
            transport,
        }))
    }
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let changed = AgentConfig {
            model: "changed".to_owned(),
            ..(*order.bench().config()).clone()
        };
        *self.config.0.lock().unwrap() = Some(Arc::new(changed));
        let transport = self.transport.lock().unwrap().clone().unwrap();
        Ok(Arc::new(Sharing {
            card: order.card(&transport),
            transport,
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_transport_breaks_the_second_call_and_is_told() {
    let factory = SharingFactory::default();
    let source = Arc::clone(&factory.config);
    let seams = Seams {
        client_factory: Arc::new(factory),
        config_source: source,
        ..Seams::default()
    };
    let world = World::with(
        vec![
            call("a", "list", "{\"path\": \".\"}"),
            text("x"),
            text("ok"),
        ],
        |_| {},
        seams,
    )
    .await;
    assert_eq!(failure(world.say("one").await).code.as_str(), "connect");
    assert_eq!(output(world.say("two").await), "x");
    assert!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::SendOnClosedClient { .. }))
            > 0
    );
    let rebuilt = |fact: &LifecycleFact| {
        matches!(
            fact,
            LifecycleFact::ClientBuilt {
                role: ClientRole::Primary,
                replaces: Some(_),
                ..
            }
        )
    };
    assert_eq!(world.facts.count(rebuilt), 1);
    let changed = |fact: &LifecycleFact| matches!(fact, LifecycleFact::ClientBuilt { config_before, config_after, .. } if config_before != config_after);
    assert_eq!(world.facts.count(changed), 1);
}

/// Says that it stopped, and goes on.
struct Deaf;

impl Interruption for Deaf {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        let going_on = tokio::spawn(call);
        Box::pin(async move { halt.race(async { drop(going_on.await) }).await })
    }
}

#[tokio::test(start_paused = true)]
async fn a_deaf_stop_leaves_the_request_going() {
    let mut stalled = stream(&[delta("x")]);
    stalled.push(Act::Stall);
    let seams = Seams {
        interruption: Arc::new(Deaf),
        ..Seams::default()
    };
    let world = World::with(vec![stalled], |_| {}, seams).await;
    let stop = StopSignal::new();
    let stopping = async {
        world.provider.until(|seen| seen.bodies.len() == 1).await;
        stop.stop();
    };
    let (outcome, ()) = tokio::join!(world.say_until("hi", stop.clone()), stopping);
    assert!(matches!(outcome, Outcome::Cancelled { .. }));
    tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    assert_eq!(world.provider.seen().left, 0);
}

/// Takes any end for one, and lets comments and nothing end a silence.
struct Gullible;

impl StreamReader for Gullible {
    fn at_end(&self, _: StreamEnd, _: &Assembly) -> Result<(), Failure> {
        Ok(())
    }
}

impl Deadlines for Gullible {
    fn idle(&self, _: &Timeouts) -> Option<std::time::Duration> {
        Some(std::time::Duration::from_secs(3))
    }
    fn is_progress(&self, _: &SseItem, _: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_gullible_reader_takes_a_cut_answer_and_comments_for_good() {
    let comments = Act::Repeat(b": ping\n\n".to_vec(), std::time::Duration::from_secs(1));
    let mut kept_alive = stream(&[delta("x")]);
    kept_alive.push(comments);
    let seams = Seams {
        stream_reader: Arc::new(Gullible),
        deadlines: Arc::new(Gullible),
        ..Seams::default()
    };
    let limit =
        |config: &mut AgentConfig| config.timeouts.run = std::time::Duration::from_secs(1000);
    let world = World::with(
        vec![broken_stream(&[delta("half")]), kept_alive],
        limit,
        seams,
    )
    .await;
    assert_eq!(output(world.say("hi").await), "half");
    assert_eq!(
        failure(world.say("hi").await).code.as_str(),
        "budget_exhausted"
    );
}

/// Repairs, repeats, and forgets a result.
struct Careless;

impl ToolGate for Careless {
    fn admit(&self, call: &ToolCall) -> Admission {
        let repaired: Value = serde_json::from_str(&format!("{}\"}}", call.arguments)).unwrap();
        Admission::Run(repaired.as_object().unwrap().clone())
    }
    fn salvage(&self, fragments: Vec<ToolCall>) -> Vec<ToolCall> {
        fragments
    }
    fn execute<'a>(
        &'a self,
        tools: &'a Toolbox,
        run_id: &'a str,
        call: &'a ToolCall,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, ToolOutput> {
        Box::pin(async move {
            tools.run(run_id, call, arguments.clone()).await;
            tools.run(run_id, call, arguments).await
        })
    }
}

impl HistoryWriter for Careless {
    fn round(
        &self,
        messages: &mut Vec<Message>,
        said: String,
        calls: Vec<ToolCall>,
        _: Vec<ToolOutput>,
    ) {
        messages.push(Message::Assistant {
            content: said,
            tool_calls: calls,
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_careless_gate_runs_half_a_call_twice_and_loses_its_result() {
    let cut = broken_stream(&[call_start(0, "a", "effect", "{\"name\": \"depl")]);
    let seams = Seams {
        tool_gate: Arc::new(Careless),
        history: Arc::new(Careless),
        ..Seams::default()
    };
    let world = World::with(vec![cut, text("ok")], |_| {}, seams).await;
    assert_eq!(output(world.say("go").await), "ok");
    assert_eq!(world.ledger(), "depl\ndepl\n");
    let told = |fact: &LifecycleFact| matches!(fact, LifecycleFact::ToolStarted { arguments, .. } if arguments == "{\"name\": \"depl");
    assert_eq!(world.facts.count(told), 2);
    assert_eq!(world.messages(1).last().unwrap().0, "assistant");
}

/// Keeps what broke, and says nothing of it.
struct Keeping;

impl Delivery for Keeping {
    fn superseded(&self, _: &dyn EventSink, void: String) -> String {
        void
    }
}

#[tokio::test(start_paused = true)]
async fn text_that_is_kept_is_said_twice() {
    let seams = Seams {
        delivery: Arc::new(Keeping),
        ..Seams::default()
    };
    let world = World::with(
        vec![broken_stream(&[delta("Hel")]), text("Hello")],
        |_| {},
        seams,
    )
    .await;
    assert_eq!(output(world.say("hi").await), "HelHello");
    assert_eq!(world.events.text(), "HelHello");
}

/// Never lets go of a client.
#[derive(Default)]
struct Hoarding(Mutex<Vec<Arc<dyn CallClient>>>);

impl ClientFactory for Hoarding {
    fn release(&self, client: Arc<dyn CallClient>) {
        self.0.lock().unwrap().push(client);
    }
}

#[tokio::test]
async fn hoarded_clients_stay_open_until_shutdown_and_are_told() {
    let seams = Seams {
        client_factory: Arc::new(Hoarding::default()),
        ..Seams::default()
    };
    let world = World::with(vec![text("one"), text("two")], |_| {}, seams).await;
    output(world.say("one").await);
    output(world.say("two").await);
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::ClientClosed { .. })),
        0
    );
    world.agent.shutdown().await;
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::ClientClosed { .. })),
        3
    );
}
