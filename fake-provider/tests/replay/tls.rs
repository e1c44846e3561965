//! An upstream over TLS: what its client sees is in the recording without TLS, and so is a connection that was cut without a
//! close_notify.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::raw::{End, Step, answer, ask, connect, post, read_request};
use crate::world::{Studio, outcomes};

const CUT: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";

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
        assert_eq!(stage.replay.ended_by_tls(), usize::from(!says_goodbye));
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
