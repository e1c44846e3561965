//! Clients on real sockets: who owns what, and what closing one does to the others.

use std::sync::Arc;

use reference_agent::agent::{Agent, AgentParts};
use reference_agent::halt::StopSignal;
use reference_agent::lifecycle::{ClientRole, LifecycleFact};
use reference_agent::seams::Seams;
use serde_json::json;

use crate::provider::{Act, Provider, call, status, text};
use crate::world::{Events, Facts, World, failure, output, start, turn};

fn built(facts: &Facts) -> Vec<(String, ClientRole, String, Option<String>)> {
    let built = facts.all().into_iter().filter_map(|fact| match fact {
        LifecycleFact::ClientBuilt {
            client,
            role,
            transport,
            replaces,
            config_before,
            config_after,
            ..
        } => {
            assert_eq!(config_before, config_after);
            Some((client, role, transport, replaces))
        }
        _ => None,
    });
    built.collect()
}

#[tokio::test]
async fn the_close_of_a_request_client_leaves_the_primary_usable() {
    let models = || {
        vec![Act::Write(status(
            200,
            "",
            &json!({"object": "list", "data": [{"id": "m1"}, {"id": "m2"}]}),
        ))]
    };
    let script = vec![
        models(),
        call("a", "list", "{\"path\": \".\"}"),
        text("one"),
        models(),
        text("two"),
        models(),
    ];
    let world = World::new(script).await;
    assert_eq!(world.agent.models().await.unwrap(), ["m1", "m2"]);
    output(world.say("first").await);
    assert_eq!(world.agent.models().await.unwrap(), ["m1", "m2"]);
    output(world.say("second").await);
    assert_eq!(world.agent.models().await.unwrap(), ["m1", "m2"]);

    let built = built(&world.facts);
    let roles: Vec<ClientRole> = built.iter().map(|(_, role, _, _)| *role).collect();
    assert_eq!(
        roles,
        [
            ClientRole::Primary,
            ClientRole::Request,
            ClientRole::Request,
            ClientRole::Request
        ]
    );
    let mut transports: Vec<&String> = built.iter().map(|(_, _, transport, _)| transport).collect();
    transports.dedup();
    assert_eq!(transports.len(), 4);
    assert!(built.iter().all(|(_, _, _, replaces)| replaces.is_none()));
    assert_eq!(
        world
            .facts
            .count(|fact| matches!(fact, LifecycleFact::SendOnClosedClient { .. })),
        0
    );
    let by_owner = |fact: &LifecycleFact| matches!(fact, LifecycleFact::ClientClosed { by, .. } if by == "owner");
    assert_eq!(world.facts.count(by_owner), 3);
}

#[tokio::test]
async fn an_error_on_the_list_of_models_is_told_without_the_key() {
    let refused =
        json!({"error": {"message": "bad key sk-canary-0123456789", "code": "invalid_api_key"}});
    let world = World::new(vec![vec![Act::Write(status(401, "", &refused))]]).await;
    let failure = world.agent.models().await.unwrap_err();
    assert_eq!(
        failure.message,
        "bad key [redacted] (HTTP 401, invalid_api_key)"
    );
}

#[tokio::test]
async fn a_provider_behind_a_unix_socket_is_reached() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("provider.sock");
    let provider = Provider::start_on(&socket, vec![text("ok")]);
    let seams = (Seams::default(), Arc::new(Facts::default()));
    let agent = start(
        &home,
        &provider,
        |config| config.unix_socket = Some(socket),
        seams,
    );
    assert_eq!(
        output(
            agent
                .run_turn(
                    turn("s", "hi"),
                    Arc::new(Events::default()),
                    StopSignal::new()
                )
                .await
        ),
        "ok"
    );
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_a_failure_and_not_a_panic() {
    let broken = |config: &mut reference_agent::config::AgentConfig| {
        config.api_key = reference_agent::config::Secret::new("sk\nbroken");
    };
    let world = World::with(vec![], broken, Seams::default()).await;
    let failure = failure(world.say("hi").await);
    assert_eq!(
        (failure.code.as_str(), world.provider.requests()),
        ("invalid_request", 0)
    );
}

#[tokio::test]
async fn an_agent_in_production_runs_tools_elsewhere_and_ends_inside_async_code() {
    let home = tempfile::tempdir().unwrap();
    let provider = Provider::start(vec![
        call("a", "effect", "{\"name\": \"deploy\"}"),
        text("ok"),
    ])
    .await;
    let facts = Arc::new(Facts::default());
    let config = reference_agent::config::AgentConfig {
        base_url: provider.base_url.clone(),
        workspace: home.path().to_owned(),
        ledger: home.path().join("ledger"),
        ..reference_agent::config::AgentConfig::default()
    };
    let parts = AgentParts {
        log: facts.clone(),
        ..AgentParts::production().unwrap()
    };
    let agent = Agent::start(Arc::new(config), parts).unwrap();
    output(
        agent
            .run_turn(
                turn("s", "go"),
                Arc::new(Events::default()),
                StopSignal::new(),
            )
            .await,
    );
    agent.shutdown().await;
    assert_eq!(
        std::fs::read_to_string(home.path().join("ledger")).unwrap(),
        "deploy\n"
    );
    let ended = |fact: &LifecycleFact| matches!(fact, LifecycleFact::RuntimeEnded { runtime } if runtime == "tools");
    assert_eq!(facts.count(ended), 1);
    drop(agent);
}
