//! What the command line says about TLS, and the authority that comes of it.

use std::path::PathBuf;

use clap::Args;
use fake_provider::{Authority, TlsVersion};

use crate::Failure;

/// See each.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Secure {
    /// Speaks TLS, with certificates of an authority that is made at start.
    #[arg(long)]
    tls: bool,
    /// Which TLS is spoken, separated by commas: `1.2`, `1.3`.
    #[arg(long, value_name = "NAMES", requires = "tls", value_delimiter = ',', value_parser = version, default_value = "1.2,1.3")]
    tls_versions: Vec<TlsVersion>,
    /// Where to write the certificate of that authority, in PEM, for clients to trust.
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
}

impl Secure {
    /// The authority, whose certificate is written down before anybody can connect.
    pub(super) fn authority(&self) -> Result<Option<Authority>, Failure> {
        if !self.tls {
            return Ok(None);
        }
        let authority = Authority::speaking(&self.tls_versions).map_err(Failure::Authority)?;
        if let Some(file) = &self.ca_file {
            std::fs::write(file, authority.pem()).map_err(|source| Failure::CaFile {
                path: file.display().to_string(),
                source,
            })?;
        }
        Ok(Some(authority))
    }
}

fn version(text: &str) -> Result<TlsVersion, String> {
    let mut all = TlsVersion::ALL.into_iter();
    all.find(|version| version.as_str() == text).ok_or_else(|| {
        let names = TlsVersion::ALL.map(TlsVersion::as_str);
        format!("there are {}", names.join(", "))
    })
}
