//! An authority of our own, which clients are told to trust, and what a job is carried by. Knows no client.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use fake_provider::{Authority, NoAuthority};
use tempfile::NamedTempFile;

/// What a job is carried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// HTTP/1.1 in the clear.
    Plain,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TLS.
    Http2,
}

/// Why there is nothing to trust; finishes "failed to …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTrust {
    #[error(transparent)]
    Authority(#[from] NoAuthority),
    #[error("write the authority's certificate: {0}")]
    File(#[from] io::Error),
}

/// The authority of one run, with its certificate in a file.
pub(crate) struct Trust {
    tls: Arc<Authority>,
    http2: Arc<Authority>,
    file: NamedTempFile,
}

impl Trust {
    pub(crate) fn make() -> Result<Self, NoTrust> {
        let authority = Authority::make()?;
        let mut file = NamedTempFile::with_suffix(".pem")?;
        file.write_all(authority.pem().as_bytes())?;
        Ok(Self {
            http2: Arc::new(authority.clone().offering_http2()),
            tls: Arc::new(authority),
            file,
        })
    }

    /// Where the certificate lies, as long as this value lives.
    pub(crate) fn file(&self) -> &Path {
        self.file.path()
    }

    /// Whom a provider is vouched for by, if it is asked over TLS.
    pub(crate) fn authority(&self, carried: Carried) -> Option<Arc<Authority>> {
        match carried {
            Carried::Plain => None,
            Carried::Tls => Some(Arc::clone(&self.tls)),
            Carried::Http2 => Some(Arc::clone(&self.http2)),
        }
    }
}
