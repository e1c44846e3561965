//! The connection to the real provider, over TCP or TLS, at the level where its pieces and its end can be told apart. Speaks
//! HTTP/1.1 and no other version; knows no files.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, crypto};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::Upstream;
use super::exchange::Ending;

/// Most bytes that are read at once.
const READ: usize = 64 * 1024;

/// Why a real provider cannot be spoken to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    #[error("failed to connect to {at}: {source}")]
    Connect { at: String, source: io::Error },
    #[error("failed to speak TLS with {at}: {source}")]
    Tls { at: String, source: io::Error },
}

/// A connection to the real provider.
#[derive(Debug)]
pub(crate) enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Bytes(Vec<u8>),
    End(Ending),
}

impl Connection {
    /// Connects; with TLS where that is given.
    pub(crate) async fn open(
        to: &Upstream,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, Unreachable> {
        let at = to.to_string();
        let connected = TcpStream::connect((to.host.as_str(), to.port)).await;
        let stream = connected.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        let stream = match stream {
            Ok(stream) => stream,
            Err(source) => return Err(Unreachable::Connect { at, source }),
        };
        let Some(tls) = tls else {
            return Ok(Self::Plain(stream));
        };
        let secured = match ServerName::try_from(to.host.clone()) {
            Ok(name) => {
                TlsConnector::from(Arc::clone(tls))
                    .connect(name, stream)
                    .await
            }
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidInput, error)),
        };
        match secured {
            Ok(stream) => Ok(Self::Tls(Box::new(stream))),
            Err(source) => Err(Unreachable::Tls { at, source }),
        }
    }

    /// Sends a whole request. That it cannot be sent whole is no answer yet: one may have come before.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(request).await,
            Self::Tls(stream) => {
                stream.write_all(request).await?;
                stream.flush().await
            }
        }
    }

    /// Waits for what comes next. Nothing is lost when this future is dropped.
    pub(crate) async fn hear(&mut self) -> Heard {
        let mut buffer = vec![0; READ];
        let read = match self {
            Self::Plain(stream) => stream.read(&mut buffer).await,
            Self::Tls(stream) => stream.read(&mut buffer).await,
        };
        match read {
            Ok(0) => Heard::End(Ending::Fin),
            Ok(read) => {
                buffer.truncate(read);
                Heard::Bytes(buffer)
            }
            Err(error) => Heard::End(ending(&error)),
        }
    }
}

/// What a failed read says about the end: rustls calls a FIN without a close_notify an unexpected end.
fn ending(error: &io::Error) -> Ending {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match (error.kind(), cause) {
        (_, Some(rustls::Error::AlertReceived(alert))) => {
            let name = format!("{alert:?}");
            Ending::TlsAlert(name)
        }
        (io::ErrorKind::UnexpectedEof, _) => Ending::TlsTruncated,
        _ => Ending::Reset,
    }
}

/// How TLS is spoken: servers are checked as this machine does, and by the further authorities in a PEM file.
pub(crate) fn tls(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let further = match authorities {
        Some(path) => read(path).map_err(|reason| TlsError::File {
            path: path.display().to_string(),
            reason,
        })?,
        None => Vec::new(),
    };
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(further, Arc::clone(&provider))?;
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The machine's certificates, or those of the file, cannot be used.
    #[error("failed to use the certificates: {0}")]
    Certificates(#[from] rustls::Error),
    /// The file of further authorities cannot be read.
    #[error("failed to read the certificates in {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: pem::Error,
    },
}

/// The certificates in a PEM file; a file without any is a mistake.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let found = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(pem::Error::NoItemsFound);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn the_ways_to_end_are_told_apart() {
        let alert = rustls::Error::AlertReceived(AlertDescription::InternalError);
        for (error, expected) in [
            (
                io::Error::new(io::ErrorKind::InvalidData, alert),
                Ending::TlsAlert("InternalError".into()),
            ),
            (io::ErrorKind::UnexpectedEof.into(), Ending::TlsTruncated),
            (io::ErrorKind::ConnectionReset.into(), Ending::Reset),
        ] {
            assert_eq!(ending(&error), expected);
        }
    }
}
