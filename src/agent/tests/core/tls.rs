//! Whom the agent trusts: authorities of this machine, and those of a file.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reference_agent::config::AgentConfig;
use reference_agent::halt::StopSignal;
use reference_agent::outcome::Outcome;
use reference_agent::seams::Seams;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::provider::{Provider, text};
use crate::world::{Events, Facts, KEY, failure, output, start, turn};

/// An authority of our own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its certificate in a file.
    fn file(&self, home: &tempfile::TempDir) -> PathBuf {
        let path = home.path().join("authority.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path
    }

    /// Accepts in the name of `host`.
    fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

async fn say(
    home: &tempfile::TempDir,
    provider: &Provider,
    change: impl FnOnce(&mut AgentConfig),
) -> Outcome {
    let seams = (Seams::default(), Arc::new(Facts::default()));
    let change = |config: &mut AgentConfig| {
        config.retry.attempts = 1;
        change(config);
    };
    let agent = start(home, provider, change, seams);
    let events = Arc::new(Events::default());
    agent
        .run_turn(turn("s", "hi"), events, StopSignal::new())
        .await
}

#[tokio::test]
async fn an_authority_of_a_file_is_trusted_and_no_other_is() {
    let (home, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let file = authority.file(&home);
    let provider = Provider::start_tls(authority.acceptor("localhost"), vec![text("ok")]).await;
    let stranger = failure(say(&home, &provider, |_| {}).await);
    assert_eq!(stranger.code.as_str(), "untrusted", "{}", stranger.message);
    assert!(
        stranger.message.contains("certificate"),
        "{}",
        stranger.message
    );
    let trusted = say(&home, &provider, |config| config.ca_file = Some(file)).await;
    assert_eq!(output(trusted), "ok");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (home, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let file = authority.file(&home);
    let provider = Provider::start_tls(authority.acceptor("elsewhere.test"), vec![]).await;
    let refused = failure(say(&home, &provider, |config| config.ca_file = Some(file)).await);
    assert_eq!(refused.code.as_str(), "untrusted");
    assert!(
        refused.message.contains("not valid for"),
        "{}",
        refused.message
    );
}

#[tokio::test]
async fn a_file_without_a_certificate_is_a_failure_and_named() {
    let (home, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let file = home.path().join("authority.pem");
    std::fs::write(&file, "nothing").unwrap();
    let provider = Provider::start_tls(authority.acceptor("localhost"), vec![text("ok")]).await;
    let config = AgentConfig {
        base_url: provider.base_url.clone(),
        ca_file: Some(file),
        ..AgentConfig::default()
    };
    let parts = reference_agent::agent::AgentParts::production().unwrap();
    let refused = reference_agent::agent::Agent::start(Arc::new(config), parts);
    let error = refused.err().expect("nothing can be trusted").to_string();
    assert!(error.contains("authority.pem"), "{error}");
}

#[tokio::test]
async fn the_program_heeds_the_machines_own_variable() {
    let (home, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let file = authority.file(&home);
    let provider = Provider::start_tls(authority.acceptor("localhost"), vec![text("ok")]).await;
    let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_reference-agent"))
        .args(["ask", "hi", "--workspace"])
        .arg(home.path())
        .env_clear()
        .env("OPENAI_BASE_URL", &provider.base_url)
        .env("OPENAI_API_KEY", KEY)
        .env("SSL_CERT_FILE", &file)
        .current_dir(home.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), program).await;
    let ended = ended.expect("the program ends in time").unwrap();
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout).trim(),
        "ok",
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(provider.requests(), 1);
}
