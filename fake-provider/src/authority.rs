//! A certificate authority of our own, made at start, and whom it vouches for. Knows no connection.

use std::fmt;

use fault_io::{Identity, TlsVersion, Unusable};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

/// The hosts that a provider is reached as.
const HOSTS: [&str; 2] = ["127.0.0.1", "localhost"];
/// A host that it is never reached as; reserved for examples (RFC 6761, section 6.5).
const ANOTHER_HOST: &str = "elsewhere.example";

/// An authority that nobody trusts unless told to, and the identities that it vouches for. Its keys are new every time.
#[derive(Clone)]
pub struct Authority {
    pem: String,
    pub(crate) proper: Identity,
    pub(crate) expired: Identity,
    pub(crate) elsewhere: Identity,
}

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum NoAuthority {
    /// A certificate cannot be made.
    #[error("make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A certificate was made and is of no use.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl Authority {
    /// Makes one, for connections that speak TLS 1.2 or 1.3, as the client prefers.
    ///
    /// # Errors
    ///
    /// The machine has no randomness, or the like.
    pub fn make() -> Result<Self, NoAuthority> {
        Self::speaking(&TlsVersion::ALL)
    }

    /// Makes one, for connections that speak one of these versions.
    ///
    /// # Errors
    ///
    /// There is no version, or the machine has no randomness, or the like.
    pub fn speaking(versions: &[TlsVersion]) -> Result<Self, NoAuthority> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let names = &mut params.distinguished_name;
        names.push(DnType::CommonName, "fake-provider test authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self {
            pem: issuer.pem(),
            proper: identity(&issuer, named(&HOSTS)?, versions)?,
            expired: identity(&issuer, over(named(&HOSTS)?), versions)?,
            elsewhere: identity(&issuer, named(&[ANOTHER_HOST])?, versions)?,
        })
    }

    /// The same one, for connections that speak HTTP/2 where a client can.
    #[must_use]
    pub fn offering_http2(self) -> Self {
        Self {
            pem: self.pem,
            proper: self.proper.offering_http2(),
            expired: self.expired.offering_http2(),
            elsewhere: self.elsewhere.offering_http2(),
        }
    }

    /// Its certificate in PEM: what a client has to trust.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// For hosts, by name or address. The times are those of `rcgen`, which hold for ever.
fn named(hosts: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    CertificateParams::new(hosts)
}

/// The same, of a time that is over.
fn over(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
    params
}

fn identity(
    issuer: &CertifiedIssuer<'_, KeyPair>,
    params: CertificateParams,
    versions: &[TlsVersion],
) -> Result<Identity, NoAuthority> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    Ok(Identity::new(
        certificate.der().to_vec(),
        key.serialize_der(),
        versions,
    )?)
}
