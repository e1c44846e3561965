//! The same over TLS, in both versions, against a client of the ordinary library: the same bytes before the same cut, and the end in its words.

mod together;

use std::io::ErrorKind;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, RootCertStore, version};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::tls::{Farewell, Identity, TlsVersion, alert_name, plain_alert};

/// How a client of TLS sees the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Open,
    CloseNotify,
    BareFin,
    Alert(AlertDescription),
    Reset,
}

pub(super) fn identity() -> Identity {
    let key = KeyPair::generate().expect("makes a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("is a name");
    let certificate = params.self_signed(&key).expect("is signed");
    let (certificate, key) = (certificate.der().to_vec(), key.serialize_der());
    Identity::new(certificate, key, &TlsVersion::ALL).expect("belong together")
}

/// A client that trusts it, and speaks only this version.
fn connector(identity: &Identity, version: TlsVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from(identity.certificate().to_vec());
    roots.add(certificate).expect("is a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let version = match version {
        TlsVersion::Tls12 => &version::TLS12,
        TlsVersion::Tls13 => &version::TLS13,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("ring has it")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Both sides of a connection after the handshake.
pub(super) async fn shaken(
    (identity, version): (&Identity, TlsVersion),
) -> (Tap, TlsStream<TcpStream>) {
    let (mut tap, client) = tcp().await;
    // Else what follows the handshake waits for an acknowledgement that no simulated clock can wait for.
    client.set_nodelay(true).expect("is open");
    let name = ServerName::try_from("localhost").expect("is a name");
    let connector = connector(identity, version);
    tap.secure(identity).expect("belong together");
    let (shaken, client) = tokio::join!(tap.shake_hands(), connector.connect(name, client));
    assert_eq!(shaken, Ok(()));
    assert_eq!(tap.tls_version(), Some(version));
    assert_eq!(tap.shown_certificate(), Some(identity.certificate()));
    (tap, client.expect("is trusted"))
}

/// Reads until the end, or until nothing has come for long, or so much has come.
pub(super) async fn read(client: &mut TlsStream<TcpStream>, enough: usize) -> (Vec<u8>, Seen) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if bytes.len() >= enough {
            return (bytes, Seen::Open);
        }
        let seen = match tokio::time::timeout(PATIENCE, client.read(&mut buffer)).await {
            Err(_) => Seen::Open,
            Ok(Ok(0)) => Seen::CloseNotify,
            Ok(Ok(read)) => {
                bytes.extend_from_slice(&buffer[..read]);
                continue;
            }
            Ok(Err(error)) => {
                // This client tells of an alert before it hands out the plaintext that came with it.
                let mut reader = client.get_mut().1.reader();
                let _ = std::io::Read::read_to_end(&mut reader, &mut bytes);
                seen(&error)
            }
        };
        return (bytes, seen);
    }
}

fn seen(error: &std::io::Error) -> Seen {
    match error.kind() {
        ErrorKind::UnexpectedEof => return Seen::BareFin,
        ErrorKind::ConnectionReset => return Seen::Reset,
        _ => {}
    }
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    match error {
        Some(rustls::Error::AlertReceived(alert)) => Seen::Alert(*alert),
        other => panic!("an end that nobody expects: {other:?}"),
    }
}

fn expected(contract: &Contract) -> Seen {
    match (&contract.ending, end_of(contract)) {
        (Ending::Unnotified, _) => Seen::BareFin,
        (Ending::Alert { description }, _) => Seen::Alert((*description).into()),
        (_, Some(How::Fin)) => Seen::CloseNotify,
        (_, Some(How::Reset)) => Seen::Reset,
        (_, None) => Seen::Open,
    }
}

async fn carry_sealed(
    over: (&Identity, TlsVersion),
    promised: &Contract,
    done: &Contract,
) -> ((Vec<u8>, Seen), Vec<Verification>) {
    let (mut tap, mut client) = shaken(over).await;
    if let Some(heard) = promised.heard {
        client.write_all(&vec![b'?'; heard]).await.expect("is open");
        client.flush().await.expect("is open");
    }
    let enough = match &promised.ending {
        Ending::KeepAlives { said, .. } => promised.wire.len() + said.some(3).len(),
        _ => usize::MAX,
    };
    let provider = async move {
        let (tell, told) = std::sync::mpsc::channel();
        let by = promised.clone();
        tap.begin(Watch {
            silent: Some(Box::new(move |seen| {
                tell.send(verify(&by, seen, Until::Silent))
                    .expect("somebody listens");
            })),
            ..Watch::default()
        });
        if promised.heard.is_some() {
            tap.read().await.expect("has been sent");
        }
        let _ = perform(&mut tap, done).await;
        let verification = verify(promised, &tap.observe(), Until::Done);
        let wrong = { told.try_iter() }.find(|sofar| !all(sofar, FaultOutcome::Delivered));
        (tap, wrong.unwrap_or(verification))
    };
    let (arrived, (tap, verifications)) = tokio::join!(
        async {
            let arrived = read(&mut client, enough).await;
            drop(client);
            arrived
        },
        provider
    );
    drop(tap);
    (arrived, verifications)
}

pub(super) fn secure(response: Response) -> Response {
    Response {
        secure: true,
        ..response
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_http_cuts_at_the_same_byte_of_plaintext() {
    let identity = identity();
    for version in TlsVersion::ALL {
        cuts_at_the_same_byte((&identity, version)).await;
    }
}

async fn cuts_at_the_same_byte(over: (&Identity, TlsVersion)) {
    let mut ends = Vec::new();
    for response in [secure(streamed()), secure(whole())] {
        for (fault, contract) in contracts(&response) {
            let carried = carry_sealed(over, &contract, &contract).await;
            let ((arrived, seen), verifications) = carried;
            assert!(
                all(&verifications, FaultOutcome::Delivered),
                "{fault}: {verifications:?}"
            );
            let repeated = match &contract.ending {
                Ending::KeepAlives { said, .. } => said.some(3),
                _ => Vec::new(),
            };
            let promised = [&contract.wire[..], &repeated].concat();
            assert_eq!(arrived, promised, "{fault}");
            assert_eq!(seen, expected(&contract), "{fault}");
            ends.push(seen);
        }
    }
    let alert = Seen::Alert(AlertDescription::AccessDenied);
    for end in [
        Seen::CloseNotify,
        Seen::BareFin,
        Seen::Reset,
        Seen::Open,
        alert,
    ] {
        assert!(ends.contains(&end), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_end_or_another_byte_is_not_what_was_promised() {
    let identity = identity();
    for version in TlsVersion::ALL {
        is_not_what_was_promised((&identity, version)).await;
    }
}

async fn is_not_what_was_promised(over: (&Identity, TlsVersion)) {
    let point = Point::Text { after_bytes: 2 };
    let denied = Ending::Alert { description: 49 };
    let endings = [
        Ending::Fin,
        Ending::Unnotified,
        denied.clone(),
        Ending::Alert { description: 80 },
        Ending::Reset,
        Ending::GoesOn,
    ];
    let alert = Alert::AccessDenied;
    for action in [
        Action::Close,
        Action::TlsTruncate,
        Action::TlsAlert { alert },
        Action::Reset,
    ] {
        let fault = Fault { point, action };
        let promised = Contract::of(&secure(streamed()), &fault).expect("is possible");
        for ending in endings.iter().filter(|ending| **ending != promised.ending) {
            let done = Contract {
                ending: ending.clone(),
                ..promised.clone()
            };
            let (_, verifications) = carry_sealed(over, &promised, &done).await;
            assert!(
                all(&verifications, FaultOutcome::Undelivered),
                "{fault}, but {ending:?}: {verifications:?}"
            );
        }
        let mut done = promised.clone();
        done.wire = [&done.wire[..], b"!"].concat().into();
        let (_, verifications) = carry_sealed(over, &promised, &done).await;
        assert!(all(&verifications, FaultOutcome::Undelivered), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_tls_there_is_nothing_to_leave_unsaid() {
    let point = Point::BeforeBody;
    for action in [
        Action::TlsTruncate,
        Action::TlsAlert {
            alert: Alert::default(),
        },
    ] {
        let fault = Fault { point, action };
        assert!(Contract::of(&streamed(), &fault).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_in_the_handshake_is_a_plain_record() {
    for version in TlsVersion::ALL {
        is_refused_before_keys(version).await;
    }
}

async fn is_refused_before_keys(version: TlsVersion) {
    let fault = Fault {
        point: Point::Tls,
        action: Action::TlsAlert {
            alert: Alert::UnrecognizedName,
        },
    };
    let contract = Contract::of(&secure(Response::nothing()), &fault).expect("is possible");
    assert_eq!(contract.wire, plain_alert(112)[..]);
    let (mut tap, client) = tcp().await;
    let connector = connector(&identity(), version);
    let name = ServerName::try_from("localhost").expect("is a name");
    let (verifications, client) = tokio::join!(
        async {
            tap.read().await.expect("says hello");
            tap.begin(Watch::default());
            perform(&mut tap, &contract).await.expect("stays");
            verify(&contract, &tap.observe(), Until::Done)
        },
        connector.connect(name, client)
    );
    assert!(all(&verifications, FaultOutcome::Delivered));
    let error = client.expect_err("is refused");
    let alert = AlertDescription::from(112);
    assert_eq!(seen(&error), Seen::Alert(alert));
    assert_eq!(alert_name(112), "UnrecognisedName");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_trust_says_so() {
    for version in TlsVersion::ALL {
        says_that_it_does_not_trust(version).await;
    }
}

async fn says_that_it_does_not_trust(version: TlsVersion) {
    let (shown, trusted) = (identity(), identity());
    let (mut tap, client) = tcp().await;
    tap.secure(&shown).expect("belong together");
    let connector = connector(&trusted, version);
    let name = ServerName::try_from("localhost").expect("is a name");
    let (shaken, client) = tokio::join!(tap.shake_hands(), connector.connect(name, client));
    assert!(client.is_err() && shaken.is_err());
    assert_eq!(tap.shown_certificate(), Some(shown.certificate()));
    assert_ne!(tap.refused_with(), None);
    assert_eq!(tap.observe().farewell, Farewell::Unsaid);
}
