//! How TLS is spoken, where it is. Knows no transport and no provider.
//!
//! The cryptography is `ring`, named here and nowhere set for the whole process: nobody else's choice is overruled.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt;

/// For a transport that never speaks TLS; no server is trusted. Made once, as every client wants one.
static UNUSED: LazyLock<ClientConfig> = LazyLock::new(|| {
    builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
});

/// For a transport that speaks TLS, or one that never does. The former checks servers as this machine does; reading the
/// machine's certificates for it takes long.
///
/// # Errors
/// They cannot be read.
pub(super) fn config(spoken: bool) -> Result<ClientConfig, rustls::Error> {
    if !spoken {
        return Ok(UNUSED.clone());
    }
    Ok(builder().with_platform_verifier()?.with_no_client_auth())
}

fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of every default version")
}
