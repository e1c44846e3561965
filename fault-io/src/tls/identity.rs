//! Whom a connection claims to be, and how its TLS is spoken. Knows no bytes.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::crypto::{CryptoProvider, ring::cipher_suite};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::{ServerConfig, ServerConnection};

use super::records::Secrets;
use super::version::TlsVersion;

/// A certificate and its key are of no use.
#[derive(Debug, thiserror::Error)]
#[error("use this certificate with this key: {0}")]
pub struct Unusable(#[from] rustls::Error);

/// A certificate, and the key to it.
#[derive(Debug, Clone)]
pub struct Identity {
    config: ServerConfig,
    certificate: Vec<u8>,
}

impl Identity {
    /// Of a certificate and its ECDSA key, both in DER, the key in PKCS #8, for connections that speak one of these versions.
    ///
    /// # Errors
    ///
    /// They do not belong together, the key is of another kind, or there is no version.
    pub fn new(
        certificate: Vec<u8>,
        key: Vec<u8>,
        versions: &[TlsVersion],
    ) -> Result<Self, Unusable> {
        let provider = CryptoProvider {
            cipher_suites: vec![
                cipher_suite::TLS13_AES_128_GCM_SHA256,
                cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            ],
            ..ring::default_provider()
        };
        let key = PrivateKeyDer::Pkcs8(key.into());
        let versions: Vec<_> = versions.iter().map(|version| version.supported()).collect();
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions)?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate.clone())], key)?;
        // A session that is resumed shows no certificate.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.enable_secret_extraction = true;
        Ok(Self {
            config,
            certificate,
        })
    }

    /// The same one, which prefers HTTP/2 to HTTP/1.1 where a client can choose (RFC 7301).
    #[must_use]
    pub fn offering_http2(mut self) -> Self {
        self.config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        self
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// A connection, whose secrets become known to whoever reads what has left.
    pub(super) fn connection(&self, secrets: Arc<Secrets>) -> Result<ServerConnection, Unusable> {
        let mut config = self.config.clone();
        config.key_log = secrets;
        Ok(ServerConnection::new(Arc::new(config))?)
    }
}
