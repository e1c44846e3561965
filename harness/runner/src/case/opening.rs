//! How a case begins: home, provider, target, watchers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use fake_provider::{Authority, Credential, FakeProvider, Listen, ProviderOptions, WallClock};
use journal::Fact;
use scenario::Plan;
use tokio_util::sync::CancellationToken;

use super::Case;
use crate::case_log::CaseLog;
use crate::driver::Driver;
use crate::embedded::{EmbeddedTarget, GatewayListen, Surroundings, time_of_day};
use crate::error::RunError;
use crate::home::Home;
use crate::lifecycle::{self, Intake};
use crate::process::gauges::{self, Gauges};
use crate::process::tree::ProcessTree;
use crate::settings::CaseSettings;
use crate::started::{Ground, Premises};
use crate::target::Target;
use crate::{gateway, heartbeat, spoken};

/// A target that was started, with everything that follows it.
struct Opened {
    driver: Driver,
    intake: Arc<Intake>,
    tree: Arc<ProcessTree>,
    gauges: Arc<Gauges>,
    lifecycle: Option<PathBuf>,
}

impl<'a> Case<'a> {
    /// Starts everything. When this returns, turns can be given.
    pub(super) async fn open(
        plan: &'a Plan,
        target: &'a Target,
        settings: &CaseSettings,
    ) -> Result<Self, RunError> {
        let log = CaseLog::begin(plan.seed);
        let mut home = Home::make(settings.scratch.as_deref())?;
        home.name_in(&log);
        log.runner(Fact::CaseStarted {
            scenario: plan.scenario.clone(),
            dialect: plan.dialect.as_str().to_owned(),
            streamed: plan.streamed,
            seed: plan.seed,
            target: target.name().to_owned(),
            observes: target.observes(),
            virtual_time: settings.virtual_time,
        });
        let provider = start_provider(plan, target, settings.virtual_time, (&home, &log)).await?;
        let opened = match target {
            Target::Embedded(target) => {
                let listen = gateway_listen(settings.virtual_time, &home);
                embedded(plan, target.as_ref(), listen, (&home, &log, &provider)).await?
            }
            Target::Started(file) => {
                let lifecycle = home.beside("lifecycle.ndjson");
                let ca_file = ca_file(plan, &home);
                let ground = Ground {
                    file,
                    settings,
                    log: &log,
                    provider: &provider,
                    ca_file: ca_file.as_deref(),
                    dialect: plan.dialect,
                    lifecycle: &lifecycle,
                    streamed: plan.streamed,
                };
                let premises = Arc::new(Premises::prepare(&ground, &mut home)?);
                started(premises, lifecycle).await?
            }
        };
        let watchers = watch(&log, &opened, settings.virtual_time);
        Ok(Self {
            plan,
            target,
            virtual_time: settings.virtual_time,
            intake: opened.intake,
            tree: opened.tree,
            gauges: opened.gauges,
            driver: opened.driver,
            provider,
            watchers,
            said: Default::default(),
            lifted: false,
            shut_down: false,
            home,
            log,
        })
    }
}

async fn start_provider(
    plan: &Plan,
    target: &Target,
    virtual_time: bool,
    (home, log): (&Home, &CaseLog),
) -> Result<FakeProvider, RunError> {
    let key = log.provider_key();
    let options = ProviderOptions {
        script: plan.script.clone(),
        dialect: Some(spoken::protocol(plan.dialect)),
        tools: target.tools(),
        markers: plan
            .runs
            .iter()
            .map(|run| (run.marker.clone(), run.run))
            .collect(),
        turns_offer_tools: target.offers_tools(),
        credentials: vec![Credential {
            alias: key.alias.to_owned(),
            key: key.key.clone(),
        }],
        delta_bytes: plan.delta_bytes,
        quirk: None,
        seed: plan.seed,
        aliases: log.aliases.table(),
        clock: match target {
            Target::Embedded(_) => WallClock::starting_at(time_of_day()),
            _ => WallClock::default(),
        },
        authority: authority(plan, home)?,
        ..ProviderOptions::default()
    };
    let listen = if virtual_time && !plan.needs_tcp() {
        Listen::Unix(home.beside("p.sock"))
    } else {
        Listen::loopback()
    };
    let provider = FakeProvider::start(options, listen, log.recorder.clone())
        .await
        .map_err(RunError::ProviderListen)?;
    if let Some(address) = provider.local_addr() {
        let base_url = spoken::base_url(&provider, plan.dialect);
        log.aliases.add(base_url, "{provider}");
        log.aliases.add(address.to_string(), "{provider_address}");
    }
    Ok(provider)
}

