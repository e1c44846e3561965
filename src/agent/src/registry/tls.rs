//! How TLS is spoken, where it is. Knows no transport and no provider.
//!
//! The cryptography is `ring`, named here and nowhere set for the whole process: nobody else's choice is overruled.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use super::transport::TransportPlan;

/// For a transport that never speaks TLS; no server is trusted. Made once, as every client wants one.
static UNUSED: LazyLock<ClientConfig> = LazyLock::new(|| {
    builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
});

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    /// The machine's certificates, or those of the file, cannot be used.
    #[error("{0}")]
    Certificates(#[from] rustls::Error),
    /// The file of further authorities cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: pem::Error,
    },
}

/// For a transport that speaks TLS, or one that never does. The former checks servers as this machine does (`SSL_CERT_FILE`
/// included, where the machine's own programs heed it), and by the further authorities that the plan names; reading the
/// machine's certificates for it takes long. HTTP/2 is spoken where the provider offers it.
///
/// # Errors
/// Certificates cannot be read.
pub(super) fn config(plan: &TransportPlan) -> Result<ClientConfig, TlsError> {
    if !plan.tls {
        return Ok(UNUSED.clone());
    }
    let authorities = match &plan.ca_file {
        Some(path) => read(path).map_err(|reason| TlsError::File {
            path: path.display().to_string(),
            reason,
        })?,
        None => Vec::new(),
    };
    let verifier = Verifier::new_with_extra_roots(authorities, provider())?;
    let mut config = builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates in a PEM file; a file without any is a mistake.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let found = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(pem::Error::NoItemsFound);
    }
    Ok(found)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of every default version")
}
