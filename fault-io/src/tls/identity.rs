//! Whom a connection claims to be, and how its TLS is spoken. Knows no bytes.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::crypto::{CryptoProvider, ring::cipher_suite};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, version};

use super::records::Secrets;

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
    /// Of a certificate and its key, both in DER, the key in PKCS #8.
    ///
    /// # Errors
    ///
    /// They do not belong together, or the key is of a kind that nobody knows.
    pub fn new(certificate: Vec<u8>, key: Vec<u8>) -> Result<Self, Unusable> {
        let provider = CryptoProvider {
            cipher_suites: vec![cipher_suite::TLS13_AES_128_GCM_SHA256],
            ..ring::default_provider()
        };
        let key = PrivateKeyDer::Pkcs8(key.into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(certificate.clone())], key)?;
        // A session that is resumed shows no certificate.
        config.send_tls13_tickets = 0;
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