/// The authority, where the provider has to be spoken to over TLS, with its certificate written where the target finds it.
fn authority(plan: &Plan, home: &Home) -> Result<Option<Arc<Authority>>, RunError> {
    let Some(file) = ca_file(plan, home) else {
        return Ok(None);
    };
    let failed = |message: String| RunError::Machine {
        what: "an authority for TLS",
        message,
    };
    let mut authority = Authority::make().map_err(|error| failed(error.to_string()))?;
    if plan.transport().http2 {
        authority = authority.offering_http2();
    }
    std::fs::write(file, authority.pem()).map_err(|error| failed(error.to_string()))?;
    Ok(Some(Arc::new(authority)))
}

/// Where the authority's certificate lies, if the case needs one.
fn ca_file(plan: &Plan, home: &Home) -> Option<PathBuf> {
    plan.transport().tls.then(|| home.beside("authority.pem"))
}

fn gateway_listen(virtual_time: bool, home: &Home) -> GatewayListen {
    if virtual_time {
        GatewayListen::Unix(home.beside("g.sock"))
    } else {
        GatewayListen::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}

async fn embedded(
    plan: &Plan,
    target: &dyn EmbeddedTarget,
    gateway_listen: GatewayListen,
    (home, log, provider): (&Home, &Arc<CaseLog>, &FakeProvider),
) -> Result<Opened, RunError> {
    let intake = Intake::new(log.clone());
    let taking = intake.clone();
    let surroundings = Surroundings {
        dialect: plan.dialect,
        provider_url: spoken::base_url(provider, plan.dialect),
        provider_socket: provider.unix_socket().map(ToOwned::to_owned),
        ca_file: ca_file(plan, home),
        api_key: log.provider_key().key.clone(),
        gateway_key: log.gateway_key().key.clone(),
        home: home.home.clone(),
        workspace: home.workspace.clone(),
        ledger: home.ledger.clone(),
        gateway_listen,
        time_of_day: time_of_day(),
        seed: plan.seed,
        streamed: plan.streamed,
        lifecycle: Arc::new(move |value| taking.take(value)),
    };
    let running =
        target
            .start(surroundings)
            .await
            .map_err(|message| RunError::EmbeddedRefused {
                message: log.aliases.apply(&message),
            })?;
    if let gateway::client::GatewayAddress::Tcp(address) = running.gateway() {
        log.aliases.add(address.to_string(), "{gateway}");
    }
    Ok(Opened {
        driver: Driver::embedded(running, log.clone(), intake.clone())?,
        intake,
        tree: Arc::new(ProcessTree::new("none")),
        gauges: Arc::default(),
        lifecycle: None,
    })
}

async fn started(premises: Arc<Premises>, lifecycle: PathBuf) -> Result<Opened, RunError> {
    Ok(Opened {
        intake: premises.intake.clone(),
        tree: premises.tree.clone(),
        gauges: premises.gauges.clone(),
        lifecycle: Some(lifecycle),
        driver: Driver::start(premises).await?,
    })
}

/// Starts what only watches. In simulated time there is nothing to watch but the journal.
fn watch(
    log: &Arc<CaseLog>,
    opened: &Opened,
    virtual_time: bool,
) -> (CancellationToken, Vec<tokio::task::JoinHandle<()>>) {
    let stop = CancellationToken::new();
    let mut tasks = Vec::new();
    if !virtual_time {
        tasks.push(tokio::spawn(heartbeat::beat(log.clone(), stop.clone())));
    }
    if let Some(path) = &opened.lifecycle {
        let following = lifecycle::follow(path.clone(), opened.intake.clone(), stop.clone());
        tasks.push(tokio::spawn(following));
        let looking = gauges::follow(opened.gauges.clone(), log.clone(), stop.clone());
        tasks.push(tokio::spawn(looking));
    }
    (stop, tasks)
}
