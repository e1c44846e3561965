//! An upstream over TLS: what its client sees is in the recording without TLS, and so is a connection that was cut without a
//! close_notify, or with an alert; replayed over TLS a client sees the same again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fake_provider::{Authority, FakeProvider, Listen, ProviderOptions, TlsVersion};
use provider_script::Script;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{AlertDescription, ClientConfig, RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::raw::{End, Step, answer, ask, connect, post, read_request};
use crate::world::{Studio, outcomes};

const CUT: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";

const ASKED: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;

/// An authority of our own: its certificate in a file, and a server that it vouches for.
fn authority() -> (TempDir, PathBuf, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("makes a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("is signed");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).expect("is written");
    let key = KeyPair::generate().expect("makes a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("is a name");
    let certificate = params.signed_by(&key, &authority).expect("is signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("belong together");
    (folder, file, TlsAcceptor::from(Arc::new(config)))
}

/// Answers one request, and ends with a close_notify or without one.
async fn upstream(acceptor: TlsAcceptor, says_goodbye: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("has an address");
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("accepts");
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return;
        };
        assert!(read_request(&mut stream).await);
        let steps = [Step::Send(CUT.as_bytes().to_vec()), Step::Pause(50)];
        answer(&mut stream, &steps).await;
        match says_goodbye {
            true => stream.shutdown().await.expect("is open"),
            false => drop(stream.into_inner().0),
        }
    });
    address
}

async fn through(at: SocketAddr) -> (String, End) {
    let mut client = connect(at).await;
    let enough = (usize::MAX, Duration::ZERO);
    let arrived = ask(&mut client, &post("/v1/x", "{}"), enough).await;
    (
        String::from_utf8(arrived.bytes).expect("is text"),
        arrived.end,
    )
}

#[tokio::test]
async fn an_end_with_and_without_goodbye_is_told_apart_and_replayed() {
    for (says_goodbye, ended, whole) in [(true, "fin", true), (false, "tls-truncated", false)] {
        let (_folder, authority, acceptor) = authority();
        let at = upstream(acceptor, says_goodbye).await;
        let studio = Studio::new();
        let url = format!("https://localhost:{}", at.port());
        let recorder = studio.record(&url, Some(&authority)).await;
        let expected = (CUT.to_owned(), End::Fin);
        assert_eq!(
            through(recorder.local_addr().expect("is TCP")).await,
            expected
        );
        recorder.shutdown().await.expect("everything was stored");
        assert_eq!(studio.ending(0), (ended.to_owned(), whole));

        let stage = studio.replay(|_| ()).await;
        assert_eq!(
            stage.replay.ended_for_want_of_tls(),
            usize::from(!says_goodbye)
        );
        assert_eq!(
            through(stage.replay.local_addr().expect("is TCP")).await,
            expected
        );
        let facts = stage.facts(1).await;
        assert_eq!(outcomes(&facts), [journal::FaultOutcome::Delivered]);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_a_502() {
    let (_folder, _, acceptor) = authority();
    let (_other_folder, other, _) = authority();
    let at = upstream(acceptor, true).await;
    let studio = Studio::new();
    let url = format!("https://localhost:{}", at.port());
    let recorder = studio.record(&url, Some(&other)).await;
    let (text, end) = through(recorder.local_addr().expect("is TCP")).await;
    assert!(
        text.starts_with("HTTP/1.1 502 ") && end == End::Fin,
        "{text}"
    );
    assert!(text.contains("failed to speak TLS"), "{text}");
}

/// What a client of TLS that trusts this authority gets for one request, and how it ends: nothing said, or the error.
async fn asked_over_tls(authority: &Authority, at: SocketAddr) -> (String, Option<rustls::Error>) {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.pem().as_bytes());
    roots.add(certificate.expect("is PEM")).expect("is one");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(at).await.expect("listens");
    let name = ServerName::try_from("localhost").expect("is a name");
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let mut client = connected.await.expect("is trusted");
    let request = post("/v1/chat/completions", ASKED);
    client.write_all(&request).await.expect("is open");
    let mut arrived = Vec::new();
    let ended = client.read_to_end(&mut arrived).await.err();
    // This client tells of an alert before it hands out the plaintext that came with it.
    let _ = std::io::Read::read_to_end(&mut client.get_mut().1.reader(), &mut arrived);
    let error = ended.map(|error| match error.get_ref() {
        Some(cause) => { cause.downcast_ref::<rustls::Error>().cloned() }
            .unwrap_or(rustls::Error::General(error.kind().to_string())),
        None => rustls::Error::General(error.kind().to_string()),
    });
    (String::from_utf8(arrived).expect("is text"), error)
}

#[tokio::test]
async fn an_end_of_tls_is_recorded_and_replayed_over_tls() {
    let alert = rustls::Error::AlertReceived(AlertDescription::InternalError);
    let cut = rustls::Error::General("unexpected end of file".to_owned());
    for (action, ended, expected) in [
        ("close", "fin", None),
        ("tls-truncate", "tls-truncated", Some(cut)),
        ("tls-alert", "tls-alert", Some(alert)),
    ] {
        for version in TlsVersion::ALL {
            let error = recorded_and_replayed(version, (action, ended)).await;
            assert_eq!(error, expected, "{version:?}: {action}");
        }
    }
}

/// How an answer that ends in this way ends once more, where all else is as it was recorded.
async fn recorded_and_replayed(
    version: TlsVersion,
    (action, ended): (&str, &str),
) -> Option<rustls::Error> {
    let authority = Arc::new(Authority::speaking(&[version]).expect("is made"));
    let provider = provider(&authority, action).await;
    let studio = Studio::new();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), authority.pem()).expect("is written");
    let recorder = studio.record(&provider.root_url(), Some(file.path())).await;
    let mut client = connect(recorder.local_addr().expect("is TCP")).await;
    let enough = (usize::MAX, Duration::ZERO);
    let recorded = ask(&mut client, &post("/v1/chat/completions", ASKED), enough).await;
    recorder.shutdown().await.expect("everything was stored");
    assert_eq!(studio.ending(0), (ended.to_owned(), false), "{version:?}");

    let vouching = Some(Arc::clone(&authority));
    let stage = studio.replay(|all| all.authority = vouching).await;
    assert_eq!(stage.replay.ended_for_want_of_tls(), 0);
    assert!(stage.replay.root_url().starts_with("https://"));
    let at = stage.replay.local_addr().expect("is TCP");
    let (text, error) = asked_over_tls(&authority, at).await;
    assert_eq!(text.as_bytes(), recorded.bytes, "{action}");
    let facts = stage.facts(1).await;
    assert_eq!(outcomes(&facts), [journal::FaultOutcome::Delivered]);
    error
}

async fn provider(authority: &Arc<Authority>, action: &str) -> FakeProvider {
    let script = format!(
        "[[provider]]\nreply = {{ text = \"Hello.\" }}\nfault = {{ at = \"text\", after_bytes = 3, action = \"{action}\" }}\n"
    );
    let options = ProviderOptions {
        script: Script::parse(&script).expect("is a script"),
        authority: Some(Arc::clone(authority)),
        ..ProviderOptions::default()
    };
    let nobody = journal::Recorder::nobody();
    let provider = FakeProvider::start(options, Listen::loopback(), nobody).await;
    provider.expect("listens")
}
